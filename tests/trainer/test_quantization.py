"""The demo of quantization against formulas, torch's own quantization and the published levels of NF4."""

import math

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import quantization

CPU = torch.device("cpu")
PUBLISHED = [
    *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453),
    *(-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0),
    *(0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
    *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
]
"""QLoRA (Dettmers et al. 2023), appendix E."""


@pytest.fixture(scope="module")
def facts() -> quantization.Quantization:
    with unchanged():
        return quantization.run(CPU)


def test_the_levels_of_nf4_are_the_published_ones(facts: quantization.Quantization) -> None:
    assert quantization.nf4_levels().tolist() == pytest.approx(PUBLISHED, abs=1e-6)
    assert not facts.nf4_is_even


def test_bits_are_those_of_the_paper(facts: quantization.Quantization) -> None:
    """Section 3: 0.5 bits a parameter for the scales, and 8/64 + 32/(64·256) with double quantization."""
    assert facts.nf4_bits == 4 + 32 / 64
    assert facts.nf4_double_bits == 4 + 8 / 64 + 32 / (64 * 256)
    assert facts.llama2_7b_nf4_gib == pytest.approx(6_738_415_616 * facts.nf4_double_bits / 8 / 2**30)
    assert facts.int8_saving == 4


def test_rounding_is_that_of_torch() -> None:
    """The second way: torch's own fake quantization, symmetric and asymmetric."""
    torch.manual_seed(2)
    weights = quantization.normal(CPU)
    scale = (weights.abs().max() / 127).item()
    expected = torch.fake_quantize_per_tensor_affine(weights, scale, 0, -127, 127)
    assert torch.allclose(quantization.whole(8)(weights), expected, atol=1e-7)
    positive = weights.abs()
    scale = ((positive.max() - positive.min()) / 255).item()
    zero = round(-positive.min().item() / scale)
    expected = torch.fake_quantize_per_tensor_affine(positive, scale, zero, 0, 255)
    assert torch.allclose(quantization.asymmetric(8)(positive), expected, atol=1e-6)


def test_errors_lie_where_theory_has_them(facts: quantization.Quantization) -> None:
    """A step s errs by s/√12 on average. Of 256 normal numbers the largest is about 2.8 to 3 deviations."""
    assert facts.largest_error_steps <= 0.5 + 1e-3
    assert (
        100 * 2.6 / 127 / math.sqrt(12) < facts.int8_error.low < facts.int8_error.high < 100 * 3.2 / 127 / math.sqrt(12)
    )
    assert facts.asymmetric_gain.value == pytest.approx(2, rel=0.02)  # twice the levels on the same range
    assert facts.nf4_gain.low > 1.1
    assert facts.outlier_error.low > 50
    assert (facts.outlier_error_by_row.low, facts.outlier_error_by_row.high) == (1, 1)


def test_a_bit_more_halves_the_error(facts: quantization.Quantization) -> None:
    for name, errors in facts.errors.items():
        levels = [2 ** (bits - 1) - 1 for bits in range(2, 9)]
        assert errors[-1] / errors[-2] == pytest.approx(levels[-2] / levels[-1], rel=0.05), name
        assert list(errors) == sorted(errors, reverse=True)
    assert list(quantization.draw(facts)) == ["errors"]


def test_rounding_has_no_gradient(facts: quantization.Quantization) -> None:
    assert (facts.rounding_gradient, facts.straight_through_gradient) == (0, 1)
