"""The look of cards, measured on real cards of Anki's in a real browser."""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import shoot
from browser import Page, Wire, chromium, tab
from checkout import ROOT
from click.testing import CliRunner
from deckwork import Output, card
from pygments.token import STANDARD_TYPES
from reviewer import Shown, page, shown
from specimen import FORMULAS, SPECIMENS, TEMPLATES, pack, plot

from ankillm.cards.card import ShownFact
from ankillm.claims.claim import Claim
from ankillm.claims.verdicts import Kind, Verdict
from ankillm.cli import cli
from ankillm.evidence.schema import Measured

pytestmark = pytest.mark.browser
SCRIPT = (ROOT / "tests" / "support" / "looks.js").read_text(encoding="utf-8")
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


NOTE = """\
秩为 `r` 的更新 $\\Delta W = \\frac{\\alpha}{r} BA$：

1. **冻结**原权重
2. 训练 *A* 与 ~~C~~ B

| 方法 | 可训练参数 | 说明 |
|---|---|---|
| LoRA | 4,194,304 | `query_key_value` |

```python
for name, parameter in model.named_parameters():  # 只训练 LoRA 的参数，其余一律冻结，不计算梯度
    parameter.requires_grad = "lora_" in name and not name.endswith(".bias") and parameter.dtype != torch.int8
```

$$\\mathcal{L} = -\\sum_t \\log p(x_t \\mid x_{<t})$$

> 引文，见[论文](https://arxiv.org/abs/2106.09685)。

![曲线](plot.png)
"""
CODE = "optimizer.zero_grad()\nloss.backward()  # 反向传播\noptimizer.step()"


def judged(kind: Kind) -> Verdict:
    """Return a verdict with a value."""
    claim = Claim("a.md", 3, 5, 3, "略微增加", "prefix_tuning", "projection_cost", "<= 1.5×")
    return Verdict(claim, kind, Measured(32.6, "×", varies=False), "cpu", {}, "")


@pytest.fixture(scope="module")
def real(folder: Path) -> list[Shown]:
    """Return cards of every shape, with facts and every verdict, in both languages, shipped and shown by Anki."""
    output = Output(folder / "real")
    (folder / "real" / "notes").mkdir(parents=True)
    picture = plot(folder / "real" / "notes")
    fact = ShownFact("lora", "rank", "更新的秩", Measured(8, "", varies=False), "cpu", {"torch": "2.13.0"}, stale=True)
    output.ship(
        card("LoRA 训练什么？", NOTE, demo="lora", facts=(fact,)),
        card("`r` 是什么？", "秩"),
        card(CODE, gaps=["backward()"], code="python", name="code"),
        card("每层加上**键与值**前缀 $K$，输入不变长", gaps=["键与值", "输入"], name="prose"),
        *(
            card(f"{kind} {language}？", "错", verdicts=(judged(kind),), language=language, facts=(fact,), demo="lora")
            for kind in Kind
            for language in ("zh", "en")
        ),
        pictures={"lora": (picture,)},
    )
    return shown(output.package, folder / "media")


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("night", [False, True], ids=["light", "night"])
def test_shipped_cards_are_readable(wire: Wire, folder: Path, real: list[Shown], *, night: bool, width: int) -> None:
    """What the renderer writes has no class that the style does not know, and is readable."""
    assert len(real) == 4 + 2 * len(Kind)
    with tab(wire, width, SIZES[width]) as open_tab:
        for one in real:
            for side in (one.question, one.answer):
                show(open_tab, folder, side, night=night, phone=width < 500)
                assert faults(open_tab) == [], one.fields
        assert open_tab.complaints() == []


@pytest.fixture(scope="module")
def curriculum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the project's own Chinese deck."""
    package = tmp_path_factory.mktemp("curriculum") / "zh.apkg"
    result = CliRunner().invoke(cli, ["build", str(ROOT / "notes" / "zh"), "-o", str(package)])
    assert result.exit_code == 0, result.output
    return package


@pytest.mark.parametrize(("width", "night"), [(1100, False), (390, True)], ids=["desktop-light", "phone-night"])
def test_the_curriculum_is_readable(wire: Wire, folder: Path, curriculum: Path, *, width: int, night: bool) -> None:
    """Every card of the project's own deck: one half on a screen by day, the other on a phone at night."""
    cards_ = shown(curriculum, folder / "media")[night::2]
    assert len(cards_) > 25
    with tab(wire, width, SIZES[width]) as open_tab:
        for one in cards_:
            show(open_tab, folder, one.answer, night=night, phone=width < 500)
            assert faults(open_tab) == [], one.fields


def test_a_picture_is_taken_of_the_card_named(
    curriculum: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "card.png"
    monkeypatch.setattr("sys.argv", ["shoot.py", str(curriculum), "LoRA", str(picture), "--width", "390"])
    shoot.main()
    header = struct.unpack(">8s4x4sII", picture.read_bytes()[:24])
    assert header[:3] == (b"\x89PNG\r\n\x1a\n", b"IHDR", 2 * 390)
    assert header[3] > 200


def test_the_note_of_the_pictures_is_refuted(tmp_path: Path) -> None:
    """What the README shows still comes of its note."""
    package = tmp_path / "note.apkg"
    result = CliRunner().invoke(cli, ["build", str(ROOT / "docs" / "pictures" / "note.md"), "-o", str(package)])
    assert result.exit_code == 0, result.output
    refuted = [card_ for card_ in shown(package, tmp_path) if "verdict refuted" in card_.answer]
    assert len(refuted) == 1
    assert "32.6×" in refuted[0].answer


def test_a_shipped_note_shows_all_its_parts(wire: Wire, folder: Path, real: list[Shown]) -> None:
    """Nothing that this test means to look at is missing from the page."""
    with tab(wire) as open_tab:
        show(open_tab, folder, real[0].answer)
        parts = (
            "pre.code .k, li > strong, li em, li del, table th, blockquote a, .answer img, .facts td, .plot, .command"
        )
        missing = f"{json.dumps(parts.split(', '))}.filter(part => !document.querySelector(part))"
        assert open_tab.evaluate(missing) == []
        nodes = open_tab.evaluate(f"(() => {{ {SCRIPT}; return texts().map(t => t.data); }})()")
    assert any(r"\(\Delta W = \frac{\alpha}{r} BA\)" in node for node in nodes)
    assert any(r"\[\mathcal{L} = -\sum_t \log p(x_t \mid x_{<t})\]" in node for node in nodes)


@pytest.fixture(params=SPECIMENS)
def specimen(request: pytest.FixtureRequest, cards: dict[str, Shown]) -> Shown:
    return cards[request.param]


def show(open_tab: Page, folder: Path, side: str, *, night: bool = False, phone: bool = False) -> None:
    """Open one side of a card beside its media."""
    file = folder / "media" / "side.html"
    file.write_text(page(side, night=night, phone=phone), encoding="utf-8")
    open_tab.open(file)


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("night", [False, True], ids=["light", "night"])
def test_both_sides_are_readable(wire: Wire, folder: Path, specimen: Shown, *, night: bool, width: int) -> None:
    """Nothing overflows the page, no text is under AA contrast, no class is without a rule, no picture is missing."""
    with tab(wire, width, SIZES[width]) as open_tab:
        for side in (specimen.question, specimen.answer):
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
