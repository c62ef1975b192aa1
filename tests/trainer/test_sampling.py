"""The demo of sampling against all texts, arithmetic, and the theorem of speculative decoding."""

import itertools
import math
from fractions import Fraction

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import sampling

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> sampling.Sampling:
    with unchanged():
        return sampling.run(CPU)


def test_searches_by_hand(facts: sampling.Sampling) -> None:
    """Greedy: the cat …, 0.6·0.35·0.5; the likeliest: a cat …, 0.4·0.9·0.5. All texts add up to one."""
    greedy, best = Fraction(6, 10) * Fraction(35, 100) / 2, Fraction(4, 10) * Fraction(9, 10) / 2
    texts = list(itertools.product(*[sampling.WORDS] * 3))
    assert sum(map(sampling.probability, texts)) == pytest.approx(1)
    assert max(map(sampling.probability, texts)) == pytest.approx(float(best))
    assert facts.greedy_share == pytest.approx(float(100 * greedy / best))
    assert facts.beam_share == pytest.approx(100)
    assert facts.beam_of_one_is_greedy
    assert facts.beam_looked_at == 8 + 2 * 8 + 2 * 8
    assert facts.exhaustive_looked_at == len(texts) == 8**3


def test_temperature_is_a_power(facts: sampling.Sampling) -> None:
    """Dividing logits by T raises probabilities to 1/T."""
    for temperature in (0.5, 1.0, 2.0):
        powers = [p ** (1 / temperature) for p in sampling.PROBABILITIES]
        expected = [power / sum(powers) for power in powers]
        assert facts.softened[f"temperature {temperature:g}"] == pytest.approx(expected, rel=1e-4)
    powers = [p**10 for p in sampling.PROBABILITIES]
    assert facts.cold_top_probability == pytest.approx(powers[0] / sum(powers), rel=1e-4)
    warm = facts.softened["temperature 2"]
    entropies = [-sum(p * math.log(p) for p in ps) for ps in (warm, sampling.PROBABILITIES)]
    assert facts.hot_entropy_gain == pytest.approx(entropies[0] / entropies[1], rel=1e-4)
    assert not facts.zero_temperature_accepted
    assert list(sampling.draw(facts)) == ["temperature"]


def nucleus(probabilities: tuple[float, ...], reached: float) -> int:
    """Count the fewest of the likeliest that reach a sum."""
    sums = itertools.accumulate(sorted(probabilities, reverse=True))
    return next(at + 1 for at, total in enumerate(sums) if total >= reached)


def test_what_is_kept_is_counted_by_hand(facts: sampling.Sampling) -> None:
    assert facts.top_k_kept == 2
    assert facts.top_p_kept == nucleus(sampling.PROBABILITIES, 0.8) == 3
    assert facts.flat_top_p_kept == nucleus(sampling.FLAT, 0.8) == 4
    assert facts.penalized_logit == pytest.approx(3 / 1.2)
    assert facts.penalized_negative_logit == pytest.approx(-3 * 1.2)


def test_speculative_decoding_draws_from_the_target(facts: sampling.Sampling) -> None:
    """Leviathan et al. 2022: what comes out is p, and Σ min(p, q) is kept; to six deviations of 200,000 draws."""
    assert facts.speculative_distance < 6 * math.sqrt(0.25 / sampling.DRAWS)
    kept = sum(min(p, 0.2) for p in sampling.PROBABILITIES)
    assert facts.speculative_accepted == pytest.approx(100 * kept, abs=600 * math.sqrt(0.25 / sampling.DRAWS))
