"""The preview, in a real browser, from the disk."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import deckwork
import pytest
from browser import Page, Wire, chromium, tab
from click.testing import CliRunner
from reviewer import shown
from specimen import FORMULAS, SPECIMENS, TEMPLATES, pack, plot

from ankillm.cards import Card, Drop
from ankillm.claims import Claim
from ankillm.cli import cli
from ankillm.evidence import Measured
from ankillm.messages import Refusal, Span
from ankillm.pipeline import Collected
from ankillm.preview import drafts_of, write
from ankillm.render import Draft, Fields
from ankillm.verdicts import Kind, Verdict

pytestmark = pytest.mark.browser

LOOK = {file.name: file.read_text(encoding="utf-8") for file in TEMPLATES.iterdir()}


def verdict(kind: Kind) -> Verdict:
    claim = Claim("notes/a.md", 3, 5, 9, "不到 1%", "prefix_tuning", "trainable_share", "< 1%")
    return Verdict(claim, kind, Measured(0.473, "%", varies=False), "cpu", {}, "")


def card(number: int, kind: str = "basic", **more: object) -> Card:
    """Return a card; only what the preview shows matters."""
    plain = Card(
        kind="cloze" if kind == "cloze" else "basic",
        question="definition" if number % 2 else "value",
        front="",
        back="",
        name=f"name {number}",
        note="a.md",
        section=("S",),
        context=("S",),
        source=Span("notes/a.md", number, number),
        deck="大模型微调::LoRA" if number % 2 else "大模型微调::P-tuning",
        language="zh",
        tags=("odd",) if number % 2 else (),
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # the caller names fields of Card


def entry(one: Card, fields: Mapping[str, str]) -> Draft:
    """Return a card with these fields."""
    front = fields.get("Text", fields.get("Front", ""))
    rest = [fields.get(name.capitalize(), "") for name in Fields._fields[1:]]
    return Draft(one, Fields(front, *rest), one.deck, one.tags, ())


def specimens() -> list[Draft]:
    return [entry(card(i, kind), fields) for i, (kind, fields) in enumerate(SPECIMENS.values(), 1)]


def questions(count: int) -> list[Draft]:
    return [
        entry(
            card(i),
            {"Front": f"第 {i} 题：<code>x &lt; {i}</code>？", "Back": f"答案 {i}", "Source": f"notes/a.md:{i}"},
        )
        for i in range(1, count + 1)
    ]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with chromium() as started:
        yield started


@contextmanager
def opened(wire: Wire, entries: Sequence[Draft], folder: Path, *, watched: bool = False) -> Iterator[Page]:
    """Write and open a preview; afterwards nothing was complained of and nothing came from the network."""
    folder.mkdir(exist_ok=True)
    picture = plot(folder.parent)
    index = write(entries, {picture.name: picture.read_bytes()}, LOOK, folder, watched=watched)
    with tab(wire) as page:
        page.open(index)
        page.until("document.querySelector('iframe').contentDocument?.querySelector('.sheet')")
        yield page
        assert page.complaints() == []
        assert [url for url in page.requests() if not url.startswith(("file://", "data:"))] == []


@pytest.fixture
def page(wire: Wire, tmp_path: Path) -> Iterator[Page]:
    dropped = card(31, dropped=Drop("too-long", "the answer is over 60 characters"))
    judged = [entry(card(40 + i, verdicts=(verdict(kind),)), {"Front": kind}) for i, kind in enumerate(Kind)]
    entries = [*questions(30), entry(dropped, {"Front": "被丢弃的题", "Back": "长"}), *judged]
    with opened(wire, entries, tmp_path / "preview") as shown_page:
        yield shown_page


def inside(page: Page, selector: str) -> str:
    """Return the text of an element of the card."""
    text: str = page.evaluate(
        f"document.querySelector('iframe').contentDocument.querySelector({json.dumps(selector)})?.innerText ?? ''"
    )
    return text


def count(page: Page) -> int:
    """Return how many cards are found."""
    return int(page.evaluate("document.querySelector('#count').textContent").split()[0].replace(",", ""))


def choose(page: Page, select: str, value: str) -> None:
    """Choose a value of a filter, as its menu does."""
    page.evaluate(
        f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('change')); }})"
        f"(document.querySelector('#{select}'))"
    )


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
    assert count(page) == 37


def test_search_without_a_hit_says_so(page: Page) -> None:
    page.press("/")
    page.type("不存在的词")
    assert count(page) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('#nothing')).display") != "none"
    assert page.evaluate("getComputedStyle(document.querySelector('#stage')).display") == "none"


@pytest.mark.parametrize(
    ("select", "value", "expected"),
    [
        ("deck", "大模型微调", 37),
        ("deck", "大模型微调::LoRA", 18),
        ("kind", "basic", 37),
        ("kind", "definition", 18),
        ("tag", "odd", 18),
        ("verdict", "none", 30),
        *(("verdict", kind.value, 1) for kind in Kind),
        ("state", "dropped", 1),
        ("state", "too-long", 1),
    ],
)
def test_filters(page: Page, select: str, value: str, expected: int) -> None:
    choose(page, select, value)
    assert count(page) == expected
    page.click("#clear")
    assert count(page) == 37


def test_a_dropped_card_says_why(page: Page) -> None:
    assert page.evaluate("getComputedStyle(document.querySelector('#dropped')).display") == "none"
    choose(page, "state", "dropped")
    reason = page.evaluate("document.querySelector('#dropped').innerText")
    assert reason == "Dropped (too-long): the answer is over 60 characters"


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
    looks = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
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


def parsed(page: Page, html: str) -> str:
    """Return a side of a card as the browser reads it, without its style and the blanks between elements."""
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    document = f"new DOMParser().parseFromString({json.dumps(bare)}, 'text/html')"
    return re.sub(r"\s+", " ", page.evaluate(f"{document}.body.innerHTML")).strip()


def test_cards_are_those_of_anki(wire: Wire, tmp_path: Path) -> None:
    """Each side of each specimen, rendered by the page's scripts, is what the official library renders."""
    pack(tmp_path / "deck.apkg", [plot(tmp_path)])
    anki = shown(tmp_path / "deck.apkg", tmp_path / "anki")
    assert len(anki) == len(SPECIMENS) + 1
    with opened(wire, specimens(), tmp_path / "preview") as page:
        for real in anki:
            kind, fields = SPECIMENS[real.guid]
            for side, expected in (("front", real.question), ("back", real.answer)):
                arguments = f"{json.dumps(fields)}, {real.number}, {json.dumps(side == 'back')}"
                ours = page.evaluate(f"renderTemplate(look['{kind}_{side}.html'], {arguments})")
                assert parsed(page, ours) == parsed(page, expected), (real.guid, real.number, side)


