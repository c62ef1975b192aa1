"""Cards in the MathJax that Anki ships, with Anki's configuration of it, in Chromium: nothing there links or styles."""

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, chromium, tab
from deckwork import bring, collection
from hostile_tex import CLOZES, FORMULAS, built

from ankillm.anki.tex import macros

MARK = "evilmark"
AT_ONCE = 500
"""Formulas on one page."""
HARM = """(() => {
  const out = [];
  for (const e of document.querySelectorAll(".try *")) {
    for (const a of [...e.attributes].filter(a => a.name !== "data-cloze")) {
      const place = a.name === "style" && /fixed|absolute|url|inset|z-index/.test(a.value);
      const name = a.name === "id" && a.value !== "answer";
      if (place || name || /^on|href|src$/.test(a.name) || /javascript|evil|nightMode/.test(a.value))
        out.push(e.closest(".try").dataset.of + ": " + e.tagName + " " + a.name + "=" + a.value);
    }
    const box = e.getBoundingClientRect();
    if (box.height > 2000 || box.width > 4000) out.push(e.closest(".try").dataset.of + ": covers the page");
  }
  return JSON.stringify(out);
})()"""


@pytest.fixture(scope="module")
def scripts() -> Path:
    """Return the folder of the scripts that Anki's own window loads."""
    spec = importlib.util.find_spec("_aqt")
    if spec is None or not spec.submodule_search_locations:
        if os.environ.get("CI"):
            pytest.fail("aqt is not installed; make test installs it")
        pytest.skip("aqt is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "data" / "web" / "js"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as wire, tab(wire) as opened:
        yield opened


def shown(page: Page, scripts: Path, folder: Path, texts: dict[str, str]) -> list[str]:
    """Typeset fields as Anki's reviewer does, and return what in them could do harm."""
    settings = (scripts / "mathjax.js").read_text().replace("/_anki/js", scripts.as_uri())
    blocks = "".join(f'<div class="try" data-of="{at}">{text}</div>' for at, text in texts.items())
    program = f'<script src="{(scripts / "vendor/mathjax/tex-chtml-full.js").as_uri()}"></script>'
    html = f'<!doctype html><meta charset="utf-8"><script>{settings}</script>{program}<body>{blocks}'
    (folder / "page.html").write_text(html, encoding="utf-8")
    page.open(folder / "page.html")
    page.until("window.MathJax?.startup?.promise")
    page.evaluate("void MathJax.startup.promise.then(() => MathJax.typesetPromise()).then(() => { window.set = 1; })")
    page.until("window.set")
    assert page.evaluate("document.querySelectorAll('mjx-container').length") > 0
    found: list[str] = json.loads(page.evaluate(HARM))
    return found


def test_nothing_of_a_note_links_styles_or_names(page: Page, scripts: Path, tmp_path: Path) -> None:
    """Both sides of every card, as the real Anki renders them."""
    texts = {}
    with collection() as anki:
        bring(anki, built(tmp_path, *FORMULAS, *CLOZES))
        for number in anki.find_cards(""):
            card = anki.get_card(number)
            name = card.note()["Source"].partition(":")[0]
            texts[f"{name} front {number}"] = card.render_output().question_text
            texts[f"{name} back {number}"] = card.render_output().answer_text
    assert len(texts) > 2 * len(FORMULAS)
    assert shown(page, scripts, tmp_path, texts) == []


def test_the_measure_finds_what_does_harm(page: Page, scripts: Path, tmp_path: Path) -> None:
    """MathJax with Anki's configuration does obey each of these."""
    raw = {
        "link": r"\(\href{javascript:pwn()}{x}\)",
        "style": r"\(\style{position:fixed}{x}\)",
        "box": r"\(\bbox[position:fixed]{x}\)",
        "name": r"\(\cssId{qa}{x}\)",
        "class": r"\(\class{nightMode}{x}\)",
        "token": r'\(\mmlToken{mi}[href="javascript:pwn()"]{z}\)',
        "size": r"\(\rule{9999em}{9999em}\)",
    }
    found = shown(page, scripts, tmp_path, raw)
    assert {line.partition(":")[0] for line in found} == set(raw)


@pytest.mark.slow
def test_no_macro_that_passes_takes_an_attribute(page: Page, scripts: Path, tmp_path: Path) -> None:
    """Each macro of the list, given what does harm to those that are not on it."""
    attribute = f"href=javascript:{MARK},style=position:fixed,id=evil,class=evil"
    form = r"\({0}[{1}]{{javascript:{2}}}{{position:fixed}}{{evil}}\)"
    texts = {name: form.format(f"\\{name}", attribute, MARK) for name in sorted(macros() - {"begin", "end"})}
    names = list(texts)
    for at in range(0, len(names), AT_ONCE):
        found = shown(page, scripts, tmp_path, {name: texts[name] for name in names[at : at + AT_ONCE]})
        assert [line for line in found if not line.endswith("covers the page")] == []
