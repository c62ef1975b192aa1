"""The curve of learning: how well verdicts are foretold with those on the notes of more and more authors.

    python evaluation/learning.py

A fifth of the authors is left out in turn. Of what is left, an eighth, a quarter, a half and all teach the looks; the
cards of the authors left out are ranked by them.
"""

from collections.abc import Iterator, Sequence
from statistics import mean
from typing import NamedTuple

import numpy as np
from figures import table
from judged import JudgedCard, judged_cards
from sklearn.metrics import roc_auc_score
from train import looks

FOLDS = 5
SHARES = (8, 4, 2, 1)
SUREST = 0.3
HEAD = ("authors", "verdicts", "kept above others", "junk below others", "of the surest 30 %, keep", "junk")


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
        sums = np.array([total for _, total in found])
        keep, junk = (np.array([card.verdict == verdict for card, _ in found]) for verdict in ("keep", "junk"))
        surest = np.argsort(-sums, kind="stable")[: int(SUREST * len(found))]
        yield (
            f"{mean(fold.authors for fold in folds):.0f}",
            f"{mean(fold.taught for fold in folds):,.0f}",
            f"{roc_auc_score(keep, sums):.3f}",
            f"{roc_auc_score(junk, -sums):.3f}",
            f"{100 * keep[surest].mean():.0f}",
            f"{100 * junk[surest].mean():.0f}",
        )


def main() -> None:
    """Print the table."""
    print(table(HEAD, rows(judged_cards())))


if __name__ == "__main__":
    main()
