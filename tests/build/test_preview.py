"""The preview in a real browser: turning, searching, filtering, keys, day and night."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, Wire, chromium
from checkout import ROOT
from previewing import card, choose, count, entry, inside, opened, questions, verdict

from ankillm.cards.card import Drop
from ankillm.claims.verdicts import Kind

pytestmark = pytest.mark.browser

PLAIN = 30
JUDGED = len(Kind)
ALL = PLAIN + JUDGED
"""Cards that are shown at first; one more was dropped."""


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(wire: Wire, tmp_path: Path) -> Iterator[Page]:
    dropped = card(31, dropped=Drop("too-long", "the answer is over 60 characters"))
    judged = [entry(card(40 + i, verdicts=(verdict(kind),)), {"Front": kind}) for i, kind in enumerate(Kind)]
    entries = [*questions(PLAIN), entry(dropped, {"Front": "被丢弃的题", "Back": "长"}), *judged]
    with opened(wire, entries, tmp_path / "preview") as shown_page:
        yield shown_page


def test_a_click_and_a_key_turn_the_card(page: Page) -> None:
    assert inside(page, ".question") == "第 1 题：x < 1？"
    assert inside(page, ".answer") == ""
    for turn, how in ((page.press, " "), (page.press, "Enter"), (page.click, "#turn")):
        turn(how)
        page.until("document.querySelector('iframe').contentDocument.querySelector('.answer')")
        assert inside(page, ".answer") == "答案 1"
        page.press(" ")
        page.until("!document.querySelector('iframe').contentDocument.querySelector('.answer')")
    page.click("#stage")
    page.until("document.querySelector('iframe').contentDocument.querySelector('.answer')")


def test_arrows_go_through_the_cards(page: Page) -> None:
    for key, expected in (("ArrowRight", 2), ("ArrowDown", 3), ("j", 4), ("ArrowLeft", 3), ("k", 2), ("ArrowUp", 1)):
        page.press(key)
        page.until(f"document.querySelector('#facts').innerText.includes('notes/a.md:{expected}\\n')")
        assert inside(page, ".question").startswith(f"第 {expected} 题")
    page.press("ArrowLeft")
    assert inside(page, ".question").startswith("第 1 题")
    page.press("End")
    assert inside(page, ".question") == "confirmed"


def test_search_finds_words_in_any_order(page: Page) -> None:
    page.press("/")
    page.type("答案 17")
    assert count(page) == 1
    page.press("Enter")
    page.press(" ")
    page.until("document.querySelector('iframe').contentDocument.querySelector('.answer')")
    assert inside(page, ".answer") == "答案 17"
    page.press("Escape")
    assert count(page) == ALL


def test_search_without_a_hit_says_so(page: Page) -> None:
    page.press("/")
    page.type("不存在的词")
    assert count(page) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('#nothing')).display") != "none"
    assert page.evaluate("getComputedStyle(document.querySelector('#stage')).display") == "none"


@pytest.mark.parametrize(
    ("select", "value", "expected"),
    [
        ("deck", "大模型微调", ALL),
        ("deck", "大模型微调::LoRA", ALL // 2),
        ("kind", "basic", ALL),
        ("kind", "definition", ALL // 2),
        ("tag", "odd", ALL // 2),
        ("verdict", "none", PLAIN),
        *(("verdict", kind.value, 1) for kind in Kind),
        ("state", "dropped", 1),
        ("state", "also dropped ones, and why", ALL + 1),
        ("state", "too-long", 1),
    ],
)
def test_filters(page: Page, select: str, value: str, expected: int) -> None:
    choose(page, select, value)
    assert count(page) == expected
    page.click("#clear")
    assert count(page) == ALL


def test_a_dropped_card_says_why(page: Page) -> None:
    assert page.evaluate("getComputedStyle(document.querySelector('#dropped')).display") == "none"
    choose(page, "state", "dropped")
    reason = page.evaluate("document.querySelector('#dropped').innerText")
    assert reason == "Dropped (too-long): the answer is over 60 characters"


def test_dropped_cards_stand_beside_the_others_with_their_reasons(page: Page) -> None:
    """A row of one says why, at its place in the note."""
    choose(page, "state", "also dropped ones, and why")
    page.evaluate("document.querySelector('#list').scrollTop = 26 * 56")
    page.until("document.querySelector('.row .drop')")
    row = page.evaluate("document.querySelector('.row:has(.drop)').innerText")
    assert "too-long: the answer is over 60 characters" in row
    assert page.evaluate("document.querySelectorAll('.row:not(:has(.drop))').length") > 5


def test_every_filter_has_a_label_that_is_seen(page: Page) -> None:
    seen = "[e.labels[0].innerText, e.labels[0].offsetHeight > 0]"
    labels = page.evaluate(f"[...document.querySelectorAll('.filters select')].map(e => {seen})")
    assert labels == [[name, True] for name in ("Deck", "Kind", "Tag", "Verdict", "Show")]


@pytest.mark.parametrize("by", ["key", "button"])
def test_both_sides_are_seen_at_once_card_after_card(page: Page, by: str) -> None:
    card = "document.querySelector('iframe').contentDocument"
    page.press("b") if by == "key" else page.click("#both")
    page.until(f"{card}.querySelector('.answer')?.innerText === '答案 1'")
    page.press("ArrowDown")
    page.until(f"{card}.querySelector('.answer')?.innerText === '答案 2'")
    assert inside(page, ".question").startswith("第 2 题")
    page.press("b")
    page.until(f"!{card}.querySelector('.answer')")


def test_each_card_shows_its_source_and_its_verdict(page: Page) -> None:
    choose(page, "verdict", "refuted")
    facts = page.evaluate("document.querySelector('#facts').innerText")
    assert "notes/a.md:42" in facts
    assert "refuted" in facts
    assert "不到 1% · < 1% · measured 0.473% on cpu · prefix_tuning#trainable_share · notes/a.md:3:5" in facts


def test_night_and_phone(page: Page) -> None:
    def body() -> str:
        frame = "document.querySelector('iframe')"
        dark = page.evaluate(f"getComputedStyle({frame}.contentDocument.body).backgroundColor === 'rgb(28, 30, 34)'")
        return f"{'night' if dark else 'light'} {page.evaluate(f'{frame}.contentWindow.innerWidth')}"

    assert body().startswith("light")
    page.press("n")
    assert body().startswith("night")
    page.press("p")
    assert body() == "night 390"
    page.click("#night")
    page.click("#phone")
    assert body() not in ("night 390", "light 390")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_itself_is_readable(page: Page, width: int) -> None:
    """No text under AA contrast and nothing wider than the page, by day and by night."""
    looks = (ROOT / "tests" / "support" / "looks.js").read_text(encoding="utf-8")
    page.resize(width, 800)
    choose(page, "state", "dropped")
    for state in ("dropped", ""):
        choose(page, "state", state)
        for _ in ("light", "night"):
            assert page.evaluate(f"(() => {{ {looks}; return [...pale(document.body), ...wide()]; }})()") == []
            page.click("#night")


def test_a_reload_stays_where_it_was(page: Page) -> None:
    for key in ("ArrowDown", "ArrowDown", " ", "n"):
        page.press(key)
    page.call("Page.reload")
    page.wire.wait("Page.loadEventFired", page.session)
    page.until("document.querySelector('iframe').contentDocument?.querySelector('.answer')")
    assert inside(page, ".answer") == "答案 3"
    assert page.evaluate("document.documentElement.className") == "night"
