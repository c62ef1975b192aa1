"""Train the weights of the judge and of the choice among proposals.

python evaluation/train.py [--write] [--folds DIR]

Three logistic regressions: whether a passage is worth a card, over its structure and its n-grams; whether a proposal is
the card for it, over what its rule says of it; and whether a reader would keep a card, over how it looks, from cards
judged one by one. Their weights become whole thousandths. Without `--write` it only says how large they are.
"""

import argparse
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from annotations import ROOT, AnnotatedNote, held_out_authors, other_notes, own_notes
from columns import Columns
from examples import NICE, PassageExample, examples_of
from folds import folds, without
from judged import FILE as JUDGED
from judged import PARTS, JudgedCard, judged_cards, pairs
from numpy.typing import NDArray
from scipy.sparse import hstack, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

WEIGHTS = ROOT / "src" / "ankillm" / "extract" / "weights.json.z"
MOST_BYTES = 500_000
MOST_GRAMS = 15_000
GRAM_SCALE = 2.5
"""How much larger the values of n-grams are than those of structure: the regression holds them back less."""
LEAST_FEATURES, LEAST_GRAMS = 3, 4
"""Rows that a name has to be seen in."""
NICE_COUNTS = 0.7
"""How much a passage counts that is only nice to ask for."""
LOOKS_C = 0.03
"""How freely the weights of looks may grow."""
MADE_COUNTS = 4
"""How much a card counts that was drawn from what the product makes."""
OF_READER = 2.0
"""How freely a reader's own strictness may be found, which is no part of the weights."""
SMALLEST_LOOKS = 20
"""Thousandths: a smaller weight of a look says next to nothing, and is left out."""
CHANCES, STEP = 161, 0.05
"""Entries of the table of chances, and how far apart."""

Trained = Mapping[str, Any]
"""Weights as the product reads them, and the hash of each note that they were made from."""


def train(
    examples: Mapping[AnnotatedNote, Sequence[PassageExample]], left_out: frozenset[str] = frozenset()
) -> Trained:
    """Return the weights that notes as examples give, without those left out by name and all else by their authors."""
    with threadpool_limits(limits=1):  # with more, sums are rounded in another order
        return _trained(examples, left_out)


def _trained(examples: Mapping[AnnotatedNote, Sequence[PassageExample]], left_out: frozenset[str]) -> Trained:
    away = {annotated.author for annotated in examples if annotated.name in left_out}
    examples = without(examples, left_out)
    passages = [passage for found in examples.values() for passage in found]
    table = [round(1000 / (1 + math.exp(-STEP * at))) for at in range(CHANCES)]
    hashes = {annotated.name: annotated.sha256 for annotated in examples}
    hashes[JUDGED.name] = hashlib.sha256(JUDGED.read_bytes()).hexdigest()
    return {
        "worth": worth(passages),
        "choice": choice(passages),
        **parted(looks([card for card in judged_cards() if card.author not in away])),
        "chances": table,
        "trained_on": hashes,
    }


def worth(passages: Sequence[PassageExample]) -> dict[str, Any]:
    """Return the weights for whether a passage is worth a card."""
    structure = Columns([passage.features for passage in passages], LEAST_FEATURES)
    said = Columns([passage.grams for passage in passages], LEAST_GRAMS)
    grams = said.shares([passage.grams for passage in passages])
    rows = np.asarray((grams > 0).sum(axis=0)).ravel()
    rarity = 1 + np.log((1 + len(passages)) / (1 + rows))
    rarity *= GRAM_SCALE / rarity.mean()
    wanted = np.array([passage.wanted for passage in passages])
    matrix = hstack([structure.ones([passage.features for passage in passages]), grams.multiply(rarity)]).tocsr()
    model = LogisticRegression(max_iter=1000).fit(matrix, wanted > 0, np.where(wanted == NICE, NICE_COUNTS, 1.0))
    of_structure, of_grams = np.split(model.coef_[0], [len(structure.names)])
    return weights(model, structure.names, of_structure) | {
        "grams": thousandths(said.names, rarity * of_grams, MOST_GRAMS)
    }


def choice(passages: Iterable[PassageExample]) -> dict[str, Any]:
    """Return the weights for whether a proposal is the card for its passage, if there is one."""
    proposals = [proposal for passage in passages if passage.wanted for proposal in passage.proposals]
    names = [proposal.features for proposal in proposals]
    columns = Columns(names, LEAST_FEATURES)
    model = LogisticRegression(max_iter=1000).fit(columns.ones(names), [proposal.wanted > 0 for proposal in proposals])
    return weights(model, columns.names, model.coef_[0])


