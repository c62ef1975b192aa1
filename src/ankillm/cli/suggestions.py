"""What `ankillm check --suggest` prints: claims that notes could make, for people, for programs, or as a patch."""

import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import click

from ankillm.build.inputs import NoteInput
from ankillm.cards.demo_links import titled
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.patch import patch
from ankillm.claims.suggest import suggest
from ankillm.claims.suggestion import Suggestion
from ankillm.cli.console import counted, done, following, say, say_lines, warn
from ankillm.evidence.values import spoken
from ankillm.markdown.note import Note


def suggested(note: Note, known: Knowledge) -> tuple[Suggestion, ...]:
    """Return the claims that a note could make."""
    return suggest(note, known, titled, known.verdicts(note))


def print_patch(read: Sequence[tuple[NoteInput, Note]], known: Knowledge) -> None:
    """Print a patch of all suggestions; what lies outside of the current folder can't be in it."""
    for given, note in read:
        found = suggested(note, known)
        if not found:
            continue
        outside = PurePath(note.file).is_absolute() or ".." in PurePath(note.file).parts
        text = "" if outside or note.file.endswith(".ipynb") else patch(note, given.data, found, known)
        if text:
            say_lines(text) if sys.stdout.isatty() else click.echo(text.encode(), nl=False)  # to the byte, for git
        else:
            reason = (
                "lies outside of the current folder: run it there" if outside else "takes no patch: change it by hand"
            )
            warn(f"{note.file}: {reason}")


def as_json(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as a program is told of it."""
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


def print_suggestions(found: Sequence[Suggestion], notes: int) -> None:
    """Print suggestions, each with what was measured and what to paste."""
    for suggestion in found:
        mark, colour = ("✓", "green") if suggestion.holds else ("×", "red")
        place = f"{suggestion.file}:{suggestion.line}:{suggestion.column}"
        say(f" {suggestion.phrase}", mark=place)
        measured = spoken(suggestion.measured.value, suggestion.measured.unit)
        fact = f"{suggestion.demo}#{suggestion.fact.name}: {suggestion.label} = {measured}"
        say(fact, mark=f"  {mark}", colour=colour)
        if suggestion.why:
            say(f"    {suggestion.why}")
        where = f"under line {suggestion.under}" if suggestion.under else "in place of these words"
        say(f"    paste {where}:")
        say("", mark=f"    {suggestion.paste}", colour="cyan")
        say("")
    wrong = sum(not suggestion.holds for suggestion in found)
    told = f"{counted(len(found), 'suggestion')} in {counted(notes, 'note')}"
    done(f"{told}, {wrong} of them against what was measured" if wrong else told)
    if found:
        following("paste what you want to stand for, then ankillm check; --diff prints all as a patch for git apply")
