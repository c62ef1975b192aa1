"""Code in a fence: every rule on code looks at it, and what two of them find at one place is kept once."""

from collections.abc import Callable

from ankillm.extract.concepts import Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_code.comment import commented
from ankillm.extract.rules_code.condition import stated
from ankillm.extract.rules_code.contrast import contrasted
from ankillm.extract.rules_code.formula import formulas
from ankillm.extract.rules_code.names import named_strings
from ankillm.extract.rules_code.order import ordered_calls
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock

CODE_RULES: tuple[Callable[[CodeBlock, Scope], list[Concept]], ...] = (
    commented,
    formulas,
    named_strings,
    contrasted,
    ordered_calls,
    stated,
)


def code(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a fence that stands by itself."""
    if piece.label or piece.text or len(piece.body) != 1 or not isinstance(piece.body[0], CodeBlock):
        return None
    fence = piece.body[0]
    found: dict[tuple[object, ...], Concept] = {}
    for rule in CODE_RULES:
        for concept in rule(fence, scope):
            place = (concept.place.line, getattr(concept, "code", ""), getattr(concept, "start", 0), type(concept))
            found.setdefault(place, concept)
    return sorted(found.values(), key=lambda concept: concept.place.line)
