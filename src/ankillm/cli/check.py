"""`ankillm check`: every claim of the notes, held against what was measured."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
from msgspec import Struct
from msgspec.structs import replace

from ankillm.build.inputs import NoteInput, inputs_of, select
from ankillm.build.pipeline import knowledge_here, note_of
from ankillm.claims.coverage import uncovered
from ankillm.claims.expectation import Expectation
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.verdicts import FAILING, UNSURE, Kind, Verdict
from ankillm.cli.console import NOTES, counted, done, failed, following, say_json, warn
from ankillm.cli.verdict_line import line
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
@click.option("--strict", is_flag=True, help="Fail also on stale or mixed claims, and on quantities without one.")
@click.option("--all", "everything", is_flag=True, help="List every claim, not only those that fail.")
@click.option("--suggest", is_flag=True, help="Propose claims for what a demo measured. No note is edited.")
@click.option("--diff", is_flag=True, help="With --suggest: print a patch for git apply.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0913  (one parameter an option)
    notes: tuple[Path, ...],
    *,
    measure: bool,
    strict: bool,
    everything: bool,
    suggest: bool,
    diff: bool,
    machine: bool,
) -> None:
    """Hold every claim of the notes (or of the project's decks) against what was measured.

    Exit code 1 if a claim is refuted, unexpectedly true, invalid or unmeasured, or a note could not be read.

    \b
    Examples:
      ankillm check
      ankillm check notes/zh/lora.md --measure
      ankillm check --strict --json
      ankillm check day03.md --suggest --diff | git apply
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    if diff and not suggest:
        raise click.UsageError("--diff goes with --suggest")
    if suggest and (measure or strict or everything or (diff and machine)):
        raise click.UsageError("--suggest goes with --diff or --json alone")
    specs = select(notes)
    if suggest:  # it is about each note alone: two of one name don't matter
        specs = tuple(replace(spec, notes=(place,)) for spec in specs for place in spec.notes)
    given = [(spec, inputs_of(spec)) for spec in specs]
    read = [(spec, tuple(note_of(note, spec) for note in found)) for spec, found in given]
    known = knowledge_here()
    if suggest:
        inputs = [note for _, found in given for note in found]
        _suggest(list(zip(inputs, (note for _, found in read for note in found), strict=True)), known, diff, machine)
    unrun = _measure(_named(read, known)) if measure else ()
    known = knowledge_here() if measure else known
    checked = [_checked(spec, found, known, strict=strict) for spec, found in read]
    unreadable = [str(message) for deck in checked for message in deck.unreadable]
    if not any(deck.notes for deck in checked):
        raise Refusal(unreadable[0])
    _print_json(checked) if machine else _print(checked, known, strict=strict, everything=everything)
    for fault in (*unrun, *unreadable):
        failed(fault)
    sys.exit(1 if unrun or any(_fails(deck, strict=strict) for deck in checked) else 0)


def _suggest(
    read: Sequence[tuple[NoteInput, Note | Diagnostic]],
    known: Knowledge,
    diff: bool,  # noqa: FBT001  (as the command has it)
    machine: bool,  # noqa: FBT001  (likewise)
) -> NoReturn:
    """Print the claims that notes could make, and end."""
    from ankillm.cli import suggestions  # noqa: PLC0415  (a check without needs none of it)

    good = [(given, note) for given, note in read if isinstance(note, Note)]
    bad = [note for _, note in read if isinstance(note, Diagnostic)]
    if not good:
        raise Refusal(str(bad[0]))
    if diff:
        suggestions.print_patch(good, known)
    else:
        found = [each for _, note in good for each in suggestions.suggested(note, known)]
        if machine:
            say_json([suggestions.as_json(each) for each in found])
        else:
            suggestions.print_suggestions(found, len(good))
    for message in bad:
        failed(message)
    sys.exit(1 if bad else 0)


def _checked(spec: DeckSpec, found: Sequence[Note | Diagnostic], known: Knowledge, *, strict: bool) -> Checked:
    notes = tuple(note for note in found if isinstance(note, Note))
    verdicts = tuple(verdict for note in notes for verdict in known.verdicts(note))
    bare = tuple(message for note in notes for message in uncovered(note)) if strict else ()
    return Checked(spec, notes, verdicts, bare, tuple(entry for entry in found if isinstance(entry, Diagnostic)))


def _fails(deck: Checked, *, strict: bool) -> bool:
    unsure = strict and any(verdict.kind in UNSURE for verdict in deck.verdicts)
    return bool(deck.unreadable or deck.bare or unsure or any(verdict.kind in FAILING for verdict in deck.verdicts))


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
    say_json(entries)
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


def _print(checked: Sequence[Checked], known: Knowledge, *, strict: bool, everything: bool) -> None:
    """Print a line a claim that fails or is mixed, and counts for the rest; all of them only if asked to."""
    verdicts = [verdict for deck in checked for verdict in deck.verdicts]
    if verdicts and everything:
        from rich.console import Console  # noqa: PLC0415  (only a table needs it)

        from ankillm.cli.verdict_table import table  # noqa: PLC0415  (likewise)

        console = Console(emoji=False, highlight=False)
        console.print(table(verdicts, console.width))
    for message in known.warnings:
        warn(message)
    for verdict in verdicts:
        if verdict.kind in FAILING or (strict and verdict.kind in UNSURE):
            failed(line(verdict))
        elif verdict.kind is Kind.MIXED:
            warn(line(verdict))
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
        following("give --suggest, for claims that could be made")
        return
    kinds = Counter(verdict.kind for verdict in verdicts)
    each = ", ".join(f"{kinds[kind]} {kind}" for kind in Kind if kinds[kind])
    told = f"{counted(len(verdicts), 'claim')} in {notes}: {each}"
    if bare := sum(len(deck.bare) for deck in checked):
        told += f"; {'1 quantity has' if bare == 1 else f'{bare} quantities have'} no claim"
    bad = any(_fails(deck, strict=strict) for deck in checked)
    failed(told) if bad else done(told)
    _next(verdicts)


def _next(verdicts: Sequence[Verdict]) -> None:
    """Tell which demos are to be run."""
    demos = sorted({verdict.claim.demo for verdict in verdicts if verdict.kind in {Kind.STALE, Kind.UNMEASURED}})
    if demos:
        following(f"ankillm demo {demos[0]}" if len(demos) == 1 else f"ankillm check --measure, for {', '.join(demos)}")
