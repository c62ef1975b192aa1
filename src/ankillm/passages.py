"""A note's text → blocks, section by section, so that sections of plain lines need no parser.

A heading after an empty line ends whatever stands open above it, but for code and raw HTML. So a note is cut there,
and what is not plain goes to the parser in one stretch; where that leaves something open, the note is read whole.
Notes with link definitions or displayed formulas, which reach across headings, are never cut.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from markdown_it.token import Token

from ankillm.blocks import NO_STEER, Block
from ankillm.markdown import block_parser
from ankillm.patterns import regex
from ankillm.plainly import plain_blocks
from ankillm.reading import read_blocks

CUT = regex(r"(?<=\n\n)#{1,6}[ \t]")
FENCE = regex(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
ACROSS = ("]:", "$$")
"""What can mean something to sections that stand elsewhere."""
STAYS_OPEN = frozenset({"fence", "html_block"})


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text cut before its headings, each piece with the number of its first line."""
    line, start = 1, 0
    for cut in () if text.startswith("---") or any(sign in text for sign in ACROSS) else CUT.finditer(text):
        piece = text[start : cut.start()]
        if len(FENCE.findall(piece)) % 2 == 0:  # else the line is most likely a comment in code
            yield line, piece
            line, start = line + piece.count("\n"), cut.start()
    yield line, text[start:]


def read_text(text: str, references: dict[str, Any]) -> list[Block]:
    """Return the blocks of a note that has no claims; link definitions are added to markdown-it's environment."""
    blocks: list[Block] = []
    steer = NO_STEER
    read = ((line, piece, plain_blocks(piece, line)) for line, piece in pieces(text))
    for is_plain, run in groupby(read, key=lambda found: found[2] is not None):
        found = list(run)
        if is_plain:
            new = [block for _, _, plain in found for block in plain or ()]
            if new and steer is not NO_STEER:
                new[0], steer = replace(new[0], steer=steer), NO_STEER
            blocks += new
            continue
        first, stretch = found[0][0], "".join(piece for _, piece, _ in found)
        tokens = block_parser().parse(stretch, references)
        if _left_open(tokens, stretch) and not text.endswith(stretch):
            return read_blocks(block_parser().parse(text, references), references)[0]
        parsed, steer = read_blocks(tokens, references, first, steer)
        blocks += parsed
    return blocks


def _left_open(tokens: Sequence[Token], stretch: str) -> bool:
    """Whether the last block may go on below the stretch, whose last line is empty."""
    last = tokens[-1] if tokens else None
    return last is not None and last.type in STAYS_OPEN and (last.map or (0, 0))[1] >= stretch.count("\n")
