"""A fact over several seeds."""

from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """What came out over several seeds: the middle one, the lowest, the highest and the number of seeds.

    A fact whose value hangs on a seed is one of these; a single run of it would be chance.
    """

    value: float
    low: float
    high: float
    seeds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Sum up the values of all seeds; the median of an even number is the lower one of the two in the middle."""
        ordered = sorted(values)
        return cls(ordered[(len(ordered) - 1) // 2], ordered[0], ordered[-1], len(ordered))
