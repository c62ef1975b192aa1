"""What the cache keeps of a deck: the rendered cards of each note, by the key of all that they come of."""

import zlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from ankillm.anki.fields import RenderedCard
from ankillm.anki.media import Picture
from ankillm.cards.claim_cards import Mention
from ankillm.claims.doubt import Doubt
from ankillm.common.diagnostics import Diagnostic

LEVEL = 1
"""Of DEFLATE, for dropped cards: hashing and writing them takes longer than packing them."""


Dropped: TypeAlias = tuple[tuple[int, RenderedCard], ...]
"""Cards with their places among all of a note."""


class NoteResult(Struct, frozen=True, array_like=True):
    """All that came of one note: its cards, dropped ones too, its images, and what there is to say of it."""

    path: str
    title: str
    """What it would name a deck."""
    kept: tuple[RenderedCard, ...] = ()
    """The cards that go into the deck."""
    dropped: "bytes | Dropped" = b""
    """The others: packed, as a build has no need of them, but where a file's name is no text."""
    diagnostics: tuple[Diagnostic, ...] = ()
    images: tuple[Picture, ...] = ()
    mentions: tuple[Mention, ...] = ()
    """The facts that it names, where facts get cards of their own."""
    problem: Diagnostic | None = None
    """Why it could not be read."""
    doubts: tuple[Doubt, ...] = ()
    """What it says that surely contradicts a measured fact."""

    @property
    def cards(self) -> tuple[RenderedCard, ...]:
        """All cards in reading order."""
        cards = list(self.kept)
        dropped = self.dropped
        if isinstance(dropped, bytes):
            dropped = _DROPPED.decode(zlib.decompress(dropped)) if dropped else ()
        for place, card in dropped:
            cards.insert(place, card)
        return tuple(cards)


_DROPPED = msgspec.msgpack.Decoder(Dropped)
_RESULT = msgspec.msgpack.Decoder(NoteResult)
_PACKED = msgspec.msgpack.Decoder(dict[str, memoryview])


def packed(cards: Sequence[RenderedCard]) -> bytes | Dropped:
    """Return those of a note's cards that are dropped as its result keeps them."""
    dropped = tuple((place, card) for place, card in enumerate(cards) if card.dropped)
    try:
        return zlib.compress(msgspec.msgpack.encode(dropped), LEVEL) if dropped else b""
    except UnicodeEncodeError:
        return dropped


class Results:
    """The results in a cache file, each read when it is asked for; those that still hold are kept on as they are."""

    def __init__(self, body: bytes | memoryview = b"") -> None:
        self._read: dict[str, NoteResult] = {}
        try:
            self._packed = _PACKED.decode(body) if body else {}
        except (ValueError, RecursionError):
            self._packed = {}

    def of(self, key: str) -> NoteResult | None:
        """Return the result of this key; None if there is none in order."""
        try:
            self._read[key] = result = _RESULT.decode(self._packed[key])
        except (LookupError, ValueError, RecursionError):
            return None
        return result

    def with_new(self, results: Iterable[tuple[str, NoteResult]]) -> bytes:
        """Return the body of a cache file with results by their keys."""
        encode, found = msgspec.msgpack.encode, dict[str, bytes | memoryview]()
        for key, result in results:
            found[key] = self._packed[key] if result is self._read.get(key) else encode(result)
        return encode(found)
