"""`ankillm suggest`: claims that unmarked notes could make."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from ankillm.build.inputs import inputs_of, select
from ankillm.build.pipeline import knowledge_here, note_of
from ankillm.cards.demo_links import titled
from ankillm.claims.suggest import suggest
from ankillm.claims.suggestion import Suggestion
from ankillm.cli.console import NOTES, counted, done, failed, following
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.evidence.values import spoken
from ankillm.markdown.note import Note


@click.command("suggest")
@click.argument("notes", nargs=-1, type=NOTES)
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(notes: tuple[Path, ...], *, machine: bool) -> None:
    """Propose claims for the NOTES: what they say of quantity and degree that a demo measured. No note is edited.

    \b
    Examples:
      ankillm suggest notes/
      ankillm suggest day03.md --json
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    known = knowledge_here()
    specs = [replace(spec, notes=(place,)) for spec in select(notes) for place in spec.notes]
    read = [note_of(note, spec) for spec in specs for note in inputs_of(spec)]
    good = [entry for entry in read if isinstance(entry, Note)]
    bad = [entry for entry in read if isinstance(entry, Diagnostic)]
    if not good:
        raise Refusal(str(bad[0]) if bad else "no notes there; name a folder with Markdown files")
    found = [suggestion for note in good for suggestion in suggest(note, known, titled)]
    if machine:
        click.echo(json.dumps([_entry(suggestion) for suggestion in found], ensure_ascii=False, indent=1))
    else:
        _print(found, len(good))
    for message in bad:
        failed(message)
    sys.exit(1 if bad else 0)


def _entry(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "file": suggestion.file,
        "line": suggestion.line,
        "column": suggestion.column,
        "phrase": suggestion.phrase,
        "demo": suggestion.demo,
        "fact": suggestion.fact.name,
        "label": suggestion.label,
        "expectation": suggestion.expectation,
        "measured": suggestion.measured.value,
        "unit": suggestion.measured.unit,
        "holds": suggestion.holds,
        "why": suggestion.why,
        "paste": suggestion.paste,
        "under": suggestion.under or None,
    }


def _print(found: list[Suggestion], notes: int) -> None:
    for suggestion in found:
        mark = click.style("✓", fg="green") if suggestion.holds else click.style("×", fg="red")
        place = f"{suggestion.file}:{suggestion.line}:{suggestion.column}"
        click.echo(f"{click.style(place, bold=True)}  {suggestion.phrase}")
        measured = spoken(suggestion.measured.value, suggestion.measured.unit)
        click.echo(f"  {mark} {suggestion.demo}#{suggestion.fact.name}: {suggestion.label} = {measured}")
        if suggestion.why:
            click.echo(f"    {suggestion.why}")
        where = f"under line {suggestion.under}" if suggestion.under else "in place of these words"
        click.echo(f"    paste {where}:\n    {click.style(suggestion.paste, fg='cyan')}\n")
    wrong = sum(not suggestion.holds for suggestion in found)
    told = f"{counted(len(found), 'suggestion')} in {counted(notes, 'note')}"
    done(f"{told}, {wrong} of them against what was measured" if wrong else told)
    if found:
        following("paste what you want to stand for, then ankillm check")
