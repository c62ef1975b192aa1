"""The demo of positions against complex numbers, transformers' own rotary and ALiBi code, and arithmetic."""

import math

import pytest
import torch
from torch_settings import unchanged
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

from reference_trainer import positions

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> positions.Positions:
    with unchanged():
        return positions.run(CPU)


def test_rotation_is_multiplication_by_complex_numbers() -> None:
    """Number i and number i + 64 are one complex number, and turning it is a product with e^(i·angle)."""
    torch.manual_seed(0)
    vectors, places = torch.randn(6, 128, dtype=torch.float64), torch.tensor([0, 1, 2, 50, 51, 4000])
    pairs = torch.complex(*vectors.chunk(2, dim=-1))
    turned = pairs * torch.exp(1j * places[:, None] * 10_000 ** (-torch.arange(64, dtype=torch.float64) / 64))
    assert torch.allclose(positions.rotated(vectors, places), torch.cat([turned.real, turned.imag], -1), atol=1e-12)


def test_rotation_is_that_of_transformers() -> None:
    torch.manual_seed(0)
    config = LlamaConfig(hidden_size=128, num_attention_heads=1, max_position_embeddings=512)
    vectors, places = torch.randn(1, 1, 8, 128), torch.arange(8)
    cos, sin = LlamaRotaryEmbedding(config)(vectors, places[None])
    expected, _ = apply_rotary_pos_emb(vectors, vectors, cos, sin)
    assert torch.allclose(positions.rotated(vectors[0, 0], places), expected[0, 0], atol=1e-5)


def test_scores_hang_on_the_distance_alone(facts: positions.Positions) -> None:
    assert facts.rope_shift_change < 1e-9
    assert facts.rope_norm_change < 1e-9
    assert facts.rope_parameters == 0
    assert facts.rope_longest_wavelength == pytest.approx(2 * math.pi * 10_000 ** (126 / 128))
    torch.manual_seed(1)
    query, key = torch.randn(2, 128, dtype=torch.float64)
    at = [
        positions.rotated(query[None], torch.tensor([p])) @ positions.rotated(key[None], torch.tensor([p + 3])).T
        for p in (0, 9)
    ]
    assert at[0].item() == pytest.approx(at[1].item(), abs=1e-9)
    other = positions.rotated(query[None], torch.tensor([0])) @ positions.rotated(key[None], torch.tensor([4])).T
    assert abs(at[0].item() - other.item()) > 1e-3


def test_the_score_of_ones_is_a_mean_of_cosines(facts: positions.Positions) -> None:
    for base in positions.BASES:
        angles = [base ** (-2 * pair / 128) for pair in range(64)]
        expected = [sum(math.cos(far * angle) for angle in angles) / 64 for far in positions.DISTANCES]
        assert facts.scores[f"base {base:,}"] == pytest.approx(expected, abs=1e-6)
    assert facts.rope_score_at_256 == pytest.approx(facts.scores["base 10,000"][-1])
    assert list(positions.draw(facts)) == ["decay"]


def test_alibi_is_that_of_bloom(facts: positions.Positions) -> None:
    bias = build_alibi_tensor(torch.ones(1, 5), 8, torch.float32)  # (heads, 1, tokens)
    assert positions.alibi_slopes(8) == pytest.approx((bias[:, 0, 1] - bias[:, 0, 0]).tolist())
    assert (facts.alibi_first_slope, facts.alibi_last_slope) == (1 / 2, 1 / 256)


def test_sinusoids_shift_by_rotation(facts: positions.Positions) -> None:
    """The linear function by hand: sin(a + b) and cos(a + b) of each pair."""
    assert facts.sinusoid_shift_error < 1e-9
    encoded = positions.sinusoids(300, 16)
    turn = 100 * positions.frequencies(16, 10_000)
    sin, cos = encoded[:200].chunk(2, dim=-1)
    moved = torch.cat([sin * turn.cos() + cos * turn.sin(), cos * turn.cos() - sin * turn.sin()], dim=-1)
    assert torch.allclose(moved, encoded[100:], atol=1e-9)


def test_order_is_seen_only_where_it_is_told(facts: positions.Positions) -> None:
    assert not facts.order_matters_without
    assert facts.order_matters_with
    assert facts.causal_order_without
    assert facts.learned_parameters == 512 * 768
    assert not facts.learned_reads_beyond
