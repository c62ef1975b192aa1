"""Verdicts: claims held against evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ankillm.claims import Claim
from ankillm.evidence import Measured


class Kind(StrEnum):
    """The seven verdicts; a claim gets the first that applies of this order."""

    INVALID = "invalid"
    UNMEASURED = "unmeasured"
    REFUTED = "refuted"
    UNEXPECTEDLY_TRUE = "unexpectedly-true"
    STALE = "stale"
    KNOWN_WRONG = "known-wrong"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim, what was measured, and whether it holds."""

    claim: Claim
    kind: Kind
    measured: Measured | None
    device: str
    versions: Mapping[str, str]
    reason: str
    """One sentence for the reader of `ankillm check`; empty if the kind says all."""
