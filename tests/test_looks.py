"""The look of cards, measured on real cards of Anki's in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, Wire, chromium, tab
from pygments.token import STANDARD_TYPES
from reviewer import Shown, page, shown
from specimen import FORMULAS, SPECIMENS, TEMPLATES, pack, plot

pytestmark = pytest.mark.browser
SCRIPT = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SIZES = {1100: 800, 390: 844}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("looks")


@pytest.fixture(scope="module")
def cards(folder: Path) -> dict[str, Shown]:
    """Pack the specimens, import them into Anki, and return them by name."""
    pack(folder / "specimens.apkg", [plot(folder)])
    return {card.guid: card for card in shown(folder / "specimens.apkg", folder / "media") if card.number == 1}


def test_every_specimen_becomes_a_card(cards: dict[str, Shown]) -> None:
    assert set(cards) == set(SPECIMENS)


def faults(page_: Page) -> list[str]:
    """Return what `looks.js` finds wrong with the open page."""
    found: list[str] = page_.evaluate(f"(() => {{ {SCRIPT}; return looks(); }})()")
    return found


@pytest.fixture(params=SPECIMENS)
def card(request: pytest.FixtureRequest, cards: dict[str, Shown]) -> Shown:
    return cards[request.param]


def show(open_tab: Page, folder: Path, side: str, *, night: bool = False, phone: bool = False) -> None:
    """Open one side of a card beside its media."""
    file = folder / "media" / "side.html"
    file.write_text(page(side, night=night, phone=phone), encoding="utf-8")
    open_tab.open(file)


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("night", [False, True], ids=["light", "night"])
def test_both_sides_are_readable(wire: Wire, folder: Path, card: Shown, *, night: bool, width: int) -> None:
    """Nothing overflows the page, no text is under AA contrast, no class is without a rule, no picture is missing."""
    with tab(wire, width, SIZES[width]) as open_tab:
        for side in (card.question, card.answer):
            show(open_tab, folder, side, night=night, phone=width < 500)
            assert faults(open_tab) == []
            assert open_tab.complaints() == []


def test_the_measure_of_faults_finds_them(wire: Wire, folder: Path) -> None:
    """A page with each kind of fault: what finds nothing there would find nothing anywhere."""
    side = (
        "<style>.known { color: #999; background: #fff }</style>"
        '<p class="known">grey on white</p><p class="unknown">x</p><div style="width: 3000px">wide</div>'
        '<img src="missing.png"><p style="background: linear-gradient(red, blue)">x</p>'
    )
    with tab(wire) as open_tab:
        show(open_tab, folder, side)
        found = "\n".join(faults(open_tab))
    for fault in (
        "contrast 2.85",
        "no rule for the class unknown",
        "the page is 30",
        "reaches out",
        "no picture",
        "background",
    ):
        assert fault in found


@pytest.mark.parametrize("night", [False, True], ids=["light", "night"])
def test_night_is_dark_and_day_is_light(wire: Wire, folder: Path, cards: dict[str, Shown], *, night: bool) -> None:
    with tab(wire) as open_tab:
        show(open_tab, folder, cards["bare"].answer, night=night)
        background = open_tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(int(part) for part in re.findall(r"\d+", background)) < 60) is night


def test_formulas_reach_mathjax_whole(wire: Wire, folder: Path, cards: dict[str, Shown]) -> None:
    """Each formula is one text node with its delimiters: MathJax does not look across elements."""
    with tab(wire) as open_tab:
        show(open_tab, folder, cards["long"].answer)
        nodes = open_tab.evaluate(f"(() => {{ {SCRIPT}; return texts().map(t => t.data); }})()")
    for formula in FORMULAS:
        assert formula.replace("&lt;", "<") in nodes


@pytest.mark.parametrize(("phone", "width"), [(False, 1100), (True, 390), (True, 820)])
def test_long_code_scrolls_on_a_desktop_and_wraps_on_a_phone(
    wire: Wire, folder: Path, cards: dict[str, Shown], *, phone: bool, width: int
) -> None:
    with tab(wire, width) as open_tab:
        show(open_tab, folder, cards["long"].question, phone=phone)
        scrolls = open_tab.evaluate("(e => e.scrollWidth > e.clientWidth)(document.querySelector('pre'))")
    assert scrolls is not phone


def test_a_gap_in_code_stands_at_its_place_among_coloured_code(
    wire: Wire, folder: Path, cards: dict[str, Shown]
) -> None:
    with tab(wire) as open_tab:
        show(open_tab, folder, cards["code gap"].question)
        asked = open_tab.evaluate("document.querySelector('pre').innerText")
        colours = "new Set([...document.querySelectorAll('pre span')].map(e => getComputedStyle(e).color)).size"
        assert open_tab.evaluate(colours) >= 5
        show(open_tab, folder, cards["code gap"].answer)
        answered = open_tab.evaluate("document.querySelector('pre').innerText")
        assert open_tab.evaluate("document.querySelector('pre .cloze').innerText") == "backward"
    assert asked.splitlines()[-1].strip() == "loss.[...]()"
    assert asked.replace("[...]", "backward") == answered


@pytest.mark.parametrize("night", [False, True], ids=["light", "night"])
def test_verdicts_look_different(wire: Wire, folder: Path, cards: dict[str, Shown], *, night: bool) -> None:
    """A refuted claim is red and a stale one amber: told apart by colour, and each from the others."""
    seen = {}
    with tab(wire) as open_tab:
        for name in ("definition", "refuted", "stale", "known-wrong"):
            show(open_tab, folder, cards[name].answer, night=night)
            colour = open_tab.evaluate("getComputedStyle(document.querySelector('.verdict')).backgroundColor")
            seen[name] = [int(part) for part in re.findall(r"\d+", colour)]
    assert len({tuple(colour) for colour in seen.values()}) == 4
    red, green, blue = seen["refuted"]
    assert red > 2 * max(green, blue)
    red, green, blue = seen["stale"]
    assert red > green > blue


def test_empty_fields_leave_no_box(cards: dict[str, Shown]) -> None:
    for name in ("context", "evidence", "demo", "source"):
        assert f'class="{name}"' in cards["definition"].answer
        assert f'class="{name}"' not in cards["bare"].answer


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_templates_hold_no_words_and_no_script(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.sub(r"<[^>]*>|\{\{[^}]*\}\}", "", text).strip()
    assert not re.search(r"<script|\bon\w+=|javascript:|https?:|@import|url\(", text)


def test_the_style_loads_nothing() -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|https?:", style)


def test_every_class_of_highlighted_code_has_a_rule() -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    assert [name for name in STANDARD_TYPES.values() if name and not re.search(rf"\.code \.{name}\b", style)] == []