def looks(cards: Sequence[JudgedCard]) -> dict[str, Any]:
    """Return the weights for whether a reader would keep a card; one to be mended counts for a part of a kept one.

    Of two cards for one passage the better one is to have the larger total. What all cards have in common is one more
    feature, held back as the others are; so is each reader's strictness.
    """
    names = [card.features for card in cards]
    columns = Columns(names)
    ones, kept = columns.ones(names), np.array([card.worth for card in cards])
    counts = np.array([1 if card.reader is None else MADE_COUNTS for card in cards])
    better, worse, ahead = (np.array(one) for one in zip(*pairs(cards), strict=True))
    apart = ones[better.astype(int)] - ones[worse.astype(int)]
    of_all = np.hstack([np.ones((len(cards), 1)), readers(cards)])
    alone = hstack([ones, of_all])
    beside = hstack([apart, np.zeros((apart.shape[0], of_all.shape[1]))])
    labels = np.repeat([1, 0, 1, 0], [len(cards), len(cards), len(ahead), len(ahead)])
    model = LogisticRegression(C=LOOKS_C, max_iter=1000, fit_intercept=False).fit(
        vstack([alone, alone, beside, -beside]).tocsr(),
        labels,
        np.concatenate([counts * kept, counts * (1 - kept), ahead / 2, ahead / 2]),
    )
    of_names, (bias, *_) = np.split(model.coef_[0], [len(columns.names)])
    return {"bias": round(1000 * bias), "features": large(thousandths(columns.names, of_names))}


def readers(cards: Sequence[JudgedCard]) -> NDArray[np.float64]:
    """Return a column for all readers of what the product makes, and one for each, with `OF_READER` for their cards."""
    numbers = sorted({card.reader for card in cards if card.reader is not None})
    columns = [[card.reader == number for card in cards] for number in numbers]
    return OF_READER * np.array([[card.reader is not None for card in cards], *columns], dtype=float).T


def parted(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of looks as three models: those of the card, of its proposal and of its passage."""
    features = found["features"]
    parts = {name: {"features": _named_with(features, prefix)} for name, prefix in PARTS.items()}
    own = {name: value for name, value in features.items() if not name.startswith(tuple(PARTS.values()))}
    return {"looks": {**found, "features": own}, **parts}


def _named_with(found: Mapping[str, int], prefix: str) -> dict[str, int]:
    """Return the weights of the names with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def weights(model: LogisticRegression, names: Sequence[str], values: NDArray[np.float64]) -> dict[str, Any]:
    """Return a model's own weight and those of its features."""
    return {"bias": round(1000 * model.intercept_[0]), "features": thousandths(names, values)}


def thousandths(names: Sequence[str], values: NDArray[np.float64], most: int | None = None) -> dict[str, int]:
    """Return the weights that say most, as whole thousandths, by name."""
    ranked = sorted(zip(names, (1000 * values).round().astype(int).tolist(), strict=True), key=lambda one: -abs(one[1]))
    return {name: value for name, value in sorted(ranked[:most]) if value}


def large(found: Mapping[str, int]) -> dict[str, int]:
    """Return the weights of looks that say something."""
    return {name: value for name, value in found.items() if abs(value) >= SMALLEST_LOOKS}


def as_file(trained: Trained) -> bytes:
    """Return weights as their file holds them.

    :raises SystemExit: if there are more than the product may ship.
    """
    told = json.dumps(trained, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    data = zlib.compress(told.encode(), level=9)
    if len(data) > MOST_BYTES:
        raise SystemExit(f"the weights have {len(data)} bytes; {MOST_BYTES} are the most")
    return data


def training_notes() -> list[AnnotatedNote]:
    """Return all annotated notes but those of the authors held out."""
    held_out = held_out_authors()
    return [annotated for annotated in (*own_notes(), *other_notes()) if annotated.author not in held_out]


def main() -> None:
    """Train on all notes, and on all but each fold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.relative_to(ROOT)}")
    parser.add_argument("--folds", type=Path, metavar="DIR", help="also write there the weights without each fold")
    given = parser.parse_args()
    examples = {annotated: examples_of(annotated) for annotated in training_notes()}
    data = as_file(train(examples))
    passages = sum(map(len, examples.values()))
    judged = judged_cards()
    print(f"{passages} passages of {len(examples)} notes: {len(data)} bytes of weights")
    print(f"{len(judged)} judged cards of {len({card.author for card in judged})} authors")
    if given.write:
        WEIGHTS.write_bytes(data)
    if given.folds:
        given.folds.mkdir(parents=True, exist_ok=True)
        for number, left_out in enumerate(folds(list(examples)), 1):
            (given.folds / f"{number}.json.z").write_bytes(as_file(train(examples, left_out)))
            (given.folds / f"{number}.txt").write_text("".join(f"{name}\n" for name in sorted(left_out)), "utf-8")


if __name__ == "__main__":
    main()
