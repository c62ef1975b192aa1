"""Cards as text: for people and for review in git, and as JSON for programs."""

from collections.abc import Iterable, Iterator
from typing import Any

from ankillm.cards.card import Card
from ankillm.markdown.inline import plain_text


def gapped(card: Card) -> str:
    """Return a cloze's text with `[…]` in place of what it hides."""
    out, at = "", 0
    for gap in sorted(card.gaps, key=lambda gap: gap.start):
        out += card.front[at : gap.start] + "[…]"
        at = gap.end
    return out + card.front[at:]


def texts(card: Card) -> tuple[str, str]:
    """Return front and back as plain text; a cloze has `[…]` in its front and the hidden text as its back."""
    if card.kind == "basic":
        return plain_lines(card.front), plain_lines(card.back)
    hidden = "；".join(card.front[gap.start : gap.end] for gap in card.gaps)
    return (gapped(card), hidden) if card.code else (plain_lines(gapped(card)), plain_lines(hidden))


def plain_lines(markdown: str) -> str:
    """Return Markdown as plain text, line by line; code stays as it is."""
    fenced, out = False, []
    for line in markdown.split("\n"):
        fenced = not fenced if line.lstrip().startswith("```") else fenced
        out.append(line if fenced else plain_text(line) if line.strip() else "")
    return "\n".join(out).strip()


def as_json(card: Card) -> dict[str, Any]:
    """Return a card as `ankillm cards --json` prints it."""
    front, back = texts(card)
    return {
        "key": card.key,
        "kind": card.kind,
        "question": card.question,
        "front": front,
        "back": back,
        "context": " → ".join(card.context),
        "deck": card.deck,
        "tags": list(card.tags),
        "source": {"file": card.source.file, "line": card.source.line},
        "demo": card.demo or None,
        "facts": [
            {"name": fact.name, "label": fact.label, "value": fact.measured.value, "unit": fact.measured.unit}
            for fact in card.facts
        ],
        "verdicts": [str(verdict.kind) for verdict in card.verdicts],
        "dropped": {"code": card.dropped.code, "reason": card.dropped.reason} if card.dropped else None,
    }


def listing(cards: Iterable[Card]) -> str:
    """Return every card as reviewable text: source, context, question, answer."""
    return "\n".join(line for card in cards for line in _lines(card))


def _lines(card: Card) -> Iterator[str]:
    front, back = texts(card)
    yield f"## {card.source.file}:{card.source.line} · {card.question} · {' → '.join(card.context)}"
    if card.dropped:
        yield f"× dropped ({card.dropped.code}): {card.dropped.reason}"
    yield ""
    yield front
    yield ""
    yield "\n".join(f"> {line}" for line in back.split("\n"))
    if card.demo:
        yield f"\nankillm demo {card.demo}"
    yield ""
