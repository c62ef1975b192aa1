"""Verdicts: claims held against evidence."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from ankillm.evidence.demo import Demo, FactSpec
from ankillm.evidence.schema import Evidence, Measured

if TYPE_CHECKING:  # only notes with claims pay for these
    from ankillm.claims.claim import Claim
    from ankillm.claims.expectation import Expectation


class Kind(StrEnum):
    """The eight verdicts; a claim gets the first that applies of this order."""

    INVALID = "invalid"
    UNMEASURED = "unmeasured"
    REFUTED = "refuted"
    UNEXPECTEDLY_TRUE = "unexpectedly-true"
    MIXED = "mixed"
    STALE = "stale"
    KNOWN_WRONG = "known-wrong"
    CONFIRMED = "confirmed"


FAILING = frozenset({Kind.INVALID, Kind.UNMEASURED, Kind.REFUTED, Kind.UNEXPECTEDLY_TRUE})
"""The verdicts with which `ankillm check` ends with exit code 1."""
UNSURE = frozenset({Kind.MIXED, Kind.STALE})
"""The verdicts of which it warns, and with which it fails if it is strict."""


class Verdict(Struct, frozen=True):
    """A claim, what was measured, and whether it holds."""

    claim: "Claim"
    kind: Kind
    measured: Measured | None
    device: str
    versions: Mapping[str, str]
    reason: str
    """One sentence for the reader of `ankillm check`; empty if the kind says all."""

    def __hash__(self) -> int:
        """Return a hash; `versions` has none."""
        return hash((self.claim, self.kind, self.device))


def judge(claim: "Claim", evidence: Iterable[Evidence], demos: Sequence[Demo]) -> Verdict:
    """Hold a claim against what was measured."""
    from ankillm.claims.expectation import Expectation  # noqa: PLC0415  (as the imports above)

    problem = claim.problem or _unknown(claim, demos)
    if problem:
        return _without_value(claim, Kind.INVALID, problem)
    demo = next(demo for demo in demos if demo.name == claim.demo)
    spec = next(fact for fact in demo.facts if fact.name == claim.fact)
    expectation = Expectation.parse(claim.expectation)
    if objection := expectation.objection(spec.unit, varies=spec.varies) or _other_number(
        claim, expectation, spec.unit
    ):
        return _without_value(claim, Kind.INVALID, objection)
    found = choose(evidence, demo.name, spec.name, varies=spec.varies)
    if found is None or found.facts[spec.name].unit != spec.unit:
        return _without_value(claim, Kind.UNMEASURED, f"measure it: ankillm demo {demo.name}")
    measured = found.facts[spec.name]
    if objection := expectation.objection(spec.unit, varies=spec.varies, value=measured.value):
        return _without_value(claim, Kind.INVALID, objection)
    stale = found.source != demo.source
    kind = _kind(expectation, measured, stale=stale)
    reason = f"the demo's code changed since: ankillm demo {demo.name}" if kind is Kind.STALE else ""
    reason = "only part of the range meets it: put it more carefully" if kind is Kind.MIXED else reason
    return Verdict(claim, kind, measured, found.device, found.versions, reason)


def _other_number(claim: "Claim", expectation: "Expectation", unit: str) -> str:
    """Say that a phrase names a percentage where the fact, whose unit is known here, is a share, or the other way."""
    from ankillm.claims.quantities import disagreement  # noqa: PLC0415  (as the imports above)

    numbers, unit = [number.value for number in expectation.numbers], expectation.unit or unit
    if disagreement(claim.phrase, numbers, unit):
        return ""  # what was read of it when the claim was found is less than its phrase
    told = disagreement(claim.phrase, numbers, unit, strict=True)
    return f"the phrase says {told}, the expectation {claim.expectation}: make them agree" if told else ""


def choose(evidence: Iterable[Evidence], demo: str, fact: str, *, varies: bool) -> Evidence | None:
    """Return the evidence that a fact is judged on: CUDA's if it varies with the device, else the CPU's, if any."""
    order = ("cuda", "cpu", "mps") if varies else ("cpu", "cuda", "mps")
    found = {entry.device: entry for entry in evidence if entry.demo == demo and fact in entry.facts}
    return next((found[device] for device in order if device in found), None)


def _without_value(claim: "Claim", kind: Kind, reason: str) -> Verdict:
    return Verdict(claim, kind, None, "", {}, reason)


def _kind(expectation: "Expectation", measured: Measured, *, stale: bool) -> Kind:
    marked = expectation.mark == "✗"
    match expectation.share_of(measured):
        case "some":
            return Kind.MIXED
        case "all":
            return Kind.UNEXPECTEDLY_TRUE if marked else Kind.STALE if stale else Kind.CONFIRMED
        case _:
            return Kind.REFUTED if not marked else Kind.STALE if stale else Kind.KNOWN_WRONG


def _unknown(claim: "Claim", demos: Sequence[Demo]) -> str:
    """Say which name is unknown, and the nearest that is known; empty if both are known."""
    demo = next((demo for demo in demos if demo.name == claim.demo), None)
    if demo is None:
        names = [demo.name for demo in demos]
        return f"no demo is called {claim.demo}" + _nearest(claim.demo, names, "see ankillm demo for the list")
    if claim.fact not in {fact.name for fact in demo.facts}:
        elsewhere = [other.name for other in demos if any(fact.name == claim.fact for fact in other.facts)]
        hint = f"{elsewhere[0]} has one: demo:{elsewhere[0]}#{claim.fact}" if elsewhere else _known(demo.facts)
        return f"{demo.name} has no fact {claim.fact}" + _nearest(claim.fact, [fact.name for fact in demo.facts], hint)
    return ""


def _known(facts: Sequence[FactSpec]) -> str:
    return "it has " + ", ".join(fact.name for fact in facts)


def _nearest(name: str, known: Sequence[str], otherwise: str) -> str:
    import difflib  # noqa: PLC0415  (only a mistyped name pays for it)

    lowered = {entry.casefold(): entry for entry in known}
    near = difflib.get_close_matches(name.casefold(), lowered, n=1)
    return f": did you mean {lowered[near[0]]}?" if near else f": {otherwise}"
