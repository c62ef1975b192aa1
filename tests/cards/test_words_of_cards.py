"""What a reader sees in a card is in its note: no word from elsewhere, no digit changed, no sign left over."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from note_cards import rendered_cards

TERMS = st.sampled_from(["LoRA", "秩", "warmup", "学习率", "KV cache", "温度"])
FORMS = (
    *"{} =={}== **{}** `{}` <b>{}</b> [[{}]] [[x1|{}]] [{}](https://e.org/?q=7) ~~{}~~ $a_{{{}}}$".split(),
    *"{}<sup>2</sup> {}[^1] {{term}}`{}` *{}* <u>{}</u> <mark>{}</mark> \\({}_1\\)".split(),
    "{} %%私注%%",
)
SAID = st.sampled_from(["42", "低秩矩阵", "half", "3e-4", "7B", "冻结"])
INLINE = st.builds(str.format, st.sampled_from(FORMS), SAID)
SHAPES = (
    "## 什么是 {term}？\n\n{said}。",
    "**{term} 是什么？ ⭐️** {said}。",
    "- **{term}**：{said}",
    "{term} 是{said}的方法。",
    "Q: What is {term}?\nA: {said}",
    "| 项 | 值 |\n|---|---|\n| {term} | {said} |",
    "{term}::{said}",
    "什么是 {term}\n?\n{said}",
    "> [!question] 什么是 {term}？\n> {said}",
    "<details><summary>{term}？</summary>\n\n{said}\n\n</details>",
    "::: tip 什么是 {term}？\n{said}\n:::",
    "{term} 取 {{{{c1::{said}}}}}。",
    "因为{said}，所以 {term} 更小。",
)
SAYINGS = st.lists(INLINE, min_size=1, max_size=3).map("，".join)
NOTES = st.lists(
    st.builds(lambda shape, term, said: shape.format(term=term, said=said), st.sampled_from(SHAPES), TERMS, SAYINGS),
    min_size=1,
    max_size=4,
).map("\n\n".join)
WORD = re.compile(r"\d+|[A-Za-z]+|[\u4e00-\u9fff]")
LEFT_OVER = re.compile(r"\*\*|==|%%|`|~~|\[\[|\]\]|\{\{|\[\^")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NOTES)
def test_an_answer_is_in_the_note(note: str) -> None:
    text = f"# 笔记\n\n{note}\n"
    words = set(WORD.findall(text))
    for card in rendered_cards(text):
        if card.dropped:
            continue
        plain = card.back  # a cloze hides it
        assert set(WORD.findall(plain)) <= words, (card.front, plain)
        assert not LEFT_OVER.search(plain.replace("~~", "")), (card.front, plain)
        assert "私注" not in card.front + plain
        assert plain.count("$") % 2 == 0


def test_most_of_these_shapes_give_cards() -> None:
    """The property above is about something."""
    said = "只训练低秩矩阵、冻结 7B 权重的微调方法"
    given_cards = [rendered_cards(f"# 笔记\n\n{shape.format(term='LoRA', said=said)}\n") for shape in SHAPES]
    assert sum(any(not card.dropped for card in cards) for cards in given_cards) > len(SHAPES) / 2
