"""Spans: nothing is cut within code, math, links, emphasis, tags and addresses."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ankillm.markdown.code_spans import code_spans
from ankillm.markdown.sentences import sentences
from ankillm.markdown.spans import BLANK, find_outside, finditer_outside, masked, spans

DASH = re.compile(r"\s-\s")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("the map $f: A \\to B$ is", [("$f: A \\to B$", "math")]),
        ("use ``a ` b`` here", [("``a ` b``", "code")]),
        ("**a - b** and *c*", [("**a - b**", "emphasis"), ("*c*", "emphasis")]),
        ("***both*** ~~gone~~", [("***both***", "emphasis"), ("**both**", "emphasis"), ("~~gone~~", "emphasis")]),
        ("[a: b](https://c.org/?d=e)", [("[a: b](https://c.org/?d=e)", "link")]),
        ("![a](b.png) and <https://c.org/?d>", [("![a](b.png)", "image"), ("<https://c.org/?d>", "link")]),
        ("见 https://c.org/?d=e。完", [("https://c.org/?d=e", "address")]),
        ("10<sup>4</sup>", [("<sup>4</sup>", "tag"), ("<sup>", "tag"), ("</sup>", "tag")]),
        ("[[a|b]]: c", [("[[a|b]]", "link")]),
        ("梯度**太大，**会发散", [("**太大，**", "emphasis")]),
        ("an open `tick, a lone $, **two", []),
        ("5 * 3 * 2 and snake_case_name", []),
    ],
)
def test_spans_of_a_line(text: str, kinds: list[tuple[str, str]]) -> None:
    assert [(text[span.start : span.end], span.kind) for span in spans(text)] == kinds


def test_separators_within_spans_are_none() -> None:
    text = "`gain = a - b` - tells **x - y** - and $c - d$"
    assert [match.start() for match in finditer_outside(DASH, text)] == [14, 32]
    assert find_outside(re.compile("="), text) is None
    assert find_outside(re.compile(r"\*\*[^*]*\*\*"), text), "what holds a whole span cuts none"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("See https://example.org/v1?key=abc for more.", 1),
        ("At https://a.org/f?q=lora&page=2 or at <https://a.org/x?y=1>.", 1),
        ("主页是 https://example.org/?lang=zh&id=3。", 1),
        ("A ternary `a ? b : c` is short.", 1),
        ("Is x!=y?no matter.", 1),
        ('**"Why not larger? It is cheap."** It overfits', 1),
        ("只剩一个问题：**怎样变小？** 剪枝和量化。", 2),
        ("**Why?** Because.", 2),
        ("为什么?因为快。", 2),
        ("Why? Because.", 2),
    ],
)
def test_ends_of_sentences(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "")


PIECES = st.sampled_from(
    ["a", "中", "。", "，", "“", "*", "**", "_", "`", "``", "$", "[", "](b)", "<s>", "</s>", " ", "?", "\n"]
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_spans_lie_in_their_text_and_sentences_lose_nothing(text: str) -> None:
    assert all(0 <= span.start < span.end <= len(text) for span in spans(text))
    assert len(masked(text)) == len(text)
    rest = iter(text)
    assert all(sign == BLANK or sign in rest for sign in masked(text).replace(BLANK, ""))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    for start, end in code_spans(text):
        assert text[start] == text[end - 1] == "`"
