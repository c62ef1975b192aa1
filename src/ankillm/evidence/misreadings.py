"""Patterns of misreadings: regular expressions with signs of their own for what sentences have in common.

`…` is a short gap within a clause, `……` one that may cross commas and colons: nothing in them denies. A name in braces
is a class of words: `{stops}`.

They are searched in every note, so each is read in time that grows with a line's length alone: no repetition in them is
without end.
"""

import re
from functools import lru_cache

from ankillm.common.patterns import one_of, regex

NEGATION = (
    r"不(?![仅只但断同过])|没|未(?!来)|非(?!常)|无(?!论)|(?<![特区分级类])别(?!的)|勿|否(?!则)"
    r"|(?<![a-z])(?:no|not|never|nor|neither|without|cannot|rather|instead)(?![a-z])|n['’]t"
)
"""Words that turn round what stands behind them."""
EDGE = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"
"""Where a Latin word starts or ends, beside a Chinese character too."""
GAP = rf"(?:(?!{NEGATION})[^，,。；;：:？?！!\n]){{0,32}}"
WIDE = rf"(?:(?!{NEGATION})[^。；;？?！!\n]){{0,48}}"
CLASSES = {
    "stops": r"(?:关闭|停止|停用|禁用|关掉|取消|(?:turn|switch)(?:e?s|ing)? off|disabl(?:es?|ing)|stop(?:s|ping)?)",
    "stores": r"(?:缓存|保存|存储|存放|储存|存有|记录|stor(?:es?|ing)|cach(?:es?|ing)|keeps?|keeping|holds?|contains?)",
    "grows": r"(?:增加|增大|增多|提高|提升|上升|变大|变多|更多|更大|increas(?:es?|ing)|grows?|growing|ris(?:es?|ing))",
}
NAMED = regex(r"\{([a-z]{1,20})\}")
ESCAPED = regex(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""An escaped character, or a class of characters: what stands in it repeats nothing."""
ENDLESS = regex(r"[*+]|\{\d*,\}")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a misreading; case is ignored.

    :raises ValueError: if it is no regular expression, or repeats something without end.
    """
    if ENDLESS.search(ESCAPED.sub("", pattern)):
        raise ValueError("it repeats something without end (* or +): write … for a gap, or {0,20}")
    try:
        pattern = NAMED.sub(lambda match: CLASSES[match[1]], pattern)
        return re.compile(pattern.replace("……", WIDE).replace("…", GAP).replace(r"\b", EDGE), re.IGNORECASE)
    except KeyError as error:
        raise ValueError(f"there is no class of words {error}: there are {', '.join(CLASSES)}") from None
    except re.error as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=512)
def naming(names: tuple[str, ...]) -> re.Pattern[str]:
    """Compile a pattern that finds any of some names, as whole words of the Latin script; case is ignored."""
    return re.compile(rf"(?<![A-Za-z])(?:{one_of(names)})(?![A-Za-z])", re.IGNORECASE)
