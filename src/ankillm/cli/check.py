"""`ankillm check`: every claim of the notes, held against what was measured."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from ankillm.build.inputs import inputs_of, select
from ankillm.build.pipeline import knowledge_here, note_of
from ankillm.claims.coverage import uncovered
from ankillm.claims.expectation import Expectation
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.verdicts import FAILING, Kind, Verdict
from ankillm.cli.console import NOTES, counted, done, failed, following, warn
from ankillm.cli.verdict_table import line, table
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.project import DeckSpec, load
from ankillm.evidence import launcher
from ankillm.markdown.note import Note


class Checked(Struct, frozen=True):
    """One deck's verdicts, the quantities that no claim covers, and what could not be read."""

    spec: DeckSpec
    notes: tuple[Note, ...]
    verdicts: tuple[Verdict, ...]
    bare: tuple[Diagnostic, ...]
    unreadable: tuple[Diagnostic, ...]


@click.command("check")
@click.argument("notes", nargs=-1, type=NOTES)
@click.option("--measure", is_flag=True, help="Run the demos that the claims name first.")
@click.option("--strict", is_flag=True, help="Stale evidence, and quantities that no claim covers, count as failures.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(notes: tuple[Path, ...], *, measure: bool, strict: bool, machine: bool) -> None:
    """Hold every claim of the notes (or of the project's decks) against what was measured.

    Exit code 1 if a claim is refuted, unexpectedly true, invalid or unmeasured, or a note could not be read.

    \b
    Examples:
      ankillm check
      ankillm check notes/zh/lora.md --measure
      ankillm check --strict --json
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    specs = select(notes)
    read = [(spec, tuple(note_of(note, spec) for note in inputs_of(spec))) for spec in specs]
    known = knowledge_here()
    unrun = _measure(_named(read, known)) if measure else ()
    known = knowledge_here() if measure else known
    checked = [_checked(spec, found, known, strict=strict) for spec, found in read]
    if not any(deck.notes for deck in checked):
        raise Refusal(_nothing(checked))
    _print_json(checked) if machine else _print(checked, known, strict=strict)
    for fault in (*unrun, *(str(message) for deck in checked for message in deck.unreadable)):
        failed(fault)
    sys.exit(1 if unrun or any(_fails(deck, strict=strict) for deck in checked) else 0)


def _checked(spec: DeckSpec, found: Sequence[Note | Diagnostic], known: Knowledge, *, strict: bool) -> Checked:
    notes = tuple(note for note in found if isinstance(note, Note))
    verdicts = tuple(verdict for note in notes for verdict in known.verdicts(note))
    bare = tuple(message for note in notes for message in uncovered(note)) if strict else ()
    return Checked(spec, notes, verdicts, bare, tuple(entry for entry in found if isinstance(entry, Diagnostic)))


def _nothing(checked: Sequence[Checked]) -> str:
    unreadable = [message for deck in checked for message in deck.unreadable]
    places = ", ".join(str(place) for deck in checked for place in deck.spec.notes)
    return str(unreadable[0]) if unreadable else f"{places}: no notes there; name a folder with Markdown files"


def _fails(deck: Checked, *, strict: bool) -> bool:
    stale = strict and any(verdict.kind is Kind.STALE for verdict in deck.verdicts)
    return bool(deck.unreadable or deck.bare or stale or any(verdict.kind in FAILING for verdict in deck.verdicts))


def _named(read: Iterable[tuple[DeckSpec, Sequence[Note | Diagnostic]]], known: Knowledge) -> list[str]:
    """Return the demos that claims name, in the order of their names."""
    notes = [note for _, found in read for note in found if isinstance(note, Note)]
    names = {verdict.claim.demo for note in notes for verdict in known.verdicts(note)}
    return [demo.name for demo in known.demos if demo.name in names]


def _measure(names: Sequence[str]) -> tuple[str, ...]:
    """Run some demos, with progress; return a line for each that failed."""
    from rich.console import Console  # noqa: PLC0415  (only --measure needs it)
    from rich.progress import track  # noqa: PLC0415  (likewise)

    launcher.require_trainer()
    if load(Path.cwd()).config is None:
        warn("outside a project evidence is not kept: what is shipped is checked; run ankillm init to keep your own")
    faults = []
    for name in track(names, "measuring", console=Console(stderr=True), transient=True):
        process = launcher.start(name, ["--json"], capture=True)
        if process.returncode:
            said = (process.stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
            faults.append(f"{name}: {said.removeprefix('× ')}")
    return tuple(faults)


def _print_json(checked: Sequence[Checked]) -> None:
    entries = [_entry(verdict) for deck in checked for verdict in deck.verdicts]
    click.echo(json.dumps(entries, ensure_ascii=False, indent=1))
    for deck in checked:
        for message in deck.bare:
            failed(message)


def _entry(verdict: Verdict) -> dict[str, Any]:
    claim, measured = verdict.claim, verdict.measured
    return {
        "file": claim.file,
        "line": claim.line,
        "column": claim.column,
        "definition_line": claim.definition_line,
        "phrase": claim.phrase,
        "demo": claim.demo,
        "fact": claim.fact,
        "expectation": claim.expectation,
        "measured": measured.value if measured else None,
        "unit": measured.unit if measured else "",
        "device": verdict.device,
        "verdict": str(verdict.kind),
        "reason": verdict.reason,
    }


def _print(checked: Sequence[Checked], known: Knowledge, *, strict: bool) -> None:
    from rich.console import Console  # noqa: PLC0415  (JSON needs none)

    verdicts = [verdict for deck in checked for verdict in deck.verdicts]
    if verdicts:
        Console(emoji=False, highlight=False).print(table(verdicts))
    for message in known.warnings:
        warn(message)
    for verdict in verdicts:
        if verdict.kind in FAILING or (strict and verdict.kind is Kind.STALE):
            failed(line(verdict))
    for deck in checked:
        for message in deck.bare:
            failed(message)
        _balance(deck)
    _outcome(checked, verdicts, strict=strict)


def _balance(deck: Checked) -> None:
    """Warn if `false` is the safe guess among a deck's true-or-false cards."""
    marks = Counter(_mark(verdict) for verdict in deck.verdicts)
    if marks["✓"] < marks["✗"]:
        name = deck.spec.name or ", ".join(map(str, deck.spec.notes))
        warn(f"{name}: {marks['✓']} claims marked ✓ and {marks['✗']} marked ✗: on its cards false is the safe guess")


def _mark(verdict: Verdict) -> str:
    try:
        return Expectation.parse(verdict.claim.expectation).mark
    except ValueError:
        return ""


def _outcome(checked: Sequence[Checked], verdicts: Sequence[Verdict], *, strict: bool) -> None:
    notes = counted(sum(len(deck.notes) for deck in checked), "note")
    if not verdicts:
        done(f"no claims in {notes}")
        following("ankillm suggest NOTES, for claims that could be made")
        return
    kinds = Counter(verdict.kind for verdict in verdicts)
    each = ", ".join(f"{kinds[kind]} {kind}" for kind in Kind if kinds[kind])
    told = f"{counted(len(verdicts), 'claim')} in {notes}: {each}"
    bad = any(_fails(deck, strict=strict) for deck in checked)
    failed(told) if bad else done(told)
    _next(verdicts)


def _next(verdicts: Sequence[Verdict]) -> None:
    """Tell which demos are to be run."""
    demos = sorted({verdict.claim.demo for verdict in verdicts if verdict.kind in {Kind.STALE, Kind.UNMEASURED}})
    if demos:
        following(f"ankillm demo {demos[0]}" if len(demos) == 1 else f"ankillm check --measure, for {', '.join(demos)}")
