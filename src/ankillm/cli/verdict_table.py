"""Verdicts as a table in which those that fail come first."""

from collections.abc import Sequence

from rich.markup import escape as unmarked
from rich.table import Table

from ankillm.claims.verdicts import Kind, Verdict
from ankillm.cli.verdict_line import value
from ankillm.common.diagnostics import on_one_line

FIRST_TO_LAST = (
    Kind.REFUTED,
    Kind.UNEXPECTEDLY_TRUE,
    Kind.INVALID,
    Kind.UNMEASURED,
    Kind.MIXED,
    Kind.STALE,
    Kind.KNOWN_WRONG,
    Kind.CONFIRMED,
)
STYLES = {Kind.CONFIRMED: "green", Kind.KNOWN_WRONG: "green", Kind.MIXED: "yellow", Kind.STALE: "yellow"}
MARKS = {Kind.CONFIRMED: "✓", Kind.KNOWN_WRONG: "✓", Kind.MIXED: "!", Kind.STALE: "!"}
VALUE = 16
"""Columns of what is expected and of what was measured, at most."""


def escape(text: str) -> str:
    """Return a text as a cell shows it: no markup of the table's, nothing that steers the terminal."""
    return unmarked(on_one_line(text))


def table(verdicts: Sequence[Verdict], width: int) -> Table:
    """Return a table of verdicts for so many columns; each claim with its place, which is never broken."""
    result = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    verdict_width = max(len(f"× {verdict.kind}") for verdict in verdicts)
    room = max(width - verdict_width - 2 * VALUE - 6, VALUE)
    result.add_column("verdict", no_wrap=True)
    result.add_column("claim", overflow="fold", width=room)
    result.add_column("expected", overflow="fold", max_width=VALUE)
    result.add_column("measured", overflow="fold", max_width=VALUE)
    for verdict in sorted(verdicts, key=lambda entry: FIRST_TO_LAST.index(entry.kind)):
        claim, style = verdict.claim, STYLES.get(verdict.kind, "red")
        result.add_row(
            f"[{style}]{MARKS.get(verdict.kind, '×')} {verdict.kind}",
            f"{escape(claim.phrase.replace(chr(10), ' '))}\n[dim]{escape(_place(verdict, room))}",
            escape(claim.expectation),
            f"{escape(value(verdict))}\n[dim]{verdict.device}",
        )
    return result


def _place(verdict: Verdict, room: int) -> str:
    """Return file, line and column in so many columns: of a long path the end, as its beginning is known."""
    claim = verdict.claim
    place = f"{claim.file}:{claim.line}:{claim.column}"
    return place if len(place) <= room else f"…{place[1 - room :]}"
