"""Verdicts for people: a table in which the refuted come first, and a line for each that needs an author."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from ankillm.claims.verdicts import Kind, Verdict
from ankillm.common.diagnostics import Diagnostic
from ankillm.evidence.values import spoken

ORDER = (
    Kind.REFUTED,
    Kind.UNEXPECTEDLY_TRUE,
    Kind.INVALID,
    Kind.UNMEASURED,
    Kind.STALE,
    Kind.KNOWN_WRONG,
    Kind.CONFIRMED,
)
STYLES = {Kind.CONFIRMED: "green", Kind.KNOWN_WRONG: "green", Kind.STALE: "yellow"}
MARKS = {Kind.CONFIRMED: "✓", Kind.KNOWN_WRONG: "✓", Kind.STALE: "!"}


def table(verdicts: Sequence[Verdict]) -> Table:
    """Return a table of verdicts that fits into 80 columns; each claim with its place."""
    result = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    result.add_column("verdict", no_wrap=True)
    result.add_column("claim", overflow="fold", ratio=1)
    result.add_column("expected", overflow="fold", max_width=16)
    result.add_column("measured", overflow="fold", max_width=16)
    for verdict in sorted(verdicts, key=lambda entry: ORDER.index(entry.kind)):
        claim, style = verdict.claim, STYLES.get(verdict.kind, "red")
        place = escape(f"{claim.file}:{claim.line}:{claim.column}")
        result.add_row(
            f"[{style}]{MARKS.get(verdict.kind, '×')} {verdict.kind}",
            f"{escape(claim.phrase)}\n[dim]{place}",
            escape(claim.expectation),
            f"{escape(value(verdict))}\n[dim]{verdict.device}",
        )
    return result


def value(verdict: Verdict) -> str:
    """Return the measured value with its unit, or a dash."""
    return spoken(verdict.measured.value, verdict.measured.unit) if verdict.measured else "–"


def line(verdict: Verdict) -> str:
    """Return what is wrong with a claim, in one line that editors can jump from."""
    claim = verdict.claim
    fact = f"{claim.demo}#{claim.fact}" if claim.fact else claim.demo
    found = f" ({fact}, {verdict.device})" if verdict.device else ""
    expected = f"expected {claim.expectation}, measured {value(verdict)}{found}" if verdict.measured else ""
    defined = f"defined in line {claim.definition_line}" if claim.definition_line != claim.line else ""
    details = "; ".join(part for part in (expected, verdict.reason, defined) if part)
    phrase = claim.phrase.replace("\n", " ")
    return str(Diagnostic(claim.file, claim.line, f"{verdict.kind}: “{phrase}” {details}", claim.column))
