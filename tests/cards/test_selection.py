"""Which shapes count as marked by their author."""

import pytest
from msgspec.structs import replace
from note_cards import cards_of, shape_drafts

from ankillm.cards.looks import told
from ankillm.cards.score import _is_marked
from ankillm.markdown.note import parse


@pytest.mark.parametrize(
    ("note", "is_marked"),
    [
        ("# LoRA\n\n- 秩：低秩矩阵的列数，决定参数的多少\n", True),
        ("# LoRA\n\n- 秩：列数\n", False),
        ("# LoRA\n\n- **Rank:** how many columns the matrices have\n", False),
        ("# LoRA\n\n- **rank**: the number of columns of a low-rank matrix\n", True),
    ],
)
def test_an_english_label_whose_text_says_anything_is_not_marked(note: str, is_marked: bool) -> None:  # noqa: FBT001
    """It is asked as `Rank: […]`, and readers keep few; `What is rank?` they keep, and Chinese labels."""
    (card,) = shape_drafts(parse(note, "n.md"))
    assert _is_marked(replace(card, rule="term"), "item") == is_marked, card.front


@pytest.mark.parametrize(
    "line",
    [
        "![[缺失.png]]",
        "![[a.png|300]]",
        "![](附件/a.png)",
        "![热图](附件/a (1).png)",
        '<img src="附件/a.png">',
        '<center><img src="a.png"/></center>',
        "来源：https://a.b",
        "> 参考：[论文](https://a.b)",
        "图源：[知乎](https://a.b)",
        "Source: [x](https://a.b)",
    ],
)
def test_an_answer_looks_as_it_does_without_pictures_and_sources(line: str) -> None:
    assert told(f"对角线最亮。\n\n{line}") == told(f"{line}\n\n对角线最亮。") == "对角线最亮。"
    assert told(line) == line


def test_a_picture_below_an_answer_loses_no_card() -> None:
    note = "# 注意力\n\n## 热图显示了什么？\n\n对角线最亮，说明每个 token 主要关注自己。\n"
    for below in ("", "\n![[缺失.png]]\n", "\n![热图](附件/a.png)\n", "\n来源：https://a.b\n"):
        assert [card.front for card in cards_of(note + below) if not card.dropped] == ["热图显示了什么？"]
