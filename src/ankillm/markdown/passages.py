"""A note's text → sections, passage by passage: some sections in a row that can be read apart from the others.

A heading after an empty line ends whatever stands open above it, but for code and raw HTML. So a note is cut there.
What the sections before a passage hand on to it is its state; where the parser leaves something open at the end of a
passage, the note cannot be cut there. Notes with claims, front matter, link definitions or displayed formulas, which
reach across headings, are one passage. Sections of plain lines need no parser.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import NO_DIRECTIVE, Block, Directive, Section
from ankillm.markdown.plainly import plain_blocks
from ankillm.markdown.reader import read_blocks
from ankillm.markdown.sections import Above, outline

if TYPE_CHECKING:
    from markdown_it.token import Token

CUT = regex(r"(?<=\n\n)#{1,6}[ \t]")
FENCE = regex(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
FRONT_MATTER = "---"
CLAIMED = regex(r"demo\s*[:：]", re.IGNORECASE)
ACROSS = ("]:", "$$")
"""What can mean something to sections that stand elsewhere."""
STAYS_OPEN = frozenset({"fence", "html_block"})
LENGTH = 4000
"""Characters of a passage, at least, if the note has as many."""

References: TypeAlias = dict[str, Any]
"""markdown-it's environment: the link definitions."""


class Passage(Struct, frozen=True):
    """Some sections in a row, and the number of their first line."""

    text: str
    line: int = 1


class State(Struct, frozen=True):
    """What a passage is handed on: the titles above it, and the steering comment that waits for its first block."""

    above: Above = ()
    directive: Directive = NO_DIRECTIVE


class LeftOpen(Exception):  # noqa: N818  (the note is in order; only it cannot be cut there)
    """Something goes on below the end of a passage."""


def is_claimed(text: str) -> bool:
    """Whether a note may have claims; only then are the tokens inside of its lines needed."""
    return "demo" in text.lower() and bool(CLAIMED.search(text))


def is_whole(text: str) -> bool:
    """Whether a note has to be read at once."""
    return text.startswith(FRONT_MATTER) or any(sign in text for sign in ACROSS) or is_claimed(text)


def passages(text: str) -> list[Passage]:
    """Return a note cut into passages."""
    if is_whole(text):
        return [Passage(text)]
    found: list[Passage] = []
    start, line = 0, 1
    while start < len(text):
        cut = next(_cuts(text, start, start + LENGTH), len(text))
        found.append(Passage(text[start:cut], line))
        start, line = cut, line + text.count("\n", start, cut)
    return found or [Passage(text)]


def _cuts(text: str, start: int = 0, first: int = 0) -> Iterator[int]:
    """Yield where a text can be cut: before its headings, but for lines like headings in code, from `first` on.

    It was cut at `start` before.
    """
    for cut in CUT.finditer(text, first):
        if not _in_code(text, start, cut.start()):
            start = cut.start()
            yield start


def _in_code(text: str, start: int, end: int) -> bool:
    """Whether a stretch of a text seems to end inside of a fence."""
    if text.find("```", start, end) < 0 and text.find("~~~", start, end) < 0:
        return False
    return len(FENCE.findall(text, start, end)) % 2 == 1


def read_passage(
    passage: Passage, state: State, references: References, *, last: bool = True
) -> tuple[tuple[Section, ...], State]:
    """Return the sections of a passage, and the state that it hands on.

    :raises LeftOpen: if it is not the last of its note, and something in it goes on below.
    """
    blocks: list[Block] = []
    directive, read = state.directive, 0
    for is_plain, run in groupby(_sections(passage), key=lambda section: section[1] is not None):
        stretch = list(run)
        text = "".join(section.text for section, _ in stretch)
        read += len(text)
        if is_plain:
            new = [block for _, plain in stretch for block in plain or ()]
            if new and directive is not NO_DIRECTIVE:
                new[0], directive = replace(new[0], directive=directive), NO_DIRECTIVE
        else:
            from ankillm.markdown.parser import block_parser  # noqa: PLC0415  (only where there is markup)

            tokens = block_parser().parse(text, references)
            if _stays_open(tokens, text) and not (last and read == len(passage.text)):
                raise LeftOpen
            new, directive = read_blocks(tokens, references, stretch[0][0].line, directive)
        blocks += new
    sections, above = outline(blocks, state.above)
    return sections, State(above, directive)


def _sections(passage: Passage) -> Iterator[tuple[Passage, list[Block] | None]]:
    """Yield the sections of a passage, each with its blocks if it is plain."""
    text, start, line = passage.text, 0, passage.line
    for cut in [*([] if is_whole(text) else _cuts(text)), len(text)]:
        section = Passage(text[start:cut], line)
        yield section, plain_blocks(section.text, line)
        start, line = cut, line + section.text.count("\n")


def _stays_open(tokens: "Sequence[Token]", text: str) -> bool:
    """Whether the last block may go on below a text whose last line is empty."""
    last = tokens[-1] if tokens else None
    return last is not None and last.type in STAYS_OPEN and (last.map or (0, 0))[1] >= text.count("\n")


def read_text(text: str, references: References) -> tuple[Section, ...]:
    """Return the sections of a note."""
    sections: list[Section] = []
    state = State()
    found = passages(text)
    try:
        for passage in found:
            new, state = read_passage(passage, state, references, last=passage is found[-1])
            sections += new
    except LeftOpen:
        from ankillm.markdown.parser import block_parser  # noqa: PLC0415  (as above)

        tokens = block_parser().parse(text, references)
        return outline(read_blocks(tokens, references)[0])[0]
    return tuple(sections)
