"""What tests of the preview share: cards to show, and a page that shows them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from browser import Page, Wire, tab
from msgspec.structs import replace
from specimen import SPECIMENS, TEMPLATES, plot

from ankillm.anki.fields import Fields, RenderedCard, rendered
from ankillm.build.preview import write
from ankillm.cards.card import Card
from ankillm.claims.claim import Claim
from ankillm.claims.verdicts import Kind, Verdict
from ankillm.common.diagnostics import Span
from ankillm.evidence.schema import Measured

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
    return replace(plain, **more)


def entry(one: Card, fields: Mapping[str, str]) -> RenderedCard:
    """Return a card with these fields."""
    front = fields.get("Text", fields.get("Front", ""))
    rest = [fields.get(name.capitalize(), "") for name in Fields._fields[1:]]
    return replace(rendered(one), fields=Fields(front, *rest), dropped=one.dropped)


def specimens() -> list[RenderedCard]:
    return [entry(card(i, kind), fields) for i, (kind, fields) in enumerate(SPECIMENS.values(), 1)]


def questions(count: int) -> list[RenderedCard]:
    return [
        entry(
            card(i),
            {"Front": f"第 {i} 题：<code>x &lt; {i}</code>？", "Back": f"答案 {i}", "Source": f"notes/a.md:{i}"},
        )
        for i in range(1, count + 1)
    ]


@contextmanager
def opened(wire: Wire, entries: Sequence[RenderedCard], folder: Path, *, watched: bool = False) -> Iterator[Page]:
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
