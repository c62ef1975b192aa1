"""What earlier syncs saw of a collection: a file a collection, in the user's state folder, never in git.

Only this tells a card that its reader deleted from one that a collection never had. A file that is damaged counts as
not there: then nothing is taken for deleted.
"""

import hashlib
from collections.abc import Collection as Container
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from ankillm.anki.holdings import Collection, Held, same_deck
from ankillm.anki.ledger import Line
from ankillm.common.files import UnreadableError, put, read_file

SCHEMA = 1
MOST_BYTES = 2**28
ENDING = ".sightings.json"


class SeenCard(Struct, frozen=True):
    """A card as a sync left it: its time in the ledger, our deck that its cards follow, and whether we suspended it."""

    modified: int
    deck: str
    changed: int
    """As `Held.changed`."""
    suspended: bool = False
    words: tuple[str, ...] = ()
    """Marks of what was shipped as its question or text, and as its answer."""
    tags: frozenset[str] = frozenset()
    """Those that were shipped."""


class Sightings(Struct, frozen=True):
    """What was seen of a collection: cards by GUID, its reviews, its tags, and the packages brought, by their place."""

    schema: int = SCHEMA
    profile: str = ""
    reviews: int = 0
    tags: frozenset[str] = frozenset()
    cards: Mapping[str, SeenCard] = {}
    packages: Mapping[str, str] = {}


def _file_of(folder: Path, mark: str) -> Path:
    """Return the file of a collection."""
    return folder / f"{mark}{ENDING}"


def seen_of(folder: Path, mark: str) -> Sightings:
    """Return what was seen of a collection; nothing of one that was never seen."""
    return _decoded(_file_of(folder, mark)) or Sightings()


def elsewhere(folder: Path, mark: str, guids: Container[str]) -> str | None:
    """Return the profile of another collection that some of these cards were seen in; None if there is none."""
    for file in sorted(folder.glob(f"*{ENDING}")):
        other = _decoded(file) if file != _file_of(folder, mark) else None
        if other and any(guid in guids for guid in other.cards):
            return other.profile or "another collection"
    return None


def remember(folder: Path, mark: str, sightings: Sightings) -> None:
    """Write what was seen of a collection.

    :raises Refusal: if it cannot be written.
    """
    put({_file_of(folder, mark): msgspec.json.encode(sightings, order="deterministic") + b"\n"})


def is_older(now: Collection, before: Sightings) -> bool:
    """Whether a collection is surely not the one that was seen, with what happened since, but an older one or another.

    It knows no note type of ours, has fewer reviews, or a card changed last before it had been seen: after a restored
    backup, or where a new profile took the old one's place.
    """
    if not before.cards:
        return False
    reverted = any(one.changed < before.cards[guid].changed for guid, one in now.held.items() if guid in before.cards)
    return not now.has_note_types or now.reviews < before.reviews or reverted


def lacks_tags(now: Collection, before: Sightings) -> bool:
    """Whether it lost tags that it had: deleted notes leave theirs, until the reader has unused ones cleared."""
    return not before.tags <= now.tags


def after_sync(
    before: Sightings, now: Collection, lines: Mapping[str, Line], decks: Mapping[str, str], suspended: Container[str]
) -> Sightings:
    """Return what is known of a collection after a sync of some lines, by GUID.

    `decks` are our decks that cards follow, of those that did not go where the ledger has them; `suspended` the GUIDs
    of what we suspended.
    """
    cards = {guid: seen for guid, seen in before.cards.items() if guid not in lines}
    cards |= {guid: _seen(line, now.held[guid], decks, suspended) for guid, line in lines.items() if guid in now.held}
    ours = {tag for line in lines.values() if line.guid in now.held for tag in line.tags}
    tags = (before.tags | ours) & now.tags
    return Sightings(SCHEMA, now.profile, now.reviews, tags, cards, before.packages)


def stray_decks(lines: Mapping[str, Line], now: Collection, before: Sightings, moved: Container[str]) -> dict[str, str]:
    """Return, by GUID, the decks where we had cards that did not go where the ledger has them: the reader moved them.

    Should they come back there, as out of a filtered deck, they go on.
    """
    return {
        guid: before.cards[guid].deck
        for guid, line in lines.items()
        if guid in before.cards
        and guid in now.held
        and guid not in moved
        and not any(same_deck(line.deck, deck) for deck in now.held[guid].decks.values())
    }


def _seen(line: Line, held: Held, decks: Mapping[str, str], suspended: Container[str]) -> SeenCard:
    deck = decks.get(line.guid, line.deck)
    words = tuple(map(mark_of, line.fields[:2]))
    return SeenCard(line.modified, deck, held.changed, line.guid in suspended, words, frozenset(line.tags))


def mark_of(text: str) -> str:
    """Return what tells a field's content from every other."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _decoded(file: Path) -> Sightings | None:
    try:
        found = msgspec.json.decode(read_file(file, MOST_BYTES), type=Sightings)
    except (UnreadableError, ValueError, RecursionError):
        return None
    return found if found.schema == SCHEMA else None
