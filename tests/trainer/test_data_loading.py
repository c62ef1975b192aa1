"""The data-loading demo against losses by hand, token by token, and against the loader's own options."""

import math

import pytest
import torch
from torch.utils.data import DataLoader
from torch_settings import unchanged

from reference_trainer import data_loading
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> data_loading.DataLoading:
    with unchanged():
        return data_loading.run(CPU)


def test_the_loss_is_that_of_the_labels_alone(facts: data_loading.DataLoading) -> None:
    """The mean of -log p(next token) over the real tokens, one by one in Python, is the padded batch's loss."""
    with reproducible(0):
        model = tiny_llama(CPU).train(mode=False)
        rows = [torch.randint(1, 256, (length,)) for length in (12, 5)]
        surprises = []
        for row in rows:
            logits = model(input_ids=row[None]).logits[0].detach().double()
            for place in range(len(row) - 1):
                scores = logits[place].exp()
                surprises.append(-math.log(float(scores[row[place + 1]] / scores.sum())))
        ids, mask, labels = data_loading.padded(rows)
        assert float(data_loading.loss(model, ids, labels, mask)) == pytest.approx(sum(surprises) / 15, rel=1e-5)
        assert float(data_loading.loss(model, ids, ids, mask)) != pytest.approx(sum(surprises) / 15, rel=1e-3)
    assert facts.padding_changes_loss is False
    assert facts.unmasked_padding_changes_loss is True
    assert facts.labels_shifted_by_model is True


def test_padding_fills_up_to_the_longest_row() -> None:
    ids, mask, labels = data_loading.padded([torch.tensor([5, 6, 7]), torch.tensor([8])])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert labels.tolist() == [[5, 6, 7], [8, -100, -100]]


def test_a_missing_mask_matters_on_the_left_only(facts: data_loading.DataLoading) -> None:
    """A causal model never looks right, so padding there is harmless; on the left each token looks at it."""
    assert facts.missing_mask_changes_loss is False
    with reproducible(0):
        model, row = tiny_llama(CPU).train(mode=False), torch.randint(1, 256, (1, 6))
        left = torch.cat([torch.zeros(1, 3, dtype=torch.long), row], dim=1)
        labels = left.masked_fill(left == 0, -100)
        with_mask = data_loading.loss(model, left, labels, (left > 0).long())
        assert data_loading.differ(data_loading.loss(model, left, labels, None), with_mask)


def test_what_labels_may_be(facts: data_loading.DataLoading) -> None:
    assert facts.ignore_index == -100
    assert facts.label_dtype == "int64"
    assert facts.all_ignored_loss_is_nan is True, "a mean over nothing is 0/0"
    assert facts.collator_ignores_end is True


def test_what_a_loader_yields(facts: data_loading.DataLoading) -> None:
    """10 = 4 + 4 + 2; with `drop_last` the 2 are gone."""
    assert (facts.last_batch, facts.batches_per_epoch) == (10 % 4, math.ceil(10 / 4))
    ten: DataLoader[int] = DataLoader(list(range(10)), batch_size=4, drop_last=True)  # type: ignore[arg-type]  # a list serves
    assert [len(batch) for batch in ten] == [4, 4]
    first, second = data_loading.shuffled(0)
    assert sorted(first) == sorted(second) == list(range(32))
    assert data_loading.shuffled(0) != data_loading.shuffled(1)
    assert facts.shuffle_repeats_with_seed is True
    assert facts.shuffle_changes_each_epoch is True


def test_no_fact_depends_on_chance(facts: data_loading.DataLoading) -> None:
    assert data_loading.run(CPU) == facts
    assert data_loading.run(CPU, seed=1) == facts
