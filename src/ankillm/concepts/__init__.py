"""The rules that find concepts in a note, in order: the first rule that takes a piece has it.

A rule returns what it found (perhaps nothing), or None where the piece is not its business. A piece that no rule
takes is opened, and its body read one label deeper.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from ankillm.blocks import Steer
from ankillm.concepts.announced import announced
from ankillm.concepts.attribute import attribute
from ankillm.concepts.authored import authored
from ankillm.concepts.code import code
from ankillm.concepts.condition import condition
from ankillm.concepts.contrast import contrast
from ankillm.concepts.definition import definition
from ankillm.concepts.enumeration import enumeration
from ankillm.concepts.formula import formula
from ankillm.concepts.model import Attribute, Concept, Definition
from ankillm.concepts.opening import opening
from ankillm.concepts.passed_over import passed_over
from ankillm.concepts.pieces import Piece, pieces
from ankillm.concepts.problem import problem
from ankillm.concepts.question import enough, question
from ankillm.concepts.scope import Scope, is_generic, is_name
from ankillm.concepts.table import table
from ankillm.concepts.term import term
from ankillm.concepts.valued import valued
from ankillm.concepts.words import is_opened, without_what_is
from ankillm.notes import Note
from ankillm.sections import Section

WHICH = ("哪", "有什么", "what are", "which")
"""Words of a question that asks for a list: each of its items may be worth a card of its own."""

Rule = Callable[[Piece, Scope], list[Concept] | None]

RULES: tuple[Rule, ...] = (
    authored,
    passed_over,
    problem,
    formula,
    question,
    definition,
    contrast,
    enumeration,
    condition,
    table,
    attribute,
    term,
    valued,
    code,
)

CONTAINERS: frozenset[Rule] = frozenset({formula, attribute, enumeration, term, condition})
"""Rules after which the body is still read: a list gives its labels to one card and its items to their own."""


def extract(note: Note) -> Iterator[Concept]:
    """Yield the concepts of a note in reading order."""
    for section in note.sections:
        if not section.steer.skip:
            yield from _of_section(section, note)


def _of_section(section: Section, note: Note) -> Iterator[Concept]:
    titles = tuple(without_what_is(title).strip() or title for title in section.path)
    own = next((title for title in reversed(titles) if is_name(title) and not is_generic(title)), "")
    after = titles[titles.index(own) + 1 :] if own else titles
    scope = Scope(section.path, own, after, note.language)
    titled = bool(section.title and section.blocks)
    what_is = titled and without_what_is(section.title) != section.title
    # The body of `什么是 LoRA？` may hold the definition that it asks for: it is looked through first.
    asked = _asked(section, scope) if titled and not what_is else None
    if asked is not None:
        yield from asked
        return
    found = [concept for piece in pieces(section.blocks) for concept in _of_piece(piece, scope, section.steer)]
    defined = any(isinstance(concept, Definition) and concept.term == own for concept in found)
    if titled:
        asked = _asked(section, scope) if what_is and not defined else None
        if asked is not None:
            yield from asked
            return
        named = list(announced(section, scope))
        yield from named
        defined = defined or bool(named)
    if not defined:
        yield from opening(section, scope, {concept.place.line for concept in found})
    yield from found


def _asked(section: Section, scope: Scope) -> list[Concept] | None:
    """Return what a title that is a question asks, and what stands below its answer; None where it is no question."""
    answer = enough(section.blocks)
    whole = Piece(section.title, "", section.blocks, section.line, answer[-1].end, steer=section.steer)
    above = Scope(section.path[:-1], scope.subject, (), scope.language)
    taken = passed_over(whole, above)
    if taken is not None:
        return taken
    taken = question(whole, above)
    if not taken:
        return taken
    asked = section.title.lower()
    rest = section.blocks[0 if any(word in asked for word in WHICH) else len(answer) :]
    return [*taken, *(concept for piece in pieces(rest) for concept in _of_piece(piece, scope, section.steer))]


def _of_piece(piece: Piece, scope: Scope, around: Steer) -> Iterator[Concept]:
    steer = piece.steer.within(around)
    if steer.skip:
        return
    if piece.label and piece.text and is_opened(piece.label):
        piece = replace(piece, label="")
    for rule in RULES:
        found = rule(piece, scope)
        if found is None:
            continue
        yield from (replace(concept, place=replace(concept.place, steer=steer)) for concept in found)
        if rule not in CONTAINERS or _told_whole(found):
            return
        break
    inner = scope.under(piece.label)
    for deeper in pieces(piece.body) if (piece.label or piece.text) else ():
        yield from _of_piece(deeper, inner, steer)


def _told_whole(found: list[Concept]) -> bool:
    """Whether one concept took all that stands under the piece: an attribute with one value."""
    return len(found) == 1 and isinstance(found[0], Attribute) and len(found[0].values) == 1
