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
    return with_unit(number(value), unit)


def with_unit(written: str, unit: str) -> str:
    """Write a unit behind a number: `%` and `×` right behind it."""
    return f"{written}{unit}" if unit in {"", "%", "×"} else f"{written} {unit}"


def spread(measured: Measured, language: str = "en") -> str:
    """Write the range of a fact over several seeds: `5 seeds: 9.4 to 33`; nothing where there is none."""
    if measured.low is None or measured.high is None:
        return ""
    low, high = number(measured.low), number(measured.high)
    return (
        f"{measured.seeds} 个种子：{low} 至 {high}" if language == "zh" else f"{measured.seeds} seeds: {low} to {high}"
    )


def with_spread(text: str, measured: Measured, language: str = "en") -> str:
    """Write a text with the range of a fact over several seeds behind it, if there is one."""
    seeds = spread(measured, language)
    return f"{text}（{seeds}）" if seeds and language == "zh" else f"{text} ({seeds})" if seeds else text
