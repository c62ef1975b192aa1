"""Footnotes: their definitions go, as their marks do."""

from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line

DEFINITION = regex(r"[ \t>]*\[\^[^\]\s]+\]:")

OPENERS = ("#", "-", "*", "|", ">", "`")
"""What begins a block of its own."""


def without_footnotes(lines: Sequence[Line]) -> Iterator[Line]:
    """Blank out definitions of footnotes, with the lines that go on with them."""
    inside = after_blank = False
    for line in lines:
        if not line.code and DEFINITION.match(line.text):
            inside, after_blank = True, False
        elif inside and line.blank:
            after_blank = True
        elif inside:
            inside = line.text[:1].isspace() or not (after_blank or line.text.startswith(OPENERS))
        yield line._replace(text="") if inside else line
