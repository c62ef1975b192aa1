"""The demo of prefix tuning against formulas, published counts, and a second implementation."""

import json
from pathlib import Path

import pytest
import torch
from torch_settings import unchanged
from transformers import BloomConfig

from ankillm.common.diagnostics import Refusal
from reference_trainer import prefix_tuning
from reference_trainer.prefix_tuning import small
from reference_trainer.support.architectures import build
from reference_trainer.support.chatglm import ChatGLMConfig, prefix_encoder
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.prefix_layers import LayerShape, PrefixEncoder, prefix_model
from reference_trainer.support.reproducible import reproducible

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> prefix_tuning.PrefixTuning:
    with unchanged():
        result = prefix_tuning.run(CPU)
    assert isinstance(result, prefix_tuning.PrefixTuning)
    return result


def test_counts_match_the_published_ones(facts: prefix_tuning.PrefixTuning) -> None:
    """LexiLaw's README: 957,059,072 of 7,130,345,472 with projection; without it 2 · 28 layers · 4096 a token."""
    assert facts.projection_trainable == 957_059_072
    assert facts.projection_share == pytest.approx(100 * 957_059_072 / 7_130_345_472, rel=1e-12)
    assert facts.parameters_per_token == 2 * 28 * 4096
    assert facts.trainable == 128 * 2 * 28 * 4096 == 29_360_128
    assert facts.trainable_share == pytest.approx(100 * 29_360_128 / (7_130_345_472 - 957_059_072 + 29_360_128))
    assert facts.projection_cost == pytest.approx(957_059_072 / 29_360_128)
    assert facts.cache_size == 56


@pytest.mark.parametrize("projection", [False, True])
def test_a_second_implementation_counts_the_same(*, projection: bool) -> None:
    """ChatGLM's own module, as the counter builds it."""
    config = build("chatglm-6b").config
    assert isinstance(config, ChatGLMConfig)
    with torch.device("meta"):
        other = prefix_encoder(config, 128, projection=projection)
        ours = PrefixEncoder([LayerShape(32, 128, 128)] * 28, 128, hidden=4096, projection=projection)
    assert prefix_tuning.count(ours) == prefix_tuning.count(other)


def test_bloomz_matches_peft_s_documentation() -> None:
    """Peft's documentation: 983,040 for bloomz-560m (24 layers of 1024 units) with 20 virtual tokens."""
    layers = prefix_tuning.layers_of(BloomConfig(hidden_size=1024, n_layer=24, n_head=16))
    assert prefix_tuning.count(PrefixEncoder(layers, 20, hidden=1024)) == 983_040


def test_the_input_keeps_its_length(facts: prefix_tuning.PrefixTuning) -> None:
    assert (facts.hidden_growth, facts.attention_growth, facts.prompt_tuning_growth) == (0, 8, 8)


def test_checkpointing_and_the_dropped_projection(facts: prefix_tuning.PrefixTuning) -> None:
    assert facts.works_with_checkpointing
    assert not facts.peft_works_with_checkpointing
    assert facts.dropped_projection_difference == 0
    assert 0 <= facts.permuted_prefix_difference.low <= facts.permuted_prefix_difference.high < 1e-5


def test_a_prefix_of_real_tokens_starts_as_having_read_them(facts: prefix_tuning.PrefixTuning) -> None:
    """To the rounding of one matrix product; random numbers do not."""
    assert facts.token_start_difference.high < 1e-5
    assert facts.random_start_difference.low > 0.1
    assert facts.random_start_difference.seeds == 5


def test_both_starts_are_tried_on_the_users_model(tmp_path: Path) -> None:
    """The loss of what the model writes by itself, without a prefix, is computed by hand from its own logits."""
    with reproducible(0):
        model = tiny_llama(CPU)
        model.save_pretrained(tmp_path)
    own = prefix_tuning.run(CPU, model=str(tmp_path))
    assert isinstance(own, prefix_tuning.OwnModel)
    assert own.untouched_loss is not None
    assert own.token_start_loss is not None
    assert own.random_start_loss is not None
    model.requires_grad_(requires_grad=False)
    ids = torch.tensor([[1]])
    for _ in range(80):
        ids = torch.cat([ids, model(input_ids=ids).logits[:, -1:].argmax(-1)], dim=1)
    logits = model(input_ids=ids[:, 16:80]).logits.log_softmax(-1)
    losses = [-float(logits[0, place, int(ids[0, 17 + place])]) for place in range(63)]
    assert own.untouched_loss == pytest.approx(sum(losses) / 63, rel=1e-4)
    whole = model(input_ids=ids[:, :80]).logits.log_softmax(-1)
    read = [-float(whole[0, place, int(ids[0, 1 + place])]) for place in range(16, 79)]
    assert own.token_start_loss == pytest.approx(sum(read) / 63, rel=1e-4)


def test_the_prefix_is_what_a_cache_of_past_keys_and_values_is() -> None:
    """Keys and values that Llama itself computed for earlier tokens, given as a prefix, continue as Llama would."""
    with reproducible(0), torch.no_grad():
        base = tiny_llama(CPU).train(mode=False)
        tokens = torch.randint(256, (1, 12))
        past = base(input_ids=tokens[:, :8], use_cache=True).past_key_values
        expected = base(input_ids=tokens).logits[:, 8:]
        states = [states for layer in past.layers for states in (layer.keys, layer.values)]  # each (1, heads, 8, width)
        model = prefix_model(base, 8)
        model.encoder.embedding.weight.data = torch.cat([part[0].transpose(0, 1).flatten(1) for part in states], dim=1)
        torch.testing.assert_close(prefix_tuning.logits_of(model, tokens[:, 8:]), expected)


def test_only_the_prefix_is_trained() -> None:
    model = small(CPU)
    torch.autograd.backward(prefix_tuning.loss_of(model, torch.randint(256, (1, 9))))
    assert {name for name, weight in model.named_parameters() if weight.grad is not None} == {
        "encoder.embedding.weight"
    }


def test_the_users_own_shape(tmp_path: Path) -> None:
    """Grouped queries: 2 heads of keys and values, of 16, in 3 layers."""
    tiny_llama(CPU, layers=3, num_key_value_heads=2).config.save_pretrained(tmp_path)
    own = prefix_tuning.run(CPU, model=str(tmp_path))
    assert isinstance(own, prefix_tuning.OwnModel)
    assert own.parameters_per_token == 2 * 3 * 2 * 16
    assert own.trainable == 128 * own.parameters_per_token
    assert (
        own.projection_trainable == 128 * 64 + 64 * 64 + 64 + 64 * own.parameters_per_token + own.parameters_per_token
    )


def test_a_model_without_attention_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "mamba", "num_hidden_layers": 1}), encoding="utf-8")
    with pytest.raises(Refusal, match="needs layers with attention"):
        prefix_tuning.run(CPU, model=str(tmp_path))
