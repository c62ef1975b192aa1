"""Numbers as people write them: exact decimals that know how many digits were written, with their units."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from ankillm.common.patterns import regex

BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
UNITS = ("%", "×", *BYTES, "s")
NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?"


def normal(text: str) -> str:
    """Return a text in Unicode's compatible form (full-width digits and signs made plain), a true minus as `-`."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def decimal(text: str) -> Decimal:
    """Return the number that matches `NUMBER`; its exponent says which digits were written."""
    return Decimal(text.replace(",", ""))


def exact(value: float) -> Decimal:
    """Return a measured value as a decimal: the shortest that stands for it."""
    return Decimal(repr(value))


def rounded(value: Decimal, like: Decimal) -> Decimal:
    """Round a value to the digits that another number was written with, halves away from zero."""
    exponent = like.as_tuple().exponent
    if not isinstance(exponent, int) or value.adjusted() - exponent > 25:  # noqa: PLR2004  (over any context's precision)
        return value
    return value.quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP)


def converted(value: Decimal, unit: str, wanted: str) -> Decimal:
    """Convert a value to another unit; ValueError unless the units are equal or both count bytes."""
    if unit == wanted:
        return value
    if unit in BYTES and wanted in BYTES:
        return value * BYTES[unit] / BYTES[wanted]
    raise ValueError(f"the unit {wanted or 'none'} is not {unit or 'none'}")


class Quantity(Struct, frozen=True):
    """A number as written, thousands commas and all."""

    written: str

    @property
    def value(self) -> Decimal:
        """The number."""
        return decimal(self.written)

    def equals(self, measured: Decimal) -> bool:
        """Whether a measured value, rounded to the digits written, is this number; 0 is only 0 itself."""
        return measured == 0 if self.value == 0 else rounded(measured, self.value) == self.value