def test_every_specimen_is_shown_without_a_fault(wire: Wire, tmp_path: Path) -> None:
    """On a phone nothing is wider than the screen; formulas are typeset, whole, and pictures found."""
    frame = "document.querySelector('iframe').contentDocument"
    long = r"<p>长式 \(" + " + ".join(f"x_{{{i}}}" for i in range(60)) + r"\)</p><ul><li>\(\sum_i x_i\)</li></ul>"
    entries = [*specimens(), entry(card(90), {"Front": "长式", "Back": long})]
    formulas = 0
    with opened(wire, entries, tmp_path / "preview") as page:
        page.press("p")
        for _ in range(count(page)):
            page.press(" ")
            page.until(f"{frame}.querySelector('.foot') && [...{frame}.images].every(image => image.complete)")
            assert page.evaluate(f"[...{frame}.images].every(image => image.naturalWidth)")
            assert page.evaluate(f"{frame}.scrollingElement.scrollWidth") <= 390
            formulas += page.evaluate(f"{frame}.querySelectorAll('math').length")
            assert "\\(" not in inside(page, ".sheet")
            page.press("ArrowRight")
    assert formulas == len(FORMULAS) + 2


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=x onerror=\"top.document.title='broken'\">",
        "<script>top.document.title='broken'</script>",
        "<svg onload=\"top.document.title='broken'\"></svg>",
        "<iframe srcdoc=\"<script>top.document.title='broken'</script>\"></iframe>",
        "<img src='https://example.org/spy.png'>",
        r"\(\href{javascript:top.document.title='broken'}{x}\)",
    ],
)
def test_a_script_in_a_field_does_not_run(wire: Wire, tmp_path: Path, attack: str) -> None:
    """Fields come escaped; were one not, the page's policy would still keep it from running and from the network."""
    index = write([entry(card(1), {"Front": attack})], {}, LOOK, tmp_path / "preview")
    with tab(wire) as page:
        page.open(index)
        page.until("document.querySelector('iframe').contentDocument?.querySelector('.sheet')")
        page.evaluate("new Promise(done => setTimeout(done, 200))")
        assert page.evaluate("document.title") == "ankillm preview"
        assert (
            page.evaluate(
                "document.querySelector('iframe').contentDocument.querySelectorAll('a[href^=javascript]').length"
            )
            == 0
        )
        loaded = [e["params"]["response"]["url"] for e in page.wire.events if e["method"] == "Network.responseReceived"]
        assert [url for url in loaded if url.startswith("http")] == []


