"""How a card looks: what is to be seen of its front and back, by which readers tell a card worth keeping from junk.

The names of these features are those of `looks` in the weights, which were trained on cards that readers judged one by
one (`evaluation/`).
"""

from collections.abc import Iterator

from ankillm.cards.card import Card
from ankillm.cards.plain import GAP, gapped, hidden
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.linear import weights

ESCAPED = regex(r"\\([_*`<>\[\]\\#])")
HEAD = regex(r"[^：:]{1,40}[：:]")
BREAK = regex(r"[,，;；。.:：]")
WORD = regex(r"[a-z]+|[\u4e00-\u9fff]")
OPEN = "，,、：:(（"


def chance(card: Card, kind: str, wanted: int) -> int:
    """Return the chance of a thousand that a reader would keep a card.

    `kind` is that of its passage; `wanted` the chance of a thousand that an expert wants it.
    """
    model = weights()
    return model.chance(model.looks.total(features(card, kind, wanted)))


def features(card: Card, kind: str, wanted: int) -> Iterator[str]:
    """Yield the names of what is to be seen of a card."""
    front, back = shown(card)
    lines = back.count("\n")
    front, back = " ".join(front.split()), " ".join(back.split())
    language = "zh" if CHINESE.search(front) else "en"
    form = f"{card.question}/{language}"
    yield f"form={form}"
    yield f"rule={card.rule}/{form}"
    yield f"kind={kind}/{card.question}"
    yield f"score={min(wanted // 100, 9)}"
    yield f"worth={min(card.worth // 100, 9)}"
    yield f"front={min(len(front) // 12, 14)}/{language}"
    yield f"back={min(len(back) // 10, 16)}/{language}"
    yield f"back={min(len(back) // 10, 16)}/{form}"
    yield f"lines={min(lines, 6)}"
    yield f"breaks={min(len(BREAK.findall(back)), 5)}/{card.question}"
    yield from _ends(front, back, language)
    for sign, name in (("`", "code"), ("$", "math")):
        if sign in front:
            yield f"{name}-front"
        if sign in back:
            yield f"{name}-back"
    if any(map(str.isdigit, back)):
        yield "digit"
    if GAP in front:
        yield from _gap(front, back, language)


def _ends(front: str, back: str, language: str) -> Iterator[str]:
    """Yield how front and back begin and end."""
    head = HEAD.match(front)
    yield f"head={bool(head)}/{language}"
    if head:
        yield f"head-size={min(len(head[0]) // 6, 6)}"
    if back[-1:] in OPEN:
        yield "open"
    yield f"back-first={back[:1].lower()}"
    yield f"back-start={back[:2].lower()}"
    yield f"back-last={back[-1:].lower()}"
    yield f"front-start={front[:2].lower()}"
    yield f"front-first={front[:4].lower()}"
    yield f"front-end={front[-4:].lower()}"
    yield f"front-last={front[-6:].lower()}"
    for word in sorted(set(WORD.findall(front.lower())[:3])):
        yield f"word={word}"


def _gap(front: str, back: str, language: str) -> Iterator[str]:
    """Yield what stands around a gap."""
    before, _, after = front.partition(GAP)
    yield f"gap-share={10 * len(back) // (len(back) + len(front))}/{language}"
    yield f"gap-before={min(len(before) // 8, 6)}/{language}"
    yield f"gap-after={min(len(after) // 8, 8)}/{language}"
    yield f"gap-end={before.rstrip()[-2:].lower()}"
    yield f"gap-next={after.strip()[:2].lower()}"
    if language == "en":
        yield f"gap-cue={(before.split() or [''])[-1].lower()}"
        yield f"gap-word={(back.split() or [''])[0].lower()}"


def shown(card: Card) -> tuple[str, str]:
    """Return the front as it is seen, with `[…]` for each gap, and what is asked for."""
    front, back = gapped(card), hidden(card, " / ") if card.gaps else card.back
    if card.code:
        return front, back
    return _unmarked(front), _unmarked(back)


def _unmarked(text: str) -> str:
    return (ESCAPED.sub(r"\1", text) if "\\" in text else text).replace("**", "")
