"""The rules in order: the first that takes a piece has it.

A rule returns what it found (perhaps nothing), or None where the piece is not its business. A piece that no rule
takes is opened, and its body read one label deeper. The sentences of a piece may tell more, whatever took it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from ankillm.extract.cloze import within
from ankillm.extract.concepts import Attribute, Blank, Concept, Condition, Definition, Question
from ankillm.extract.pieces import Piece, pieces
from ankillm.extract.rules_block.assignment import assignment
from ankillm.extract.rules_block.attribute import attribute
from ankillm.extract.rules_block.author_cloze import author_cloze
from ankillm.extract.rules_block.condition import condition
from ankillm.extract.rules_block.contrast import contrast
from ankillm.extract.rules_block.definition import definition
from ankillm.extract.rules_block.enumeration import counted, enumeration, members
from ankillm.extract.rules_block.formula import formula
from ankillm.extract.rules_block.problem import problem
from ankillm.extract.rules_block.question import question, tells_more
from ankillm.extract.rules_block.skipped import skipped
from ankillm.extract.rules_block.table import table
from ankillm.extract.rules_block.term import term
from ankillm.extract.rules_code.code import code
from ankillm.extract.rules_sentence.aspect import aspect
from ankillm.extract.rules_sentence.emphasis import emphasis
from ankillm.extract.rules_sentence.value import measured_value
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import is_opened
from ankillm.markdown.blocks import Directive, List, Quote
from ankillm.markdown.gaps import without_gaps

Finder: TypeAlias = Callable[[Piece, Scope], list[Concept] | None]

RULES: tuple[Finder, ...] = (
    author_cloze,
    skipped,
    problem,
    assignment,
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
    aspect,
    emphasis,
    measured_value,
)
"""Rules that look into the sentences of a piece, unless one of those that take all of its words took it."""
WHOLE: frozenset[Finder] = frozenset({author_cloze, problem, assignment})

CONTAINERS: frozenset[Finder] = frozenset({author_cloze, formula, attribute, enumeration, term, condition, question})
"""Rules after which the body is still read: a list gives its labels to one card and its items to their own."""


def find(piece: Piece, scope: Scope, around: Directive) -> Iterator[Concept]:
    """Yield the concepts of a piece and of what stands under it, steered as its author says."""
    directive = piece.directive.within(around)
    if directive.skip:
        return
    if piece.label and piece.text and is_opened(piece.label):
        piece = replace(piece, label="")
    rule, found = _taken(piece, scope)
    sought = (found or rule is None) and rule not in WHOLE
    told = [*found, *(_besides(piece, scope, found) if sought else ())]
    for concept in told:
        yield replace(concept, place=replace(concept.place, directive=directive))
    if rule is None or _is_opened_by(rule, piece, found):
        inner = scope.under(without_gaps(piece.label))
        body = [block for block in piece.body if rule is not author_cloze or isinstance(block, List | Quote)]
        for deeper in pieces(body) if (piece.label or piece.text) else ():
            yield from find(deeper, inner, directive)


def _taken(piece: Piece, scope: Scope) -> tuple[Finder | None, list[Concept]]:
    """Return the rule that takes a piece, and what it found; no rule and nothing where none takes it."""
    for rule in RULES:
        found = rule(piece, scope)
        if found is not None:
            return rule, _stamped(rule, found)
    return None, []


def _stamped(rule: Callable[..., object], found: Sequence[Concept]) -> list[Concept]:
    """Return concepts that know which rule found them, by the name of its file."""
    name = rule.__module__.rpartition(".")[2]
    return [replace(concept, place=replace(concept.place, rule=concept.place.rule or name)) for concept in found]


def _besides(piece: Piece, scope: Scope, found: list[Concept]) -> list[Concept]:
    """Return what the sentences of a piece tell besides what was found."""
    if not piece.text and not piece.body:
        return []
    others = [concept for rule in BESIDES for concept in _stamped(rule, rule(piece, scope))]
    blanks = [other for other in others if isinstance(other, Blank)]
    told = Told(
        [concept.consequence for concept in found if isinstance(concept, Condition)],
        {concept.term for concept in found if isinstance(concept, Definition)},
    )
    kept = [other for other in others if not told.holds(other)]
    return [other for other in kept if not (isinstance(other, Blank) and within(other, blanks))]


class Told(NamedTuple):
    """What was found already: what follows from conditions, and what is defined."""

    consequences: list[str]
    terms: set[str]

    def holds(self, concept: Concept) -> bool:
        """Whether a concept is told already."""
        if isinstance(concept, Blank):
            return any(concept.name in consequence for consequence in self.consequences)
        if isinstance(concept, Question):
            return concept.answer in self.consequences
        return isinstance(concept, Definition) and concept.term in self.terms


def _is_opened_by(rule: Finder, piece: Piece, found: list[Concept]) -> bool:
    """Whether the body of a piece is still read: not where one value or a short answer was all of it."""
    if rule is question:
        return tells_more(piece.label or piece.text, piece.body)
    told_whole = len(found) == 1 and isinstance(found[0], Attribute) and len(found[0].values) == 1
    return rule in CONTAINERS and not told_whole
