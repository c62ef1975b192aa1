"""A few rounds of the fuzz; `make fuzz` runs it for a minute."""

import pytest
from fuzz import one_round

FOUND = (1795707477104, 1795709260052, 1795709963334)
"""Rounds that once failed: a passage that asks what another one asks, in another dress, or under another title."""


@pytest.mark.parametrize("seed", [*range(6), *FOUND])
def test_from_bytes_to_the_collection(seed: int) -> None:
    """No traceback, no script, a sound collection, the same bytes again."""
    assert one_round(seed) == []
