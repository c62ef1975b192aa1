"""Sections of nothing but a heading and lone lines of words, read without the parser, which takes ten times as long.

A test holds both against each other over random notes.
"""

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Block, Heading, Paragraph

HEADING = regex(r"(#{1,6})[ \t]+([^\s#].*)")
SPACE = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What markdown-it trims."""


def plain_blocks(section: str, line: int) -> list[Block] | None:
    """Return the blocks of a section whose first line has this number; None if the parser has to look at it.

    A line that starts with a letter and stands between blank ones is a paragraph, whatever it holds; only images and
    links, which can be the whole of a block or lead to a demo, leave it to the parser.
    """
    if "[" in section or "<" in section:
        return None
    lines = section.split("\n")
    blocks: list[Block] = []
    for at, text in enumerate(lines):
        if not text:
            continue
        opened = at == 0 and HEADING.match(text)
        if opened and (title := opened[2].strip(SPACE))[-1:] != "#":
            blocks.append(Heading(title, len(opened[1]), line, line))
        elif text[0].isalpha() and _is_lone(lines, at, blocks):
            blocks.append(Paragraph(text.strip(SPACE), line + at, line + at))
        else:
            return None
    return blocks


def _is_lone(lines: list[str], at: int, before: list[Block]) -> bool:
    """Whether a line has none right above it but a heading, and none right below it."""
    below = at + 1 == len(lines) or not lines[at + 1]
    return below and (at == 0 or not lines[at - 1] or (at == 1 and isinstance(before[0], Heading)))
