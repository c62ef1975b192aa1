"""What a note asserts: its sentences of prose and lines of code, each with what stands around and above it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ankillm.claims.statement import is_claim
from ankillm.common.patterns import regex
from ankillm.markdown.note import Note, whole_tokens
from ankillm.markdown.positions import Prose, prose

if TYPE_CHECKING:
    from markdown_it.token import Token

SENTENCE = regex(r"(?:[^。！？!?；;\n.]|\.(?!\s|$))+")
INDENT = regex(r"[ \t>]*")
MARKS = "`*"
LONGEST = 500
"""Characters of a sentence or a line of code; what is longer is none."""


class Assertion(Struct, frozen=True):
    """A sentence, or a line of code."""

    text: str
    line: int
    """Where it stands; of prose, where its paragraph starts."""
    around: str
    """The paragraph or the block of code that it stands in."""
    above: tuple[str, ...]
    """The items of a list that it stands under, the nearest first, then the title right above."""
    titles: tuple[str, ...]
    """All titles above, the highest first."""
    after: str = ""
    """The sign that ends it."""
    piece: Prose | None = None
    """The paragraph; None for code."""
    start: int = 0
    """Where in its paragraph the sentence starts; in a line of code, how far it is indented."""
    end: int = 0
    """The last line of a block of code."""

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column (1-based) of a character of the text."""
        return self.piece.place(self.start + offset) if self.piece else (self.line, self.start + offset + 1)

    @property
    def plain(self) -> tuple[str, tuple[int, ...]]:
        """The text without marks of code and emphasis, and where each of its characters stands in the text."""
        if self.piece is None:
            return self.text, tuple(range(len(self.text) + 1))
        kept = [at for at, sign in enumerate(self.text) if sign not in MARKS]
        return "".join(self.text[at] for at in kept), (*kept, len(self.text))


def without_marks(text: str) -> str:
    """Return a text without marks of code and emphasis."""
    for mark in MARKS:
        text = text.replace(mark, "")
    return text


def assertions(note: Note) -> Iterator[Assertion]:
    """Yield what a note asserts, in reading order: no headings, and no sentence with a claim."""
    tokens = whole_tokens(note)
    lines = note.text.split("\n")
    yield from _sentences(note, lines, tokens)
    yield from _code_lines(note, lines, tokens)


def _sentences(note: Note, lines: Sequence[str], tokens: "Sequence[Token]") -> Iterator[Assertion]:
    for piece in prose(note.text, tokens):
        if piece.heading:
            continue
        claims = [start for token, start, _ in piece.spans("link_open") if is_claim(token)]
        titles = titles_above(note, piece.line)
        above = (*_parents(lines, piece.line), *titles[-1:])
        for match in SENTENCE.finditer(piece.content):
            claimed = any(match.start() <= start < match.end() for start in claims)
            if not claimed and len(match[0]) <= LONGEST:
                after = piece.content[match.end() : match.end() + 1]
                yield Assertion(
                    match[0], piece.line, piece.content, above, titles, after, piece=piece, start=match.start()
                )


def _code_lines(note: Note, lines: Sequence[str], tokens: "Sequence[Token]") -> Iterator[Assertion]:
    for token in tokens:
        if token.type not in {"fence", "code_block"} or not token.map:
            continue
        first = token.map[0] + (2 if token.type == "fence" else 1)
        titles = titles_above(note, first)
        above = (*_parents(lines, token.map[0] + 1), *titles[-1:])
        for number, code in enumerate(token.content.split("\n"), start=first):
            text = code.strip()
            if text and len(text) <= LONGEST and number <= len(lines):
                start = max(lines[number - 1].find(text), 0)
                yield Assertion(text, number, token.content, above, titles, start=start, end=token.map[1])


def titles_above(note: Note, line: int) -> tuple[str, ...]:
    """Return the titles above a line, the highest first."""
    above = [section for section in note.sections if section.line <= line]
    return above[-1].path if above else ()


def _parents(lines: Sequence[str], line: int) -> Iterator[str]:
    """Yield the lines that a line is indented under, the nearest first."""
    deep = _indent(lines[line - 1])
    for text in reversed(lines[: line - 1]) if deep else ():
        if text.strip() and _indent(text) < deep:
            yield text.strip()
            deep = _indent(text)
            if not deep:
                return


def _indent(line: str) -> int:
    match = INDENT.match(line)
    return len(match[0].expandtabs(4)) if match else 0
