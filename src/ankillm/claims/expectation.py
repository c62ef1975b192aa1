"""Expectations: what a claim says that a fact's value is, as written in a link's title."""

from enum import StrEnum
from typing import Literal, TypeAlias

from msgspec import Struct

from ankillm.claims.quantities import NUMBER, UNITS, Quantity, converted, exact, normal
from ankillm.common.patterns import regex
from ankillm.evidence.schema import Measured, Value
from ankillm.evidence.values import with_unit

GRAMMAR = "write = N, < N, <= N, > N, >= N, N..N, ≈ N ± N, ≈ N ± N%, yes, no or = word; a unit (% × B KiB MiB GiB s) may follow N; then ✗ if known wrong, ✓ to be asked"  # noqa: E501  (one line, as it is shown)
UNIT = f"(?:{'|'.join(UNITS)})"
COMPARISON = regex(rf"(?P<sign><=|>=|=|<|>)\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT}?)")
RANGE = regex(rf"(?P<low>{NUMBER})\s*\.\.\s*(?P<high>{NUMBER})\s*(?P<unit>{UNIT}?)")
NEAR = regex(rf"≈\s*(?P<number>{NUMBER})\s*(?P<unit>{UNIT}?)\s*±\s*(?P<tolerance>{NUMBER})\s*(?P<relative>%?)")
WORD = regex(r"=\s*(?P<word>[^\W\d].*)")
Mark: TypeAlias = Literal["", "✗", "✓"]
Sign: TypeAlias = Literal["=", "<", "<=", ">", ">="]


class Comparison(Struct, frozen=True):
    """`= 0.47%`, `< 1%`, `>= 2×`: equal to the digits written, or on one side."""

    sign: Sign
    number: Quantity
    unit: str

    def __str__(self) -> str:
        return f"{self.sign} {with_unit(self.number.written, self.unit)}"

    def holds(self, value: Value, unit: str) -> bool:
        """Whether a measured value in its unit is as expected."""
        measured, number = converted(exact(value), unit, self.unit or unit), self.number.value  # type: ignore[arg-type]  # objection() saw a number
        match self.sign:
            case "=":
                return self.number.equals(measured)
            case "<":
                return measured < number
            case "<=":
                return measured <= number
            case ">":
                return measured > number
            case ">=":
                return measured >= number


class Range(Struct, frozen=True):
    """`64..256`: between the two, both included."""

    low: Quantity
    high: Quantity
    unit: str

    def __str__(self) -> str:
        return f"{self.low.written}..{with_unit(self.high.written, self.unit)}"

    def holds(self, value: Value, unit: str) -> bool:
        """Whether a measured value in its unit is as expected."""
        return self.low.value <= converted(exact(value), unit, self.unit or unit) <= self.high.value  # type: ignore[arg-type]  # as above


class Near(Struct, frozen=True):
    """`≈ 0.5 ± 10%` or `≈ 0.5 ± 0.01`: within a relative or an absolute tolerance, both ends included."""

    number: Quantity
    unit: str
    tolerance: Quantity
    relative: bool

    def __str__(self) -> str:
        return f"≈ {with_unit(self.number.written, self.unit)} ± {self.tolerance.written}{'%' if self.relative else ''}"

    def holds(self, value: Value, unit: str) -> bool:
        """Whether a measured value in its unit is as expected."""
        measured = converted(exact(value), unit, self.unit or unit)  # type: ignore[arg-type]  # as above
        allowed = self.tolerance.value * (abs(self.number.value) / 100 if self.relative else 1)
        return abs(measured - self.number.value) <= allowed


class Answer(Struct, frozen=True):
    """`yes` or `no`."""

    yes: bool

    def __str__(self) -> str:
        return "yes" if self.yes else "no"

    def holds(self, value: Value, unit: str) -> bool:  # noqa: ARG002  (a yes has no unit)
        """Whether a measured value is this answer."""
        return value is self.yes


class Word(Struct, frozen=True):
    """`= float32`: a fact that is a text."""

    word: str

    def __str__(self) -> str:
        return f"= {self.word}"

    def holds(self, value: Value, unit: str) -> bool:  # noqa: ARG002  (a text has no unit)
        """Whether a measured value is this text."""
        return value == self.word


