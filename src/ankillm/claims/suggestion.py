"""A claim that an author could make: the fact that tests it, the title that says so, and whether it would be read."""

import re

from msgspec import Struct

from ankillm.claims.expectation import Expectation, Share
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.verdicts import Kind, choose
from ankillm.evidence.demo import Demo, FactSpec, Misreading
from ankillm.evidence.schema import Measured
from ankillm.evidence.values import spoken, with_unit
from ankillm.markdown.note import parse


class Suggestion(Struct, frozen=True):
    """A claim that an author could make, ready to paste."""

    file: str
    line: int
    column: int
    phrase: str
    """What the note says: the words to replace, or the line of code."""
    demo: str
    fact: FactSpec
    measured: Measured
    expectation: str
    holds: bool
    paste: str
    """The Markdown to put in place of the phrase, or, for code, under the block."""
    under: int = 0
    """For code, the last line of the block to paste under; 0 for prose."""
    why: str = ""
    """For a misreading, what is true instead."""
    language: str = "zh"

    @property
    def label(self) -> str:
        """What the fact measures, in the note's language."""
        return self.fact.zh if self.language == "zh" else self.fact.en


class FactTest(Struct, frozen=True):
    """A fact that could test a statement, and the title that says what the statement would mean of it."""

    demo: Demo
    spec: FactSpec
    measured: Measured
    title: str
    device: str = ""

    @property
    def holds(self) -> bool:
        """Whether the measured value meets the title."""
        return Expectation.parse(self.title).holds(self.measured.value, self.measured.unit)

    @property
    def may_hold(self) -> bool:
        """Whether any of what was measured, over several seeds, meets the title."""
        return Expectation.parse(self.title).share_of(self.measured) is not Share.NONE

    @property
    def marked(self) -> str:
        """The title, with `✗` if the measured value fails it."""
        return self.title if self.holds or Expectation.parse(self.title).mark else f"{self.title} ✗"


def answer(demo: Demo, misreading: Misreading, known: Knowledge) -> FactTest | None:
    """Return the fact that answers a misreading, with the title that says what it would have meant."""
    spec = next(fact for fact in demo.facts if fact.name == misreading.fact)
    found = choose(known.evidence, demo.name, spec.name, varies=spec.varies)
    title = misreading.expectation
    if spec.varies and title.startswith("="):
        title = re.sub(r"^=\s*([^✗✓]+?)\s*(?=[✗✓]|$)", rf"≈ \1 ± {spec.tolerance:g} ", title).strip()
    return FactTest(demo, spec, found.facts[spec.name], title, found.device) if found else None


def is_valid(paste: str, test: FactTest) -> bool:
    """Whether a link is read as one claim, and as one without fault."""
    note = parse(f"{paste}\n", "suggestion")
    verdicts = Knowledge((test.demo,), ()).verdicts(note)
    if len(verdicts) != 1 or verdicts[0].kind is Kind.INVALID:
        return False
    written = Expectation.parse(verdicts[0].claim.expectation)
    return not written.objection(test.measured.unit, varies=test.measured.varies, value=test.measured.value)


def confirming(measured: Measured, tolerance: float = 0.0) -> str:
    """Return an expectation that a measured value meets, as an author would write it."""
    value, unit = measured.value, measured.unit
    if isinstance(value, bool):
        return spoken(value)
    if measured.varies and not isinstance(value, str):
        return f"≈ {spoken(value, unit)} ± {tolerance or abs(value) * 0.1:.3g}"
    written = f"= {spoken(value, unit)}"
    exact = Expectation.parse(written).holds(value, unit)
    return written if exact else f"= {with_unit(str(value), unit)}"
