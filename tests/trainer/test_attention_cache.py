"""The demo of the KV cache against the formula of its size, sums by hand, and transformers' own generation."""

from typing import Any

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import attention_cache
from reference_trainer.support.models import tiny_llama

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> attention_cache.AttentionCache:
    with unchanged():
        return attention_cache.run(CPU)


def formula(layers: int, heads: int, width: int, tokens: int = 1) -> int:
    """Return the bytes of a key and a value, 2 a number."""
    return 2 * layers * heads * width * 2 * tokens


def test_bytes_are_the_formula(facts: attention_cache.AttentionCache) -> None:
    assert facts.qwen_bytes_per_token == formula(28, 4, 128) == 57_344
    assert facts.qwen_bytes_without_groups == formula(28, 28, 128) == 401_408
    assert facts.grouped_saving == 28 / 4
    assert facts.multi_query_saving == 28
    assert facts.llama2_7b_gib == formula(32, 32, 128, 4096) / 2**30 == 2


def test_positions_are_sums_by_hand(facts: attention_cache.AttentionCache) -> None:
    """With a cache the prompt and one a token, but for the last; without, the whole text so far each time."""
    assert facts.positions_with == 16 + 31
    assert facts.positions_without == sum(range(16, 16 + 32))


def test_the_same_tokens_as_transformers_generates(facts: attention_cache.AttentionCache) -> None:
    assert facts.same_tokens
    torch.manual_seed(3)
    model: Any = tiny_llama(CPU)
    prompt = torch.randint(256, (1, 16))
    expected = model.generate(prompt, max_new_tokens=32, do_sample=False, eos_token_id=None)
    for cache in (True, False):
        tokens, _ = attention_cache.written(model, prompt, cache=cache)
        assert torch.equal(tokens, expected)


def test_what_is_earlier_never_changes_but_in_an_encoder(facts: attention_cache.AttentionCache) -> None:
    """The second way: no gradient flows from an earlier token's output to a later token's embedding."""
    assert facts.earlier_keys_change == 0
    assert facts.encoder_keys_change
    assert not facts.queries_are_kept
    model = tiny_llama(CPU)
    embedded = torch.randn(1, 6, 64, requires_grad=True)
    model.model(inputs_embeds=embedded).last_hidden_state[0, 2].sum().backward()
    assert embedded.grad is not None
    assert embedded.grad[0, :3].abs().sum(-1).all()
    assert not embedded.grad[0, 3:].any()


def test_the_picture_is_straight(facts: attention_cache.AttentionCache) -> None:
    for heads in (28, 4, 1):
        expected = [formula(28, heads, 128, tokens) / 2**30 for tokens in attention_cache.LENGTHS]
        assert facts.gib[attention_cache.names(heads)] == pytest.approx(expected)
    assert list(attention_cache.draw(facts)) == ["growth"]
    assert facts.decode_speedup is None
