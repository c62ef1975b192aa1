"""A verdict in one line, for who has to change a claim."""

from ankillm.claims.verdicts import Verdict
from ankillm.common.diagnostics import Diagnostic
from ankillm.evidence.values import spoken, with_spread


def value(verdict: Verdict) -> str:
    """Return the measured value with its unit, and its range over several seeds; or a dash."""
    if verdict.measured is None:
        return "–"
    return with_spread(spoken(verdict.measured.value, verdict.measured.unit), verdict.measured)


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
