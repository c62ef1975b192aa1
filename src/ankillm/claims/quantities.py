"""Numbers as people write them: exact decimals that know how many digits were written, with their units."""

import re
import unicodedata
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
FACTORS |= {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
SPOKEN_UNITS = {"%": "%", "％": "%", "percent": "%", "per cent": "%", "×": "×", "x": "×", "倍": "×", "times": "×"}
SPOKEN_UNITS |= {"seconds": "s", "second": "s", "秒": "s", "s": "s", **{unit: unit for unit in BYTES}}
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

    def equals(self, number: Decimal, unit: str = "") -> bool:
        """Whether it is another number, to the digits written here."""
        wanted = number * BYTES[unit] / BYTES[self.unit] if {unit, self.unit} <= BYTES.keys() else number
        return any(rounded(value, self.value) == self.value for value in {number, wanted})


def find_amounts(text: str) -> Iterator[Amount]:
    """Yield the numbers of a text in reading order; every character of it keeps its place."""
    plain = POWER.sub(_as_exponent, text)
    names = [match.span() for match in NAME.finditer(plain)]
    for match in AMOUNT.finditer(plain):
        value = decimal(match["number"].replace("−", "-"))
        factor, unit = FACTORS.get(match["factor"] or "", 0), SPOKEN_UNITS.get(match["unit"] or "", "")
        if factor:
            value = _without_filling(value)
        named = any(start < match.end("number") and match.start() < end for start, end in names)
        yield Amount(match.start(), match.end(), match[0].strip(), value.scaleb(factor), unit, named)


def disagreement(phrase: str, numbers: Sequence[Decimal], unit: str) -> str:
    """Return the amounts of a phrase if it has some and none of them is one of the numbers expected; else nothing.

    A number in a name, the 7 of `Qwen2.5-7B`, is no amount, and agrees with none.
    """
    told = [amount for amount in find_amounts(phrase) if not amount.name]
    agree = any(amount.equals(number, unit) for amount in told for number in numbers)
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
