"""What a model answers, kept: each answer is in its deck's file as soon as it is there."""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from ankillm.build.written_deck import WrittenDeck, merged
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import only_build
from ankillm.writer.outcome import Origin, Outcome, outcome
from ankillm.writer.reply import all_offers
from ankillm.writer.requests import Request, at_most, by_content
from ankillm.writer.written import WrittenCard, passage_key, read_written, save_written

PATIENCE = 2.0
"""Seconds to wait for another run that writes the same file."""
Asked = tuple[WrittenDeck, Request]
"""A request, and the deck whose notes it is about."""


class Tally(Struct, frozen=True):
    """What came of a run: passages that were answered for, cards accepted, offers refused by the code of the reason."""

    asked: int
    accepted: tuple[WrittenCard, ...]
    refused: Mapping[str, int]


def asked_of(decks: Sequence[WrittenDeck], origin: Origin, limit: int | None, *, everything: bool) -> list[Asked]:
    """Return what to ask a model for some decks, at most so many passages in all."""
    asked: list[Asked] = []
    for deck in decks:
        left = None if limit is None else limit - sum(len(request.wanted) for _, request in asked)
        requests = deck.requests(origin.model, origin.prompt, everything=everything)
        asked += [(deck, request) for request in at_most(requests, left)]
    return asked


class WrittenFiles:
    """The files of written cards of some decks, to which outcomes are added."""

    def __init__(self, decks: Sequence[WrittenDeck], *, dry_run: bool = False) -> None:
        self._decks, self._dry_run = decks, dry_run
        self._fresh: dict[int, list[WrittenCard]] = {at: [] for at in range(len(decks))}
        self._lost: Counter[str] = Counter()
        self._asked = 0

    def add(self, deck: WrittenDeck, found: Outcome, asked: int) -> None:
        """Keep what came of a request for so many passages.

        :raises Refusal: if the file cannot be written.
        """
        at = self._decks.index(deck)
        self._fresh[at] += found.cards
        self._lost.update(found.lost)
        self._asked += asked
        if found.cards and not self._dry_run:
            _save(deck, self._fresh[at])

    def take(self, text: str, origin: Origin) -> None:
        """Hold what a chat said against all passages that may be asked for; those it says nothing of stay to be asked.

        :raises UnreadableReply: if the text holds no cards.
        :raises Refusal: if a file cannot be written.
        """
        offers = all_offers(text)
        labels: set[str] = set()
        for deck in self._decks:
            known = {(card.passage, card.form, card.question, card.quote) for card in deck.cards}
            for request in map(by_content, deck.all_requests()):
                labels |= set(request.wanted)
                keys = {label: passage_key(passage) for label, passage in request.wanted.items()}
                own = [offer for offer in offers if offer.passage in keys]
                new = [one for one in own if (keys[one.passage], one.form, one.question, one.quote) not in known]
                if own:
                    self.add(deck, outcome(request, new, origin, whole=False), len({one.passage for one in own}))
        self._lost["no-passage"] += sum(offer.passage not in labels for offer in offers)

    def end(self, origin: Origin) -> None:
        """Let go of cards whose passage changed, in notes for which nothing is left to ask.

        :raises Refusal: if a file cannot be written.
        """
        for at, deck in enumerate(self._decks):
            answered = {card.passage for card in self._fresh[at]}
            waiting = {
                request.note.path
                for request in deck.requests(origin.model, origin.prompt)
                if any(passage_key(passage) not in answered for passage in request.wanted.values())
            }
            ended = {read.note.path for read in deck.notes} - waiting
            if not self._dry_run and (self._fresh[at] or deck.cards):
                _save(deck, self._fresh[at], ended)

    @property
    def tally(self) -> Tally:
        """What came of it so far."""
        cards = [card for fresh in self._fresh.values() for card in fresh]
        refused = Counter(card.refused for card in cards if card.refused) + self._lost  # leaves counts of 0 out
        return Tally(self._asked, tuple(card for card in cards if not card.refused), dict(sorted(refused.items())))


def _save(deck: WrittenDeck, fresh: Sequence[WrittenCard], ended: Collection[str] = ()) -> None:
    """Add cards to the file as it is now: another run may have added some of its own since this one began.

    :raises Refusal: if the file cannot be written, or another run does not let go of it.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with only_build(deck.file):
                save_written(deck.file, merged(deck, read_written(deck.file), fresh, ended))
                return
        except Refusal:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
