"""The warmup demo against exact fractions, a second scheduler of torch, and training itself."""

from fractions import Fraction

import pytest
import torch
from torch.optim.lr_scheduler import LinearLR, SequentialLR
from torch_settings import unchanged
from transformers import get_scheduler

from reference_trainer import warmup

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> warmup.Warmup:
    with unchanged():
        return warmup.run(CPU)


def test_every_rate_is_the_exact_fraction(facts: warmup.Warmup) -> None:
    """0 to the peak in 10 steps, and back to 0 at step 100, in fractions instead of floating point."""
    climb = [Fraction(step, 10) for step in range(10)]
    decay = [Fraction(100 - step, 90) for step in range(10, 100)]
    assert warmup.schedule(100, 10) == pytest.approx([float(part) * 1e-3 for part in climb + decay], rel=1e-12)
    assert facts.schedule_error == 0
    assert facts.first_lr == 0
    assert facts.last_lr_share == pytest.approx(float(100 * decay[-1]))


def test_torchs_own_schedulers_draw_the_same_curve() -> None:
    """Another implementation: LinearLR up, then LinearLR down."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    up = LinearLR(optimizer, start_factor=1e-9, end_factor=1.0, total_iters=10)
    down = LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=90)
    scheduler = SequentialLR(optimizer, [up, down], milestones=[10])
    rates = []
    for _ in range(100):
        rates.append(1e-3 * optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert warmup.schedule(100, 10) == pytest.approx(rates, abs=1e-10)


def test_the_first_step_moves_nothing_and_the_second_does(facts: warmup.Warmup) -> None:
    assert facts.first_step_moves is False
    assert facts.peak_step == 10
    weight = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.AdamW([weight], lr=1e-3)
    scheduler = get_scheduler("linear", optimizer, num_warmup_steps=10, num_training_steps=100)
    moved = []
    for _ in range(2):
        torch.autograd.backward(weight.sum())
        optimizer.step()
        scheduler.step()
        moved.append(bool((weight != 1).any()))
    assert moved == [False, True]


def test_warmup_steps_are_cut_off_or_rounded_up(facts: warmup.Warmup) -> None:
    """0.29 · 100 is 28.999999999999996 in binary floating point; a tenth of nine steps is less than one."""
    assert Fraction(0.29) * 100 < 29
    assert (facts.truncated_steps, facts.short_run_steps, facts.transformers_steps) == (28, 0, 1)


def test_a_schedule_that_is_too_long_never_peaks(facts: warmup.Warmup) -> None:
    """The last of 100 warmup steps has 99 %; three calls of a schedule with 30 warmup steps reach 2/30."""
    assert facts.all_warmup_share == pytest.approx(99)
    assert facts.peak_share_if_stepped_each_epoch == pytest.approx(100 * 2 / 30)


def test_adams_first_step_is_as_long_as_the_rate(facts: warmup.Warmup) -> None:
    """Corrected for their start, both running means are the gradient: lr · g / (|g| + eps) by hand."""
    assert facts.first_adam_step == pytest.approx(1e-3 / (1e-3 + 1e-8), abs=1e-4)
    assert warmup.adam_step(1e-8, CPU) == pytest.approx(0.5, abs=1e-3)


def test_the_same_numbers_on_every_run(facts: warmup.Warmup) -> None:
    assert warmup.run(CPU, seed=1) == facts, "nothing here is random"
    assert set(warmup.draw(facts)) == {"schedule"}
