"""The demo of weight decay against a hand-written AdamW, names read from the models, and arithmetic."""

import dataclasses
from pathlib import Path

import pytest
import torch
from torch_settings import unchanged
from transformers import MambaConfig, MambaForCausalLM, Trainer, TrainingArguments

from reference_trainer import weight_decay
from reference_trainer.support.models import tiny_llama

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> weight_decay.WeightDecay:
    with unchanged():
        result = weight_decay.run(CPU)
    assert isinstance(result, weight_decay.WeightDecay)
    return result


def test_the_names_are_bert_s_alone(facts: weight_decay.WeightDecay) -> None:
    """BERT has a norm below its layers, two a layer and one in its head; the others two a layer and a last one."""
    assert (facts.norms_matched_bert, facts.norms_total_bert) == (6, 6)
    for name in ("gpt2", "llama", "qwen2", "glm"):
        assert getattr(facts, f"norms_matched_{name}") == 0
        assert getattr(facts, f"norms_total_{name}") == 5
    assert facts.norms_missed_by_dimension == 0


def test_norms_are_all_found() -> None:
    """A second way to find them: what a fresh model has at exactly one everywhere, as only norms are initialized so."""
    model = tiny_llama(CPU)
    ones = {name for name, weight in model.named_parameters() if torch.equal(weight, torch.ones_like(weight))}
    assert set(weight_decay.norms(model)) == ones


def by_hand(gradient: float, decay: float, *, decoupled: bool, steps: int = 1) -> float:
    """Follow algorithm 2 of Loshchilov & Hutter 2017, with Adam's defaults."""
    weight, first, second, lr = 1.0, 0.0, 0.0, weight_decay.LEARNING_RATE
    for step in range(1, steps + 1):
        total = gradient if decoupled else gradient + decay * weight
        first, second = 0.9 * first + 0.1 * total, 0.999 * second + 0.001 * total**2
        weight -= lr * decay * weight if decoupled else 0.0
        weight -= lr * (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)) ** 0.5 + 1e-8)
    return weight


@pytest.mark.parametrize("gradient", [0.0, 1e-3, 1.0, 1000.0])
@pytest.mark.parametrize(("kind", "decoupled"), [(torch.optim.AdamW, True), (torch.optim.Adam, False)])
def test_torch_s_optimizers_follow_the_paper(gradient: float, kind: type[torch.optim.Adam], *, decoupled: bool) -> None:
    measured = weight_decay.after_steps(CPU, kind, gradient=gradient, steps=7)
    assert measured == pytest.approx(by_hand(gradient, weight_decay.DECAY, decoupled=decoupled, steps=7), rel=1e-12)


def test_decay_is_decoupled_in_adamw_alone(facts: weight_decay.WeightDecay) -> None:
    assert facts.l2_is_not_decoupled
    assert facts.shrink_per_step == pytest.approx(100 * 0.01 * 0.1)
    assert facts.frozen_changed == 0
    assert facts.state_bytes_per_parameter == 2 * 4


def test_the_picture_follows_the_formula(facts: weight_decay.WeightDecay) -> None:
    assert facts.curves["decayed"] == pytest.approx([(1 - 0.001) ** steps for steps in range(0, 201, 20)])
    assert set(facts.curves["in the no_decay group"]) == {1.0}
    assert list(weight_decay.draw(facts)) == ["norms"]


def test_the_trainer_s_grouping_spares_every_norm(facts: weight_decay.WeightDecay, tmp_path: Path) -> None:
    """By a Trainer itself, which makes its own optimizer: no norm is in the group that decays."""
    assert facts.norms_missed_by_trainer == 0
    model = tiny_llama(CPU)
    trainer = Trainer(model, TrainingArguments(str(tmp_path), weight_decay=0.1, use_cpu=True, report_to="none"))
    decayed = {id(weight) for weight in trainer.create_optimizer().param_groups[0]["params"]}
    norms = [weight for name, weight in model.named_parameters() if "norm" in name]
    assert trainer.optimizer.param_groups[0]["weight_decay"] == 0.1  # type: ignore[union-attr]
    assert len(norms) == 5
    assert not {id(weight) for weight in norms} & decayed


def test_two_dimensions_do_not_make_a_weight_matrix(facts: weight_decay.WeightDecay) -> None:
    """Mamba's A_log holds the logarithms of 1 to 4, one row a channel: no matrix that a product uses."""
    assert facts.mamba_decayed_by_dimension == 2
    layer = MambaForCausalLM(MambaConfig(vocab_size=8, hidden_size=8, num_hidden_layers=1, state_size=4)).backbone
    rows = layer.get_parameter("layers.0.mixer.A_log")
    assert torch.allclose(rows, torch.arange(1.0, 5.0).log().expand_as(rows))


def test_under_lora_the_group_without_decay_is_empty_of_what_is_trained(facts: weight_decay.WeightDecay) -> None:
    """By hand: LoRA's matrices are called lora_A and lora_B, and neither bias nor LayerNorm is in their names."""
    assert facts.no_decay_trained_under_lora == 0


def test_the_users_own_norms(tmp_path: Path) -> None:
    tiny_llama(CPU, layers=3).config.save_pretrained(tmp_path)
    own = weight_decay.run(CPU, model=str(tmp_path))
    assert isinstance(own, weight_decay.OwnModel)
    assert (own.norms, own.matched, own.decayed, own.missed_by_dimension, own.missed_by_trainer) == (7, 0, 7, 0, 0)
    words = {field.name: field.metadata["en"] for field in dataclasses.fields(own)}
    assert "BERT's name" in words["matched"]
    assert "pulled towards zero" in words["decayed"]
    assert own.decayed_names == "input_layernorm.weight, post_attention_layernorm.weight, norm.weight"


def test_chatglm_s_norms_are_decayed() -> None:
    """The note's own model: two norms in each of 28 layers and a last one."""
    own = weight_decay.run(CPU, model="chatglm-6b")
    assert isinstance(own, weight_decay.OwnModel)
    assert (own.norms, own.matched, own.decayed) == (57, 0, 57)
