"""The curve of learning: how well verdicts are foretold with those on the notes of more and more authors.

    python evaluation/learning.py

A fifth of the authors is left out in turn. Of what is left, an eighth, a quarter, a half and all teach the looks; the
cards of the authors left out are ranked by them. Below stand the cards that the product made, as all of the others rank
them, alone and with the level of their note.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import NamedTuple

import numpy as np
from figures import table
from judged import JudgedCard, judged_cards
from sklearn.metrics import roc_auc_score
from train import looks

from ankillm.cards.score import FEW, OF_NOTE, TYPICAL
from ankillm.extract.linear import weights

FOLDS = 5
SHARES = (8, 4, 2, 1)
SUREST = 0.3
RANKED = ("kept above others", "junk below others", "of the surest 30 %, keep", "junk")
HEAD = ("authors", "verdicts", *RANKED)


class Foretold(NamedTuple):
    """Cards of a fold with their sums, by looks that so many cards of so many other authors teach."""

    authors: int
    taught: int
    sums: Sequence[tuple[JudgedCard, int]]


def foretold(cards: Sequence[JudgedCard], share: int) -> Iterator[Foretold]:
    """Yield each fold, by the verdicts of one of so many of the other authors."""
    authors = sorted({card.author for card in cards})
    for fold in range(FOLDS):
        away = frozenset(authors[fold::FOLDS])
        teaching = frozenset([author for author in authors if author not in away][::share])
        taught = [card for card in cards if card.author in teaching]
        model = looks(taught)
        bias, learnt = model["bias"], model["features"]
        left_out = [card for card in cards if card.author in away]
        sums = [(card, bias + sum(learnt.get(name, 0) for name in card.features)) for card in left_out]
        yield Foretold(len(teaching), len(taught), sums)


def rows(cards: Sequence[JudgedCard]) -> Iterator[Sequence[str]]:
    """Yield a row of figures for each share of the authors."""
    for share in SHARES:
        folds = list(foretold(cards, share))
        found = [each for fold in folds for each in fold.sums]
        teaching = mean(fold.authors for fold in folds), mean(fold.taught for fold in folds)
        yield f"{teaching[0]:.0f}", f"{teaching[1]:,.0f}", *ranked(found)


def of_made(cards: Sequence[JudgedCard]) -> Iterator[Sequence[str]]:
    """Yield a row of figures for the cards that the product made, by their looks, and with the level of their note."""
    sums = [each for fold in foretold(cards, 1) for each in fold.sums if each[0].note is not None]
    chances: dict[int | None, list[int]] = defaultdict(list)
    for card, total in sums:
        chances[card.note].append(weights().chance(total))
    yield "by their looks", f"{len(sums):,}", *ranked(sums)
    levels = {note: (sum(all_of) + FEW * TYPICAL) / (len(all_of) + FEW) for note, all_of in chances.items()}
    levelled = [(card, round(total + OF_NOTE * levels[card.note])) for card, total in sums]
    yield "and the level of their note", f"{len(sums):,}", *ranked(levelled)


def ranked(found: Sequence[tuple[JudgedCard, int]]) -> Iterator[str]:
    """Yield how well sums rank cards."""
    sums = np.array([total for _, total in found])
    keep, junk = (np.array([card.verdict == verdict for card, _ in found]) for verdict in ("keep", "junk"))
    surest = np.argsort(-sums, kind="stable")[: int(SUREST * len(found))]
    yield f"{roc_auc_score(keep, sums):.3f}"
    yield f"{roc_auc_score(junk, -sums):.3f}"
    yield f"{100 * keep[surest].mean():.0f}"
    yield f"{100 * junk[surest].mean():.0f}"


def main() -> None:
    """Print both tables."""
    cards = judged_cards()
    print(table(HEAD, rows(cards)))
    print(table(("ranked", "cards", *RANKED), of_made(cards)))


if __name__ == "__main__":
    main()
