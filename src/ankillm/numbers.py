"""Numbers as people write them: exact decimals that know how many digits were written, with their units."""

import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

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
