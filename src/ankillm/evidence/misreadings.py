"""Patterns of misreadings: regular expressions with signs of their own for what sentences have in common.

`…` is a short gap within a clause, `……` one that may cross commas and colons: nothing in them denies. A name in braces
is a class of words: `{stops}`.

They are searched in every note, so each is read in time that grows with a line's length alone: no repetition in them is
without end.
"""

import re
from functools import lru_cache

from ankillm.common.kept_patterns import KEPT
from ankillm.common.patterns import one_of, regex

NEGATION = (
    r"不(?![仅只但断同过])|没|未(?!来)|非(?!常)|无(?!论)|(?<![特区分级类])别(?!的)|勿|否(?!则)"
    r"|(?<![a-z])(?:no|not|never|nor|neither|without|cannot|rather|instead)(?![a-z])|n['’]t"
)
"""Words that turn round what stands behind them."""
EDGE = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"
"""Where a Latin word starts or ends, beside a Chinese character too."""
NARROW = rf"(?:(?!{NEGATION})[^，,。；;：:？?！!\n]){{0,32}}"
WIDE = rf"(?:(?!{NEGATION})[^。；;？?！!\n]){{0,48}}"
CLASSES = {
    "stops": r"(?:关闭|停止|停用|禁用|关掉|取消|(?:turn|switch)(?:e?s|ing)? off|disabl(?:es?|ing)|stop(?:s|ping)?)",
    "stores": r"(?:缓存|保存|存储|存放|储存|存有|记录|stor(?:es?|ing)|cach(?:es?|ing)|keeps?|keeping|holds?|contains?)",
    "grows": r"(?:增加|增大|增多|提高|提升|上升|变大|变多|更多|更大|increas(?:es?|ing)|grows?|growing|ris(?:es?|ing))",
}
NAMED = regex(r"\{([a-z]{1,20})\}")
ESCAPED = regex(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""An escaped character, or a class of characters: what stands in it repeats nothing."""
PART = regex(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]))?|.", re.DOTALL)
"""A letter, a class, or where a group starts."""
ESCAPED_SIGN = regex(r"\\[^A-Za-z0-9]")
OFTEN = regex(r"\?|\{[^}]*\}\??")
SIGNS, ENDS = frozenset(".^$…|()["), frozenset("|)")
UNKNOWN = regex(r"\(\?(?![:=!]|<[=!])")
ENDLESS = regex(r"[*+]|\{\d*,\}")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a misreading; case is ignored.

    :raises ValueError: if it is no regular expression, or repeats something without end.
    """
    if ENDLESS.search(ESCAPED.sub("", pattern)):
        raise ValueError("it repeats something without end (* or +): write … for a gap, or {0,20}")
    try:
        pattern = _spelt_out(pattern)
        return KEPT.pattern(pattern.replace("……", WIDE).replace("…", NARROW).replace(r"\b", EDGE), re.IGNORECASE)
    except KeyError as error:
        raise ValueError(f"there is no class of words {error}: there are {', '.join(CLASSES)}") from None
    except re.error as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=512)
def alternatives(pattern: str) -> tuple[str, ...]:
    """Return what a pattern finds one of: `a(b|c)|d` is `a(b|c)` or `d`."""
    found, depth = [""], 0
    for part in PART.findall(pattern):
        depth += part[0] == "("
        depth -= part == ")"
        if part == "|" and not depth:
            found.append("")
        else:
            found[-1] += part
    return tuple(filter(None, found))


def _spelt_out(pattern: str) -> str:
    """Return a pattern with its classes of words in full; raises KeyError where there is no such class."""
    return NAMED.sub(lambda match: CLASSES[match[1]], pattern)


def needed(pattern: str) -> tuple[str, ...]:
    """Return words, case aside, of which one stands in all that the pattern of a misreading finds; none if unsure.

    A text is searched for them first, in a hundredth of the time that the pattern takes.
    """
    found = frozenset[str]() if UNKNOWN.search(pattern) else _needed(_spelt_out(pattern), 0)[0]
    words = {word.casefold() for word in found}
    return tuple(sorted(word for word in words if not any(other != word and other in word for other in words)))


def _needed(pattern: str, at: int) -> tuple[frozenset[str], int]:
    """Return such words of all branches from a place on, and where these end; of each branch its longest."""
    branches, best, run = list[frozenset[str]](), frozenset[str](), ""
    while True:
        part = next(PART.finditer(pattern, at))[0] if at < len(pattern) else ")"
        inner, at = _needed(pattern, at + len(part)) if part[0] == "(" else (frozenset[str](), at + len(part))
        often = OFTEN.match(pattern, at) if part not in ENDS else None
        at = often.end() if often else at
        if not often and (part not in SIGNS if len(part) == 1 else ESCAPED_SIGN.fullmatch(part)):
            run += part[-1]
            continue
        must = part in {"(", "(?:"} and not (often and often[0][:2] in {"?", "{0"})
        best, run = _longest(best, frozenset({run}), inner if must else frozenset()), ""
        if part in ENDS:
            branches.append(best)
            best = frozenset()
        if part == ")":
            return frozenset().union(*branches) if all(branches) else frozenset(), at


def _longest(*choices: frozenset[str]) -> frozenset[str]:
    """Return those words of which the shortest is longest; a Chinese character counts as three letters."""
    return max(choices, key=lambda words: min(map(_width, words), default=0))


def _width(word: str) -> int:
    return sum(1 if sign.isascii() else 3 for sign in word)


@lru_cache(maxsize=512)
def naming(names: tuple[str, ...]) -> re.Pattern[str]:
    """Compile a pattern that finds any of some names, as whole words of the Latin script; case is ignored."""
    return KEPT.pattern(rf"(?<![A-Za-z])(?:{one_of(names)})(?![A-Za-z])", re.IGNORECASE)
