"""The gaps of a cloze's field as Anki reads them: `{{c1::hidden}}`, `{{c1::hidden::hint}}`."""

from collections.abc import Iterator
from typing import TypeAlias

from ankillm.common.patterns import regex

OPENING = regex(r"\{\{c([0-9]{1,9})::")
MAX_NUMBER = 500
"""Anki makes no card of a gap with a higher number."""

FieldGap: TypeAlias = tuple[int, int, int, str, str]
"""Where a gap starts and ends in the field, its number, what it hides, and its hint."""


def gaps_in(field: str) -> Iterator[FieldGap]:
    """Yield the gaps of a field, in order; each ends at the next `}}`, as nothing else in a field has two braces."""
    at = 0
    while opening := OPENING.search(field, at):
        end = field.find("}}", opening.end())
        if end < 0:
            return
        hidden, _, hint = field[opening.end() : end].partition("::")
        at = end + 2
        yield opening.start(), at, int(opening[1]), hidden, hint


def revealed(field: str, shown: str = "") -> str:
    """Return a field with its gaps filled, or with `shown` in place of each."""
    out, at = "", 0
    for start, end, _, hidden, _ in gaps_in(field):
        out += field[at:start] + (shown or hidden)
        at = end
    return out + field[at:]


def numbers_of(field: str) -> list[int]:
    """Return the numbers of the gaps, sorted, each once: Anki makes a card of each."""
    return sorted({number for _, _, number, _, _ in gaps_in(field)})


def are_sound(field: str) -> bool:
    """Whether a field has gaps, all of them ones that Anki makes cards of, and none in another."""
    gaps = list(gaps_in(field))
    numbered = all(1 <= number <= MAX_NUMBER and hidden and "{{" not in hidden for _, _, number, hidden, _ in gaps)
    return bool(gaps) and numbered and "{{" not in revealed(field)