def test_five_thousand_cards_are_fast(wire: Wire, tmp_path: Path) -> None:
    """Written and open within five seconds on a busy machine, a search within half a second, few rows in the page."""
    start = perf_counter()
    with opened(wire, questions(5000), tmp_path / "preview") as page:
        assert perf_counter() - start < 5
        assert count(page) == 5000
        assert page.evaluate("document.querySelectorAll('.row').length") < 60
        clock = "(() => { const t = performance.now(); filter(); return performance.now() - t; })()"
        assert page.evaluate(f"(state.search = '答案 4999', {clock})") < 500
        assert count(page) == 1
        page.press("Escape")
        page.press("End")
        page.until("document.querySelector('#facts').innerText.includes('notes/a.md:5000')")


def test_a_watched_page_shows_new_cards(wire: Wire, tmp_path: Path) -> None:
    with opened(wire, questions(2), tmp_path / "preview", watched=True) as page:
        write(questions(3), {}, LOOK, tmp_path / "preview", watched=True)
        page.until("document.querySelector('#count')?.textContent.startsWith('3 of 3')")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(Refusal, match="no preview"):
        write([], {}, LOOK, tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_preview_without_cards(wire: Wire, tmp_path: Path) -> None:
    index = write([], {}, LOOK, tmp_path / "preview")
    with tab(wire) as page:
        page.open(index)
        assert count(page) == 0
        for key in (" ", "ArrowDown", "n", "p", "End", "Escape"):
            page.press(key)
        assert page.complaints() == []


NOTES = """\
# LoRA

- 定义：冻结原权重、只训练低秩矩阵的微调方法

```python
model.config.use_cache = False  # 禁用缓存以节省显存
```

| 参数 | 值 |
|---|---|
| 秩 | 8 |

![曲线](plot.png)
"""


def test_the_command_writes_what_the_notes_hold(wire: Wire, tmp_path: Path) -> None:
    """From notes on the disk to cards on the screen; again, over the same folder."""
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "lora.md").write_text(NOTES, encoding="utf-8")
    plot(notes)
    for _ in range(2):
        result = CliRunner().invoke(cli, ["preview", str(notes), "-o", str(tmp_path / "out")])
        assert result.exit_code == 0, result.output
    with tab(wire) as page:
        page.open(tmp_path / "out" / "index.html")
        listed = CliRunner().invoke(cli, ["cards", str(notes), "--json"])
        assert count(page) == len(json.loads(listed.stdout)) > 1
        assert f"{count(page)} cards" in result.output
        page.press("/")
        page.type("use_cache")
        page.until("document.querySelector('iframe').contentDocument?.querySelector('pre .cloze')")
        assert inside(page, "pre").strip().startswith("model.config.use_cache = [...]")
        assert page.complaints() == []


def test_a_note_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """The others are shown, and the exit code is 1."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "good.md").write_text(NOTES, encoding="utf-8")
    (tmp_path / "notes" / "bad.md").write_bytes(b"\xff\xfe\x00")
    result = CliRunner().invoke(cli, ["preview", str(tmp_path / "notes"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "bad.md" in result.stderr
    assert (tmp_path / "out" / "index.html").exists()


def test_a_folder_without_notes_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    result = CliRunner().invoke(cli, ["preview", str(tmp_path / "notes"), "-o", str(tmp_path / "out")])
    assert isinstance(result.exception, Refusal)
    assert not (tmp_path / "out").exists()


def test_a_card_that_anki_could_not_show_is_shown_as_dropped() -> None:
    crossed = deckwork.card("a **b c** d", gaps=["a **b", "b c"])
    collected = Collected("d", (), (), (crossed, deckwork.card("问？", "<b>答</b>")), ())
    lost, good = drafts_of(collected, {}).drafts
    assert lost.card.dropped == Drop("unrenderable", "gaps overlap or hide nothing")
    assert lost.fields.front == "a **b c** d"
    assert good.card.dropped is None
