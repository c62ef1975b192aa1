"""Code in a fence: every rule on code looks at it, and what two of them find at one place is kept once."""

from collections.abc import Callable

from ankillm.blocks import Fence
from ankillm.concepts.code_comment import commented
from ankillm.concepts.code_condition import stated
from ankillm.concepts.code_contrast import contrasted
from ankillm.concepts.code_formula import formulas
from ankillm.concepts.code_names import named_strings
from ankillm.concepts.code_order import ordered_calls
from ankillm.concepts.model import Concept
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope

CODE_RULES: tuple[Callable[[Fence, Scope], list[Concept]], ...] = (
    commented,
    formulas,
    named_strings,
    contrasted,
    ordered_calls,
    stated,
)


def code(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a fence that stands by itself."""
    if piece.label or piece.text or len(piece.body) != 1 or not isinstance(piece.body[0], Fence):
        return None
    fence = piece.body[0]
    found: dict[tuple[object, ...], Concept] = {}
    for rule in CODE_RULES:
        for concept in rule(fence, scope):
            place = (concept.place.line, getattr(concept, "code", ""), getattr(concept, "start", 0), type(concept))
            found.setdefault(place, concept)
    return sorted(found.values(), key=lambda concept: concept.place.line)
