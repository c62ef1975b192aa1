"""One deck, built and told of."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import click
from msgspec.structs import replace

from ankillm.build.amending import amend
from ankillm.build.composing import Composed, compose
from ankillm.build.output import Outcome, Search, Target, ship
from ankillm.build.past import Past, load
from ankillm.build.pipeline import known_here
from ankillm.build.sheets import Unsettled, refuse_doubt
from ankillm.build.stamp import Built, Mode, Told, tell_outcome
from ankillm.claims.knowledge import Knowledge
from ankillm.cli.console import failed, following, listed, warn, working
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import put, shown
from ankillm.common.project import DeckSpec, resource

__all__ = ["build", "known_here"]

MOST_IN_SEARCH = 12


def clock() -> int:
    """Return the time of this build in seconds: `SOURCE_DATE_EPOCH` if it is set."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(told) if told.isdecimal() else int(time.time())


def build(spec: DeckSpec, knowledge: Knowledge, mode: Mode, around: str = "") -> Built:
    """Build one deck and tell of it, upon the last build where that stands.

    `around` is the hash of what every deck here is built with; without one, the deck is built from nothing.

    :raises Refusal: if nothing can be done.
    """
    with working(f"{spec.output.name} …") as tell:
        past = load(spec, around, mode) if around and not spec.facts else None
        amended = _amended(spec, knowledge, mode, past, tell) if past else None
        composed, outcome = amended or _from_nothing(spec, knowledge, mode, tell)
        if mode.listing and not mode.dry_run:
            put({spec.listing: composed.listing.encode()})
    for message in composed.unreadable:
        failed(message)
    for message in knowledge.warnings:
        warn(message)
    told = {"name": composed.name, "notes": len(composed.read), "cards": outcome.cards, "media": outcome.media}
    if not mode.quiet:
        _tell(spec, told, outcome, mode)
    report = _report(spec, composed, outcome)
    repeatable = not (report["warnings"] or knowledge.warnings or outcome.kept or mode.dry_run)
    drawn = iter(outcome.drawn)
    leaves = {sheet.part.key: sheet.leaf(drawn) for sheet in composed.sheets} if repeatable and around else {}
    return Built(report, 1 if composed.unreadable else 0, told, outcome.pictures, repeatable, leaves)


def _amended(
    spec: DeckSpec, knowledge: Knowledge, mode: Mode, past: Past, tell: Callable[[float], None]
) -> tuple[Composed, Outcome] | None:
    """Build a deck upon its last build; None where it has to be built from nothing."""
    try:
        composed = compose(spec, knowledge, past.leaves, tell, listed=mode.listing)
        refuse_doubt(composed.sheets, past.leaves)
    except Unsettled:
        return None
    if composed.unreadable or composed.more.warnings or not composed.read or composed.name != past.name:
        return None
    outcome = amend(composed.sheets, past, _target(spec, composed, dry_run=mode.dry_run))
    if outcome is None:
        return None
    pictures = tuple(dict.fromkeys((*past.pictures, *composed.more.pictures)))
    return composed, replace(outcome, pictures=pictures)


def _from_nothing(
    spec: DeckSpec, knowledge: Knowledge, mode: Mode, tell: Callable[[float], None]
) -> tuple[Composed, Outcome]:
    composed = compose(spec, knowledge, {}, tell, listed=mode.listing)
    _refuse_nothing(spec, composed)
    return composed, ship(composed.shipment, _target(spec, composed, dry_run=mode.dry_run))


def _refuse_nothing(spec: DeckSpec, composed: Composed) -> None:
    places = ", ".join(map(shown, spec.notes))
    if not composed.files:
        raise Refusal(f"{places}: no notes there; name a folder with Markdown files")
    if not composed.read:
        raise Refusal(str(composed.unreadable[0]))
    if not composed.shipment.entries and not spec.ledger.exists():
        for message in composed.more.warnings:
            warn(message)
        raise Refusal(f"{places}: no cards came of it; ankillm cards --dropped tells why")


def _target(spec: DeckSpec, composed: Composed, *, dry_run: bool) -> Target:
    return Target(
        output=spec.output,
        ledger=spec.ledger,
        templates=resource("templates"),
        files=composed.files,
        read=frozenset(composed.read),
        now=clock(),
        dry_run=dry_run,
        birthplace=spec.label,
    )


def _tell(spec: DeckSpec, told: Told, outcome: Outcome, mode: Mode) -> None:
    for message in outcome.warnings:
        warn(message)
    counts = ", ".join(
        f"{len(keys)} {word}"
        for word, keys in (
            ("new", outcome.new),
            ("changed", outcome.changed),
            ("moved", outcome.moved),
            ("retired", outcome.retired),
        )
        if keys
    )
    tell_outcome(spec, told, counts or "nothing changed", mode)
    if mode.dry_run or len(outcome.new) < outcome.cards:
        listed("new", outcome.new)
    listed("changed", outcome.changed)
    listed("moved", outcome.moved)
    listed("retired", outcome.retired)
    _tell_searches(spec, outcome.moves, "moved", "change their deck to")
    _tell_searches(spec, outcome.retirements, "retired", "delete or keep them")
    if not mode.dry_run and (outcome.new or outcome.changed):
        following(f"import {shown(spec.output)} into Anki (File → Import)")


def _tell_searches(spec: DeckSpec, searches: Sequence[Search], word: str, what: str) -> None:
    """Print the search that finds moved or retired cards in Anki; a long one goes to a file beside the package."""
    for number, search in enumerate(searches):
        target = f"{what} {search.deck}" if search.deck else what
        if search.cards <= MOST_IN_SEARCH:
            click.echo(f"  {word} cards in Anki, to {target}, are found by: {search.text}")
            continue
        place = spec.output.with_suffix(f".{word}{number or ''}.txt")
        put({place: f"{search.text}\n".encode()})
        click.echo(f"  {word} cards in Anki, to {target}, are found by the search in {shown(place)}")


def _report(spec: DeckSpec, composed: Composed, outcome: Outcome) -> dict[str, Any]:
    warnings = (*composed.unreadable, *outcome.warnings)
    return {
        "output": shown(spec.output),
        "ledger": shown(spec.ledger),
        "notes": len(composed.read),
        "cards": outcome.cards,
        "media": outcome.media,
        "warnings": [{"file": m.file, "line": m.line, "text": m.text} for m in warnings],
        "new": list(outcome.new),
        "changed": list(outcome.changed),
        "moved": list(outcome.moved),
        "retired": list(outcome.retired),
        "unchanged": outcome.unchanged,
    }