class Share(StrEnum):
    """How much of what was measured over several seeds meets a condition; of a single value all or none."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


Condition: TypeAlias = Comparison | Range | Near | Answer | Word


class Expectation(Struct, frozen=True):
    """A condition on a measured value, and the mark that says how the author means it."""

    condition: Condition
    mark: Mark = ""
    """`✗`: the phrase is known to be wrong, and this is what it would have meant; `✓`: ask it as true or false."""

    @classmethod
    def parse(cls, text: str) -> "Expectation":
        """Read an expectation as an author writes it; ValueError, with the grammar, for anything else."""
        plain = normal(text)
        mark: Mark = "✗" if plain.endswith("✗") else "✓" if plain.endswith("✓") else ""
        return cls(_condition(plain.removesuffix(mark).rstrip(), text), mark)

    def __str__(self) -> str:
        return f"{self.condition} {self.mark}".strip()

    def holds(self, value: Value, unit: str = "") -> bool:
        """Whether a measured value in its unit meets the condition; the mark does not matter."""
        return self.condition.holds(value, unit)

    def share_of(self, measured: Measured) -> Share:
        """Return how much of what was measured meets the condition: of the range over several seeds, if there is one.

        What meets a condition is a stretch of numbers without gaps: all of a range does if both ends do, and some if an
        end does, or if what is expected lies between them.
        """
        if measured.low is None or measured.high is None:
            return Share.ALL if self.holds(measured.value, measured.unit) else Share.NONE
        ends = [self.holds(end, measured.unit) for end in (measured.low, measured.high)]
        if all(ends):
            return Share.ALL
        low, high = (
            converted(exact(end), measured.unit, self.unit or measured.unit) for end in (measured.low, measured.high)
        )
        inside = any(low < number.value < high for number in self.numbers)
        return Share.SOME if any(ends) or inside else Share.NONE

    @property
    def unit(self) -> str:
        """The unit written; empty means the fact's own."""
        return "" if isinstance(self.condition, Answer | Word) else self.condition.unit

    @property
    def numbers(self) -> tuple[Quantity, ...]:
        """The numbers that a phrase may name: not the tolerance."""
        match self.condition:
            case Comparison(number=number) | Near(number=number):
                return (number,)
            case Range(low=low, high=high):
                return (low, high)
        return ()

    def objection(self, unit: str, *, varies: bool, value: Value | None = None) -> str:
        """Say why a fact cannot be held against this expectation, in one sentence; empty if it can."""
        if self.unit and self.unit != unit:
            try:
                converted(exact(1), unit, self.unit)
            except ValueError:
                return (
                    f"the fact is measured in {unit}, not in {self.unit}"
                    if unit
                    else f"the fact has no unit, and {self.unit} was written"
                )
        if varies and (isinstance(self.condition, Word) or getattr(self.condition, "sign", "") == "="):
            return "the fact varies from device to device: write ≈ N ± N or a bound instead of ="
        return "" if value is None else self._other_kind(value)

    def _other_kind(self, value: Value) -> str:
        if isinstance(value, bool):
            return "" if isinstance(self.condition, Answer) else "the fact is a yes or no: write yes or no"
        if isinstance(value, str):
            return "" if isinstance(self.condition, Word) else "the fact is a text: write = and the text"
        return "the fact is a number: write a number" if isinstance(self.condition, Answer | Word) else ""


def _condition(plain: str, text: str) -> Condition:
    if plain in {"yes", "no"}:
        return Answer(plain == "yes")
    if match := COMPARISON.fullmatch(plain):
        return Comparison(match["sign"], Quantity(match["number"]), match["unit"])  # type: ignore[arg-type]  # the pattern's own signs
    if match := RANGE.fullmatch(plain):
        low, high = Quantity(match["low"]), Quantity(match["high"])
        if low.value <= high.value:
            return Range(low, high, match["unit"])
        raise ValueError(f'"{text}" is an empty range: write the smaller number first')
    if (match := NEAR.fullmatch(plain)) and not match["tolerance"].startswith("-"):
        return Near(Quantity(match["number"]), match["unit"], Quantity(match["tolerance"]), bool(match["relative"]))
    if match := WORD.fullmatch(plain):
        return Word(match["word"])
    raise ValueError(f'"{text}" is no expectation: {GRAMMAR}')
