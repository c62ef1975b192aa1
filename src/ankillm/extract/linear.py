"""A linear model of whole numbers: named features with weights, summed the same on every machine.

A feature's weight is in thousandths. Those of n-grams are divided by the root of how many there are, so that a long
text says no more than a short one. The sum is a chance of a thousand by a table, not by a library's exponential.
"""

import os
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import repeat
from math import isqrt
from operator import add
from pathlib import Path

import msgspec
from msgspec import Struct

from ankillm.common.diagnostics import Refusal
from ankillm.common.project import WEIGHTS_FROM

FILE = "weights.json"
MARKS = ("", "^", "<")
"""What stands in the file before n-grams of a passage itself, of what announces it, of what stands before it."""
STEP = 50
"""Thousandths from one entry of the table to the next."""


class Grams(Struct, frozen=True):
    """The weights of n-grams, and their names as a set, of which what a text has is found fastest."""

    weights: Mapping[str, int]
    names: frozenset[str]


class Model(Struct, frozen=True):
    """The weights of one question: what speaks for it by itself, by features and by n-grams."""

    bias: int
    features: Mapping[str, int]
    grams: tuple["Grams", ...]
    """Of what a passage says itself, of what announces it, of what stands before it."""

    def total(self, features: Iterable[str], said: Iterable[set[str]] = ()) -> int:
        """Return the sum, in thousandths; each set of n-grams counts by the root of how many it has."""
        told = 0
        for known, found in zip(self.grams, said):  # noqa: B905  (a choice has no n-grams)
            root = isqrt(len(found) * 1_000_000) or 1
            told += sum(map(known.weights.__getitem__, known.names & found)) * 1000 // root
        return self.bias + sum(map(self.features.get, features, repeat(0))) + told


class Weights(Struct, frozen=True):
    """All that was trained: for whether a passage is worth a card, and whether a proposal is the card for it."""

    worth: Model
    choice: Model
    looks: Model
    """Whether readers would keep a card that looks like this."""
    chances: tuple[int, ...]
    """Of a thousand, at sums from 0 on."""
    best_form: int
    """The most that the form in which a proposal is asked can speak for it."""

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
        data = msgspec.json.decode((Path(other) if other else Path(__file__).with_name(FILE)).read_bytes())
        models = {name: _model(**data[name]) for name in ("worth", "choice", "looks")}
        forms = [value for name, value in models["choice"].features.items() if name.startswith("form=")]
        return Weights(
            models["worth"], models["choice"], models["looks"], tuple(data["chances"]), max(forms, default=0)
        )
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Refusal(
            f"{other}: holds no weights ({error}); unset {WEIGHTS_FROM}, or name what train.py wrote"
        ) from None


def _model(bias: int, features: Mapping[str, int], grams: Mapping[str, int]) -> Model:
    marked = [{gram[1:]: grams[gram] for gram in grams if gram[0] == mark} if mark else grams for mark in MARKS]
    return Model(bias, features, tuple(Grams(weights, frozenset(weights)) for weights in marked))


def grams_of(text: str, most: int = 300, longest: int = 4) -> set[str]:
    """Return the runs of characters of a text, in lower case, words parted by single spaces."""
    plain = f" {' '.join(text[:most].lower().split())} "
    runs: Iterable[str] = plain
    found = set(plain)
    for size in range(1, longest):  # each run and the character behind it: a third of the time that slices take
        runs = [*map(add, runs, plain[size:])]
        found.update(runs)
    return found
