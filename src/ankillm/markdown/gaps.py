"""Anki's cloze marks in a text: where a gap ends, though code, math and braces stand in it.

Before: ``{{c1::`std::move`}} casts``. After: ```std::move` casts``, with a gap over the code.
"""

from typing import NamedTuple

from ankillm.common.patterns import regex
from ankillm.markdown.code_spans import code_spans

OPENING = regex(r"\{\{c(?P<number>[1-9]\d{0,2})::")
SIGN = regex(r"`+|\\.|[{}]|::")
NAMESPACED = frozenset("c++ cpp cc cxx cu cuda hpp rust rs php ruby rb perl pl haskell hs julia r".split())
"""Languages in which two colons join names, and lead no hint."""
HINT, END = "::", "}}"


class MarkedGap(NamedTuple):
    """What an author hides: characters `start` to `end` of the text with its gaps filled."""

    start: int
    end: int
    number: int
    hint: str


def filled_gaps(text: str) -> tuple[str, tuple[MarkedGap, ...]]:
    """Take Anki's cloze marks out of a text: the text with the gaps filled, and where they are."""
    out, gaps, at = "", [], 0
    code = code_spans(text) if "`" in text else []
    for match in OPENING.finditer(text):
        in_code = any(start < match.start() < end and _is_hintless(text[start:end]) for start, end in code)
        words, hint, end = _ended(text, match.end(), hinted=not in_code)
        if not words:
            continue
        out += text[at : match.start()]
        gaps.append(MarkedGap(len(out), len(out) + len(words), int(match["number"]), hint))
        out += words
        at = end
    return out + text[at:], tuple(gaps)


def _is_hintless(code: str) -> bool:
    """Whether two colons are a sign of code itself: in a line, and in fences of languages that have it."""
    return "\n" not in code or code.split("\n", 1)[0].strip("`~{}. ").lower() in NAMESPACED


def _ended(text: str, start: int, *, hinted: bool) -> tuple[str, str, int]:
    """Return what a gap hides, its hint, and where it ends; nothing where it is none."""
    inner = text.find("{{c", start)
    last = inner if inner >= 0 else len(text)  # no gap holds another
    hint, end = _signs(text, start, last)
    if end < 0:  # braces that do not pair: the first two that close are the gap's
        end = text.find(END, start, last)
        hint = text.find(HINT, start, end)
    hint = hint if hinted else -1
    if end < 0:
        return "", "", start
    words = text[start : hint if hint >= 0 else end]
    return words, text[hint + len(HINT) : end] if hint >= 0 else "", end + len(END)


def _signs(text: str, start: int, last: int) -> tuple[int, int]:
    """Return where a gap's hint and end stand before `last`, outside of code and of braces that pair; -1 for none."""
    depth, hint, at = 0, -1, start
    while match := SIGN.search(text, at, last):
        at, sign = match.end(), match[0]
        if sign[0] == "`":
            close = text.find(sign, at, last)
            at = close + len(sign) if close >= 0 else at
        elif sign == "{":
            depth += 1
        elif sign == HINT and not depth and hint < 0:
            hint = match.start()
        elif sign == "}" and depth:
            depth -= 1
        elif sign == "}":
            return (hint, match.start()) if text.startswith(END, match.start()) else (-1, -1)
    return -1, -1


def without_gaps(text: str) -> str:
    """Return a text with its gaps filled."""
    return filled_gaps(text)[0] if "{{c" in text else text
