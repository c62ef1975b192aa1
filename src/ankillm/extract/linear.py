"""A linear model of whole numbers: named features with weights, summed the same on every machine.

A feature's weight is in thousandths. Those of n-grams are divided by the root of how many there are, so that a long
text says no more than a short one. The sum is a chance of a thousand by a table, not by a library's exponential.
"""

import os
import zlib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import repeat
from math import isqrt
from operator import add
from pathlib import Path

import msgspec
from msgspec import Struct

from ankillm.common.diagnostics import Refusal
from ankillm.common.project import WEIGHTS_FROM

FILE = "weights.json.z"
"""JSON behind DEFLATE: four bytes of five are names."""
MOST_CHARACTERS, LONGEST_RUN = 150, 3
"""How much of a text is looked at, and in runs of how many characters; more of either says no more."""
MODELS = ("worth", "choice", "looks", "looks_of_proposal", "looks_of_passage")
STEP = 50
"""Thousandths from one entry of the table to the next."""


class Model(Struct, frozen=True):
    """The weights of one question: what speaks for it by itself, by features and by n-grams."""

    features: Mapping[str, int]
    bias: int = 0
    grams: Mapping[str, int] = {}

    def total(self, features: Iterable[str]) -> int:
        """Return the sum over features, in thousandths."""
        return self.bias + sum(map(self.features.get, features, repeat(0)))

    def told(self, grams: Collection[str]) -> int:
        """Return the sum over n-grams, in thousandths, by the root of how many there are."""
        root = isqrt(len(grams) * 1_000_000) or 1
        return sum(map(self.grams.get, grams, repeat(0))) * 1000 // root


class Weights(Struct, frozen=True):
    """All that was trained: for whether a passage is worth a card, and whether a proposal is the card for it."""

    worth: Model
    choice: Model
    looks: Model
    """Whether readers would keep a card that looks like this."""
    looks_of_proposal: Model
    """What its proposal adds to that, by how it was found."""
    looks_of_passage: Model
    """What its passage adds, by its structure."""
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
        packed = (Path(other) if other else Path(__file__).with_name(FILE)).read_bytes()
        data = msgspec.json.decode(zlib.decompress(packed))
        models = {name: Model(**data[name]) for name in MODELS}
        forms = [value for name, value in models["choice"].features.items() if name.startswith("form=")]
        return Weights(**models, chances=tuple(data["chances"]), best_form=max(forms, default=0))
    except (OSError, ValueError, LookupError, TypeError, zlib.error) as error:
        raise Refusal(
            f"{other}: holds no weights ({error}); unset {WEIGHTS_FROM}, or name what train.py wrote"
        ) from None


def grams_of(text: str) -> set[str]:
    """Return the runs of characters that a text begins with, in lower case, words parted by single spaces."""
    plain = f" {' '.join(text[:MOST_CHARACTERS].lower().split())} "
    runs: Iterable[str] = plain
    found = set(plain)
    for size in range(1, LONGEST_RUN):  # each run and the character behind it: a third of the time that slices take
        runs = [*map(add, runs, plain[size:])]
        found.update(runs)
    return found
