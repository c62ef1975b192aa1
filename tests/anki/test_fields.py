"""Fields: what a card shows, and that a gap hides exactly what it is to hide."""

import html
import random
import re
import zlib
from pathlib import Path

import pytest
from deckwork import Output, bring, card, collection
from msgspec.structs import replace

from ankillm.anki.cloze import question_of
from ankillm.anki.fields import fields, render, rendered
from ankillm.anki.footer import shown_value
from ankillm.anki.html import field_html
from ankillm.anki.media import plots
from ankillm.cards.card import Card, Gap, ShownFact
from ankillm.cards.names import deck_name, media_name, tags
from ankillm.claims.claim import Claim
from ankillm.claims.verdicts import Kind, Verdict
from ankillm.common.project import NoteFile
from ankillm.evidence.schema import Measured

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def with_gaps(made: Card, *gaps: Gap) -> Card:
    """Return a card with other gaps."""
    return replace(made, gaps=gaps)


def test_a_gap_in_code_gives_back_exactly_what_it_hides(tmp_path: Path) -> None:
    """Any cut through any code: Anki, asked for what the card hides, answers with just these characters."""
    source = random.Random(7)  # noqa: S311  (no secret)
    alphabet = [
        "{",
        "}",
        "{{",
        "}}",
        "::",
        ":",
        "c1::",
        "<b>",
        "&",
        "&amp;",
        " ",
        "\n",
        "x",
        "=",
        "def f(",
        '"q"',
        "# 注",
        "[sound:",
    ]
    cards, answers = [], []
    for at in range(150):
        code = "".join(source.choices(alphabet, k=source.randrange(2, 25)))
        start = source.randrange(len(code))
        end = source.randrange(start + 1, len(code) + 1)
        if code[start:end].strip() and code.rstrip()[start:end].strip():
            blank = card(code, gaps=[code[0]], code=source.choice(["python", "cpp", "text"]), name=str(at))
            cards.append(with_gaps(blank, Gap(start, end)))
            answers.append(code[start : min(end, len(code.rstrip()))])
    output = Output(tmp_path)
    assert output.ship(*cards).cards == len(cards) > 100
    with collection() as anki:
        bring(anki, output.package)
        for number, answer in zip(sorted(anki.find_cards("")), answers, strict=True):
            shown = re.search(r'data-cloze="([^"]*)"', anki.get_card(number).question())
            assert shown
            assert html.unescape(re.sub("<[^>]*>", "", html.unescape(shown[1]))) == answer


@pytest.mark.parametrize(
    ("markdown", "field"),
    [
        ("一句话", "一句话"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("**粗** ~~删~~ `x<y`", "<strong>粗</strong> <del>删</del> <code>x&lt;y</code>"),
        ("第一行\n第二行", "第一行第二行"),
        ("one\ntwo", "one\ntwo"),
        ("$5 and $10", "$5 and $10"),
        ("$a<b$", r"\(a&lt;b\)"),
        ("[页](https://e.org) [注](./b.md) [验](demo:lora#rank)", '<a href="https://e.org">页</a> 注 验'),
        ("[引][r]", '<a href="https://e.org/r">引</a>'),
        (
            "```py\nx = 1\n```",
            '<pre class="code"><code>x <span class="o">=</span> <span class="mi">1</span></code></pre>',
        ),
        ("```nolang\nx<1\n```", '<pre class="code"><code>x&lt;1</code></pre>'),
        ("<!-- 注释 -->", ""),
        ("![曲线](no.png)", "曲线"),
    ],
)
def test_markdown_becomes_html(markdown: str, field: str) -> None:
    references = {"references": {"R": {"href": "https://e.org/r", "title": ""}}}
    assert field_html(markdown, references) == field


def test_names_are_as_anki_keeps_them() -> None:
    assert [deck_name(name) for name in ("::", "A:: B ::", 'x"y', "default", "<b>")] == [
        "ankillm",
        "A::B",
        "x y",
        "default_",
        "<b>",
    ]
    assert tags(("B c", "b_C", "::x::", "", "甲")) == ("b_c", "x", "甲")
    long = media_name("长" * 100, "0" * 64, ".PNG")
    assert len(long.encode()) <= 119
    assert long.endswith("-0000000000000000.png")
    assert media_name('a/b:"?%20', "1" * 64, ".png") == "a-b-20-1111111111111111.png"


def test_images_are_named_by_content(tmp_path: Path) -> None:
    """Two of one name are two files; one used twice is one; each is warned of once, with its own line."""
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "p q.png").write_bytes(PNG + part.encode())
        (tmp_path / part / "n.md").write_text("# 图\n\n![图](p%20q.png)\n\n![没有](no.png)\n")
    files = [NoteFile(tmp_path / part / "n.md", f"{part}/n.md", tmp_path) for part in ("a", "b")]
    text = "看 ![图](p%20q.png) ![又](p%20q.png) ![没有](no.png) ![没有](no.png)"
    cards = [card("图？", text, note=file.path) for file in files]
    (one, other), album = render(cards, {file.path: file for file in files}, {})
    assert len(album.contents) == 2
    assert one.fields.back.count("<img") == 2
    assert one.fields.back != other.fields.back
    assert [line.line for line in album.warnings] == [5, 5]


