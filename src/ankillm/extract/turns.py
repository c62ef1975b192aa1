"""Where the text of a section turns to another thing than its title names: what stands below is told of that one.

Before: `## SGD`, `相比之下 Adam 还维护二阶矩：` over `- 优点：…`. After: the advantage is Adam's, and no longer SGD's.
It holds up to the next paragraph that speaks of something else, or of nothing by name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.concepts import FORMULA, Attribute, Concept, Condition, Definition, Place, Setting
from ankillm.extract.labels import split_label
from ankillm.extract.scope import NO_NAME, is_generic, thing_of
from ankillm.extract.subject import is_specific
from ankillm.extract.title_names import is_common, stands_alone
from ankillm.extract.told_of import NAME, NO_THING, is_known, sets_against, speaks_of, switched_to, told_of
from ankillm.extract.vocabulary import POINTING, is_ignored, is_question
from ankillm.markdown.blocks import TOGGLED, Block, Item, List, Paragraph, Quote, ThematicBreak
from ankillm.markdown.inline import plain_text
from ankillm.markdown.note import Note
from ankillm.markdown.sentences import sentences

OF_NAMED = regex(
    r"^(?:the\s)?(?:[a-z]+\s)?(?:ideas?|principles?|goals?|purpose|advantages?|drawbacks?|benefits?|mechanism|motivation"
    r"|disadvantages?|limitations?|formula)\sof\s(?:the\s)?(?P<name>[\w+.-]+(?:\s[\w+-]+){0,3})$"
    rf"|^(?P<whose>{NAME})\s?的\s?(?P<of>\S{{2,6}})$",
    re.IGNORECASE,
)
"""A label that names a thing with its aspect: `Main idea of Pre-LN`, `Pre-LN 的主要思想`."""
COLONS = ("：", ":")


class Turn(Struct, frozen=True):
    """Another thing than the title's: its name (empty where it has none), and the title's names."""

    to: str
    known: tuple[str, ...]
    after: int = 0
    """The last line of the paragraph that turns to it: only what goes on below is told of it."""
    led: bool = False
    """Whether a line that ends with a colon says so: then all that it leads to is told of it, else labelled aspects."""

    def subject(self, subject: str) -> str:
        """Return what a subject becomes that is the title's, or has it within; any other stays."""
        if subject.startswith(self.to) and told_of(subject, self.known) == self.to:
            return self.to  # a sentence that was taken for a name
        if not is_known(subject, self.known) and not any(name in subject for name in self.known):
            return subject
        return self.to


class Turns:
    """The lines of a note on which something is told of another thing than the title's."""

    def __init__(self, note: Note) -> None:
        self._below: dict[int, Turn] = {}
        to: str | None = None
        for section in note.sections:
            known = known_of(section.path, note.title)
            goes_on = section.level >= TOGGLED and (is_generic(section.title) or is_ignored(section.title))
            to = (to if goes_on else switched_to(section.title, known)) if known else None
            if known:
                to = self._walk(section.blocks, to, known)

    def subject(self, subject: str, label: str, line: int, end: int) -> str:
        """Return what the subject of what has a label becomes; empty where it is told of what has no name here."""
        turn = self._below.get(line)
        if turn is None or end <= turn.after or not (turn.led or is_generic(label) or _aspect_of(label)):
            return subject
        return turn.subject(subject)

    def all_told(self, concepts: Iterable[Concept]) -> Iterator[Concept]:
        """Yield concepts of the things that they are told of."""
        return (told for concept in concepts if (told := self.told(concept)))

    def told(self, concept: Concept) -> Concept | None:
        """Return a concept of the thing that it is told of; None where that has no name here."""
        match concept:
            case Attribute() if concept.asked != FORMULA:
                subject = self._of(concept.subject, concept.label, concept)
                return replace(concept, subject=subject) if subject or not concept.subject else None
            case Condition() if self._leads(concept.place):
                return None  # what stands below has labels of its own
            case Setting() | Condition():
                subject = self._of(concept.subject, "", concept)
                return replace(concept, subject=subject) if subject or not concept.subject else None
            case Definition() if concept.place.rule != "code":
                owner = self._of(concept.owner, concept.term, concept)
                return replace(concept, owner=owner) if owner or not concept.owner else None
        return concept

    def _leads(self, place: Place) -> bool:
        """Whether a condition is what turns, and more stands below it."""
        turn = self._below.get(place.line)
        return turn is not None and place.line <= turn.after < place.end

    def _of(self, subject: str, label: str, concept: Concept) -> str:
        return self.subject(subject, label, concept.place.line, concept.place.end) if subject else ""

    def _walk(
        self, blocks: Sequence[Block], to: str | None, known: tuple[str, ...], *, led: bool = False
    ) -> str | None:
        """Note the lines of blocks beside one another; return what their end is about."""
        for at, block in enumerate(blocks):
            match block:
                case Paragraph():
                    before, to = to, _of_paragraph(block.text, to, known, first=at == 0)
                    led = block.text.rstrip("*_ ").endswith(COLONS)
                    after = block.end if to != before else 0
                    self._note(block, to if to is None else Turn(to, known, after, led))
                case List():
                    self._items(block.items, to, known, led=led)
                case Quote():
                    self._walk(block.blocks, to, known, led=led)
                case ThematicBreak():
                    to = None
                case _:
                    self._note(block, to if to is None else Turn(to, known, 0, led))
        return to

    def _items(self, items: Sequence[Item], to: str | None, known: tuple[str, ...], *, led: bool) -> None:
        for item in items:
            named = _aspect_of(split_label(item.text)[0])
            if named:
                to = None if is_known(named, known) else named
            self._note(item, to if to is None else Turn(to, known, 0, led))
            told = told_of(item.text, known) if item.rest else None
            self._walk(item.rest, to if told is None else told, known, led=led or told is not None)

    def _note(self, block: Block | Item, turn: Turn | None) -> None:
        for line in range(block.line, block.end + 1):
            if turn:
                self._below[line] = turn
            else:
                self._below.pop(line, None)


def known_of(titles: Sequence[str], title: str) -> tuple[str, ...]:
    """Return the names of what titles stand over, the nearest first, up to one that is a proper name."""
    found: list[str] = []
    for above in (*reversed(titles), title):
        named = thing_of(above)
        if named and is_specific(named) and not is_question(above):
            found.append(named)
            if stands_alone(named):
                break
    return tuple(dict.fromkeys(found))


def _of_paragraph(text: str, to: str | None, known: tuple[str, ...], *, first: bool) -> str | None:
    """Return what the end of a paragraph is about, as `told_of` does.

    A name alone says so where it begins a section (`first`) or leads to what is below; elsewhere it leaves in doubt.
    """
    label, _, _ = split_label(text)
    parts = sentences(text)
    if label and (is_generic(label) or is_ignored(label)) and all(told_of(part, known) is None for part in parts):
        return to
    for at, part in enumerate(parts):
        told = told_of(part, known)
        if told is not None:
            sure = (first and at == 0) or part.rstrip("*_ ").endswith(COLONS) or sets_against(plain_text(part))
            to = told if sure or told == to else ""
        elif speaks_of(part, known) or (at == 0 and not POINTING.match(part)):
            to = None
    return to


def _aspect_of(label: str) -> str:
    """Return the name in a label that names a thing with its aspect."""
    match = OF_NAMED.match(label)
    if not match or (match["whose"] and not is_generic(match["of"])):
        return ""
    named = match["name"] or match["whose"].strip()
    return (
        named
        if stands_alone(named) and named.lower() not in NO_THING and not (is_common(named) or NO_NAME.match(named))
        else ""
    )
