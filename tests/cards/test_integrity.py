"""The last check: signs left over and numbers changed are found, and a whole card is let through."""

import pytest

from ankillm.cards.integrity import broken


@pytest.mark.parametrize(
    ("front", "back", "source", "code"),
    [
        ("What is context?", "up to 217 tokens", "- context: up to 2<sup>17</sup> tokens", "number-changed"),
        ("What is context?", "up to 2<sup>17</sup> tokens", "- context: up to 2<sup>17</sup> tokens", ""),
        ("Factor **$y^2**?", "9$ by hand", "- Factor $y^2 - 9$ by hand", "open-math"),
        ("**What is dropout?", "⭐️**", "**What is dropout? ⭐️**", "open-bold"),
        ("计算 `偏差 = 训练误差是什么？", "人类误差`", "- 计算 `偏差 = 训练误差 - 人类误差`", "open-code"),
        ("What is ==value?", "mixed", "- ==value==: mixed", "highlight"),
        ("What is LoRA?", "a method %%secret", "LoRA is a method %%secret%%", "comment"),
        ("What is the cost?", "{{c1::O(1)}}", "| push | {{c1::O(1)}} |", "gap"),
        ("What is a loss?", "![[loss.png]]", "![[loss.png]]", "embed"),
        ("What does it cost?", "from $5 to $10", "It costs from $5 to $10", ""),
        ("如何比较？", "用 `a == b` 和 $x$，**加粗，**后面", "用 `a == b` 和 $x$，**加粗，**后面", ""),
        ("Which?", "1. one\n2. two", "- one\n- two", ""),
        ("Picture?", "![a](<b%2042.png>)", "![a](b 1.png)", ""),
        ("Code?", "```python\nx = f(**a)  # `b` $c\n```", "x", ""),
    ],
)
def test_what_is_left_over_or_changed_is_found(front: str, back: str, source: str, code: str) -> None:
    assert broken(front, back, source) == code
