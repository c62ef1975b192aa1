"""Cards that readers judged one by one: of each its author, the verdict, and what is to be seen of it.

The notes are public, and their words are not ours to give away: a card is kept as the names of its features, in no
order, and of these alone those that four cards by three authors have or more. Each was judged once, by a language model
with a careful learner's rubric (`judging.md`) and the source lines at hand; no author is one of those held out. Cards
of one group were proposed for one passage and judged beside one another, the best of them named. Cards with a reader
were drawn from what the product made, or all but made, of notes: among such it has to choose.
"""

import lzma
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from ankillm.cards.card import Card
from ankillm.cards.looks import features
from ankillm.extract.rank import Choice, Ranked

FILE = Path(__file__).with_name("judged.jsonl.xz")
Verdict = Literal["keep", "mend", "junk"]
WORTH: dict[Verdict, float] = {"keep": 1.0, "mend": 0.35, "junk": 0.0}
"""How much of a kept card a card is worth that wants mending."""

BEST, LEAST_AHEAD = 0.3, 0.25
"""What the best of a group has ahead of its equals, and how far ahead one must be to be called better."""

PARTS = {"looks_of_proposal": "proposal:", "looks_of_passage": "passage:"}
"""What the names begin with that are not of the card itself, by the model that they are weights of."""


class JudgedCard(Struct, frozen=True):
    """A card of a public note, as a reader judged it."""

    author: str
    verdict: Verdict
    features: tuple[str, ...]
    group: int | None = None
    best: bool = False
    reader: int | None = None
    """Who judged it, of those who saw what the product makes of notes."""
    note: int | None = None
    """Which of those notes it is of."""

    @property
    def worth(self) -> float:
        """How much the card is worth, of a kept one."""
        return WORTH[self.verdict]


def pairs(cards: Sequence[JudgedCard]) -> list[tuple[int, int, float]]:
    """Return which card of a group is better than which, by their places, and how much that counts."""
    groups: dict[int, list[int]] = {}
    for at, card in enumerate(cards):
        if card.group is not None:
            groups.setdefault(card.group, []).append(at)
    found = []
    for places in groups.values():
        for better, worse in permutations(places, 2):
            ahead = _standing(cards[better]) - _standing(cards[worse])
            if ahead >= LEAST_AHEAD:
                found.append((better, worse, min(ahead, 1.0) / (len(places) - 1)))
    return found


def _standing(card: JudgedCard) -> float:
    return card.worth + (BEST if card.best else 0)


def names_of(card: Card, ranked: Ranked, choice: Choice, seen: Sequence[str]) -> set[str]:
    """Return the names by which a card is kept; `seen` is what is to be seen of its passage's structure."""
    of_proposal = {f"{PARTS['looks_of_proposal']}{name}" for name in ranked.proposal.features}
    of_passage = {f"{PARTS['looks_of_passage']}{name}" for name in seen}
    return features(card, ranked, choice) | of_proposal | of_passage


def judged_cards() -> list[JudgedCard]:
    """Return all judged cards."""
    read = msgspec.json.Decoder(JudgedCard).decode
    return list(map(read, lzma.decompress(FILE.read_bytes()).splitlines()))
