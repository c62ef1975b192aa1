"""What a build prints: an outcome line a deck, details for what changed, then what to do next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ankillm.build.build import build
from ankillm.build.inputs import select
from ankillm.build.report import Mode, Report, Search
from ankillm.cli.console import counted, detail, done, failed, following, listed, warn, working
from ankillm.common.files import put, shown
from ankillm.common.project import DeckSpec
from ankillm.common.shells import quoted

MOST_IN_SEARCH = 12
MOST_NOTES = 3
"""That a line names again."""
WHAT = {"moved": "change the deck of {cards} to {deck}", "retired": "delete or keep what Anki has of {cards}"}


def build_and_print(spec: DeckSpec, mode: Mode, *, machine: bool = False) -> Report:
    """Build a deck and print what it did."""
    anew = not spec.output.exists()
    with working(f"{spec.output.name} …") as tell:
        report = build(spec, mode, tell)
    print_report(spec, report, mode, machine=machine, anew=anew)
    if not (machine or mode.dry_run) and (anew or report.new or report.changed or report.moved):
        by_sync = f", or {_on_same_notes('sync', spec)}" if spec.output == _usual_output(spec) else ""
        following(f"import {shown(spec.output)} into Anki (File → Import){by_sync}")
    if not machine:
        warn_of_doubts(len(report.doubts), spec)
    return report


def _usual_output(spec: DeckSpec) -> Path:
    """Return where the package goes if nobody says so."""
    return spec.output if spec.label else select(spec.notes)[0].output


def _on_same_notes(command: str, spec: DeckSpec) -> str:
    """Return the line that carries out a command on the notes of a deck, be it the project's or made of notes named."""
    if not spec.label and len(spec.notes) > MOST_NOTES:
        return f"ankillm {command} with the same notes"
    notes = () if spec.label else map(quoted, map(shown, spec.notes))
    return " ".join(("ankillm", command, *notes))


def print_report(spec: DeckSpec, report: Report, mode: Mode, *, machine: bool, anew: bool) -> None:
    """Print what a build did, `anew` where there was no package; a machine's reader gets the faults alone."""
    for fault in report.unreadable:
        failed(fault)
    if machine:
        return
    for message in (*report.left_out, *report.warnings):
        warn(message)
    _print_outcome(spec, report, mode, anew=anew)
    if mode.dry_run or len(report.new) < report.cards:
        listed("new", report.new)
    listed("changed", report.changed)
    listed("moved", report.moved)
    listed("retired", report.retiring)
    _print_searches(spec, report.searches)


def warn_of_doubts(number: int, spec: DeckSpec) -> None:
    """Print how much of the notes contradicts what was measured: the last of what there is to say."""
    if number:
        differ, them = ("differs", "it") if number == 1 else ("differ", "them")
        look = _on_same_notes("check --suggest", spec)
        warn(f"{counted(number, 'statement')} {differ} from what was measured; see {them}: {look}")


def as_json(spec: DeckSpec, report: Report) -> dict[str, Any]:
    """Return a report as `ankillm build --json` prints it."""
    warnings = (*report.unreadable, *report.warnings)
    return {
        "output": shown(spec.output),
        "ledger": shown(spec.ledger),
        "notes": report.notes,
        "cards": report.cards,
        "media": report.media,
        "warnings": [{"file": m.file, "line": m.line, "text": m.text} for m in warnings],
        "doubts": [doubt.as_json() for doubt in report.doubts],
        "new": [card.key for card in report.new],
        "changed": [card.key for card in report.changed],
        "moved": [card.key for card in report.moved],
        "retired": [card.key for card in report.retired],
        "unchanged": report.unchanged,
    }


def _print_outcome(spec: DeckSpec, report: Report, mode: Mode, *, anew: bool) -> None:
    words = {"new": len(report.new), "changed": len(report.changed), "moved": len(report.moved)}
    words["retired"] = len(report.retiring)
    changes = ", ".join(f"{number} {word}" for word, number in words.items() if number)
    changes = changes or ("no card changed" if anew else "nothing changed")
    made = f"{counted(report.cards, 'card')} of {counted(report.notes, 'note')}"
    done(f"{report.name}: {made} {'would go into' if mode.dry_run else '→'} {shown(spec.output)} ({changes})")


def _print_searches(spec: DeckSpec, searches: Sequence[tuple[str, Search]]) -> None:
    """Print the search that finds moved or retired cards in Anki; a long one goes to a file beside the package."""
    numbers: dict[str, int] = {}
    for word, search in searches:
        number = numbers[word] = numbers.get(word, -1) + 1
        todo = WHAT[word].format(cards=counted(search.cards, f"{word} card"), deck=search.deck)
        if search.cards <= MOST_IN_SEARCH:
            detail(f"{todo}: search Anki for {search.text}")
            continue
        place = spec.beside(f".{word}{number or ''}.txt")
        put({place: f"{search.text}\n".encode()})
        detail(f"{todo}: the search is in {shown(place)}")
