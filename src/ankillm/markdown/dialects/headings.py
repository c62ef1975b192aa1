"""Headings without a space (`##标题`), attributes behind headings, and marks of programs that stand alone in a line."""

import re
from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line

TIGHT = regex(r"(?P<prefix>[ \t>]{0,12})(?P<hashes>#{1,6})(?=[^#\s])(?P<text>.*)$")
SPACED = regex(r"#{1,6} ")
ONE_TAG = regex(r"[^\W\d][\w/-]*$")
ATTRIBUTES = regex(r"[ \t]*\{:?\s*[#.:][^{}\n]*\}[ \t]*$")
"""What Pandoc and Kramdown write behind a heading: `{#id .class}`."""
ALONE = regex(
    r"[ \t]*(?:\[TOC\]|\[\[_?toc_?\]\]|\{%.*%\}|\{\{[<%].*[>%]\}\}|\{:\s*[#.:][^{}]*\}|<!--\s*more\s*-->|\([\w-]+\)=|"
    r"\^[A-Za-z0-9-]+|\*\[[^\[\]]+\]:.*|"
    r":(?:label|eqlabel|width|height|begin_tab|bibliography):`[^`]*`|:end_tab:|"
    r"\\(?:newpage|pagebreak|tableofcontents))[ \t]*$",
    re.IGNORECASE,
)
"""What stands alone in a line and says nothing to a reader: a table of contents, a target, the id of a block."""


def with_headings(lines: Sequence[Line]) -> Iterator[Line]:
    """Give headings their space; a lone `#word` is one only in a note whose other headings are written so."""
    tight = [TIGHT.match(line.text) if "#" in line.text and not line.code else None for line in lines]
    habit = any(match and len(match["hashes"]) > 1 for match in tight)
    spaced = any(line.text.startswith("# ") and not line.code for line in lines)
    spaces = any(SPACED.match(line.text) and not line.code for line in lines)
    first = next((at for at, line in enumerate(lines) if not line.blank), -1)
    for at, (line, match) in enumerate(zip(lines, tight, strict=True)):
        own = habit or (at == first and not spaced)
        if match and _is_heading(match, lines, at, habit=own, spaces=spaces and not habit):
            yield line._replace(text=f"{match['prefix']}{match['hashes']} {ATTRIBUTES.sub('', match['text'])}")
        elif not line.code and line.text.startswith("#") and line.text.rstrip().endswith("}"):
            yield line._replace(text=ATTRIBUTES.sub("", line.text))
        else:
            yield line


def _is_heading(match: re.Match[str], lines: Sequence[Line], at: int, *, habit: bool, spaces: bool) -> bool:
    """Whether hashes right before words begin a heading: two or more do, one may begin a tag or a directive."""
    if len(match["hashes"]) > 1:
        return not match["text"].startswith(("!", "["))
    alone = (at == 0 or lines[at - 1].blank) and (at + 1 == len(lines) or lines[at + 1].blank or not habit)
    first, *others = match["text"].split()
    sure = bool(others) or "/" in first or first.isascii() or spaces
    is_tag = sure and bool(ONE_TAG.match(first)) and all(word.startswith("#") for word in others)
    return habit and alone and not is_tag and not match["text"].startswith(("!", "include", "define", "if", "end"))


def without_marks(lines: Sequence[Line]) -> Iterator[Line]:
    """Blank out lines that hold nothing but a mark of some program."""
    for line in lines:
        yield line._replace(text="") if not line.code and line.text and ALONE.match(line.text) else line
