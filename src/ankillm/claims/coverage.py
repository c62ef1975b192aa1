"""Quantities in prose that no claim covers; code, names, list marks and headings are no prose."""

from collections.abc import Iterator

from ankillm.claims.quantities import find_amounts
from ankillm.claims.statement import is_claim
from ankillm.common.diagnostics import Diagnostic
from ankillm.markdown.note import Note, whole_tokens
from ankillm.markdown.positions import Prose, prose

NO_PROSE = ("code_inline", "html_inline", "image")


def uncovered(note: Note) -> Iterator[Diagnostic]:
    """Yield every quantity of a note's prose that stands outside a claim, with its place."""
    for piece in prose(note.text, whole_tokens(note)):
        if not piece.heading:
            text = _without_claims(piece)
            for amount in find_amounts(text):
                if not amount.name:
                    line, column = piece.place(amount.start)
                    yield Diagnostic(note.file, line, f'"{amount.written}" is covered by no claim', column)


def _without_claims(piece: Prose) -> str:
    """Return the content with claims, code, formulas that name something and addresses blanked out, in place."""
    text = piece.masked(*NO_PROSE)
    for token, start, end in piece.spans("link_open", "math_inline"):
        if token.type == "math_inline" and not any(map(str.isalpha, token.content)):
            continue
        first = start
        if token.type == "link_open" and not is_claim(token):
            first = next((at for sign in ("](", "][") if (at := text.rfind(sign, start, end)) >= 0), start)
        text = text[:first] + "\0" * (end - first) + text[end:]
    return text
