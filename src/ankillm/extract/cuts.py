"""Where a statement can be cut: the stretches that could be asked for, each behind a word that leads to it.

`A 用于 B` can be cut at B, behind 用于; `A, because B` at B, behind because, and `A, B` at B. Which cut is worth a card
is not decided here. What stands before such a word, a number or a formula alone hardly ever is, and is not tried.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import Literal

from msgspec import Struct

from ankillm.common.patterns import CHINESE, one_of, regex
from ankillm.extract.bare import WHOLE
from ankillm.extract.segmentation import word_inner
from ankillm.extract.vocabulary import listed

LONGEST = 160
SHORTEST_BEFORE = 2
BREAK = regex(
    # Its first sign is looked for before all else: a search jumps to the next one.
    r"[，,；;。：（(→.:\s—=-](?:(?<=[，,；;。：（(])|(?<=→)(?![\d∞])|(?<=\w[.:])(?=\s)|(?<=\s)[-–—]\s|(?<=—)—|(?<=[-=])>)"
)
TAIL = "。.!！；;，, "
SKIPPED = " ，,：:>"
CLOSED = "(.。="
"""Signs up to which a cut may reach, and none starts behind."""
FOLLOWS = regex(r"[，,](?:所以|因此|故而?)")
"""What follows from a reason: hidden with it, nothing is left that asks."""
NO_CUES = frozenset(listed("zh", "no_cues"))
"""Words that hold a cue and lead to nothing."""

Reach = Literal["end", "clause", "clause2"]
REACHES: tuple[Reach, ...] = ("clause", "clause2", "end")


class Cut(Struct, frozen=True):
    """A stretch of a bare text: characters `start` to `end`; the cue in front of it, and how far it reaches."""

    start: int
    end: int
    cue: str
    reach: Reach


@cache
def _cue(language: str) -> re.Pattern[str]:
    """Return a pattern of the cues of a language; English ones in lower case."""
    words = listed(language, "cues")
    if language == "zh":
        return regex(one_of((*words, *NO_CUES)))
    firsts = sorted({word[0] for word in words})
    rests = (one_of(word[1:] for word in words if word[0] == first) for first in firsts)
    # Its first letter is looked for before all else: a search jumps to the next one.
    each = (rf"{first}(?<![A-Za-z]{first})(?:{rest})" for first, rest in zip(firsts, rests, strict=True))
    return regex(rf"(?:{'|'.join(each)})(?![A-Za-z])")


def cuts(text: str) -> tuple[Cut, ...]:
    """Return the cuts of a bare text, each stretch once."""
    found: dict[tuple[int, int], Cut] = {}
    inner = word_inner(text)
    for cut in _all(text):
        if (
            text[cut.start : cut.end].strip(TAIL)
            and not _asks_nothing(text, cut)
            and not (inner[cut.start] or inner[cut.end])
        ):
            found.setdefault((cut.start, cut.end), cut)
    return tuple(found.values())


def _asks_nothing(text: str, cut: Cut) -> bool:
    """Whether a stretch holds a reason with what follows from it."""
    reason = text[max(0, cut.start - 2) : cut.end]
    return ("因为" in reason or "由于" in reason) and bool(FOLLOWS.search(text, cut.start, cut.end))


def _all(text: str) -> Iterator[Cut]:
    blank = WHOLE.sub(lambda match: "\0" * len(match[0]), text) if "`" in text or "$" in text else text
    length = len(blank.rstrip(TAIL))
    bounds = [*(match.start() for match in BREAK.finditer(blank, 0, length)), length]
    language = "zh" if CHINESE.search(text) else "en"
    lowered = blank.lower() if language == "en" and len(blank.lower()) == len(blank) else blank
    for match in _cue(language).finditer(lowered, 0, length):
        start = _skipped(blank, match.end(), length)
        if start >= SHORTEST_BEFORE and match[0] not in NO_CUES:
            yield from _reaching(start, match[0], bounds)
    for bound in bounds[:-1]:
        if blank[bound] not in CLOSED:
            start = _skipped(blank, bound + 1, length)
            yield from _reaching(start, f"after{blank[bound]}", bounds)


def _skipped(blank: str, at: int, length: int) -> int:
    while at < length and blank[at] in SKIPPED:
        at += 1
    return at


def _reaching(start: int, cue: str, bounds: list[int]) -> Iterator[Cut]:
    """Yield the cuts from a place to the ends of the next two clauses, and to the end of all."""
    first = bisect_right(bounds, start)
    ends = dict.fromkeys((*bounds[first : first + 2], bounds[-1]))
    for end, reach in zip(ends, REACHES, strict=False):
        if 1 <= end - start <= LONGEST:
            yield Cut(start, end, cue, "end" if end == bounds[-1] else reach)
