"""Which card is which line: one to one, never across kinds, the nearest place first; and fast."""

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ankillm.anki.renames import Item, pair
from ankillm.anki.similarity import dice, features

WORDS = "秩 缩放 梯度 权重 学习率 损失 前缀 显存 批次 预热 LoRA r alpha 8 32 冻结 训练 参数 层 注意力".split()
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)
items = st.builds(
    lambda kind, note, section, name, front, back, alive: Item(
        kind, note, f"{note}#{section}", name, front, back, "", alive
    ),
    st.sampled_from(["basic", "cloze"]),
    st.sampled_from(["a.md", "b.md"]),
    st.sampled_from(["甲", "乙", "丙"]),
    texts,
    texts,
    texts,
    st.booleans(),
)


def item(front: str, back: str, name: str = "", section: str = "a.md#节", **more: Any) -> Item:  # noqa: ANN401
    """Return a card as matching sees it."""
    note, _, _ = section.partition("#")
    given: dict[str, Any] = {"kind": "basic", "note": note, "name": name or front} | more
    return Item(section=section, front=front, back=back, **given)


@given(st.lists(items, max_size=12), st.lists(items, max_size=12))
def test_one_to_one_and_never_across_kinds(cards: list[Item], lines: list[Item]) -> None:
    pairs = pair(cards, lines)
    assert len(set(pairs.values())) == len(pairs)
    assert all(cards[card].kind == lines[line].kind for card, line in pairs.items())


@given(st.lists(items, max_size=12), st.randoms(use_true_random=False))
def test_an_unchanged_card_is_itself_in_any_order(cards: list[Item], dice_of: random.Random) -> None:
    """Cards whose lines are all there are paired with lines equal to them, however both are ordered."""
    lines = [replace(card, live=True) for card in cards]
    dice_of.shuffle(lines)
    pairs = pair(cards, lines)
    assert len(pairs) == len(cards)
    assert all(replace(cards[card], live=True) == lines[line] for card, line in pairs.items())


def test_a_live_line_in_another_dress_goes_before_a_retired_one() -> None:
    """Both ask the same; the reviews of the last weeks are with the live one."""
    card = item("<strong>rank</strong>是什么？", "更新的大小。", name="rank")
    live, retired = item("rank是什么？", "更新的大小", name="rank"), replace(card, live=False)
    assert pair([card], [retired, live]) == {0: 1}
    assert pair([card], [retired]) == {0: 0}


@given(st.lists(items, min_size=1, max_size=8), st.data())
def test_the_same_section_is_preferred(cards: list[Item], data: st.DataObject) -> None:
    """Of two lines with the question and answer of a card, the one in its section is it."""
    at = data.draw(st.integers(0, len(cards) - 1))
    card = replace(cards[at], section="z.md#一", note="z.md", name="旧名")
    here, there = replace(card, name="更旧"), replace(card, name="更旧", section="z.md#二")
    lines = data.draw(st.permutations([here, there]))
    assert lines[pair([card], lines)[0]].section == "z.md#一"


@given(texts, texts)
def test_likeness_is_between_nothing_and_all(one: str, other: str) -> None:
    assert 0 <= dice(features(one), features(other)) == dice(features(other), features(one)) <= 1
    assert dice(features(one), features(one)) == 1


LONG = "两个矩阵之间的维度，决定更新量能表达多少方向"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (item("秩是什么？", LONG), item("秩 r 是什么？", LONG), True),
        (item("LoRA 中秩是什么？", LONG, "秩"), item("LoRA 中 rank 是什么？", LONG, "rank"), True),
        (
            item("为什么要用预热？", "开始时梯度不稳定"),
            item("为什么刚开始要用预热？", "起初梯度不稳定，损失会跳"),
            True,
        ),
        (item("甲是什么？", "8"), item("乙是什么？", "8"), False),
        (item("LoRA 中 r 是多少？", "8", "r"), item("LoRA 中 alpha 是多少？", "8", "alpha"), False),
        (item("LoRA 的优点是什么？", "省显存，训练快"), item("LoRA 的缺点是什么？", "表达能力有限，要选层"), False),
        (item("秩是什么？", LONG, "秩"), item("秩是什么？", "全新的答案", "秩"), True),
        (item("秩是什么？", LONG), item("秩是什么？", LONG, kind="cloze"), False),
        (item("a = [1]", "", "x", kind="cloze"), item("a = [1]", "", "x", section="b.md#节", kind="cloze"), True),
        (item("甲？", "一", id="i"), item("乙？", "二", section="b.md#节", id="i"), True),
    ],
)
def test_what_is_a_rename(before: Item, after: Item, same: bool) -> None:  # noqa: FBT001
    """Whether the second card is the first, changed."""
    assert (pair([after], [before]) == {0: 0}) is same


