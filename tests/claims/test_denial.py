"""What a sentence denies, or its author takes back, is no claim of theirs."""

import pytest
from checkout import ROOT

from ankillm.claims.contradictions import contradictions
from ankillm.evidence.index import listed
from ankillm.markdown.note import parse

DEMOS = listed(ROOT / "reference_trainer")


def doubted(sentence: str) -> bool:
    """Whether a sentence is held to say what a demo knows to be wrong."""
    return bool(list(contradictions(parse(f"# Language models\n\n## How?\n\n{sentence}\n", "n.md"), DEMOS)))


@pytest.mark.parametrize(
    "sentence",
    [
        "NF4 is not evenly spaced.",
        "RMSNorm doesn't subtract the mean.",
        "RoPE never has trainable parameters.",
        "loss.backward() never updates the weights.",
        "model.eval() disables dropout and leaves gradients alone.",
        "model.eval() 关闭 dropout 而保留梯度。",
        "loss.backward() 无法更新权重。",
        "`backward()` does not automatically clear gradients.",
        "backward() 不会自动清空梯度。",
        "~~NF4 uses evenly spaced levels~~ NF4 uses the quantiles of a normal distribution.",
        "❌ model.eval() 关闭梯度计算；✅ 它只切换 dropout。",
        "很多人认为 model.eval() 会关闭梯度计算。这是错误的。",
        "Without prefix_projection, pre_seq_len slightly increases the number of parameters.",
        "NF4 uses evenly spaced levels. ❌",
        "NF4 uses evenly spaced levels ❌",
        "❌ NF4 uses evenly spaced levels.",
        "%%NF4 is simple. NF4 uses evenly spaced levels.%% NF4 uses quantiles.",
        "~~NF4 is simple. NF4 uses evenly spaced levels.~~",
        "NF4 uses evenly spaced levels. This is wrong!",
        "教程里说 NF4 的量化级别是均匀分布的。",
    ],
)
def test_what_is_denied_or_taken_back_is_not_doubted(sentence: str) -> None:
    assert not doubted(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "NF4 uses evenly spaced levels.",
        "model.eval() 关闭梯度计算。",
        "RoPE has trainable parameters.",
        "~~See chapter 3.~~ NF4 uses evenly spaced levels.",
        "NF4 uses evenly spaced levels. ~~See chapter 3.~~",
        "NF4 uses evenly spaced levels. ❌ Do not use it for training.\n✅ QLoRA trains adapters over it.",
        "NF4 uses evenly spaced levels. LoRA trains every weight. This is wrong.",
        "NF4 uses evenly spaced levels. It is wrong to train it.",
        "教程里说要先装 CUDA。NF4 uses evenly spaced levels.",
        "Without calibration, NF4 uses evenly spaced levels.",
    ],
)
def test_what_is_said_is_doubted(sentence: str) -> None:
    assert doubted(sentence)


def test_a_negation_is_a_misreadings_own_only_where_it_stands_in_what_was_found() -> None:
    """That `zero_grad` is not needed is said with one; another of its patterns has none."""
    assert doubted("`zero_grad()` is not needed in PyTorch.")
    assert doubted("backward() 会自动清空梯度。")
