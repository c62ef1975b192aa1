"""Anki's own cloze, written in a note by its author.

Before: `The cache grows with {{c1::the number of tokens}}.` After: a cloze whose gap is what the author hid. In a row
of a table, its name and the head of the column stand before the cell; formulas and code stay blocks.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ankillm.extract.cloze import WRITTEN, has_gaps
from ankillm.extract.concepts import Blank, Concept, Place
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_block.table import table
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock, Math, Table
from ankillm.markdown.gaps import without_gaps
from ankillm.markdown.writer import as_markdown


def author_cloze(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a text, a formula, code or a table that has gaps of the author's."""
    whole = f"{piece.label}：{piece.text}" if piece.label and piece.text else piece.label or piece.text
    found: list[Concept] = [Blank(scope.place(piece), whole)] if WRITTEN.search(whole) else []
    blocks = [block for block in piece.body if isinstance(block, CodeBlock | Math | Table) and has_gaps(block)]
    label = f"**{piece.label}**\n\n" if piece.label and not found else ""
    for block in blocks:
        if isinstance(block, Table):
            found += _of_table(block, piece, scope)
        else:
            place = Place(scope.path, block.line, block.end, piece.directive)
            found.append(Blank(place, label + as_markdown((block,))))
    return found or None


def _of_table(block: Table, piece: Piece, scope: Scope) -> Iterator[Concept]:
    """Yield a cloze for each row with gaps, and what the other rows tell."""
    gapped = [any(map(WRITTEN.search, row)) for row in block.rows]
    for row, line in ((row, line) for row, line, gap in zip(block.rows, block.lines, gapped, strict=True) if gap):
        yield Blank(Place(scope.path, line, line, piece.directive), _of_row(row, block.head, scope))
    rest = [(row, line) for row, line, gap in zip(block.rows, block.lines, gapped, strict=True) if not gap]
    if rest:
        rows, lines = zip(*rest, strict=True)
        told = table(replace(piece, text="", body=(replace(block, rows=rows, lines=lines),)), scope) or ()
        yield from (replace(concept, place=replace(concept.place, rule="table")) for concept in told)


def _of_row(row: tuple[str, ...], head: tuple[str, ...], scope: Scope) -> str:
    """Write a row as a line: the name of the row, then each cell that hides something behind its column's head."""
    colon, comma = ("：", "；") if scope.language == "zh" else (": ", "; ")
    cells = [f"{without_gaps(title)}{colon}{cell}" for title, cell in zip(head, row, strict=False)]
    gapped = [cell for cell, said in zip(cells[1:], row[1:], strict=False) if WRITTEN.search(said)]
    name = cells[0] if not gapped or WRITTEN.search(row[0]) else row[0]
    return comma.join([name, *(gapped or cells[1:])])
