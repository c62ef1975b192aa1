"""The demo of gradient checkpointing against torch's own checkpoint function and counted sizes."""

import dataclasses

import pytest
import torch
from torch.utils.checkpoint import checkpoint
from torch_settings import unchanged
from transformers import AttentionInterface

from reference_trainer import gradient_checkpointing
from reference_trainer.support.models import tiny_llama

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> gradient_checkpointing.GradientCheckpointing:
    with unchanged():
        result = gradient_checkpointing.run(CPU)
    assert isinstance(result, gradient_checkpointing.GradientCheckpointing)
    return result


def test_nothing_but_memory_and_time_changes(facts: gradient_checkpointing.GradientCheckpointing) -> None:
    assert facts.gradient_difference == 0
    assert facts.forwards_per_block == 2
    assert facts.cache_logits_difference == 0
    assert facts.checkpointing_switches_cache_off


def test_input_gradients_matter_only_where_re_entrant(facts: gradient_checkpointing.GradientCheckpointing) -> None:
    assert facts.reentrant_needs_input_grads
    assert facts.reentrant_skips_silently
    assert not facts.nonreentrant_needs_input_grads
    assert facts.input_grads_come_with_checkpointing


def test_the_cache_has_the_size_of_its_formula(facts: gradient_checkpointing.GradientCheckpointing) -> None:
    """2 (keys, values) · layers · batch · tokens · width · bytes."""
    assert facts.cache_bytes == 2 * 8 * 1 * 16 * 64 * 4
    assert facts.llama2_7b_cache * 2**30 == 2 * 32 * 1 * 2048 * 4096 * 2


def test_what_is_kept_grows_by_one_input_a_layer(facts: gradient_checkpointing.GradientCheckpointing) -> None:
    """With checkpointing a further layer adds its input and nothing else: 4·64 tokens of 64 numbers in fp32."""
    two, four, eight, sixteen = facts.kept[True]
    assert {(four - two) / 2, (eight - four) / 4, (sixteen - eight) / 8} == {4 * 64 * 64 * 4 / 1024}
    assert facts.saved_bytes_ratio == facts.kept[False][2] / eight > 5


def test_a_7b_model_keeps_the_attention_matrices_without_it(
    facts: gradient_checkpointing.GradientCheckpointing,
) -> None:
    """Eager attention alone keeps the weights of 32 layers · 32 heads · 2048² in fp16: 8 GiB."""
    assert facts.llama2_7b_kept > 32 * 32 * 2048**2 * 2 / 2**30
    metadata = {field.name: field.metadata for field in dataclasses.fields(facts)}
    for language in ("zh", "en"):
        told = metadata["llama2_7b_kept_with"][f"question_{language}"]
        assert f"{facts.llama2_7b_kept:.1f}" in told
        assert f"{facts.llama2_7b_kept_sdpa:.1f}" in told
        assert "sdpa" in metadata["llama2_7b_kept_sdpa"][language]
        for name in ("llama2_7b_kept", "saved_bytes_ratio"):
            assert "eager" in metadata[name][language]
    inputs = 32 * 2048 * 4096 * 2 / 2**30
    assert inputs < facts.llama2_7b_kept_with < 2 * inputs


def test_bytes_are_counted_as_torch_keeps_them() -> None:
    """A second count by hand, on two layers of torch: x and the hidden tensor are kept; with a checkpoint, x alone."""

    class Hand(torch.nn.Module):
        def __init__(self, *, on: bool) -> None:
            super().__init__()
            self.first, self.second, self.on = torch.nn.Linear(64, 64), torch.nn.Linear(64, 1), on
            self.device = CPU

        def forward(self, input_ids: torch.Tensor, **_: object) -> torch.Tensor:
            def block(x: torch.Tensor) -> torch.Tensor:
                y: torch.Tensor = self.second(self.first(x).sigmoid())
                return y

            x = input_ids[..., None].expand(-1, -1, 64) * torch.ones(64)
            return checkpoint(block, x, use_reentrant=False) if self.on else block(x)

    x = 4 * 64 * 64 * 4
    assert gradient_checkpointing.kept_bytes(Hand(on=False)) == 2 * x  # type: ignore[arg-type]
    assert gradient_checkpointing.kept_bytes(Hand(on=True)) == x  # type: ignore[arg-type]


def test_the_users_own_shape(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("own")
    tiny_llama(CPU, max_position_embeddings=4096).config.save_pretrained(folder)
    own = gradient_checkpointing.run(CPU, model=str(folder))
    assert isinstance(own, gradient_checkpointing.OwnModel)
    assert own.cache * 2**30 == 2 * 2 * 2048 * 64 * 2
    assert own.kept > own.kept_sdpa > own.kept_with > 0
    words = [field.metadata["en"] for field in dataclasses.fields(own) if field.name != "architecture"]
    assert all("2048 tokens" in text or "sdpa" in text for text in words)


def test_fused_attention_keeps_no_weights_of_pairs(facts: gradient_checkpointing.GradientCheckpointing) -> None:
    """By hand: eager keeps per layer the softmax in fp32 and its rounded copy, and the copy that multiplies the values.

    The scores of 32 layers and heads over 2048² pairs: 24 GiB of the 35.7. What is left is counted for eager and fused.
    """
    pairs = 32 * 32 * 2048**2
    assert facts.llama2_7b_kept - facts.llama2_7b_kept_sdpa == pytest.approx(pairs * (4 + 2) / 2**30, rel=0.01)
    assert 13 < facts.llama2_7b_kept_sdpa / facts.llama2_7b_kept_with < 16
    assert 5 < facts.saved_bytes_ratio_sdpa < facts.saved_bytes_ratio


@pytest.mark.parametrize("heads", [4, 2])
@pytest.mark.parametrize("on", [False, True])
def test_the_fused_kernel_by_shape_keeps_what_sdpa_keeps(heads: int, *, on: bool) -> None:
    """On the CPU, where torch chooses it, byte for byte; and without numbers the same."""
    AttentionInterface.register(gradient_checkpointing.FUSED, gradient_checkpointing.fused_attention)
    kept = []
    for device, attention in (("cpu", "sdpa"), ("cpu", gradient_checkpointing.FUSED), ("meta", None)):
        model = tiny_llama(torch.device("cpu"), attn_implementation="sdpa", num_key_value_heads=heads)
        model = torch.nn.Module.to(model, device)
        model.set_attn_implementation(attention or gradient_checkpointing.FUSED)
        kept.append(gradient_checkpointing.kept_bytes(gradient_checkpointing.checkpointed(model, on=on)))
    assert kept[0] == kept[1] == kept[2]


def test_the_peak_is_absent_without_a_gpu(facts: gradient_checkpointing.GradientCheckpointing) -> None:
    assert facts.peak_memory_ratio is None
