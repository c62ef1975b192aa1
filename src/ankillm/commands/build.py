"""`ankillm build`: notes in, an Anki package out."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ankillm.console import counted, done, failed, following, listed, warn, working
from ankillm.files import put
from ankillm.knowledge import Knowledge
from ankillm.listing import listing
from ankillm.messages import Refusal
from ankillm.pipeline import Collected, collect, known_here, shown
from ankillm.project import DeckSpec, load, resource
from ankillm.selection import select
from ankillm.shipping import Outcome, Search, Target, ship
from ankillm.watching import follow

MOST_IN_SEARCH = 12


@click.command()
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The package to write.")
@click.option("--deck", "name", default="", help="The deck's name in Anki.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option("--watch", is_flag=True, help="Build again at every change, and refresh the preview.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
@click.pass_context
def command(  # noqa: PLR0913  (its options)
    ctx: click.Context,
    notes: tuple[Path, ...],
    output: Path | None,
    name: str,
    *,
    dry_run: bool,
    watch: bool,
    machine: bool,
) -> None:
    """Build the decks of the project around, or one deck of the notes given.

    \b
    ankillm build
    ankillm build notes/ -o notes.apkg
    ankillm build lora.md --deck "LoRA" --dry-run
    ankillm build --watch
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    in_project = not notes and load(Path.cwd()).config is not None
    if watch:
        if dry_run or machine:
            raise click.UsageError("--watch goes with neither --dry-run nor --json")
        follow(lambda: select(notes, output, name), lambda spec: build(spec, dry_run=False, keep_listing=in_project))
        return
    reports = [
        build(spec, dry_run=dry_run, keep_listing=in_project, quiet=machine) for spec in select(notes, output, name)
    ]
    if machine:
        click.echo(json.dumps([report for report, _ in reports], ensure_ascii=False, indent=1))
    ctx.exit(max(code for _, code in reports))


def clock() -> int:
    """Return the time of this build in seconds: `SOURCE_DATE_EPOCH` if it is set."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(told) if told.isdecimal() else int(time.time())


def build(spec: DeckSpec, *, dry_run: bool, keep_listing: bool, quiet: bool = False) -> tuple[dict[str, Any], int]:
    """Build one deck and tell of it; returns its report and the exit code.

    :raises Refusal: if nothing can be done.
    """
    with working(f"{spec.output.name} …"):
        knowledge = known_here()
        collected = collect(spec, knowledge)
        _refuse_nothing(spec, collected)
        outcome = ship(collected.kept, _target(spec, collected, knowledge, dry_run=dry_run))
        if keep_listing and not dry_run:
            put({spec.listing: listing(collected.kept).encode()})
    for message in collected.unreadable:
        failed(message)
    for message in knowledge.warnings:
        warn(message)
    if not quiet:
        _tell(spec, collected, outcome, dry_run=dry_run)
    return _report(spec, collected, outcome), 1 if collected.unreadable else 0


def _refuse_nothing(spec: DeckSpec, collected: Collected) -> None:
    places = ", ".join(map(shown, spec.notes))
    if not collected.files:
        raise Refusal(f"{places}: no notes there; name a folder with Markdown files")
    if not collected.notes:
        raise Refusal(str(collected.unreadable[0]))
    if not collected.kept and not spec.ledger.exists():
        raise Refusal(f"{places}: no cards came of it; ankillm cards --dropped tells why")


def _target(spec: DeckSpec, collected: Collected, knowledge: Knowledge, *, dry_run: bool) -> Target:
    return Target(
        output=spec.output,
        ledger=spec.ledger,
        templates=resource("templates"),
        files=collected.files,
        read=frozenset(note.path for note in collected.notes),
        now=clock(),
        pictures=knowledge.pictures,
        dry_run=dry_run,
    )


def _tell(spec: DeckSpec, collected: Collected, outcome: Outcome, *, dry_run: bool) -> None:
    for message in outcome.warnings:
        warn(message)
    would = "would go" if dry_run else "→"
    counts = ", ".join(
        f"{len(keys)} {word}"
        for word, keys in (("new", outcome.new), ("changed", outcome.changed), ("moved", outcome.moved))
        if keys
    )
    told = counts or "nothing changed"
    made = f"{counted(outcome.cards, 'card')} of {counted(len(collected.notes), 'note')}"
    done(f"{collected.name}: {made} {would} {shown(spec.output)} ({told})")
    if dry_run or len(outcome.new) < outcome.cards:
        listed("new", outcome.new)
    listed("changed", outcome.changed)
    listed("moved", outcome.moved)
    listed("retired", outcome.retired)
    _tell_searches(spec, outcome.moves, "moved", "change their deck to")
    _tell_searches(spec, outcome.retirements, "retired", "delete or keep them")
    if not dry_run and (outcome.new or outcome.changed):
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


def _report(spec: DeckSpec, collected: Collected, outcome: Outcome) -> dict[str, Any]:
    warnings = (*collected.unreadable, *outcome.warnings)
    return {
        "output": shown(spec.output),
        "ledger": shown(spec.ledger),
        "notes": len(collected.notes),
        "cards": outcome.cards,
        "media": outcome.media,
        "warnings": [{"file": m.file, "line": m.line, "text": m.text} for m in warnings],
        "new": list(outcome.new),
        "changed": list(outcome.changed),
        "moved": list(outcome.moved),
        "retired": list(outcome.retired),
        "unchanged": outcome.unchanged,
    }
