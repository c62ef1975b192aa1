"""What its reader changed of a card in Anki, and the notes did not: it stays, though the card is brought anew.

An import replaces all fields and tags of an Anki note that is older than the package's. Where that would take words of
the reader's that the notes never changed, what the notes did change is written field by field, before the import: it
finds a newer Anki note then, and leaves it alone, so that nothing is lost if it is the last that happens.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ankillm.anki.connection import Connection
from ankillm.anki.holdings import Held
from ankillm.anki.ledger import Line
from ankillm.anki.media import pictures_in
from ankillm.anki.note_types import FIELDS
from ankillm.anki.sightings import SeenCard, mark_of

OURS = "ankillm::"
"""How tags begin that no reader gave."""


class Edited(Struct, frozen=True):
    """An Anki note that its reader edited: their fields and tags, and what else is to be written."""

    guid: str
    note: int
    theirs: Mapping[str, str]
    tags: frozenset[str]
    """The reader's."""
    ours: Mapping[str, str]
    added: frozenset[str]
    removed: frozenset[str]
    pictured: bool
    """Whether it needs a picture that is not in it yet, which an import alone brings."""


def edited(lines: Iterable[Line], held: Mapping[str, Held], seen: Mapping[str, SeenCard]) -> Iterator[Edited]:
    """Yield those lines of which some words or tags are their reader's alone."""
    for line in lines:
        note, before = held[line.guid], seen.get(line.guid)
        values = dict(zip(FIELDS[line.type], line.fields, strict=False))
        if before is None or not before.words or not values.keys() <= note.fields.keys():
            continue
        asked = zip(FIELDS[line.type], before.words, strict=False)
        own = {name for name, was in asked if mark_of(values[name]) == was != mark_of(note.fields[name])}
        tags = frozenset(line.tags)
        given = frozenset(tag for tag in note.tags - before.tags - tags if not tag.startswith(OURS))
        if own or given:
            ours = {name: value for name, value in values.items() if name not in own}
            theirs = {name: note.fields[name] for name in own}
            pictured = not pictures_in(ours.values()) <= pictures_in(note.fields.values())
            added, removed = tags - note.tags, note.tags & (before.tags - tags)
            yield Edited(line.guid, note.note, theirs, given, ours, added, removed, pictured)


def write_ours(anki: Connection, edits: Iterable[Edited]) -> None:
    """Write what the notes changed, before an import.

    :raises AnkiError: if Anki cannot.
    :raises Refusal: if it does not answer as it should.
    """
    for edit in edits:
        if not edit.pictured:
            _write(anki, edit.note, edit.ours, edit.added)
            if edit.removed:
                anki.ask("removeTags", object, notes=[edit.note], tags=" ".join(sorted(edit.removed)))


def restore_theirs(anki: Connection, edits: Iterable[Edited], held: Mapping[str, Held]) -> bool:
    """Write what an import took all the same, as where the clock of a build was ahead; return whether it did.

    :raises AnkiError: if Anki cannot.
    :raises Refusal: if it does not answer as it should.
    """
    lost = [edit for edit in edits if (note := held.get(edit.guid)) and not _has(note, edit)]
    for edit in lost:
        _write(anki, edit.note, edit.theirs, edit.tags)
    return bool(lost)


def _has(note: Held, edit: Edited) -> bool:
    return edit.tags <= note.tags and edit.theirs.items() <= note.fields.items()


def _write(anki: Connection, note: int, fields: Mapping[str, str], tags: frozenset[str]) -> None:
    if fields:
        anki.ask("updateNoteFields", object, note={"id": note, "fields": dict(fields)})
    if tags:
        anki.ask("addTags", object, notes=[note], tags=" ".join(sorted(tags)))
