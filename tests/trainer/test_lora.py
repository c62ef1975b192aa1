"""The LoRA demo against formulas, a second implementation in plain torch, and published numbers."""

import json
from pathlib import Path

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import lora
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> lora.Lora:
    with unchanged():
        result = lora.run(CPU)
    assert isinstance(result, lora.Lora)
    return result


def test_only_the_update_is_trained(facts: lora.Lora) -> None:
    """B starts as zeros, the base stays frozen, and what is learnt is learnt by A and B."""
    assert facts.init_output_difference == 0
    assert facts.base_weight_change == 0
    assert facts.trained_loss_drop.low > 0.3
    assert facts.inference_mode_trainable == 0


def test_new_parameters_follow_the_formula(facts: lora.Lora) -> None:
    """r·(in + out) a layer; in the tiny model q and v of two layers, 64 wide."""
    assert facts.layer_parameters == 8 * (4096 + 4096)
    assert facts.trainable == 2 * 2 * 8 * (64 + 64)
    base = sum(weight.numel() for weight in tiny_llama(CPU).parameters())
    assert facts.trainable_share == pytest.approx(100 * facts.trainable / (base + facts.trainable))


def test_llama_2_7b_matches_the_published_log(facts: lora.Lora) -> None:
    """Training logs of Llama-2-7B with r=8 on q and v print 4,194,304 of 6,742,609,920."""
    assert facts.llama2_7b_trainable == 4_194_304
    assert facts.llama2_7b_share == pytest.approx(100 * 4_194_304 / 6_742_609_920, rel=1e-12)
    assert facts.adapter_bytes_ratio == pytest.approx((6_742_609_920 - 4_194_304) / 4_194_304)


def test_peft_computes_what_the_paper_writes() -> None:
    """A second implementation, W·x + (α/r)·B·A·x, gives the output of peft's layer and of its merged weight."""
    with reproducible(0):
        wrapped = lora.wrap(tiny_llama(CPU))
        layer = wrapped.get_submodule(lora.FIRST_Q).train(mode=False)
        x = torch.randn(3, 64)
        w, a, b = (layer.get_parameter(f"{name}.weight") for name in ("base_layer", "lora_A.default", "lora_B.default"))
        torch.nn.init.normal_(b)
        written = x @ w.T + 32 / 8 * (x @ a.T @ b.T)
        torch.testing.assert_close(layer(x), written)
        merged = wrapped.merge_and_unload().model.layers[0].self_attn.q_proj
        torch.testing.assert_close(merged(x), written)


def test_rank_scaling_and_merging(facts: lora.Lora) -> None:
    assert facts.update_rank == 8
    assert facts.scaling == 32 / 8
    assert 0 < facts.merge_difference.low <= facts.merge_difference.high < 1e-5
    assert facts.dropout_eval_difference == 0
    assert facts.default_targets == "q_proj, v_proj"


def test_the_same_seed_gives_the_same_numbers(facts: lora.Lora) -> None:
    assert lora.run(CPU) == facts
    assert lora.run(CPU, seed=1) != facts


@pytest.mark.parametrize("weights", [True, False])
def test_the_users_own_model(tmp_path: Path, *, weights: bool) -> None:
    """Without weights the shape is measured, with weights the behaviour too."""
    model = tiny_llama(CPU, layers=3)
    (model if weights else model.config).save_pretrained(tmp_path)
    own = lora.run(CPU, model=str(tmp_path))
    assert isinstance(own, lora.OwnModel)
    assert (own.architecture, own.targets, own.trainable) == ("LlamaForCausalLM", "q_proj, v_proj", 3 * 2 * 8 * 128)
    assert (own.init_output_difference, own.base_weight_change) == ((0, 0) if weights else (None, None))


def test_an_architecture_without_default_targets(tmp_path: Path) -> None:
    """Where peft names no layers, all linear ones get LoRA."""
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "vocab_size": 99, "pad_token_id": 0}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16}
    config = {"model_type": "glm", **sizes, **heads}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    own = lora.run(CPU, model=str(tmp_path))
    assert isinstance(own, lora.OwnModel)
    assert own.targets == "down_proj, gate_up_proj, k_proj, o_proj, q_proj, v_proj"
