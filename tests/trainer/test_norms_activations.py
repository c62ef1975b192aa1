"""The demo of norms and activations against formulas in numpy and by hand."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch_settings import unchanged

from reference_trainer import norms_activations

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> norms_activations.NormsActivations:
    with unchanged():
        return norms_activations.run(CPU)


def test_norms_are_their_formulas() -> None:
    """In numpy: minus the mean and over the deviation; over the root mean square."""
    rows = np.random.default_rng(0).normal(2, 3, (5, 64)).astype("float32")
    centred = rows - rows.mean(-1, keepdims=True)
    by_hand = {
        nn.LayerNorm: centred / np.sqrt((centred**2).mean(-1, keepdims=True)),
        nn.RMSNorm: rows / np.sqrt((rows**2).mean(-1, keepdims=True)),
    }
    for kind, expected in by_hand.items():
        assert np.allclose(kind(64)(torch.tensor(rows)).detach().numpy(), expected, atol=1e-4)


def test_layernorm_and_rmsnorm(facts: norms_activations.NormsActivations) -> None:
    assert facts.layernorm_mean == pytest.approx(0, abs=1e-5)
    assert facts.layernorm_deviation == pytest.approx(1, abs=1e-3)
    assert (facts.layernorm_parameters, facts.rmsnorm_parameters) == (2 * 4096, 4096)
    assert facts.same_at_zero_mean
    assert facts.layernorm_ignores_shift
    assert not facts.rms_ignores_shift


def test_batchnorm_alone_sees_the_batch(facts: norms_activations.NormsActivations) -> None:
    assert facts.batchnorm_sees_batch
    assert not facts.layernorm_sees_batch
    assert facts.batchnorm_learned == facts.batchnorm_running == 2 * 64


def test_gradients_of_deep_stacks(facts: norms_activations.NormsActivations) -> None:
    """As Xiong et al. 2020 find: the first layers of post-norm get less than the last, of pre-norm they do not."""
    assert facts.post_norm_gradient.high < 0.7
    assert facts.pre_norm_gradient.low > 1
    assert facts.plain_gradient.high < 0.1
    assert facts.residual_gradient.low > 1


def test_the_gradient_of_a_chain_by_hand() -> None:
    """The chain rule written out: the gradient at each layer's output, carried back by W transposed and 1 − tanh²."""
    torch.manual_seed(4)
    measured = norms_activations.chain_gradient(CPU, residual=False)
    torch.manual_seed(4)
    layers = [nn.Linear(64, 64) for _ in range(12)]
    carried = [torch.randn(32, 64)]
    asked = torch.randint(64, (32,))
    with torch.no_grad():
        for layer in layers:
            carried.append(torch.tanh(layer(carried[-1])))
        flowing = (carried[-1].softmax(-1) - nn.functional.one_hot(asked, 64)) / 32
        lengths = []
        for layer, before, after in zip(layers[::-1], carried[-2::-1], carried[::-1], strict=False):
            inner = flowing * (1 - after**2)
            lengths.append((inner.T @ before).norm().item())
            flowing = inner @ layer.weight
    assert measured == pytest.approx(lengths[-1] / lengths[0], rel=1e-3)


def test_activations_by_hand(facts: norms_activations.NormsActivations) -> None:
    """GELU is x·Φ(x), by the error function; SiLU is least where its derivative, σ(x)·(1 + x·(1 − σ(x))), is 0."""
    assert facts.relu_negative_gradient == 0
    assert facts.gelu_at_minus_one == pytest.approx(-(1 + math.erf(-1 / math.sqrt(2))) / 2, abs=1e-5)
    silu = [x / 1000 / (1 + math.exp(-x / 1000)) for x in range(-4000, 4001)]
    assert facts.silu_minimum == pytest.approx(min(silu), abs=1e-4)
    assert facts.sigmoid_slope == pytest.approx(1 / 4)
    assert facts.ten_sigmoids == pytest.approx(4.0**-10)
    assert facts.shapes["sigmoid"] == pytest.approx(
        [1 / (1 + math.exp(-x)) for x in norms_activations.POINTS], abs=1e-6
    )
    assert list(norms_activations.draw(facts)) == ["activations"]


def test_swiglu_keeps_the_parameters(facts: norms_activations.NormsActivations) -> None:
    """By hand: three matrices of 11008 against two of 4·4096; 8/3 of the width, rounded up to a multiple of 256."""
    assert facts.swiglu_parameter_ratio == pytest.approx(3 * 11008 / (8 * 4096))
    assert math.ceil(8 / 3 * 4096 / 256) * 256 == 11008
