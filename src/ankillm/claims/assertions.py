"""What a note asserts: its sentences of prose and lines of code, each with what stands around and above it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ankillm.claims.signs import said, unsigned
from ankillm.claims.statement import is_claim
from ankillm.common.patterns import HAN, regex
from ankillm.markdown.note import Note, whole_tokens
from ankillm.markdown.positions import Prose, prose

if TYPE_CHECKING:
    from markdown_it.token import Token

SENTENCE = regex(r"(?:[^。！？!?；;\n.]|\.(?!\s|$))+")
ITEM = regex(r"[ \t>]*(?:[-*+]|\d{1,3}[.)、]|[（(]\d{1,3}[)）])[ \t]")
LEADS = ":：?？"
"""What ends a line that leads in to a list."""
NEAR = 400
"""Characters of a paragraph or a block of code before a sentence or a line, and behind it, that are looked at."""
DEEPEST, FARTHEST = 8, 4
"""Lists in one another, and lines to the next text, that are looked at."""
LEFT_OUT = regex(rf"(?<={HAN})[`*]{{0,4}} {{1,4}}[`*]{{0,4}}|[`*]{{0,4}} {{1,4}}[`*]{{0,4}}(?={HAN})|[`*]+")
LONGEST = 500
"""Characters of a sentence or a line of code; what is longer is none."""


class Assertion(Struct, frozen=True):
    """A sentence, or a line of code."""

    text: str
    """What it says: of prose, without the signs around its words."""
    line: int
    """Where it stands; of prose, where its paragraph starts."""
    around: str
    """What stands before and behind it in its paragraph or block of code; of a cell, its row."""
    above: tuple[str, ...]
    """The items that it stands under in lists and what leads in to them, the nearest first, then the title right above.

    Of code, before all, the lines of text before and behind its block.
    """
    titles: tuple[str, ...]
    """All titles above, the highest first."""
    after: str = ""
    """The sign that ends it."""
    before: str = ""
    """Of prose, what stands before it in its paragraph or cell."""
    behind: str = ""
    """Of prose, what stands behind it in its paragraph or cell, from the sign that ends it."""
    piece: Prose | None = None
    """The paragraph, or the row of a table; None for code."""
    start: int = 0
    """In a line of code, how far it is indented."""
    places: tuple[int, ...] = ()
    """Where in its paragraph each character of the text stands."""
    end: int = 0
    """The last line of a block of code."""

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column (1-based) of a character of the text."""
        return self.piece.place(self.places[offset]) if self.piece else (self.line, self.start + offset + 1)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in its paragraph a part of the text starts and ends."""
        return self.places[start], self.places[end - 1] + 1

    @property
    def plain(self) -> tuple[str, tuple[int, ...]]:
        """The text as `unmarked` gives it, code as it is, and where each of its characters stands in the text."""
        if self.piece is None:
            return self.text, tuple(range(len(self.text) + 1))
        left_out = {at for match in LEFT_OUT.finditer(self.text) for at in range(*match.span())}
        kept = [at for at in range(len(self.text)) if at not in left_out]
        return "".join(self.text[at] for at in kept), (*kept, len(self.text))


def unmarked(text: str) -> str:
    """Return a text without signs around its words, and without the spaces that some put beside Chinese."""
    text = unsigned(text)
    return text.replace("`", "").replace("*", "") if text.isascii() else LEFT_OUT.sub("", text)


def assertions(note: Note) -> Iterator[Assertion]:
    """Yield what a note asserts, in reading order: no headings, and no sentence with a claim."""
    tokens, outline = whole_tokens(note), Outline(note)
    yield from _sentences(note, outline, tokens)
    yield from _code_lines(outline, tokens)


class Outline:
    """What each line of a note stands under, found once for all of them."""

    def __init__(self, note: Note) -> None:
        self.lines = note.text.split("\n")
        self.sections = note.sections
        self.starts = [section.line for section in note.sections]
        self.parents = _parents(self.lines)

    def titles(self, line: int) -> tuple[str, ...]:
        """Return the titles above a line, the highest first."""
        at = bisect_right(self.starts, line) - 1
        return self.sections[at].path if at >= 0 else ()

    def above(self, line: int) -> tuple[str, ...]:
        """Return what a line stands under in lists, the nearest first, then the title right above."""
        found: list[str] = []
        at = self.parents[line - 1]
        while at >= 0 and len(found) < DEEPEST:
            found.append(self.lines[at].strip())
            at = self.parents[at]
        return (*found, *self.titles(line)[-1:])

    def beside(self, first: int, last: int) -> tuple[str, ...]:
        """Return the line of text before some lines, and the one behind them."""
        return (self._next(first - 2, -1), self._next(last, 1))

    def _next(self, at: int, step: int) -> str:
        for row in range(at, at + step * FARTHEST, step):
            if 0 <= row < len(self.lines) and self.lines[row].strip():
                return self.lines[row].strip()
        return ""


def _parents(lines: Sequence[str]) -> list[int]:
    """Return for each line the one that it is indented under, or that leads in to its list; -1 if there is none."""
    parents, open_lines, lead = [], list[tuple[int, int]](), -1
    for number, line in enumerate(lines):
        if not line.strip():
            parents.append(-1)
            continue
        deep = len(line[: len(line) - len(line.lstrip(" \t>"))].expandtabs(4))
        while open_lines and open_lines[-1][0] >= deep:
            open_lines.pop()
        item = bool(ITEM.match(line))
        parents.append(open_lines[-1][1] if open_lines else lead if item else -1)
        open_lines.append((deep, number))
        if not deep and not item:
            lead = number if line.rstrip()[-1] in LEADS else -1
    return parents


def _sentences(note: Note, outline: Outline, tokens: "Sequence[Token]") -> Iterator[Assertion]:
    for piece in prose(note.text, tokens):
        if piece.heading:
            continue
        claims = [start for token, start, _ in piece.spans("link_open") if is_claim(token)]
        above, titles = outline.above(piece.line), outline.titles(piece.line)
        text, at = said(piece.content)
        for match in SENTENCE.finditer(text):
            start, end = match.span()
            claimed = any((at[start - 1] if start else -1) < claim < at[end] for claim in claims)
            if not claimed and end - start <= LONGEST:
                before, behind = text[max(start - NEAR, 0) : start], text[end : end + NEAR]
                around = outline.lines[piece.line - 1] if piece.cell else before + match[0] + behind
                after, places = behind[:1], tuple(at[start : end + 1])
                yield Assertion(
                    match[0], piece.line, around, above, titles, after, before, behind, piece=piece, places=places
                )


def rows(note: Note) -> Iterator[Assertion]:
    """Yield the rows of a note's tables but their heads, cells parted by pipes: a cell says what another is about.

    A row with a claim in it is left out.
    """
    tokens, outline = whole_tokens(note), Outline(note)
    claimed = {
        piece.line
        for piece in prose(note.text, tokens)
        if piece.cell and any(is_claim(token) for token, _, _ in piece.spans("link_open"))
    }
    head = 0
    for token in tokens:
        if token.type == "thead_open" and token.map:
            head = token.map[0] + 1
        elif token.type == "tr_open" and token.map and token.map[0] + 1 not in {head, *claimed}:
            line, number = outline.lines[token.map[0]].rstrip(), token.map[0] + 1
            text = line.strip()
            above = (outline.lines[head - 1].strip(), *outline.above(number))
            piece = Prose(text, (), heading=False, line=number, ends=(len(line),), cell=False)
            if len(text) <= LONGEST:
                words, places = said(text)
                titles = outline.titles(number)
                yield Assertion(words, number, text, above, titles, piece=piece, places=tuple(places))


def _code_lines(outline: Outline, tokens: "Sequence[Token]") -> Iterator[Assertion]:
    for token in tokens:
        if token.type not in {"fence", "code_block"} or not token.map:
            continue
        first = token.map[0] + (2 if token.type == "fence" else 1)
        titles = outline.titles(first)
        above = (*outline.beside(token.map[0] + 1, token.map[1]), *outline.above(token.map[0] + 1))
        offset = 0
        for number, code in enumerate(token.content.split("\n"), start=first):
            text, at = code.strip(), offset
            offset += len(code) + 1
            if text and len(text) <= LONGEST and number <= len(outline.lines):
                start = max(outline.lines[number - 1].find(text), 0)
                around = token.content[max(at - NEAR, 0) : at + NEAR]
                yield Assertion(text, number, around, above, titles, start=start, end=token.map[1])
