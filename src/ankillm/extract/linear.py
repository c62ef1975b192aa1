"""A linear model of whole numbers: named features with weights, summed the same on every machine.

A features' weight is in thousandths. Those of n-grams are divided by the root of how many there are, so that a long
text says no more than a short one. The sum is a chance of a thousand by a table, not by a library's exponential.
"""

import json
import os
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from math import isqrt
from pathlib import Path

from msgspec import Struct

from ankillm.common.diagnostics import Refusal
from ankillm.common.project import WEIGHTS_FROM

FILE = "weights.json"
STEP = 50
"""Thousandths from one entry of the table to the next."""


class Model(Struct, frozen=True):
    """The weights of one question: what speaks for it by itself, by features and by n-grams."""

    bias: int
    features: Mapping[str, int]
    grams: Mapping[str, int]

    def total(self, features: Iterable[str], grams: Iterable[Collection[str]] = ()) -> int:
        """Return the sum, in thousandths; each set of n-grams counts by the root of how many it has."""
        said = 0
        for found in grams:
            root = isqrt(len(found) * 1_000_000) or 1
            said += sum(self.grams.get(gram, 0) for gram in found) * 1000 // root
        return self.bias + sum(self.features.get(name, 0) for name in features) + said


class Weights(Struct, frozen=True):
    """All that was trained: for whether a passage is worth a card, and whether a proposal is the card for it."""

    worth: Model
    choice: Model
    chances: tuple[int, ...]
    """Of a thousand, at sums from 0 on."""

    def chance(self, total: int) -> int:
        """Return a sum as a chance of a thousand."""
        at = min(abs(total) // STEP, len(self.chances) - 1)
        return self.chances[at] if total >= 0 else 1000 - self.chances[at]


@cache
def weights() -> Weights:
    """Return the weights that came with the program, or those of the file that the environment names.

    :raises Refusal: if that file holds none.
    """
    other = os.environ.get(WEIGHTS_FROM, "")
    try:
        text = Path(other).read_bytes() if other else files("ankillm.extract").joinpath(FILE).read_bytes()
        data = json.loads(text)
        models = {name: Model(**data[name]) for name in ("worth", "choice")}
        return Weights(models["worth"], models["choice"], tuple(data["chances"]))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Refusal(
            f"{other}: holds no weights ({error}); unset {WEIGHTS_FROM}, or name what train.py wrote"
        ) from None


def grams_of(text: str, most: int = 300, longest: int = 4) -> set[str]:
    """Return the runs of characters of a text, in lower case, words parted by single spaces."""
    plain = f" {' '.join(text[:most].lower().split())} "
    return {plain[at : at + size] for size in range(1, longest + 1) for at in range(len(plain) - size + 1)}
