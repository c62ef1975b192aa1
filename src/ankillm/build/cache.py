"""What the cache keeps of a deck: the rendered cards of each note, by the key of all that they come of."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from ankillm.anki.fields import RenderedCard
from ankillm.anki.media import Picture
from ankillm.cards.claim_cards import Mention
from ankillm.claims.doubt import Doubt
from ankillm.common.diagnostics import Diagnostic


class NoteResult(Struct, frozen=True, array_like=True):
    """All that came of one note: its cards, dropped ones too, its images, and what there is to say of it."""

    path: str
    title: str
    """What it would name a deck."""
    cards: tuple[RenderedCard, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    images: tuple[Picture, ...] = ()
    mentions: tuple[Mention, ...] = ()
    """The facts that it names, where facts get cards of their own."""
    problem: Diagnostic | None = None
    """Why it could not be read."""
    doubts: tuple[Doubt, ...] = ()
    """What it says that surely contradicts a measured fact."""

    @property
    def kept(self) -> tuple[RenderedCard, ...]:
        """The cards that go into the deck."""
        return tuple(card for card in self.cards if not card.dropped)


def encode(results: Mapping[str, NoteResult]) -> bytes:
    """Return results by their keys as the bytes of a cache file's body."""
    return msgspec.msgpack.encode(dict(results))


def decode(body: bytes | memoryview) -> dict[str, NoteResult]:
    """Return results by their keys; none where the bytes hold anything else."""
    try:
        return msgspec.msgpack.decode(body, type=dict[str, NoteResult])
    except (ValueError, RecursionError):
        return {}
