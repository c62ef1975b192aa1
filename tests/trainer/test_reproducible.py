"""Demos leave torch as they found it, and give the same numbers whatever they found."""

from collections.abc import Iterator

import pytest
import torch
from torch_settings import unchanged

from reference_trainer.support.reproducible import reproducible


@pytest.fixture
def unusual() -> Iterator[None]:
    """Choose settings that no demo would."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        yield
    torch.set_default_dtype(torch.float32)
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("unusual")
def test_settings_are_put_back() -> None:
    with unchanged(), reproducible(3):
        torch.rand(3)
        assert torch.is_grad_enabled()
        assert torch.get_default_dtype() == torch.float32
        torch.set_default_dtype(torch.float16)


@pytest.mark.usefixtures("unusual")
def test_settings_are_put_back_after_an_error() -> None:
    with unchanged(), pytest.raises(ZeroDivisionError), reproducible(3):
        raise ZeroDivisionError


def test_a_seed_decides_the_numbers() -> None:
    drawn = []
    for seed in (1, 1, 2):
        torch.rand(1)
        with reproducible(seed):
            drawn.append(torch.rand(1).item())
    assert drawn[0] == drawn[1] != drawn[2]