def fact(value: float, *, stale: bool = False) -> ShownFact:
    """Return a fact as a card shows it."""
    return ShownFact("lora", "scaling", "缩放", Measured(value, "×", varies=False), "cpu", {"torch": "2.13.0"}, stale)


def verdict(kind: Kind, expectation: str = "< 1%") -> Verdict:
    """Return a verdict on a claim."""
    claim = Claim("a.md", 1, 1, 1, "不到 1%", "lora", "trainable_share", expectation)
    return Verdict(claim, kind, Measured(0.473, "%", varies=False), "cpu", {"torch": "2.13.0"}, "")


def test_evidence_stands_below_the_answer() -> None:
    shown = fields(
        card("占比？", demo="lora", facts=(fact(4.0),), verdicts=(verdict(Kind.CONFIRMED),)), plots=("p.png",)
    )
    assert shown.evidence == (
        '<div class="verdict confirmed">✓ 实测 0.473%（笔记：&lt; 1%）· lora · cpu</div>'
        '<table class="facts"><tr><td>缩放</td><td><span class="measured">实测</span> 4×</td></tr></table>'
        '<details class="versions"><summary>cpu</summary>torch 2.13.0</details><img class="plot" src="p.png">'
    )
    assert shown.demo.startswith('<code class="command">ankillm demo lora</code>')
    english = fields(card("Share?", language="en", verdicts=(verdict(Kind.REFUTED),))).evidence
    assert english == '<div class="verdict refuted">✗ measured 0.473% (note: &lt; 1%) · lora · cpu</div>'


def test_of_several_verdicts_each_names_its_phrase() -> None:
    judged = (verdict(Kind.CONFIRMED), verdict(Kind.REFUTED, "> 1%"))
    shown = fields(card("占比？", verdicts=judged)).evidence
    assert [part.partition(">")[2].partition("：")[0] for part in shown.split("<div")[1:]] == ["“不到 1%”", "“不到 1%”"]


def test_staleness_devices_and_versions_are_no_content() -> None:
    """A verdict that goes stale reaches Anki with the card's next change, and is none by itself; a new value is one."""
    fresh = rendered(
        card("占比？", tags=("ankillm::confirmed",), facts=(fact(4.0),), verdicts=(verdict(Kind.CONFIRMED),))
    )
    stale = rendered(
        card("占比？", tags=("ankillm::stale",), facts=(fact(4.0, stale=True),), verdicts=(verdict(Kind.STALE),))
    )
    other = rendered(card("占比？", facts=(fact(5.0),), verdicts=(verdict(Kind.CONFIRMED),)))
    assert fresh.fields.evidence != stale.fields.evidence
    assert fresh.hash == stale.hash != other.hash


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.473, "%", "0.473%"),
        (29360128, "", "29,360,128"),
        (4.0, "×", "4×"),
        (1 / 3, "", "0.333"),
        (1e-9, "s", "1e-09 s"),
        (True, "", "是"),
        ("float32", "", "float32"),
        (12.5, "GiB", "12.5 GiB"),
    ],
)
def test_values_as_a_reader_writes_them(value: float | str, unit: str, text: str) -> None:
    assert shown_value(Measured(value, unit, varies=False), "zh") == text


def test_the_picture_of_a_demo_goes_with_its_facts(tmp_path: Path) -> None:
    plot = tmp_path / "lora.cpu.png"
    plot.write_bytes(PNG + zlib.compress(b"x"))
    shown = plots({"lora": (plot,)})
    cards = [card("缩放？", demo="lora", facts=(fact(4.0),)), card("别的？", demo="lora")]
    made, _ = render(cards, {}, shown.names)
    assert len(shown.media) == 1
    assert [("plot" in one.fields.evidence) for one in made] == [True, False]


@pytest.mark.parametrize(
    ("kind", "front", "question"),
    [
        ("basic", "What is <strong>LoRA</strong>?<br>And <code>r</code>:", "What is LoRA? And r:"),
        ("cloze", '<pre><span class="n">f</span>(r={{c1::<b>8</b>}},)</pre>', "f(r=[…],)"),
    ],
)
def test_a_question_is_told_as_it_is_read(kind: str, front: str, question: str) -> None:
    """What marks words parts none; what begins a line does."""
    assert question_of(kind, front) == question
