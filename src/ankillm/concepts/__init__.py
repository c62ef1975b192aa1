"""The rules that find concepts in a note, in order: the first rule that takes a piece has it.

A rule returns what it found (perhaps nothing), or None where the piece is not its business. A piece that no rule
takes is opened, and its body read one label deeper.
"""

from collections.abc import Callable, Iterator

from ankillm.concepts.attribute import attribute
from ankillm.concepts.authored import authored
from ankillm.concepts.code import code
from ankillm.concepts.condition import condition
from ankillm.concepts.contrast import contrast
from ankillm.concepts.definition import definition
from ankillm.concepts.enumeration import enumeration
from ankillm.concepts.model import Concept
from ankillm.concepts.pieces import Piece, pieces
from ankillm.concepts.problem import problem
from ankillm.concepts.question import question
from ankillm.concepts.scope import Scope, is_generic, is_name
from ankillm.concepts.table import table
from ankillm.concepts.term import term
from ankillm.notes import Note
from ankillm.sections import Section

Rule = Callable[[Piece, Scope], list[Concept] | None]

RULES: tuple[Rule, ...] = (
    authored,
    problem,
    question,
    definition,
    contrast,
    enumeration,
    condition,
    table,
    attribute,
    term,
    code,
)

CONTAINERS: frozenset[Rule] = frozenset({attribute, enumeration, term, condition})
"""Rules after which the body is still read: a list gives its labels to one card and its items to their own."""


def extract(note: Note) -> Iterator[Concept]:
    """Yield the concepts of a note in reading order."""
    for section in note.sections:
        if not section.steer.skip:
            yield from _of_section(section, note)


def _of_section(section: Section, note: Note) -> Iterator[Concept]:
    names = [title for title in section.path if not is_generic(title) and is_name(title)]
    own = names[-1] if names else ""
    after = section.path[section.path.index(own) + 1 :] if own else section.path
    scope = Scope(section.path, own, after, note.language)
    if section.title and section.blocks:
        whole = Piece(section.title, "", section.blocks, section.line, section.line, steer=section.steer)
        above = Scope(section.path[:-1], scope.subject, (), note.language)
        taken = question(whole, above)
        if taken is not None:
            yield from taken
            return
    for piece in pieces(section.blocks):
        yield from _of_piece(piece, scope)


def _of_piece(piece: Piece, scope: Scope) -> Iterator[Concept]:
    if piece.steer.skip:
        return
    for rule in RULES:
        found = rule(piece, scope)
        if found is None:
            continue
        yield from found
        if rule not in CONTAINERS:
            return
        break
    inner = scope.under(piece.label)
    for deeper in pieces(piece.body) if (piece.label or piece.text) else ():
        yield from _of_piece(deeper, inner)
