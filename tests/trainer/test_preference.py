"""The demo of preference against closed forms, finite differences, and an answer's probability token by token."""

import copy
import math

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import preference
from reference_trainer.support.models import tiny_llama

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> preference.Preference:
    with unchanged():
        return preference.run(CPU)


def test_pairs_start_at_the_logarithm_of_two(facts: preference.Preference) -> None:
    assert facts.dpo_start_loss == pytest.approx(math.log(2), abs=1e-5)
    assert facts.reward_start_loss == pytest.approx(math.log(2), abs=1e-6)
    assert facts.reward_shift_change == 0
    assert facts.reward_win_probability == pytest.approx(100 / (1 + math.exp(-2)))
    assert facts.kl_at_start == 0


def test_dpo_s_gradient_is_the_paper_s() -> None:
    """Rafailov et al. 2023: −β·σ(β·(Δ_r − Δ_c)) for the chosen, and its opposite for the rejected."""
    for rises in ((0.0, 0.0), (3.0, -2.0), (-4.0, 1.0)):
        risen = torch.tensor(rises, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(preference.dpo_loss(risen), risen)
        weight = preference.BETA / (1 + math.exp(preference.BETA * (rises[0] - rises[1])))
        assert slope.tolist() == pytest.approx([-weight, weight])


def test_log_probabilities_token_by_token(facts: preference.Preference) -> None:
    """The second way: one token after the other, each read with what is before it."""
    assert facts.dpo_start_weight == pytest.approx(0.1 / 2)
    torch.manual_seed(0)
    model, answers = tiny_llama(CPU), torch.randint(256, (2, 5))
    with torch.no_grad():
        measured = preference.log_probabilities(model, answers)
        for answer, expected in zip(answers, measured, strict=True):
            total = 0.0
            for at in range(1, 5):
                chances = model(input_ids=answer[None, :at]).logits[0, -1].softmax(-1)
                total += math.log(chances[answer[at]].item())
            assert expected.item() == pytest.approx(total, rel=1e-4)
        assert preference.changes(model, copy.deepcopy(model), answers).tolist() == [0, 0]


def test_dpo_widens_the_margin(facts: preference.Preference) -> None:
    assert facts.dpo_learns_without_rewards
    assert facts.dpo_margin.low > 0.2
    chosen, rejected = facts.paths["chosen"], facts.paths["rejected"]
    assert (chosen[0], rejected[0], len(chosen)) == (0, 0, preference.STEPS + 1)
    assert chosen[-1] - rejected[-1] > 2
    assert list(preference.draw(facts)) == ["paths"]


def objective(ratio: float, advantage: float) -> float:
    """Return PPO's clipped objective."""
    return min(ratio * advantage, max(0.8, min(1.2, ratio)) * advantage)


@pytest.mark.parametrize("advantage", [1.0, -1.0])
@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.1, 1.5])
def test_ppo_s_gradient_is_the_difference(ratio: float, advantage: float) -> None:
    slope = (objective(ratio + 1e-4, advantage) - objective(ratio - 1e-4, advantage)) / 2e-4
    assert preference.ppo_gradient(ratio, advantage) == pytest.approx(slope, abs=1e-6)


def test_groups_by_hand(facts: preference.Preference) -> None:
    """Rewards of 1, 0, 0, 1: a mean of 1/2, a deviation of 1/2."""
    assert facts.group_best == pytest.approx((1 - 1 / 2) / (1 / 2), abs=1e-5)
    assert facts.group_mean == facts.equal_group == 0
    assert (facts.ppo_clipped_gradient, facts.ppo_negative_gradient) == (0, -1)
