"""The prefix encoder: what it is equal to, and what leaves it as it is."""

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from peft import PeftModel, PrefixTuningConfig, get_peft_model
from peft.tuners.prefix_tuning import PrefixEncoder as PeftPrefixEncoder
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    DeepseekV3Config,
    FalconConfig,
    Gemma2Config,
    GlmConfig,
    GPT2Config,
    GPTBigCodeConfig,
    GPTNeoXConfig,
    LlamaConfig,
    MambaConfig,
    OPTConfig,
    PretrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3MoeConfig,
)

from ankillm.common.diagnostics import Refusal
from reference_trainer.support.prefix_layers import PrefixModel, prefix_model
from reference_trainer.training.tuning import load_prefix, save_prefix

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

WIDE: dict[str, Any] = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
WIDE |= {"num_attention_heads": 4, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
GPT: dict[str, Any] = {"vocab_size": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "bos_token_id": 1, "eos_token_id": 2}
OPT: dict[str, Any] = {"ffn_dim": 64, "word_embed_proj_dim": 32, "dropout": 0.0, "max_position_embeddings": 64}
MLA: dict[str, Any] = {"q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8}
MLA |= {"v_head_dim": 12, "n_routed_experts": 4, "n_group": 1, "topk_group": 1, "num_experts_per_tok": 2}
CONFIGS: dict[str, PretrainedConfig] = {
    "llama": LlamaConfig(**WIDE),
    "llama, grouped": LlamaConfig(**WIDE, num_key_value_heads=2),
    "qwen2": Qwen2Config(**WIDE, num_key_value_heads=2),
    "glm": GlmConfig(**WIDE, num_key_value_heads=2, head_dim=8),
    "gemma2, sliding": Gemma2Config(**WIDE, num_key_value_heads=2, head_dim=16, sliding_window=6),
    "gpt_neox": GPTNeoXConfig(**WIDE),
    "gpt2": GPT2Config(**GPT, n_positions=64, attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0),
    "gpt_bigcode, one head": GPTBigCodeConfig(**GPT, attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0),
    "bloom": BloomConfig(vocab_size=64, hidden_size=32, n_layer=2, n_head=4),
    "opt": OPTConfig(**{**WIDE, "pad_token_id": 1}, **OPT),
    "falcon": FalconConfig(**WIDE),
    "qwen3, experts": Qwen3MoeConfig(
        **WIDE, num_key_value_heads=2, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16
    ),
    "deepseek, latent": DeepseekV3Config(**WIDE, num_key_value_heads=4, moe_intermediate_size=16, **MLA),
}
PEFT_READS = ["llama", "llama, grouped", "qwen2", "glm", "gpt_neox", "gpt2", "bloom", "opt"]


def decoder(name: str) -> PreTrainedModel:
    """Return a tiny decoder with random weights."""
    torch.manual_seed(0)
    model: PreTrainedModel = AutoModelForCausalLM.from_config(CONFIGS[name])  # type: ignore[no-untyped-call]
    return nn.Module.eval(model)


def two_rows() -> tuple[Tensor, Tensor]:
    """Return tokens and mask, (2, 9) each, the second row padded at its end."""
    torch.manual_seed(1)
    ids, mask = torch.randint(3, 60, (2, 9)), torch.ones(2, 9, dtype=torch.long)
    mask[1, 6:] = 0
    return ids, mask


def outputs_and_gradient(model: PrefixModel) -> tuple[Tensor, Tensor]:
    """Return the logits of real tokens and the gradient of the prefix."""
    ids, mask = two_rows()
    model.zero_grad()
    logits = model(ids, mask).logits[mask.bool()]
    logits.pow(2).mean().backward()
    gradient = model.encoder.embedding.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0
    return logits, gradient.clone()


@pytest.mark.parametrize("name", CONFIGS)
def test_a_prefix_of_real_keys_and_values_is_what_reading_those_tokens_is(name: str) -> None:
    """Five tokens read in front, and their keys and values put in front, give later tokens the same logits."""
    base, (ids, mask), front = decoder(name), two_rows(), torch.randint(3, 60, (1, 5))
    with torch.no_grad():
        ones = torch.ones(2, 5, dtype=torch.long)
        read = base(input_ids=torch.cat([front.expand(2, -1), ids], 1), attention_mask=torch.cat([ones, mask], 1))
    for projection in (False, True):
        model = prefix_model(base, 5, projection=projection, tokens=front[0].tolist())
        with torch.no_grad():
            given = model(ids, mask).logits
        torch.testing.assert_close(given[mask.bool()], read.logits[:, 5:][mask.bool()], atol=2e-6, rtol=0)


def test_the_rows_of_too_few_tokens_are_repeated() -> None:
    base = decoder("llama")
    few, many = (prefix_model(base, 5, tokens=tokens).encoder.rows() for tokens in ([7, 9], [7, 9, 8, 8, 8]))
    torch.testing.assert_close(few[:2], many[:2])
    assert torch.equal(few, few[[0, 1, 0, 1, 0]])
    assert base.training is False


@pytest.mark.parametrize("projection", [False, True])
def test_a_prefix_of_real_tokens_can_be_trained_saved_and_read(tmp_path: Path, *, projection: bool) -> None:
    """The start is part of what is kept when the projection is dropped."""
    model = prefix_model(decoder("llama"), 3, projection=projection, tokens=[5, 6, 7])
    optimizer = torch.optim.AdamW(model.encoder.parameters(), lr=1e-2)
    ids, mask = two_rows()
    before = model.encoder.rows().detach().clone()
    for _ in range(3):
        optimizer.zero_grad()
        model(ids, mask).logits.pow(2).mean().backward()
        optimizer.step()
    assert not torch.equal(before, model.encoder.rows())
    save_prefix(model, tmp_path)
    torch.testing.assert_close(load_prefix(decoder("llama"), tmp_path)(ids, mask).logits, model(ids, mask).logits)


@pytest.mark.parametrize("name", CONFIGS)
def test_checkpointing_changes_no_bit(name: str) -> None:
    """Logits and gradients are the same bits whether layers are computed once or twice.

    GPT-BigCode's are checkpointed in a way of their own by transformers before 5, which is refused.
    """
    model = prefix_model(decoder(name), 5).train()
    once = outputs_and_gradient(model)
    if transformers.__version__ < "5" and name.startswith("gpt_bigcode"):
        with pytest.raises(Refusal, match="would be lost under checkpointing"):
            model.checkpoint()
        return
    model.checkpoint()
    runs = []
    layer = next(module for module in model.base.modules() if hasattr(module, "_can_checkpoint_with_cache"))
    inner = next(
        module for module in layer.modules() if isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D"
    )
    inner.register_forward_pre_hook(lambda *_: runs.append(1))
    twice = outputs_and_gradient(model)
    assert len(runs) == 2
    assert all(torch.equal(first, second) for first, second in zip(once, twice, strict=True))


@pytest.mark.parametrize("projection", [False, True])
@pytest.mark.parametrize("name", PEFT_READS)
def test_equal_to_prefix_tuning_of_peft(name: str, *, projection: bool) -> None:
    """With the same weights, logits and gradients are those of peft's prefix tuning."""
    base = decoder(name)
    theirs = get_peft_model(
        decoder(name),
        PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5, prefix_projection=projection),
    )
    encoder = theirs.get_submodule("prompt_encoder.default")
    assert isinstance(encoder, PeftPrefixEncoder)
    ours = prefix_model(base, 5, projection=projection, hidden=encoder.embedding.weight.shape[1])
    ours.encoder.load_state_dict(encoder.state_dict())
    logits, gradient = outputs_and_gradient(ours)
    ids, mask = two_rows()
    expected = theirs(input_ids=ids, attention_mask=mask).logits[mask.bool()]
    expected.pow(2).mean().backward()
    torch.testing.assert_close(logits, expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(gradient, encoder.embedding.weight.grad, atol=1e-7, rtol=1e-4)


@pytest.mark.parametrize("name", PEFT_READS)
def test_peft_loads_what_is_saved(name: str, tmp_path: Path) -> None:
    """A trained prefix, its projection dropped, gives the same logits through PeftModel.from_pretrained."""
    ours = prefix_model(decoder(name), 5, projection=True)
    save_prefix(ours, tmp_path)
    theirs = PeftModel.from_pretrained(decoder(name), str(tmp_path))
    ids, mask = two_rows()
    with torch.no_grad():
        expected, given = ours(ids, mask).logits, theirs(input_ids=ids, attention_mask=mask).logits
    torch.testing.assert_close(given[mask.bool()], expected[mask.bool()], atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_saved_prefix_is_loaded_again(name: str, tmp_path: Path) -> None:
    ours = prefix_model(decoder(name), 5, projection=True)
    save_prefix(ours, tmp_path)
    again = load_prefix(decoder(name), tmp_path)
    ids, mask = two_rows()
    with torch.no_grad():
        torch.testing.assert_close(again(ids, mask).logits, ours(ids, mask).logits, atol=0, rtol=0)


def test_parameter_counts_are_the_formulas() -> None:
    """2·layers·kv_heads·head_dim·n without projection; a table and two linear layers with it."""
    base = decoder("llama, grouped")
    plain, projected = prefix_model(base, 7).encoder, prefix_model(base, 7, projection=True).encoder
    width = 2 * 2 * 2 * 8
    assert sum(parameter.numel() for parameter in plain.parameters()) == width * 7
    assert sum(parameter.numel() for parameter in projected.parameters()) == 7 * 32 + 32 * 32 + 32 + 32 * width + width


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_prefix_stays_in_full_precision(dtype: torch.dtype) -> None:
    """A half-precision decoder gets a float32 prefix, whose gradient is float32 too."""
    base = nn.Module.to(decoder("llama"), dtype)
    logits, gradient = outputs_and_gradient(prefix_model(base, 5))
    assert logits.dtype == dtype
    assert gradient.dtype == torch.float32


def test_a_model_without_keys_and_values_is_refused() -> None:
    config = MambaConfig(vocab_size=64, hidden_size=32, num_hidden_layers=2, state_size=4)
    base = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    with pytest.raises(Refusal, match="mamba keeps no keys and values"):
        prefix_model(base, 5)
