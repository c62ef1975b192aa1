r"""Displayed formulas in other signs: `\[` and `\]` over lines, and fences of the language `math`."""

import re
from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import MOST_MATH, Line, prefix_of

FENCE = regex(
    r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?:`{3,}|~{3,})[ \t]*(?:math|latex-math|katex)[ \t]*$", re.IGNORECASE
)
CLOSES = regex(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*$")
OPENS = regex(r"(?P<prefix>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)\\\[(?P<tex>(?:(?!\\\]).)*)$")
ENDS = regex(r"(?P<tex>.*?)\\\](?P<after>[ \t]*[.,，。]?[ \t]*)$")


def with_formulas(lines: list[Line]) -> list[Line]:
    """Return lines with these formulas between `$$`, their lines where they were."""
    lines = list(_fenced(lines))
    return list(_bracketed(lines)) if any("\\[" in line.text for line in lines) else lines


def _fenced(lines: Sequence[Line]) -> Iterator[Line]:
    inside = False
    for line in lines:
        if line.code and (CLOSES.match(line.text) if inside else FENCE.match(line.text)):
            inside = not inside
            text = f"{prefix_of(line.text)}$$"
        else:
            text = line.text
        yield line._replace(text=text)


def _bracketed(lines: Sequence[Line]) -> Iterator[Line]:
    at = 0
    while at < len(lines):
        line = lines[at]
        opens = OPENS.match(line.text) if "\\[" in line.text and not line.code else None
        end = _end(lines, at) if opens else 0
        if not opens or not end:
            yield line
            at += 1
            continue
        prefix = opens["prefix"]
        indent = "".join(" " if sign not in "> \t" else sign for sign in prefix)
        yield Line(f"{prefix}$${opens['tex'].rstrip()}", line.number, code=True)
        for within in lines[at + 1 : end]:
            if not within.blank:
                yield within._replace(code=True)
        closing = ENDS.match(lines[end].text)
        tex = closing["tex"].rstrip() if closing else ""
        yield Line(f"{tex}$$" if tex.strip(" \t>") else f"{indent}$$", lines[end].number, code=True)
        at = end + 1


def _end(lines: Sequence[Line], at: int) -> int:
    """Return where a formula that opens in a line ends, 0 where nothing ends it."""
    for to in range(at + 1, min(at + MOST_MATH, len(lines))):
        if lines[to].code or "\\[" in lines[to].text:
            return 0
        if "\\]" in lines[to].text:
            return to if ENDS.match(lines[to].text) else 0
    return 0
