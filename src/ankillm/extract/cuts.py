"""Where a statement can be cut: the stretches that could be asked for, each behind a word that leads to it.

`A 用于 B` can be cut at B, behind 用于; `A, because B` at B, behind because; a number, a marked term and the clause at
the start can be asked for as well. Which cut is worth a card is not decided here.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from msgspec import Struct

from ankillm.common.patterns import CHINESE, one_of, regex
from ankillm.extract.bare import WHOLE
from ankillm.extract.segmentation import word_inner
from ankillm.extract.vocabulary import listed

LONGEST = 160
SHORTEST_BEFORE = 2
LONGEST_NAME = 40
BREAK = regex(
    # Its first sign is looked for before all else: a search jumps to the next one.
    r"[，,；;。：（(→.:\s—=-](?:(?<=[，,；;。：（(→])|(?<=\w[.:])(?=\s)|(?<=\s)[-–—]\s|(?<=—)—|(?<=[-=])>)"
)
TAIL = "。.!！；;，, "
SKIPPED = " ，,：:>"
NUMBER = regex(
    r"(?<![A-Za-z\d_.])\d[\d.,]*(?:\s?(?:%|倍|个|层|万|亿|B|M|K|GB|MB|TB|ms|次|步|年|x|×|e-?\d+))?(?![A-Za-z_\d])"
)

Reach = Literal["end", "clause", "clause2", "clause3", "head", "name", "value"]


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
        return regex(one_of(words))
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
        if text[cut.start : cut.end].strip(TAIL) and not (inner[cut.start] or inner[cut.end]):
            found.setdefault((cut.start, cut.end), cut)
    return tuple(found.values())


def _all(text: str) -> Iterator[Cut]:
    blank = WHOLE.sub(lambda match: "\0" * len(match[0]), text) if "`" in text or "$" in text else text
    length = len(blank.rstrip(TAIL))
    bounds = [*(match.start() for match in BREAK.finditer(blank, 0, length)), length]
    language = "zh" if CHINESE.search(text) else "en"
    lowered = blank.lower() if language == "en" and len(blank.lower()) == len(blank) else blank
    matches = list(_cue(language).finditer(lowered, 0, length))
    for match in matches:
        start = _skipped(blank, match.end(), length)
        if start >= SHORTEST_BEFORE:
            yield from _reaching(start, match[0], bounds, 3)
    for bound in bounds[:-1]:
        start = _skipped(blank, bound + 1, length)
        yield from _reaching(start, f"after{blank[bound]}", bounds, 2)
    if SHORTEST_BEFORE < bounds[0] < length:
        yield Cut(0, bounds[0], "head", "head")
    yield from _before(blank, matches, bounds)
    for match in NUMBER.finditer(blank):
        yield Cut(*match.span(), "num", "value")
    for match in WHOLE.finditer(text):
        yield Cut(*match.span(), "code" if match[0][0] == "`" else "math", "value")


def _skipped(blank: str, at: int, length: int) -> int:
    while at < length and blank[at] in SKIPPED:
        at += 1
    return at


def _reaching(start: int, cue: str, bounds: list[int], most: int) -> Iterator[Cut]:
    """Yield the cuts from a place to the ends of the next clauses, and to the end of all."""
    names: tuple[Reach, ...] = ("clause", "clause2", "clause3")
    ends = [bound for bound in bounds if bound > start]
    for at, end in enumerate(dict.fromkeys([*ends[:most], bounds[-1]])):
        if 1 <= end - start <= LONGEST:
            yield Cut(start, end, cue, "end" if end == bounds[-1] else names[min(at, 2)])


def _before(blank: str, matches: Sequence[re.Match[str]], bounds: list[int]) -> Iterator[Cut]:
    """Yield what stands in front of a cue, from the start of its clause: the thing that is told of."""
    for match in matches:
        if SHORTEST_BEFORE <= match.start() <= LONGEST_NAME and match.start() < bounds[-1] - 3:
            start = _skipped(
                blank, max([bound + 1 for bound in bounds if bound < match.start()], default=0), match.start()
            )
            end = len(blank[: match.start()].rstrip())
            if SHORTEST_BEFORE <= end - start <= LONGEST_NAME:
                yield Cut(start, end, f"before {match[0]}", "name")
