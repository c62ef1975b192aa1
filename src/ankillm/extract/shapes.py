"""Sections → concepts: what a title asks, announces or names, and what the rules find below it."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.chain import find
from ankillm.extract.concepts import Concept, Definition
from ankillm.extract.defining import defined
from ankillm.extract.pieces import Piece, pieces
from ankillm.extract.rules_block.formula import with_letters
from ankillm.extract.rules_block.question import (
    enough,
    is_side_question,
    question,
    tells_more,
    without_asides,
    without_cure,
)
from ankillm.extract.rules_block.skipped import skipped
from ankillm.extract.rules_section.command import commands
from ankillm.extract.rules_section.list_title import list_title
from ankillm.extract.scope import Scope, subject_among
from ankillm.extract.title_names import body_of
from ankillm.extract.vocabulary import ASKED, asks_which, is_metadata, without_what_is
from ankillm.markdown.blocks import Block, Paragraph, Section, ThematicBreak
from ankillm.markdown.note import Note

BLOG = regex(
    r"^(?:聊一?聊|谈一?谈(?!你|对)|浅[谈析]|漫谈|杂谈|闲聊|一文(?:看|读|搞|弄|讲|说)|一文带你|[带跟]你|详解|图解|深入(?:理解|浅出|解析|剖析)|揭秘)"
)
"""How the title of an essay begins: it asks nothing, and a story may stand below it."""
VERSUS = regex(r"\bvs\b", re.IGNORECASE)


def shaped(note: Note) -> Iterator[Concept]:
    """Yield the concepts that stand in the shapes of learners' notes: labels, lists, tables, questions, code."""
    body = body_of(note)
    for section in note.sections:
        if not section.directive.skip:
            yield from _of_section(section, note, body)


def _of_section(section: Section, note: Note, body: str) -> Iterator[Concept]:
    titles = tuple(title if ASKED.match(title) else without_what_is(title).strip() or title for title in section.path)
    own, after = subject_among(titles, body, note.language)
    scope = Scope(section.path, own, after, note.language, body)
    titled = bool(section.title and section.blocks and not BLOG.match(section.title))
    what_is = titled and without_what_is(section.title) != section.title
    # The body of `什么是 LoRA？` may hold the definition that it asks for: it is looked through first.
    asked = _asked(section, scope) if titled and not what_is else None
    if asked is not None:
        yield from asked
        return
    found = [concept for part, told in _parts(section.blocks, scope) for concept in _of_part(part, told, section)]
    found += commands(section, scope)
    is_defined = any(isinstance(concept, Definition) and concept.term == own for concept in found)
    if titled:
        asked = _asked(section, scope) if what_is and not is_defined else None
        if asked is not None:
            yield from asked
            return
        named = list(list_title(section, scope))
        yield from named
    yield from found


def _parts(blocks: Sequence[Block], scope: Scope) -> Iterator[tuple[Sequence[Block], Scope]]:
    """Yield the parts between rules; a part that starts by defining a name is about that name."""
    cuts = [at for at, block in enumerate(blocks) if isinstance(block, ThematicBreak)]
    for start, end in pairwise([-1, *cuts, len(blocks)]):
        part = blocks[start + 1 : end]
        named = defined(part[0].text) if start >= 0 and part and isinstance(part[0], Paragraph) else None
        other = named and named[0] != scope.subject and not is_metadata(named[0])
        yield part, replace(scope, subject=named[0], labels=()) if named and other else scope


def _of_part(part: Sequence[Block], scope: Scope, section: Section) -> Iterator[Concept]:
    """Yield the concepts of a part; under `A vs B` what is told is about the one that was defined last."""
    two = VERSUS.search(section.title)
    told = list(pieces(part))
    for piece, after in zip_longest(told, told[1:]):
        found = list(find(piece, scope, section.directive))
        if after:
            found = [with_letters(concept, after) for concept in found]
        yield from found
        defined_here = [concept.term for concept in found if isinstance(concept, Definition) and not concept.owner]
        if two and defined_here:
            scope = replace(scope, subject=defined_here[-1], labels=())


def _asked(section: Section, scope: Scope) -> list[Concept] | None:
    """Return what a title that is a question asks, and what stands below its answer; None where it is no question."""
    blocks = without_asides(section.blocks)
    if not blocks:
        return []
    answer = without_cure(section.title, enough(blocks))
    if is_side_question(section.title, blocks):
        return [concept for piece in pieces(blocks) for concept in find(piece, scope, section.directive)]
    whole = Piece(section.title, "", blocks, section.line, answer[-1].end, directive=section.directive)
    above = Scope(section.path[:-1], scope.subject, (), scope.language, scope.body)
    taken = skipped(whole, above)
    if taken is not None:
        return taken
    taken = question(whole, above)
    if taken is None:
        return None
    asked = section.title
    whole_told = taken and not tells_more(asked, answer) and not asks_which(asked)
    rest = blocks[len(answer) if whole_told else 0 :]
    return [*taken, *(concept for piece in pieces(rest) for concept in find(piece, scope, section.directive))]
