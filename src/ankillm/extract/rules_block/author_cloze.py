"""Anki's own cloze, written in a note by its author.

Before: `The cache grows with {{c1::the number of tokens}}.` After: a cloze whose gap is what the author hid.
"""

from ankillm.extract.cloze import WRITTEN
from ankillm.extract.concepts import Blank, Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope


def authored(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a text that has gaps of the author's."""
    whole = f"{piece.label}：{piece.text}" if piece.label else piece.text
    return [Blank(scope.place(piece), whole)] if WRITTEN.search(whole) else None