FACTORS = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12}
FACTORS |= {"万亿": 12, "百亿": 10, "千亿": 11}
FACTORS |= {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
SPOKEN_UNITS = {"%": "%", "％": "%", "percent": "%", "per cent": "%", "×": "×", "x": "×", "倍": "×", "times": "×"}
SPOKEN_UNITS |= {"seconds": "s", "second": "s", "秒": "s", "s": "s", **{unit: unit for unit in BYTES}}
SPOKEN_UNITS |= {"bytes": "B", "byte": "B", "字节": "B", "KB": "KB", "MB": "MB", "GB": "GB"}
DECIMAL_BYTES = {"KB": ("KiB", 1000), "MB": ("MiB", 1000**2), "GB": ("GiB", 1000**3)}
"""Units that some count by 1000 and some by 1024."""
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
POWER = regex(
    r"(?:(?<![\d.])(\d+(?:\.\d+)?)\s*(?:[×*·]|\\times|\\cdot)\s*)?10(?:\^\{?([-−]?\d+)\}?|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
)
# What names a thing, and only looks like an amount: `GPT-2`, `fp16`, `r=8`, `4-bit`, `8×8`, 第 3 步, 2021 年.
NAME = regex(
    r"""(?<![A-Za-z0-9])[A-Za-z_][A-Za-z0-9_]*(?:[-./:][A-Za-z0-9_]+)*(?:\(\))?\s*=\s*[-+]?[A-Za-z0-9_.]+
      | (?<![A-Za-z0-9])[A-Za-z_][A-Za-z0-9_]*(?:[-./][A-Za-z0-9_]+)*
      | (?<![\d.])\d[\d.]*-[A-Za-z]+
      | (?<![\d.])\d[\d.]*B(?![A-Za-z0-9])
      | 第\s*\d+
      | (?:19|20)\d\d\s*年(?:\s*\d+\s*月)?(?:\s*\d+\s*日)?
      | (?:19|20)\d\d-\d\d(?:-\d\d)?
      | [(（](?:19|20)\d\d[)）]
      | (?<![\d.])\d+(?:\.\d+){2,}
      | (?<![\d.])\d+(?:\s*[×x*]\s*\d+)+(?![\d.])""",
    re.VERBOSE,
)
FRACTION = regex(
    rf"""(?<![A-Za-z0-9_.,%)\]/−-])(?:(?P<sign>[-−])|(?<!\d\s))
      (?P<top>\d{{1,9}})\s?/\s?(?P<bottom>[1-9]\d{{0,2}}(?:,\d{{3}})+|[1-9]\d{{0,8}})(?![A-Za-z0-9_/]|[.,]\d|-[A-Za-z])
      (?:\s?(?P<unit>{"|".join(sorted(SPOKEN_UNITS, key=len, reverse=True))})(?![A-Za-z0-9]))?""",
    re.VERBOSE,
)
"""A fraction, and no date, name or rate: `1/256`, `-1/2`, `1/2 GiB`."""
COUNTED = regex(r"\b(?:step|epoch|layer|stage|iteration|seed|round|phase)s?\s\#?$", re.IGNORECASE)
"""What is counted from 0, which is no amount behind it where there is another: `at step 0 the rate is 1e-5`."""
LONGEST_COUNTED = 24
"""Characters in front of a number in which stands what it counts."""
ROUGHLY = Decimal("0.1")
"""How much of a fraction may be lost where it is written as a decimal: 0.3 is a third, 1 is no half."""
MINUS = regex(r"(?<![\d%]\s)(?<!\b\w\s)\bminus\s(?=\d)")
AMOUNT = regex(
    rf"""(?P<number>(?<![A-Za-z0-9_.,])[-+−]?{NUMBER.removeprefix("[+-]?")})
      (?:\s?(?P<factor>{"|".join(sorted(FACTORS, key=len, reverse=True))})(?![A-Za-z0-9]))?
      (?:\s?(?P<unit>{"|".join(sorted(SPOKEN_UNITS, key=len, reverse=True))})(?![A-Za-z0-9]))?""",
    re.VERBOSE,
)


class Amount(Struct, frozen=True):
    """A number in prose: where it stands, its value to the digits written, its unit (empty if none was read)."""

    start: int
    end: int
    written: str
    value: Decimal
    unit: str
    name: bool
    """Whether it is part of a name or a setting, such as `r=8`, and so no amount."""
    fraction: tuple[int, int] | None = None
    """Its two numbers where it is written as one, `1/3`, and so exact."""
    counts: bool = False
    """Whether it says which one, the 0 of `step 0`."""

    def equals(self, number: Decimal, unit: str = "", *, strict: bool = False) -> bool:
        """Whether it is another number, to the digits written here; of a fraction, to those written there.

        `strict`: the unit of the other number is known, so that 0.1 % is no 0.1 without a unit. `2/8 experts` may also
        tell of the 2, and of the 8.
        """
        if self.fraction:
            told = [number for number in self.fraction if number > 1]
            parts = {self.value, 100 * self.value if unit == "%" else self.value, *self._reciprocal(unit)}
            meant = self._meant(number, unit, strict=strict)
            near = (
                abs(part - one) <= ROUGHLY * abs(part) and rounded(part, one) == one for part in parts for one in meant
            )
            return any(near) or number in told
        return any(rounded(value, self.value) == self.value for value in self._meant(number, unit, strict=strict))

    def _reciprocal(self, unit: str) -> set[Decimal]:
        return {1 / self.value} if unit == "×" and self.value else set()

    def _meant(self, number: Decimal, unit: str, *, strict: bool) -> set[Decimal]:
        """Return another number as it would be written in this amount's unit."""
        if self.unit == "%" and not unit:
            return {100 * number} if strict and abs(number) <= 1 else {number, 100 * number}
        if unit in BYTES and self.unit in BYTES:
            return {number, number * BYTES[unit] / BYTES[self.unit]}
        if unit in BYTES and self.unit in DECIMAL_BYTES:
            alike, size = DECIMAL_BYTES[self.unit]
            return {number * BYTES[unit] / BYTES[alike], number * BYTES[unit] / size}
        return {number}


def find_amounts(text: str) -> Iterator[Amount]:
    """Yield the numbers of a text in reading order; every character of it keeps its place."""
    plain = POWER.sub(_as_exponent, MINUS.sub(lambda match: "-".rjust(len(match[0])), text))
    names = [match.span() for match in NAME.finditer(plain)]
    fractions = (
        []
        if "/" not in plain
        else [found for found in FRACTION.finditer(plain) if not _meets(names, (found.start(), found.end("bottom")))]
    )
    yield from sorted((*map(_fraction, fractions), *_amounts(plain, names, fractions)), key=lambda amount: amount.start)


def _meets(spans: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether a span shares a character with one of others, which are in order and apart."""
    last = bisect_left(spans, (span[1],)) - 1
    return last >= 0 and span[0] < spans[last][1]


def _fraction(found: "re.Match[str]") -> Amount:
    parts = int(found["top"]), int(found["bottom"].replace(",", ""))
    value = Decimal(parts[0]) / Decimal(parts[1]) * (-1 if found["sign"] else 1)
    unit = SPOKEN_UNITS.get(found["unit"] or "", "")
    return Amount(found.start(), found.end(), found[0].strip(), value, unit, name=False, fraction=parts)


def _amounts(plain: str, names: Sequence[tuple[int, int]], fractions: Sequence["re.Match[str]"]) -> Iterator[Amount]:
    """Yield the numbers of a text that are parts of no fraction."""
    parts = [fraction.span() for fraction in fractions]
    for match in AMOUNT.finditer(plain):
        if _meets(parts, match.span()):
            continue
        value = decimal(match["number"].replace("−", "-"))
        factor, unit = FACTORS.get(match["factor"] or "", 0), SPOKEN_UNITS.get(match["unit"] or "", "")
        if factor:
            value = _without_filling(value)
        named = _meets(names, match.span("number"))
        before = max(0, match.start() - LONGEST_COUNTED)
        counts = not (value or factor or unit) and bool(COUNTED.search(plain, before, match.start()))
        yield Amount(match.start(), match.end(), match[0].strip(), value.scaleb(factor), unit, named, counts=counts)


def disagreement(phrase: str, numbers: Sequence[Decimal], unit: str, *, strict: bool = False) -> str:
    """Return the amounts of a phrase if it has some and none of them is one of the numbers expected; else nothing.

    `strict`: the unit is that of the fact, not only what an author wrote of it. A number in a name, the 7 of
    `Qwen2.5-7B`, is no amount, and agrees with none.
    """
    amounts = [amount for amount in find_amounts(phrase) if not amount.name]
    told = [amount for amount in amounts if not amount.counts] or amounts
    agree = any(amount.equals(number, unit, strict=strict) for amount in told for number in numbers)
    return "" if agree or not numbers else ", ".join(amount.written for amount in told)


def _without_filling(value: Decimal) -> Decimal:
    """Count zeros behind the third digit as filling: 2940 万 is three digits, as 29.4M is."""
    digits, exponent = value.as_tuple().digits, int(value.as_tuple().exponent)
    while len(digits) > 3 and digits[-1] == 0:  # noqa: PLR2004  (three digits, as said)
        digits, exponent = digits[:-1], exponent + 1
    return Decimal((value.is_signed(), digits, exponent))


def _as_exponent(match: re.Match[str]) -> str:
    """Write a power of ten as `3e-7`, filled up with spaces, so that what follows stays where it is."""
    power = (match[2] or match[3]).translate(SUPERSCRIPTS).replace("−", "-")
    return f"{match[1] or '1'}e{power}".ljust(len(match[0]))
