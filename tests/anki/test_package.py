"""Packages, held by the real Anki: what it holds is what was told, and a second import changes nothing."""

import sqlite3
import zipfile
from pathlib import Path

import pytest
from deckwork import Output, bring, card, collection, is_sound, rows
from msgspec.structs import replace

from ankillm.anki.fields import fields
from ankillm.cards.card import Gap

CODE = 'lora = LoraConfig(\n    r=8,  # 秩 {{x}} a::b\n    targets={"q": "}}"},\n)\n'
CARDS = (
    card("**LoRA** 是什么？", "低秩适配，见 `B @ A`。"),
    card(
        "公式是什么？",
        "是 $x^{2}$ 与\n\n$$\\sum_{i<n} x_{i_{j}}$$\n\n- 一\n- 二",
        tags=("LoRA 微调", "lora_微调", "::x::"),
    ),
    card(CODE, gaps=["r=8,  # 秩 {{x}} a::b", '"}}"'], code="python", name="code"),
    card("损失 $L_{i_{j}}$ 是 **交叉熵**。", gaps=["$L_{i_{j}}$", "交叉熵"], name="formula", deck="测试:: 子 ::"),
    card("a | b?", "| a | b |\n|---|---|\n| 1 | ~~2~~ |", deck='Default::"x"'),
    card("[sound:no.mp3] [latex]x[/latex]?", "[anki:tts lang=en]x[/anki:tts] [$]x[/$]", deck="Default"),
    card("\x1f控制\x00符\ud800？", "e\u0301 \ufdd0"),
)


@pytest.fixture
def output(tmp_path: Path) -> Output:
    """Return a place to ship to."""
    return Output(tmp_path)


def test_anki_holds_what_was_told(output: Output) -> None:
    """Counts as told, no empty card, the database check passes, a second import of the same file changes nothing."""
    told = output.ship(*CARDS)
    with collection() as anki:
        assert bring(anki, output.package) == {"new": told.cards}
        assert anki.card_count() == told.cards == len(CARDS)
        before = rows(anki, "select * from notes")
        assert bring(anki, output.package) == {"duplicate": told.cards}
        assert rows(anki, "select * from notes") == before
        assert is_sound(anki)


def test_a_cloze_shows_exactly_what_it_hides(output: Output) -> None:
    """Braces, double colons and formulas under a gap come through whole."""
    output.ship(
        card(CODE, gaps=["r=8,  # 秩 {{x}} a::b"], code="python"), card("$x^{2^{2}}$ 是数", gaps=["$x^{2^{2}}$"])
    )
    with collection() as anki:
        bring(anki, output.package)
        texts = [anki.get_card(number) for number in sorted(anki.find_cards(""))]
        assert ">r</span>=" not in texts[0].question()
        assert "[...]" in texts[0].question()
        assert "{{c1" not in texts[0].answer()
        assert '<span class="cloze" data-ordinal="1">' in texts[0].answer()
        assert 'a<span class="p">' not in texts[0].question()
        assert r"\(x^&#123;2^&#123;2&#125;&#125;\)" in texts[1].answer()


def test_gaps_of_an_author_are_one_note_with_several_cards(output: Output) -> None:
    """`{{c1::…}} … {{c3::…::hint}}` is one Anki note; each number is a card."""
    text = "一个与三个"
    made = card(text, gaps=["一个"])
    several = replace(made, gaps=(Gap(0, 1), Gap(3, 4, 3, "几::个")))
    output.ship(several, card("之后？"))
    with collection() as anki:
        assert bring(anki, output.package) == {"new": 2}
        cards = [anki.get_card(number) for number in anki.find_cards("note:*cloze")]
        assert [(one.ord, one.due) for one in cards] == [(0, 1), (2, 1)]
        assert "[几&#58;&#58;个]" in cards[1].question()
        assert is_sound(anki)


def test_new_cards_come_in_reading_order(output: Output) -> None:
    """A card put in front of older ones is due before them."""
    output.ship(card("二？"), card("三？"))
    output.ship(card("一？"), card("二？"), card("三？"))
    with collection() as anki:
        bring(anki, output.package)
        by_due = sorted((anki.get_card(number) for number in anki.find_cards("")), key=lambda one: one.due)
        assert [one.note()["Front"] for one in by_due] == ["一？", "二？", "三？"]


