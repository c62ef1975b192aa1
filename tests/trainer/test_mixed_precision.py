"""The demo of mixed precision against the formats' own limits and PyTorch's documentation of autocast."""

import statistics
from pathlib import Path

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import mixed_precision
from reference_trainer.support.models import tiny_llama

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> mixed_precision.MixedPrecision:
    with unchanged():
        result = mixed_precision.run(CPU)
    assert isinstance(result, mixed_precision.MixedPrecision)
    return result


def test_autocast_casts_operations_and_no_parameters(facts: mixed_precision.MixedPrecision) -> None:
    """PyTorch's documentation of autocast lists linear under 16 bits and cross_entropy under float32."""
    assert (facts.linear_dtype, facts.loss_dtype, facts.parameter_dtype) == ("bfloat16", "float32", "float32")
    assert facts.cuda_autocast_on_cpu_dtype == "float32"
    assert facts.half_bytes_ratio == 2


def test_the_cast_changes_names_and_types_but_no_loss(facts: mixed_precision.MixedPrecision) -> None:
    assert facts.cast_changes_logits_dtype
    assert not facts.cast_changes_loss
    assert facts.cast_key == "lm_head.0.weight"
    assert not facts.cast_saves_tied_weights


def test_a_loss_in_half_precision_is_off_by_its_grid(facts: mixed_precision.MixedPrecision) -> None:
    """fp16 numbers from 4 to 8 are 2⁻⁸ apart: a loss of ln 256 = 5.5 is off by more than fp32, by less than three."""
    assert 2**-20 < facts.raw_half_loss_error < 3 * 2**-8


def test_what_is_below_fp16_is_lost_unless_scaled(facts: mixed_precision.MixedPrecision) -> None:
    """The smallest number of fp16 is 2⁻²⁴ = 6e-8; 1e-8 · 65,536 is not small."""
    assert mixed_precision.TINY < 2**-24 < mixed_precision.TINY * 65536
    assert facts.fp16_tiny_gradient == 0
    assert facts.scaled_tiny_gradient == pytest.approx(1e-8, rel=2**-10)


def test_half_precision_is_not_for_what_is_trained(facts: mixed_precision.MixedPrecision) -> None:
    assert facts.fp16_prefix_is_nan
    assert not facts.fp16_prefix_is_nan_fused
    assert not facts.fp32_prefix_is_nan
    assert facts.fp16_unchanged_by_sgd.low > 90


def test_bf16_weights_move_where_a_step_is_over_half_a_gap(facts: mixed_precision.MixedPrecision) -> None:
    """By hand: numbers of bf16 from 1/2 to 1 are 2⁻⁸ apart, and half of that is more than Adam's steps of 1e-3.

    So of a prefix from N(0, 1) those of at least 1/2 stay as they are: 61.7 % of all.
    """
    stay = 2 * (1 - statistics.NormalDist().cdf(0.5)) * 100
    found = facts.bf16_unchanged_by_adamw
    assert found.low < stay < found.high + 1
    assert found.value == pytest.approx(stay, abs=3)


def test_the_scaler_s_error_is_the_one_that_people_meet(facts: mixed_precision.MixedPrecision) -> None:
    """A model in half precision, trained as a script does; the text is what they search for."""
    assert facts.scaler_refuses_fp16_weights
    model = torch.nn.Module.to(tiny_llama(CPU), torch.float16)
    tokens = torch.arange(8)[None]
    scaler, optimizer = torch.amp.GradScaler("cpu"), torch.optim.AdamW(model.parameters())
    torch.autograd.backward(scaler.scale(model(input_ids=tokens, labels=tokens).loss))
    with pytest.raises(ValueError, match="Attempting to unscale FP16 gradients"):
        scaler.step(optimizer)


def test_the_nan_is_epsilon_that_is_zero_in_fp16() -> None:
    """By hand: Adam's first step divides m by √v + ε; in fp16 a gradient of 1e-4 squares to 0, and ε = 1e-8 is 0."""
    gradient = torch.tensor(1e-4, dtype=torch.float16)
    variance, epsilon = gradient * gradient, torch.tensor(1e-8, dtype=torch.float16)
    assert (variance.item(), epsilon.item()) == (0, 0)
    assert torch.isinf(gradient / (variance.sqrt() + epsilon))
    assert torch.isnan(torch.zeros_like(gradient) / (variance.sqrt() + epsilon))


@pytest.mark.parametrize("tied", [True, False])
def test_the_users_own_model(tmp_path: Path, *, tied: bool) -> None:
    model = tiny_llama(CPU, tie_word_embeddings=tied)
    model.config.save_pretrained(tmp_path)
    own = mixed_precision.run(CPU, model=str(tmp_path))
    assert isinstance(own, mixed_precision.OwnModel)
    assert own.single * 2**30 == 4 * model.num_parameters()
    assert own.half == own.single / 2
    assert own.tied == tied
