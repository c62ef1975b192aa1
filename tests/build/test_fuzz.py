"""A few rounds of the fuzz; `make fuzz` runs it for a minute."""

import pytest
from fuzz import one_round


@pytest.mark.parametrize("seed", range(6))
def test_from_bytes_to_the_collection(seed: int) -> None:
    """No traceback, no script, a sound collection, the same bytes again."""
    assert one_round(seed) == []
