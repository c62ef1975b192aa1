"""The demo of metrics against the examples that the papers print, exact fractions, and torch."""

import math
from fractions import Fraction

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import metrics

CPU = torch.device("cpu")
CANDIDATES = (
    "it is a guide to action which ensures that the military always obeys the commands of the party",
    "it is to insure the troops forever hearing the activity guidebook that party direct",
)
REFERENCES = (
    "it is a guide to action that ensures that the military will forever heed party commands",
    "it is the guiding principle which guarantees the military forces always being under the command of the party",
    "it is the practical guide for the army always to heed the directions of the party",
)


@pytest.fixture(scope="module")
def facts() -> metrics.Metrics:
    with unchanged():
        return metrics.run(CPU)


@pytest.mark.parametrize(
    ("candidate", "n", "published"),
    [(0, 1, Fraction(17, 18)), (1, 1, Fraction(8, 14)), (0, 2, Fraction(10, 17)), (1, 2, Fraction(1, 13))],
)
def test_bleu_s_precisions_are_those_of_the_paper(candidate: int, n: int, published: Fraction) -> None:
    """Examples 1 of Papineni et al. 2002, section 2.1."""
    assert metrics.precision(CANDIDATES[candidate], *REFERENCES, n=n) == float(published)


def test_clipping_is_the_paper_s(facts: metrics.Metrics) -> None:
    assert facts.clipped_precision == pytest.approx(float(100 * Fraction(2, 7)))
    assert facts.unclipped_precision == 100


@pytest.mark.parametrize(("candidate", "longest"), [("police kill the gunman", 3), ("the gunman kill police", 2)])
def test_rouge_is_that_of_the_paper(candidate: str, longest: int) -> None:
    """The sentences of Lin 2004, section 3: ROUGE-L tells them apart, ROUGE-2 does not."""
    reference = "police killed the gunman"
    assert metrics.common(reference.split(), candidate.split()) == longest
    assert metrics.precision(reference, candidate, n=2) == float(Fraction(1, 3))


def test_bleu_and_rouge_by_hand(facts: metrics.Metrics) -> None:
    """The candidate has two words of nine that the reference has not; all else stands in order."""
    assert [facts.rouge1_recall, facts.rouge_l_recall] == pytest.approx(2 * [float(100 * Fraction(7, 9))])
    assert facts.copied_rouge1 == facts.short_bleu1_precision == 100
    assert facts.copied_precision == pytest.approx(float(100 * Fraction(9, 24)))
    assert facts.brevity_penalty == pytest.approx(math.exp(1 - 9 / 3))
    assert facts.scattered_bleu4 == 0
    assert metrics.precision(metrics.SCATTERED, metrics.REFERENCE, n=1) > 0.5
    shares = [Fraction(7, 9), Fraction(5, 8), Fraction(3, 7), Fraction(1, 6)]
    by_hand = math.prod(map(float, shares)) ** (1 / 4)
    assert metrics.bleu(metrics.CANDIDATE, metrics.REFERENCE) == pytest.approx(by_hand)
    assert metrics.bleu(metrics.REFERENCE, metrics.REFERENCE) == 1


def test_perplexity_is_e_to_the_loss(facts: metrics.Metrics) -> None:
    assert facts.uniform_perplexity == pytest.approx(50)
    assert facts.uniform_loss == pytest.approx(math.log(50))
    assert facts.perplexity_at_two == pytest.approx(math.exp(2), rel=1e-5)
    losses = [math.exp(loss / 10) for loss in range(41)]
    assert facts.perplexities["e to the loss"] == pytest.approx(losses, rel=1e-4)
    assert list(metrics.draw(facts)) == ["perplexity"]


def test_the_mean_of_sentences_is_another_number(facts: metrics.Metrics) -> None:
    """In fractions: 15 words, of them “the” 4 times, “sat” and “on” twice, all others once."""
    often = {"the": 4, "sat": 2, "on": 2}
    chances = [[Fraction(often.get(word, 1), 15) for word in line.split()] for line in metrics.CORPUS]
    of_sentences = [float(1 / math.prod(line)) ** (1 / len(line)) for line in chances]
    whole = float(1 / math.prod(map(math.prod, chances))) ** (1 / 15)
    assert facts.sentence_mean_excess == pytest.approx(100 * (sum(of_sentences) / 3 / whole - 1))
    assert facts.sentence_mean_excess > 0


def test_an_unseen_pair_has_no_chance_without_smoothing(facts: metrics.Metrics) -> None:
    """Eleven words can follow; “the” was seen 4 times, “bird” once, `<s>` 3 times, “sat” twice."""
    model = metrics.Bigrams(metrics.CORPUS)
    assert facts.unseen_bigram_probability == 0
    assert model.perplexity(metrics.UNSEEN, extra=0) == math.inf
    assert model.probability("the", "cat") == 1 / 4
    after = {"<s>": (2, 3), "the": (0, 4), "bird": (0, 1), "sat": (0, 2)}
    chances = [Fraction(count + 1, total + len(model.words)) for count, total in after.values()]
    assert facts.smoothed_perplexity == pytest.approx(float(1 / math.prod(chances)) ** (1 / 4))
    assert sum(model.probability("the", word, extra=1) for word in model.words) == pytest.approx(1)


def test_rare_classes_by_hand(facts: metrics.Metrics) -> None:
    assert facts.rare_accuracy == 99
    assert facts.rare_recall == 0
    assert facts.harmonic_f1 == pytest.approx(100 * float(2 * Fraction(1, 10) / Fraction(11, 10)))
