"""Measured values in words: as a card, a table and an expectation write them."""

from ankillm.evidence.schema import Measured, Value

DIGITS = 3
YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}


def number(value: float) -> str:
    """Write a number for a reader: an integer whole, with thousands set apart; a real number to three digits."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):  # noqa: PLR2004  (exact in a float)
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 10**DIGITS else f"{value:.{DIGITS}g}"


def spoken(value: Value, unit: str = "", language: str = "en") -> str:
    """Write a measured value with its unit: `0.473%`, `32.6×`, `29,360,128`, `56 MiB`, 是."""
    if isinstance(value, bool):
        return YES_NO[language][value]
    if isinstance(value, str):
        return value
    return f"{number(value)}{unit}" if unit in {"", "%", "×"} else f"{number(value)} {unit}"


def confirming(measured: Measured, tolerance: float = 0.0) -> str:
    """Return an expectation that a measured value meets, as an author would write it."""
    value, unit = measured.value, measured.unit
    if isinstance(value, bool):
        return spoken(value)
    if measured.varies and not isinstance(value, str):
        return f"≈ {spoken(value, unit)} ± {tolerance or abs(value) * 0.1:.3g}"
    from ankillm.claims.expectation import Expectation  # noqa: PLC0415  (only who writes claims pays for it)

    written = f"= {spoken(value, unit)}"
    exact = Expectation.parse(written).holds(value, unit)
    return written if exact else f"= {value}{unit if unit in {'%', '×'} else ' ' + unit}".strip()
