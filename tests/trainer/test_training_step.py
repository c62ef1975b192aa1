"""The training-step demo against gradients by hand and against what the steps do to a single weight."""

from typing import Any

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import training_step
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> training_step.TrainingStep:
    with unchanged():
        return training_step.run(CPU)


def test_gradients_add_up_until_they_are_cleared(facts: training_step.TrainingStep) -> None:
    """A parabola by hand: d(w²)/dw at 3 is 6, then 12 without clearing."""
    weight = torch.tensor(3.0, requires_grad=True)
    seen = []
    for _ in range(2):
        torch.autograd.backward(weight.square())
        seen.append(float(weight.grad if weight.grad is not None else torch.nan))
    assert seen == [6, 12]
    assert facts.gradient_without_zero_grad == 2
    assert facts.cleared_gradient_is_none is True


def test_clearing_harms_only_between_backward_and_step(facts: training_step.TrainingStep) -> None:
    assert facts.update_if_cleared_after_backward == 0
    assert facts.clearing_place_difference == 0
    with reproducible(0):
        model, tokens = tiny_llama(CPU), torch.randint(256, (2, 8))
        never = training_step.trained(model, tokens, "never")
        right = training_step.trained(model, tokens, "after step")
        assert training_step.distance(right, training_step.weights(model)) > 1e-4, "a right order does train"
        assert training_step.distance(never, right) > 1e-4, "never clearing trains to other weights"


def test_backward_alone_moves_nothing(facts: training_step.TrainingStep) -> None:
    """A single weight by hand: its gradient comes with backward, its new value, 3 − 0.1·6, with the step."""
    weight = torch.tensor(3.0, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    torch.autograd.backward(weight.square())
    assert (weight.item(), weight.grad.item() if weight.grad is not None else None) == (3, 6)
    optimizer.step()
    assert weight.item() == pytest.approx(2.4)
    assert facts.backward_moves_weights is False


def test_accumulation_weighs_labels_not_batches(facts: training_step.TrainingStep) -> None:
    """Linear regression by hand: two batches of 1 and 3 rows, the gradient of the mean of squares over all four."""
    x, w = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64), torch.tensor(2.0, requires_grad=True)
    parts = [x[:1], x[1:]]
    by_hand = float((2 * 2.0 * x**2).mean())

    def accumulated(weights: list[float]) -> float:
        w.grad = None
        for part, weight in zip(parts, weights, strict=True):
            torch.autograd.backward((w * part).square().mean() * weight)
        total: torch.Tensor | None = w.grad
        return float(torch.nan if total is None else total)

    assert accumulated([1 / 4, 3 / 4]) == pytest.approx(by_hand)
    assert accumulated([1 / 2, 1 / 2]) != pytest.approx(by_hand, rel=0.1)
    assert facts.accumulation_difference.high < 1e-6
    assert facts.token_weighted_error.high < 1e-6
    assert facts.undivided_accumulation == 4
    assert facts.uneven_accumulation_error.low > 20
    assert facts.uneven_accumulation_error.seeds == 5


def test_the_uneven_error_is_that_of_wrong_weights(facts: training_step.TrainingStep) -> None:
    """The four batches' own gradients, weighted by hand with 1/4 each and with their shares of 52 labels."""
    with reproducible(0):
        model = tiny_llama(CPU).train()
        tokens = torch.randint(256, (8, 32))
        batches = list(zip(tokens.chunk(4), (1, 3, 7, 15), strict=True))
        single = [training_step.gradient(model, [(part, training_step.masked(part, keep))]) for part, keep in batches]
    wrong = sum((one / 4 for one in single), torch.zeros(()))
    right = sum((one * 2 * keep / 52 for one, (_, keep) in zip(single, batches, strict=True)), torch.zeros(()))
    error = 100 * float((wrong - right).norm() / right.norm())
    assert training_step.accumulated(CPU, 0)[1] == pytest.approx(error, rel=1e-4)
    assert facts.uneven_accumulation_error.low <= error * 1.0001
    assert error <= facts.uneven_accumulation_error.high * 1.0001


def test_a_kept_loss_keeps_its_graph_but_no_activation_after_backward(facts: training_step.TrainingStep) -> None:
    """By the node of the graph that saved an activation: the loss leads to it, and backward has emptied it."""
    x = torch.randn(4, requires_grad=True)
    loss_list: list[Any] = [x.exp().sum()]
    node = loss_list[0].grad_fn.next_functions[0][0]
    assert torch.equal(node._saved_result, x.exp())
    loss_list[0].backward()
    with pytest.raises(RuntimeError, match="already been freed"):
        print(node._saved_result)
    assert facts.graph_kept_by_undetached_loss is True
    assert facts.graph_kept_by_float is False
    assert facts.activations_kept_after_backward == 0
    assert facts.activations_kept_without_backward == 100


def test_wrong_orders_are_told(facts: training_step.TrainingStep) -> None:
    assert facts.second_backward_works is False
    assert facts.scheduler_first_warns is True


def test_the_same_seed_gives_the_same_numbers(facts: training_step.TrainingStep) -> None:
    assert training_step.run(CPU) == facts
    assert training_step.run(CPU, seed=1) != facts
