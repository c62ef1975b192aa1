"""Rendered cards as text: for people and for review in git, and as JSON for programs."""

from collections.abc import Iterable, Iterator
from typing import Any

from ankillm.anki.cloze import plain
from ankillm.anki.fields import RenderedCard
from ankillm.anki.footer import demo_command


def as_json(card: RenderedCard) -> dict[str, Any]:
    """Return a card as `ankillm cards --json` prints it."""
    return {
        "key": card.key,
        "kind": card.kind,
        "question": card.question,
        "rule": card.rule,
        "score": card.score,
        "front": card.front,
        "back": card.back,
        "context": " → ".join(card.context),
        "deck": card.deck,
        "tags": list(card.tags),
        "source": {"file": card.source.file, "line": card.source.line, "end": card.source.end},
        "demo": card.demo or None,
        "term": card.term or None,
        "facts": [
            {"name": fact.name, "label": fact.label, "value": fact.measured.value, "unit": fact.measured.unit}
            for fact in card.facts
        ],
        "verdicts": [kind for kind, _ in card.verdicts],
        "doubts": [doubt.as_json() for doubt in card.doubts],
        "dropped": {"code": card.dropped.code, "reason": card.dropped.reason} if card.dropped else None,
    }


def listing(cards: Iterable[RenderedCard], *, why: bool = False, shared: bool = False) -> str:
    """Return every card as reviewable text: source, context, question, answer; `why` adds its rule and score.

    One that is `shared` names sources as the cards do, wherever it was made.
    """
    return "\n".join(line for card in cards for line in _lines(card, why=why, shared=shared))


def _lines(card: RenderedCard, *, why: bool, shared: bool) -> Iterator[str]:
    place = plain(card.fields.source).strip() if shared else f"{card.source.file}:{card.source.line}"
    yield f"## {place} · {card.question} · {' → '.join(card.context)}"
    if card.dropped:
        yield f"× dropped ({card.dropped.code}): {card.dropped.reason}"
    if why and card.rule:
        yield f"rule {card.rule}, score {card.score} of 1000, passage worth {card.worth} of 1000"
    yield ""
    yield card.front
    yield ""
    yield "\n".join(f"> {line}" for line in card.back.split("\n"))
    if card.demo:
        yield f"\n{demo_command(card.demo, card.term)}"
    yield ""
