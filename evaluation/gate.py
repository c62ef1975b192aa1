"""The gate: cards drawn at random that two readers judged one by one, and what they found of each draw.

A card is kept as its form, its score and both verdicts; its words are not ours to give away.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec
from judged import Verdict
from msgspec import Struct

FILE = Path(__file__).with_name("gate.jsonl")
HEAD = ("authors", "looks", "cards", "keep", "mend", "junk", "worse of two", "agree", "cards per 100 lines")
WORST_FIRST: tuple[Verdict, ...] = ("junk", "mend", "keep")
SURE = 620
"""A score from which on the cards of a draw are told apart."""


class DrawnCard(Struct, frozen=True):
    """A card that was drawn: from whose notes, by which weights, its form and score, and what two readers said."""

    authors: str
    looks: str
    per_100_lines: float
    """Cards that the notes have, for a hundred lines that are not blank."""
    form: str
    score: int
    verdicts: tuple[Verdict, Verdict]


def drawn_cards() -> list[DrawnCard]:
    """Return all cards, draw by draw."""
    read = msgspec.json.Decoder(DrawnCard).decode
    return list(map(read, FILE.read_bytes().splitlines()))


def draws(cards: Sequence[DrawnCard]) -> Iterator[Sequence[str]]:
    """Yield a row of figures for each draw, and one for its cards of which the product is surer."""
    for (authors, looks), found in groupby(cards, lambda one: (one.authors, one.looks)):
        draw = list(found)
        density = draw[0].per_100_lines
        sure = [card for card in draw if card.score >= SURE]
        yield authors, looks, *_shares(draw), f"{density:.0f}"
        if sure:  # cards of rules without a judge have no score
            yield authors, f"the same, score {SURE} and more", *_shares(sure), f"{density * len(sure) / len(draw):.0f}"


def _shares(cards: Sequence[DrawnCard]) -> Iterator[str]:
    """Yield how many cards there are; of a hundred, each verdict by both readers, the worse, and where they agree."""
    yield str(len(cards))
    for verdict in reversed(WORST_FIRST):
        each = sorted(_percent(card.verdicts[reader] == verdict for card in cards) for reader in (0, 1))
        yield "–".join(str(share) for share in dict.fromkeys(each))
    worse = [min(card.verdicts, key=WORST_FIRST.index) for card in cards]
    yield " / ".join(str(_percent(one == verdict for one in worse)) for verdict in reversed(WORST_FIRST))
    yield str(_percent(len({*card.verdicts}) == 1 for card in cards))


def _percent(held: Iterator[bool]) -> int:
    found = list(held)
    return round(100 * sum(found) / len(found))
