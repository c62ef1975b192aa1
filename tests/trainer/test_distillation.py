"""The demo of distillation against closed forms, finite differences and published counts."""

import math

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import distillation

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> distillation.Distillation:
    with unchanged():
        return distillation.run(CPU)


def by_hand(logits: tuple[float, ...], temperature: float) -> list[float]:
    """Return the softened probabilities."""
    powers = [math.exp(z / temperature) for z in logits]
    return [power / sum(powers) for power in powers]


def entropy(probabilities: list[float]) -> float:
    """Return −Σ p·ln p."""
    return -sum(p * math.log(p) for p in probabilities)


def test_temperature_by_hand(facts: distillation.Distillation) -> None:
    cold, warm = (by_hand(distillation.TEACHER, temperature) for temperature in (1, 4))
    assert facts.soft_entropy == pytest.approx(entropy(cold))
    assert facts.entropy_gain == pytest.approx(entropy(warm) / entropy(cold))
    assert facts.temperature_one_difference == facts.hard_entropy == 0
    for at, z in enumerate(distillation.TEACHER):
        expected = [by_hand(distillation.TEACHER, temperature)[at] for temperature in distillation.TEMPERATURES]
        assert facts.softened[f"logit {z:g}"] == pytest.approx(expected)
    assert list(distillation.draw(facts)) == ["temperature"]


def test_the_gradient_is_the_closed_form_and_the_difference() -> None:
    """(q − p) / T, as Hinton et al. 2015 have it in their equation 2; and the loss at two points near each other."""
    teacher, student = (torch.tensor(z, dtype=torch.float64) for z in (distillation.TEACHER, distillation.STUDENT))
    for temperature in (1.0, 4.0, 20.0):
        slope = distillation.gradient(student, teacher, temperature)
        q, p = (torch.tensor(by_hand(z, temperature)) for z in (distillation.STUDENT, distillation.TEACHER))
        assert torch.allclose(slope.float(), (q - p) / temperature, atol=1e-6)
        for at in range(len(student)):
            step = torch.zeros_like(student)
            step[at] = 1e-5
            above, below = (distillation.soft_loss(z, teacher, temperature) for z in (student + step, student - step))
            assert slope[at].item() == pytest.approx(((above - below) / 2e-5).item(), abs=1e-8)


def test_high_temperatures_match_logits(facts: distillation.Distillation) -> None:
    """In the limit the gradient is (z − v) / (N·T²): four times smaller at twice the temperature."""
    assert facts.gradient_ratio == pytest.approx(4, rel=0.01)
    assert facts.scaled_gradient_ratio == pytest.approx(1, rel=0.01)
    assert facts.logit_matching == pytest.approx(1, abs=0.01)
    assert facts.loss_of_equals == pytest.approx(0, abs=1e-9)


def test_soft_labels_tell_more(facts: distillation.Distillation) -> None:
    """A linear map of 8 inputs is known from 8 examples: least squares finds the teacher, and the student nearly."""
    assert facts.soft_agreement.low > 99
    assert facts.hard_agreement.high < 80
    torch.manual_seed(0)
    teacher, inputs = torch.randn(8, 10), torch.randn(60, 8)
    learned = distillation.student_of(inputs, (inputs @ teacher).softmax(-1))
    logits = (inputs @ teacher).log_softmax(-1)
    exact = torch.linalg.lstsq(inputs, logits - logits.mean(-1, keepdim=True)).solution
    difference = (learned - learned.mean(-1, keepdim=True)) - exact
    assert difference.abs().max() < 0.35 * exact.abs().max()


def test_distilbert_by_hand(facts: distillation.Distillation) -> None:
    """Published: 66 M of 110 M. Six layers of 12·d² + 13·d, and tables without segments and pooler."""
    width = 768
    layer = 12 * width**2 + 13 * width
    assert facts.distilbert_parameters == (30522 + 512) * width + 2 * width + 6 * layer
    assert facts.distilbert_saving == pytest.approx(100 * (1 - facts.distilbert_parameters / 109_482_240))
    assert round(facts.distilbert_saving) == 39
