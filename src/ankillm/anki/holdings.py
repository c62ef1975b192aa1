"""What a collection holds of what was shipped, and what tells one collection from another; nothing is written."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from msgspec import Struct, field

from ankillm.anki.connection import AT_ONCE, AnkiError, Connection
from ankillm.anki.ledger import GUID
from ankillm.anki.note_types import MODEL_NAMES

OURS = "key:_*"
"""The search for notes with a key, of whatever name their note type has by now."""
SUSPENDED = -1
"""The queue of a card that is."""
RETIRED = "ankillm::retired"
"""The tag of what retired."""


class _Field(Struct):
    value: str


class _NoteInfo(Struct, rename="camel"):
    """What AnkiConnect says of a note; of one that is gone, nothing."""

    note_id: int = 0
    tags: list[str] = field(default_factory=list)
    fields: dict[str, _Field] = field(default_factory=dict)
    cards: list[int] = field(default_factory=list)


class CardState(Struct, rename={"card": "cardId", "deck": "deckName"}):
    """What AnkiConnect says of a card; of one that is gone, nothing."""

    card: int = 0
    deck: str = ""
    queue: int = 0
    mod: int = 0

    @property
    def suspended(self) -> bool:
        """Whether it is."""
        return self.queue == SUSPENDED


class _CardTime(Struct):
    mod: int = 0


class Held(Struct, frozen=True):
    """An Anki note of ours in a collection: its fields, and its cards with their decks."""

    note: int
    cards: tuple[int, ...]
    fields: Mapping[str, str]
    tags: frozenset[str]
    decks: Mapping[int, str]
    """By card."""
    changed: int
    """When one of its cards changed last, an answer included; seconds, 0 where that is not told."""


class Collection(Struct, frozen=True):
    """A collection as it is: its mark and its profile, and the notes that came from us, by GUID."""

    mark: str
    profile: str
    held: Mapping[str, Held]
    reviews: int
    """Ever made in it, of whatever card: a number that never falls but where an older collection takes its place."""
    tags: frozenset[str]
    """All that it knows, of whatever note, those of deleted ones too."""
    has_note_types: bool
    """Whether it knows ours: a collection that held a card of ours does."""


def look(anki: Connection) -> Collection:
    """Return the collection that a running Anki has open.

    :raises AnkiError: if the add-on cannot answer, as when no profile is open.
    :raises Refusal: if Anki does not answer as it should.
    """
    mark, profile = identity(anki)
    days = anki.ask_if_it_can("getNumCardsReviewedByDay", list[tuple[str, int]], [])
    return Collection(
        mark,
        profile,
        held(anki),
        sum(number for _, number in days),
        frozenset(anki.ask_if_it_can("getTags", list[str], [])),
        not set(anki.ask_if_it_can("modelNames", list[str], [*MODEL_NAMES.values()])).isdisjoint(MODEL_NAMES.values()),
    )


def identity(anki: Connection) -> tuple[str, str]:
    """Return what tells a collection from every other that this machine may meet, and its profile's name.

    That is where it lies; from an add-on that does not tell, it is the add-on's address and the profile.
    """
    folder = anki.ask_if_it_can("getMediaDirPath", str, "")
    profile = PurePath(folder.replace("\\", "/")).parent.name or anki.ask_if_it_can("getActiveProfile", str, "")
    where = folder if anki.is_local and folder else f"{anki.url}\n{folder or profile}"
    return hashlib.sha256(where.encode("utf-8", "surrogateescape")).hexdigest()[:16], profile


def held(anki: Connection) -> dict[str, Held]:
    """Return the notes that have a GUID for their key; of a note that its reader doubled, the one that was shipped."""
    numbers = anki.ask("findNotes", list[int], query=OURS)
    found: dict[str, _NoteInfo] = {}
    for note in anki.ask_of_each("notesInfo", list[_NoteInfo], "notes", sorted(numbers)):
        key = next((given.value for name, given in note.fields.items() if name.lower() == "key"), "")
        if GUID.fullmatch(key):
            found.setdefault(key, note)
    cards = [card for note in found.values() for card in note.cards]
    states = _states(anki, cards)
    return {
        guid: Held(
            note.note_id,
            tuple(note.cards),
            {name: given.value for name, given in note.fields.items()},
            frozenset(note.tags),
            {card: states[card].deck for card in note.cards if states[card].deck},
            max((states[card].mod for card in note.cards), default=0),
        )
        for guid, note in found.items()
    }


def same_deck(one: str, other: str) -> bool:
    """Whether two names are those of one deck: to Anki, case makes no difference."""
    return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()


def card_states(anki: Connection, cards: Sequence[int]) -> dict[int, CardState]:
    """Return what is to be known of cards; Anki renders each for it, which takes its time."""
    return dict(zip(cards, anki.ask_of_each("cardsInfo", list[CardState], "cards", cards), strict=True))


def _states(anki: Connection, cards: Sequence[int]) -> dict[int, CardState]:
    """Return the decks and times of cards, by the requests that cost least; from an add-on without these, by others."""
    try:
        times = anki.ask_of_each("cardsModTime", list[_CardTime], "cards", cards)
        decks: dict[int, str] = {}
        for start in range(0, len(cards), AT_ONCE):
            parts = anki.ask("getDecks", dict[str, list[int]], cards=list(cards[start : start + AT_ONCE]))
            decks |= {card: name for name, numbers in parts.items() for card in numbers}
    except AnkiError:
        return card_states(anki, cards)
    return {card: CardState(card, decks.get(card, ""), mod=time.mod) for card, time in zip(cards, times, strict=True)}
