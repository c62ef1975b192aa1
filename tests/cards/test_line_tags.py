"""Tags at the end of a line, or of a heading, are tags of the cards that come of it."""

import pytest
from note_cards import rendered_cards

NOTE = """# Tuning

## 什么是 LoRA？ #peft

LoRA 是一种冻结权重、只训练低秩矩阵的微调方法。

- **秩**：低秩矩阵的宽度，通常取 8 到 64 #rank #zh/参数
- **缩放**：更新量除以秩再乘的系数 `a #code`

## 什么是预热？

预热是学习率从零开始上升的一段。
"""


@pytest.mark.parametrize(
    ("said", "tags"), [("LoRA 是", {"peft"}), ("秩", {"peft", "rank", "zh/参数"}), ("预热", set()), ("缩放", {"peft"})]
)
def test_they_hold_for_their_line_and_below_their_heading(said: str, tags: set[str]) -> None:
    cards = [card for card in rendered_cards(NOTE) if not card.dropped]
    found = [card for card in cards if said in NOTE.split("\n")[card.source.line - 1] + f"{card.front} {card.back}"]
    ours = {"peft", "rank", "zh/参数", "code"}
    assert any(ours & set(card.tags) == tags for card in found), [(card.front, card.tags) for card in cards]
    assert not any("#" in card.front + card.back.replace("#code", "") for card in cards)
