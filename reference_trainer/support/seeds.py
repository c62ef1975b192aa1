"""A measurement over several seeds: what hangs on chance is a range, not a number."""

from collections.abc import Callable

import torch

from ankillm.evidence import Spread

SEEDS = 5


def over_seeds(first: int, measure: Callable[[], float], count: int = SEEDS) -> Spread:
    """Measure `count` times, each with torch seeded anew: the first with `first`, the next with the number after it."""
    values = []
    for seed in range(first, first + count):
        torch.manual_seed(seed)
        values.append(measure())
    return Spread.of(values)
