"""Words of a paragraph that a link can hold: it encloses marks of emphasis whole, or lies within them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ankillm.common.patterns import regex
from ankillm.markdown.spans import WIKILINK, InlineSpan, spans

PAIRED = regex(r"==(?=[^\s=])(?:[^=\n]|=(?!=)){1,200}==|\+\+(?=[^\s+])[^+\n]{1,200}\+\+|%%[^%\n]{0,200}%%")
"""Signs that the parser does not know, and what stands between them."""
UNBRACKETED = regex(r"[^\[\]]+")
"""What the words of a link can be."""
LABEL = regex(r"\[\[(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,200})\]\]|\[([^\[\]\n]{1,200})\]")
"""The words of a link as it stands in a note."""
FOOTNOTE = regex(r"\^\[[^\[\]\n]{1,300}\]")
"""A footnote within its line."""
WHOLE = frozenset({"code", "math"})
"""Spans in which nothing can be linked."""
LINKED = frozenset({"link", "image", "address"})
"""Spans that no link can enclose."""


def links_of(content: str) -> list[InlineSpan]:
    """Return the links of a paragraph in order, those too that stand within emphasis."""
    found = {span for span in spans(content) if span.kind in LINKED}
    more = (InlineSpan(*link.span(), "link") for pattern in (WIKILINK, FOOTNOTE) for link in pattern.finditer(content))
    return sorted({*found, *more})


def claimable(content: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield the phrases between two places of a paragraph that a link can hold, and where each starts; long ones first.

    What stands outside of links comes first; where all stands within one, its words may take a claim in its place.
    """
    marks = [*spans(content), *(InlineSpan(*found.span(), "emphasis") for found in PAIRED.finditer(content))]
    links = links_of(content)
    marks = [*(mark for mark in marks if mark.kind not in LINKED), *links]
    start, end = _widened(start, end, [span for span in marks if span.kind not in LINKED])
    outside = sorted(_outside(start, end, links), key=lambda part: part[0] - part[1])
    for first, last in outside:
        for part in sorted(UNBRACKETED.finditer(content, first, last), key=lambda found: -len(found[0])):
            phrase = part[0].strip()
            at = part.start() + len(part[0]) - len(part[0].lstrip())
            if phrase and "\n" not in phrase and _widened(at, at + len(phrase), marks) == (at, at + len(phrase)):
                yield at, phrase
    for link in links:
        label = LABEL.match(content, link.start)
        if label and link.start <= start and end <= link.end:
            group = label.lastindex or 0
            yield label.start(group), label[group]


def _widened(start: int, end: int, marks: Sequence[InlineSpan]) -> tuple[int, int]:
    """Return a stretch with all of each mark that it would cut, and of code that it lies in."""
    while True:
        cut = [mark for mark in marks if mark.start < end and start < mark.end and _cuts(start, end, mark)]
        if not cut:
            return start, end
        start, end = min(start, *(mark.start for mark in cut)), max(end, *(mark.end for mark in cut))


def _cuts(start: int, end: int, mark: InlineSpan) -> bool:
    inside = mark.start <= start and end <= mark.end and (start, end) != (mark.start, mark.end)
    if inside:
        return mark.kind in WHOLE or start == mark.start or end == mark.end
    return start > mark.start or end < mark.end


def _outside(start: int, end: int, links: Sequence[InlineSpan]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a stretch that no link touches."""
    edges = [start, *(edge for link in links if link.start < end and start < link.end for edge in link[:2]), end]
    for first, last in list(pairwise(edges))[::2]:
        if first < last:
            yield first, last
