"""The demo of attention against torch's own attention, softmax's derivative on paper, and sums by hand."""

import math

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import attention

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> attention.Attention:
    with unchanged():
        return attention.run(CPU)


def test_products_have_the_variance_of_their_width(facts: attention.Attention) -> None:
    """The variance of a sum of 64 products of independent numbers of variance 1 is 64."""
    assert facts.score_deviation.low < math.sqrt(64) < facts.score_deviation.high
    assert facts.scaled_deviation.value == pytest.approx(facts.score_deviation.value / 8)
    assert attention.deviation(256) == pytest.approx(16, rel=0.1)


def test_softmax_saturates_unless_scores_are_scaled(facts: attention.Attention) -> None:
    """By exponentials of Python's own, on scores drawn anew."""
    torch.manual_seed(7)
    rows = [[8 * torch.randn(1).item() for _ in range(32)] for _ in range(400)]
    for divisor, found in ((1, facts.unscaled_top_weight), (8, facts.scaled_top_weight)):
        tops = [max(powers) / sum(powers) for row in rows for powers in [[math.exp(score / divisor) for score in row]]]
        assert found.value == pytest.approx(100 * sum(tops) / len(tops), abs=4)
    assert facts.top_weights["divided by √d"][-1] < 20
    assert facts.top_weights["not divided"][-1] > 80
    assert list(attention.draw(facts)) == ["saturation"]


def test_gradients_are_those_of_the_derivative_on_paper(facts: attention.Attention) -> None:
    """Softmax hands back p·(g − Σ p·g)."""
    torch.manual_seed(0)
    scores, given = torch.randn(2, 4, 32, dtype=torch.float64)
    weights = torch.softmax(scores, dim=-1)
    on_paper = weights * (given - (weights * given).sum(dim=-1, keepdim=True))
    assert torch.allclose(attention.handed_back(scores, given), on_paper.norm(dim=-1))
    assert facts.vanished_share.low > 40
    torch.manual_seed(0)
    assert attention.vanished_share(4) < 1, "narrow queries need no scaling"


def test_masks_by_hand(facts: attention.Attention) -> None:
    """A weight of e to −10⁹ is 0 in fp32; nothing is left of a row that is masked as a whole."""
    assert facts.masked_weight == 0
    assert facts.weights_sum == pytest.approx(1)
    assert facts.renormalized_difference < 1e-12
    assert facts.all_masked_is_nan is True


def test_heads_share_the_width(facts: attention.Attention) -> None:
    assert facts.parameters == facts.one_head_parameters == 4 * 512**2
    assert facts.cross_weights == 3 * 5
    assert facts.weights_growth == 2**2
