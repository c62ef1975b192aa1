"""The score of a card: by its own looks, and by what else its note gives."""

from note_cards import cards_of

from ankillm.cards.score import FEW, TYPICAL, level_of

TOLD = "# LoRA\n\nLoRA 冻结预训练权重，只训练两个低秩矩阵，因此可训练参数减少到原来的千分之几。\n"
STUDIED = """
## 推理

合并权重之后 LoRA 没有额外的推理延迟，因为 BA 可以直接加到 W 上。

## 秩

秩 r 越大，低秩矩阵能表达的更新越多，但可训练参数也随之线性增加。

## 初始化

B 初始化为零，因此训练开始时旁路的输出是零，模型与原来相同。
"""
LOGGED = """
## 今天

下午改了 utils/run.py，重新跑了一遍脚本，明天和小王对一下进度。

## 待办

把 README 里的截图换成新的，然后更新 docs/INDEX.md 的链接。

## 记录

第三次运行在 14:20 结束，日志放在 outputs/run3 目录，没有报错。
"""


def score_of(note: str) -> int:
    """Return the highest score of the cards of a note's first passage."""
    return max(card.score for card in cards_of(note) if card.source.line == 3)


def test_what_else_a_note_gives_counts() -> None:
    """The same sentence is worth a card in a note for study rather than in a log."""
    assert score_of(TOLD + STUDIED) > score_of(TOLD + LOGGED)


def test_what_its_author_asks_for_is_asked_in_the_shape_it_has() -> None:
    """Every proposal of it is certain; the marked one stands ahead all the same."""
    note = "# LoRA\n\n<!-- anki: id=use -->\n- **用途**：减少微调时要训练的参数数量\n"
    assert "**LoRA** 的**用途**是什么？" in [card.front for card in cards_of(note) if not card.dropped]


def test_a_note_that_gives_nothing_is_typical() -> None:
    assert level_of([]) == TYPICAL
    assert level_of([[]] * FEW) == TYPICAL
