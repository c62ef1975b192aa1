"""The evaluation demo against sums over single rows and against the losses that it kept."""

import statistics

import pytest
import torch
from torch import nn
from torch_settings import unchanged

from reference_trainer import evaluation
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> evaluation.Result:
    with unchanged():
        return evaluation.run(CPU)


def test_the_evaluation_is_the_mean_over_single_rows() -> None:
    """Batches of any size give the same mean as one row at a time; a mean of batch means does not."""
    with reproducible(0):
        model: nn.Module = tiny_llama(CPU)
        rows = torch.randint(256, (5, 12))
        single = [evaluation.once(model.eval(), row[None]) for row in rows]
        for size in (1, 2, 3, 5):
            assert evaluation.evaluate_model(model, torch.chunk(rows, -(-5 // size))) == pytest.approx(
                statistics.fmean(single), rel=1e-5
            )
        halves = statistics.fmean([statistics.fmean(single[:4]), single[4]])
        off = 100 * abs(halves - statistics.fmean(single)) / statistics.fmean(single)
        assert evaluation.bias(model, [rows[:4], rows[4:]]) == pytest.approx(off, abs=1e-3)


def test_the_best_weights_are_kept(facts: evaluation.Result) -> None:
    """The held-out loss has its minimum before the end: the model overfits, and the last weights are not the best."""
    assert facts.first_evaluation_saves is True
    assert facts.best_is_minimum is True
    assert facts.last_is_best is False
    assert min(facts.evaluations) < facts.evaluations[-1]
    assert facts.losses[-1] < facts.losses[0]
    assert facts.steps_after_last_evaluation == 60 % 8


def test_what_was_saved_evaluates_as_it_did_then() -> None:
    """The saved weights are a copy: training on does not change them, and put back they give the lowest loss again."""
    with reproducible(0):
        model: nn.Module = tiny_llama(CPU, attention_dropout=evaluation.DROPOUT)
        rows = torch.randint(8, (18, 12))
        _, evaluations, saved, best = evaluation.train(model, rows[:8], rows[8:])
        batches = torch.split(rows[8:], 8)
        again = evaluation.evaluate_model(evaluation.restored(model, best), batches)
        assert again == evaluations[saved[-1]] == min(evaluations)
        assert evaluation.evaluate_model(model, batches) != again


def test_what_eval_and_no_grad_each_do(facts: evaluation.Result) -> None:
    assert facts.eval_is_deterministic is True
    assert facts.train_mode_is_deterministic is False
    assert facts.eval_stops_gradients is False
    assert facts.no_grad_stops_dropout is False
    assert facts.activations_kept_under_no_grad == 0
    model, rows = tiny_llama(CPU), torch.ones(1, 4, dtype=torch.long)
    assert evaluation.kept(lambda: evaluation.loss_of(model, rows)) > 0, "with gradients, something is kept"


def test_means_that_mislead(facts: evaluation.Result) -> None:
    """By hand: (8·1 + 2·3) / 10 = 1.4 and (1 + 3) / 2 = 2, which is 3/7 more; the first seed's lag from its losses."""
    assert facts.ragged_mean_bias == pytest.approx(100 * 3 / 7, rel=1e-6)
    lag = facts.history_mean_lag
    first = statistics.fmean(facts.losses) / statistics.fmean(facts.losses[-8:])
    assert lag.seeds == 5
    assert 1.2 < lag.low <= lag.value <= lag.high < 3
    assert lag.low <= first + 1e-9
    assert first <= lag.high + 1e-9


def test_the_same_seed_gives_the_same_numbers(facts: evaluation.Result) -> None:
    assert evaluation.run(CPU) == facts
    assert evaluation.run(CPU, seed=1) != facts
    assert set(evaluation.draw(facts)) == {"losses"}
