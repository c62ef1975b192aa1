"""The curve of learning: how well verdicts are foretold with those on the notes of more and more authors.

    python evaluation/learning.py

A fifth of the authors is left out in turn. Of what is left, an eighth, a quarter, a half and all teach the looks; the
cards of the authors left out are ranked by them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from figures import table
from judged import JudgedCard, judged_cards
from sklearn.metrics import roc_auc_score
from train import looks

FOLDS = 5
SHARES = (8, 4, 2, 1)
SUREST = 0.3
HEAD = ("authors", "verdicts", "kept above others", "junk below others", "of the surest 30 %, keep", "junk")


def totals(cards: Sequence[JudgedCard], share: int) -> list[tuple[JudgedCard, int]]:
    """Return each card with its sum by looks that know the verdicts of one of so many of the authors of other folds."""
    authors = sorted({card.author for card in cards})
    found: list[tuple[JudgedCard, int]] = []
    for fold in range(FOLDS):
        away = frozenset(authors[fold::FOLDS])
        others = [author for author in authors if author not in away]
        teaching = frozenset(others[::share])
        model = looks([card for card in cards if card.author in teaching])
        bias, learnt = model["bias"], model["features"]
        left_out = [card for card in cards if card.author in away]
        found += [(card, bias + sum(learnt.get(name, 0) for name in card.features)) for card in left_out]
    return found


def rows(cards: Sequence[JudgedCard]) -> Iterator[Sequence[str]]:
    """Yield a row of figures for each share of the authors."""
    authors = len({card.author for card in cards})
    for share in SHARES:
        found = totals(cards, share)
        sums = np.array([total for _, total in found])
        keep, junk = (np.array([card.verdict == verdict for card, _ in found]) for verdict in ("keep", "junk"))
        surest = np.argsort(-sums, kind="stable")[: int(SUREST * len(found))]
        teaching = authors * (FOLDS - 1) // FOLDS // share
        yield (
            str(teaching),
            f"{len(cards) * (FOLDS - 1) // FOLDS // share:,}",
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
