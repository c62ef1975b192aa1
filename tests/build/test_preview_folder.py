"""The preview as a folder: that its cards are Anki's, that it is safe and fast, and the command that writes it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from urllib.parse import unquote

import deckwork
import pytest
from browser import Page, Wire, chromium, tab
from click.testing import CliRunner
from hostile_table import run
from previewing import LOOK, card, count, entry, inside, opened, questions, specimens
from reviewer import shown
from specimen import FORMULAS, SPECIMENS, pack, plot

from ankillm.anki.fields import rendered
from ankillm.build.preview import record, write
from ankillm.cli import cli
from ankillm.common.diagnostics import Refusal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with chromium() as started:
        yield started


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
    """Written and open within ten seconds on a busy machine, a search within half a second, few rows in the page."""
    start = perf_counter()
    with opened(wire, questions(5000), tmp_path / "preview") as page:
        assert perf_counter() - start < 10
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


def test_a_source_opens_its_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the way from the page to the file: no path of this machine stands in the page."""
    note = tmp_path / "notes" / "a b.md"
    note.parent.mkdir()
    note.write_text("# A\n\n<!-- anki: id=a -->\n## Why?\n\nBecause.\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["preview", "notes", "-o", "out/preview"]).exit_code == 0
    text = (tmp_path / "out" / "preview" / "cards.js").read_text("utf-8")
    card = json.loads(text[text.index("{") : text.rindex("}") + 1])["cards"][0]
    assert (tmp_path / "out" / "preview" / unquote(card["opens"])).samefile(note)
    assert str(tmp_path) not in text


def test_a_folder_without_notes_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    result = CliRunner().invoke(cli, ["preview", str(tmp_path / "notes"), "-o", str(tmp_path / "out")])
    assert isinstance(result.exception, Refusal)
    assert not (tmp_path / "out").exists()


def test_a_card_that_anki_could_not_show_is_shown_as_dropped() -> None:
    crossed = deckwork.card("a **b c** d", gaps=["a **b", "b c"])
    lost, good = (record(rendered(card), Path("preview")) for card in (crossed, deckwork.card("问？", "<b>答</b>")))
    assert lost["dropped"] == {"code": "unrenderable", "reason": "gaps overlap or hide nothing"}
    assert lost["fields"] == {"Text": "a **b c** d"}
    assert good["dropped"] is None


@pytest.mark.parametrize(
    "left",
    [("media/",), ("media/", ".index.html.tmp"), ("media/a-0123456789abcdef.png", "index.html", ".stamp.js.tmp")],
)
def test_what_a_preview_that_was_killed_left_is_gone_on_with(left: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever had its place already: the stamp takes its own last."""
    for name in left:
        place = tmp_path / "preview" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if name.endswith("/") else place.write_text("half")
    (tmp_path / "note.md").write_text("# A\n\n## Why is there an a?\n\nBecause of it.\n")
    code, said = run(tmp_path, "preview", "note.md")
    assert code == 0, said
    assert (tmp_path / "preview" / "stamp.js").is_file()


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("# A\n\n## Why is there an a?\n\nBecause of it.\n")
    for name in ("preview", "preview/media"):
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(tmp_path / "elsewhere")
        code, said = run(tmp_path, "preview", "note.md")
        assert (code, "is a link" in said, list((tmp_path / "elsewhere").iterdir())) == (2, True, []), said
        (tmp_path / name).unlink()


def test_where_no_browser_is_the_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to open, and nothing of the system's own search for a browser is seen."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "note.md").write_text("# LoRA\n\n## What does LoRA train?\n\nTwo narrow matrices.\n", "utf-8")
    command = [sys.executable, "-m", "ankillm", "preview", "note.md", "--open"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0
    assert done.stderr.splitlines() == ["! preview/index.html: no browser was found; open it in one"]
