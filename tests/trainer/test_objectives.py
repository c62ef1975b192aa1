"""The demo of objectives against counted pairs, bounds of the binomial distribution, and T5's own numbers."""

import math

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import objectives

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> objectives.Objectives:
    with unchanged():
        return objectives.run(CPU)


def test_pairs_are_counted_by_hand(facts: objectives.Objectives) -> None:
    """Of 64: a triangle of 8 with its diagonal; all; a square of 4 and rows of 5 to 8."""
    assert facts.causal_visible_share == 100 * (8 * 9 / 2) / 64
    assert facts.masked_visible_share == 100
    assert facts.prefix_visible_share == 100 * (4 * 4 + 5 + 6 + 7 + 8) / 64
    assert facts.source_visible_share == 100
    assert not facts.causal_sees_later


def test_who_sees_whom_by_changing_a_token() -> None:
    """The second way: another input at one position, and which outputs differ."""
    torch.manual_seed(0)
    for seen, expected in ((objectives.llama_seen(CPU, None), False), (objectives.bert_seen(CPU), True)):
        output, embedded = seen
        other = embedded.clone()
        other[0, 5] = torch.randn(embedded.shape[-1])
        with torch.no_grad():
            changed = (output(embedded) - output(other)).abs().amax(-1)[0] > 0
        assert changed[5:].all()
        assert bool(changed[:5].any()) is expected


def test_every_position_but_the_last_is_asked(facts: objectives.Objectives) -> None:
    assert facts.causal_loss_share == 100 * 127 / 128


def test_shares_of_masking_lie_in_the_bounds_of_chance(facts: objectives.Objectives) -> None:
    """Five standard deviations of a binomial distribution: 200,000 tokens, of them 30,000 chosen."""
    for spread, share, tries in (
        (facts.masked_loss_share, 0.15, 200_000),
        (facts.mask_token_share, 0.8, 30_000),
        (facts.random_token_share, 0.1 * 997 / 998, 30_000),
    ):
        width = 5 * math.sqrt(share * (1 - share) / tries)
        assert 100 * (share - width) < spread.low <= spread.value <= spread.high < 100 * (share + width)


def test_t5_s_lengths_are_the_published_ones(facts: objectives.Objectives) -> None:
    """What T5's own preprocessing prints for sources of 512: 568 tokens, targets of 114; and the sum by hand."""
    noise, spans = round(568 * 0.15), round(round(568 * 0.15) / 3)
    assert (facts.span_source_tokens, facts.span_target_tokens) == (512, 114)
    assert facts.span_source_tokens == 568 - noise + spans + 1
    assert facts.span_target_tokens == noise + spans + 1
    cut = objectives.parts(85, 28, torch.Generator().manual_seed(1))
    assert sum(cut) == 85
    assert len(cut) == 28
    assert min(cut) >= 1


def test_an_untrained_model_is_as_good_as_guessing(facts: objectives.Objectives) -> None:
    assert facts.untrained_loss_ratio.low == pytest.approx(1, abs=0.02)
    assert facts.untrained_loss_ratio.high == pytest.approx(1, abs=0.02)
