"""The rules in order: the first that takes a piece has it.

A rule returns what it found (perhaps nothing), or None where the piece is not its business. A piece that no rule
takes is opened, and its body read one label deeper. The sentences of a piece may tell more, whatever took it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from ankillm.blocks import Paragraph, Steer
from ankillm.concepts.acting import acting
from ankillm.concepts.aspect import aspect
from ankillm.concepts.assigned import assigned
from ankillm.concepts.attribute import attribute
from ankillm.concepts.authored import authored
from ankillm.concepts.choice import choice
from ankillm.concepts.code import code
from ankillm.concepts.condition import condition
from ankillm.concepts.consequence import consequence
from ankillm.concepts.contrast import contrast
from ankillm.concepts.definition import definition
from ankillm.concepts.enumeration import counted, enumeration, members
from ankillm.concepts.formula import formula
from ankillm.concepts.gapping import within
from ankillm.concepts.model import Attribute, Blank, Concept, Condition, Definition, Question
from ankillm.concepts.noted import noted
from ankillm.concepts.passed_over import passed_over
from ankillm.concepts.pieces import Piece, pieces
from ankillm.concepts.pitfall import pitfall, turned_out
from ankillm.concepts.problem import problem
from ankillm.concepts.purpose import purpose
from ankillm.concepts.question import question, tells_more
from ankillm.concepts.reason import reason
from ankillm.concepts.scope import Scope
from ankillm.concepts.stressed import stressed
from ankillm.concepts.table import table
from ankillm.concepts.term import term
from ankillm.concepts.trend import trend
from ankillm.concepts.uses import uses
from ankillm.concepts.valued import valued
from ankillm.concepts.words import is_opened

Finder: TypeAlias = Callable[[Piece, Scope], list[Concept] | None]

RULES: tuple[Finder, ...] = (
    authored,
    passed_over,
    problem,
    choice,
    pitfall,
    assigned,
    formula,
    question,
    definition,
    contrast,
    counted,
    enumeration,
    condition,
    table,
    attribute,
    term,
    code,
)

BESIDES: tuple[Callable[[Piece, Scope], list[Concept]], ...] = (
    members,
    reason,
    purpose,
    consequence,
    aspect,
    trend,
    uses,
    acting,
    stressed,
    valued,
)
"""Rules that look into the sentences of a piece, unless one of those that take all of its words took it."""
WHOLE: frozenset[Finder] = frozenset({authored, problem, pitfall, assigned})

CONTAINERS: frozenset[Finder] = frozenset({formula, attribute, enumeration, term, condition, question})
"""Rules after which the body is still read: a list gives its labels to one card and its items to their own."""


def find(piece: Piece, scope: Scope, around: Steer) -> Iterator[Concept]:
    """Yield the concepts of a piece and of what stands under it, steered as its author says."""
    steer = piece.steer.within(around)
    if steer.skip:
        return
    minded: list[Concept] = []
    if piece.label and piece.text and is_opened(piece.label) and not turned_out(piece):
        minded = noted(piece, scope)
        piece = replace(piece, label="")
    rule, found = _taken(piece, scope)
    sought = (found or rule is None) and rule not in WHOLE
    told = [*found, *(_besides(piece, scope, found) if sought else ())]
    if rule is question and found and len(piece.body) == 1 and isinstance(piece.body[0], Paragraph):
        told += reason(replace(piece, label="", text=piece.body[0].text, body=()), scope)
    for concept in told or (minded if rule is None else ()):
        yield replace(concept, place=replace(concept.place, steer=steer))
    if rule is None or _is_opened_by(rule, piece, found):
        inner = scope.under(piece.label)
        for deeper in pieces(piece.body) if (piece.label or piece.text) else ():
            yield from find(deeper, inner, steer)


def _taken(piece: Piece, scope: Scope) -> tuple[Finder | None, list[Concept]]:
    """Return the rule that takes a piece, and what it found; no rule and nothing where none takes it."""
    for rule in RULES:
        found = rule(piece, scope)
        if found is not None:
            return rule, found
    return None, []


def _besides(piece: Piece, scope: Scope, found: list[Concept]) -> list[Concept]:
    """Return what the sentences of a piece tell besides what was found."""
    if not piece.text and not piece.body:
        return []
    others = [concept for rule in BESIDES for concept in rule(piece, scope)]
    blanks = [other for other in others if isinstance(other, Blank)]
    kept = [other for other in others if not _is_told(other, found)]
    return [other for other in kept if not (isinstance(other, Blank) and within(other, blanks))]


def _is_told(concept: Concept, found: Sequence[Concept]) -> bool:
    """Whether what was found tells a concept already: its term, or as what follows from a condition."""
    consequences = [other.consequence for other in found if isinstance(other, Condition)]
    if isinstance(concept, Blank):
        return any(concept.name in consequence for consequence in consequences)
    if isinstance(concept, Question):
        return concept.answer in consequences
    return isinstance(concept, Definition) and any(
        isinstance(other, Definition) and other.term == concept.term for other in found
    )


def _is_opened_by(rule: Finder, piece: Piece, found: list[Concept]) -> bool:
    """Whether the body of a piece is still read: not where one value or a short answer was all of it."""
    if rule is question:
        return tells_more(piece.label or piece.text, piece.body)
    told_whole = len(found) == 1 and isinstance(found[0], Attribute) and len(found[0].values) == 1
    return rule in CONTAINERS and not told_whole