def test_a_gap_that_became_narrower_is_itself() -> None:
    """However little of the answer is left; another gap of the same text is another card."""
    text = "束搜索可以通过{{c1::设置批次的大小来并行计算，模型计算的次数依然不变}}。"
    narrow = text.replace("来并行计算，模型计算的次数依然不变}}", "}}来并行计算，模型计算的次数依然不变")
    other = "束搜索可以{{c1::通过}}设置批次的大小来并行计算，模型计算的次数依然不变。"
    assert pair([item(narrow, "", name="设置", kind="cloze")], [item(text, "", name="批次", kind="cloze")]) == {0: 0}
    assert pair([item(other, "", name="通过", kind="cloze")], [item(text, "", name="批次", kind="cloze")]) == {}


def test_in_doubt_a_new_card() -> None:
    """Two lines that are as good as each other for a changed card: it is neither."""
    one, other = item("甲问题甲", f"{LONG}之一", "甲"), item("乙问题乙", f"{LONG}之二", "乙")
    assert pair([item("丙问题丙", f"{LONG}之三", "丙")], [one, other]) == {}


def test_a_thousand_changes_among_ten_thousand_cards() -> None:
    """Each is found again; both when sections are many and when there is but one. It takes well below a second."""
    dice_of = random.Random(1)  # noqa: S311  (data, no secret)
    signs = [chr(0x4E00 + dice_of.randrange(3000)) for _ in range(800)]
    for sections in (1000, 1):
        lines = [
            item(
                f"项 {at} 是什么？", "".join(dice_of.choices(signs, k=30)), f"项 {at}", section=f"a.md#{at % sections}"
            )
            for at in range(10_000)
        ]
        cards = [
            replace(
                line, front=f"再说 {line.front}", name=f"{line.name}x", back=f"{line.back[:20]}改了{line.back[23:]}"
            )
            if at % 10 == 0
            else line
            for at, line in enumerate(lines)
        ]
        start = time.process_time()
        assert pair(cards, lines) == {at: at for at in range(10_000)}
        assert time.process_time() - start < 1


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_identity_survives_edits_of_real_notes(data: st.DataObject) -> None:
    """Lines removed, swapped or doubled anywhere: pairs stay one to one, and an equal card stays what it is."""
    from edit_table import base  # noqa: PLC0415  (a heavy import, for this test alone)

    from ankillm.cards.selection import selected  # noqa: PLC0415
    from ankillm.extract import extract  # noqa: PLC0415
    from ankillm.markdown.note import parse  # noqa: PLC0415

    def cards_of(text: str) -> list[Item]:
        note = parse(text, "a.md")
        made = [card for card in selected(extract(note), note, "deck", "many") if not card.dropped]
        return [Item(card.kind, "a.md", card.key.rsplit("#", 2)[0], card.name, card.front, card.back) for card in made]

    text = base()["training.md"]
    rows = text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at, other = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, len(rows) - 1))
        match data.draw(st.sampled_from(["remove", "swap", "double"])):
            case "remove":
                rows[at] = ""
            case "swap":
                rows[at], rows[other] = rows[other], rows[at]
            case _:
                rows.insert(other, rows[at])
    lines, cards = cards_of(text), cards_of("\n".join(rows))
    pairs = pair(cards, lines)
    assert len(set(pairs.values())) == len(pairs)
    assert all(cards[card].kind == lines[line].kind for card, line in pairs.items())
    for at, card in enumerate(cards):
        if cards.count(card) == lines.count(card) == 1:
            assert lines[pairs[at]] == card


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (item("What is the rnak?", "The size.", "rnak"), item("What is the rank?", "The size.", "rank"), True),
        (item("What is dropout?", "A mask."), item("What is dropout in training?", "A mask."), True),
        (item("什么是掩码？", "遮住"), item("训练时什么是掩码？", "遮住"), True),
        (item("What is the head?", "One attention."), item("What is an attention head?", "One attention."), True),
        (item("rnak 是多少？", "8", "rnak"), item("rank 是多少？", "8", "rank"), True),
        (item("Is 层 1 frozen?", "yes", "层 1"), item("Is 层 2 frozen?", "yes", "层 2"), False),
        (item("rank 是多少？", "8", "rank"), item("alpha 是多少？", "8", "alpha"), False),
        (item("r?", "a < b"), item("r, the rank?", "a > b"), False),
        (item("用 {{c1::二}} 个", "", kind="cloze"), item("共用 {{c1::二}} 个", "", kind="cloze"), True),
    ],
)
def test_a_word_mended_beside_a_short_answer(before: Item, after: Item, same: bool) -> None:  # noqa: FBT001
    """The answer is equal to the letter, and nothing else in the section has it."""
    assert (pair([after], [before]) == {0: 0}) is same


def test_two_words_mended_in_one_section_and_two_cards_of_one_answer() -> None:
    """Each answer names its card; an answer of two cards names none, but for the names."""
    lines = [item("rnak?", "The size.", "rnak"), item("haed?", "One of several.", "haed")]
    cards = [item("head?", "One of several.", "head"), item("rank?", "The size.", "rank")]
    assert pair(cards, lines) == {0: 1, 1: 0}
    twins = [item("gain?", "A norm.", "gain"), item("scale?", "A norm.", "scale")]
    assert pair([item("bias of it?", "A norm.", "bias of it")], twins) == {}