def test_same_input_same_bytes(output: Output) -> None:
    """Building again, later, gives the same ledger and package, byte for byte; also from the ledger alone."""
    output.ship(*CARDS)
    files = output.package.read_bytes(), output.ledger.read_bytes()
    output.ship(*CARDS)
    assert (output.package.read_bytes(), output.ledger.read_bytes()) == files
    output.package.unlink()
    output.ship(*CARDS)
    assert (output.package.read_bytes(), output.ledger.read_bytes()) == files


def test_the_zip_is_compressed_and_dateless(output: Output) -> None:
    output.ship(*CARDS)
    with zipfile.ZipFile(output.package) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(entry.compress_type == zipfile.ZIP_DEFLATED for entry in archive.infolist())


def test_tags_and_decks_arrive_as_written(output: Output) -> None:
    """Anki rewrites none of our names: what is in the package is what the collection holds."""
    output.ship(*CARDS, card("甲？", deck="A:: B"), card("乙？", deck="::"), card("丙？", deck="<b>粗</b>"))
    with zipfile.ZipFile(output.package) as archive:
        archive.extract("collection.anki2", output.folder)
    packed = sqlite3.connect(output.folder / "collection.anki2")
    wanted = {tags for (tags,) in packed.execute("select tags from notes")}
    names = {name for (name,) in packed.execute("select json_extract(value, '$.name') from col, json_each(decks)")}
    packed.close()
    with collection() as anki:
        bring(anki, output.package)
        assert {tags for (tags,) in rows(anki, "select tags from notes")} == wanted
        assert names <= {deck.name for deck in anki.decks.all_names_and_ids()}


def test_twenty_thousand_decks(output: Output) -> None:
    """The decks are written once: the time does not grow with their square."""
    told = output.ship(*(card(f"问 {number}？", deck=f"多::{number}") for number in range(20_000)))
    assert told.cards == 20_000


def test_a_front_that_is_empty_is_refused_before_writing(output: Output) -> None:
    """A note that Anki would import without a card never reaches the package, and the reader is told."""
    told = output.ship(card("<script>alert(1)</script>"), card("好？"), card("x", gaps=["x"], name="y"))
    assert told.cards == 2
    assert [str(line) for line in told.warnings] == [
        "a.md:1: a card is left out: nothing is left of its question to show"
    ]


@pytest.mark.parametrize(
    "gaps",
    [(), (Gap(0, 0),), (Gap(0, 2), Gap(1, 3)), (Gap(0, 1, 0),), (Gap(0, 1, 501),), (Gap(2, 99),)],
    ids=["none", "empty", "overlapping", "c0", "c501", "outside"],
)
def test_gaps_that_anki_cannot_show_are_refused(output: Output, gaps: tuple[Gap, ...]) -> None:
    made = card("abcd", gaps=["a"])
    told = output.ship(replace(made, gaps=gaps))
    assert (told.cards, len(told.warnings)) == (0, 1)


def test_a_gap_that_crosses_an_element_is_widened() -> None:
    """Anki's span around a gap must nest with our elements."""
    assert fields(card("甲**乙丙**丁", gaps=["甲**乙"])).front == "{{c1::甲<strong>乙丙</strong>}}丁"
    assert fields(card("甲**乙丙**丁", gaps=["丙**丁"])).front == "甲{{c1::<strong>乙丙</strong>丁}}"


def test_nothing_raw_reaches_a_field() -> None:
    """No tag, handler or scheme of the note's; `<br>`, `<b>` and pictures are read and written anew."""
    made = fields(
        card(
            "<script>alert(1)</script>\n\n好<iframe src=x></iframe>？",
            '<b onclick="x">粗</b><br>[a](javascript:alert(1)) [b](https://e.org/"onload=x) <img src=x onerror=y>',
        )
    )
    assert made.front == "<p>好？</p>"
    assert (
        made.back
        == '<strong>粗</strong><br>[a](javascript:alert(1)) <a href="https://e.org/%22onload=x">b</a> '.strip()
    )
