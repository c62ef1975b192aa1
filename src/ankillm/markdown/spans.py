"""Spans of a line: code, math, links, images, emphasis, tags and addresses, which nothing may cut.

Whatever looks for a separator, a question mark or a gap asks here first: `find_outside` and `finditer_outside`, or
`masked`, a text of the same length in which spans are blank, for patterns of more than one part.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ankillm.common.patterns import regex
from ankillm.markdown.inline import SIGN, inline_tokens, marked_parts
from ankillm.markdown.raw_html import tag_name

if TYPE_CHECKING:
    from markdown_it.token import Token

Kind: TypeAlias = Literal["code", "math", "link", "image", "emphasis", "tag", "address"]
KINDS: Mapping[str, Kind] = {
    "code_inline": "code",
    "math_inline": "math",
    "link_open": "link",
    "image": "image",
    "html_inline": "tag",
}
BLANK = "\0"
"""Stands for each character of a span in a masked text: no space, no word, no sign."""
ADDRESS = regex(
    r"(?:https?://|ftp://|mailto:|\bwww\.)[^\s<>\"'`。，、；：！？（）「」『』【】《》“”|\x00]+", re.IGNORECASE
)
DISPLAYED = regex(r"(?<!\\)\$\$[^$]+\$\$")
NO_ADDRESS_END = ".,;:!?)*_~"
MOST_WITHIN = 4
"""Spans, one within the other or side by side, whose marks are taken away for one sentence."""
WIKILINK = regex(r"!?\[\[[^\[\]\n]+\]\]")


class InlineSpan(NamedTuple):
    """A part of a line that belongs together: characters `start` to `end`, its marks included."""

    start: int
    end: int
    kind: Kind


@lru_cache(maxsize=512)  # several rules look at a text, one after the other
def spans(text: str) -> tuple[InlineSpan, ...]:
    """Return the spans of a line or a paragraph in the order of their starts, those within others too."""
    if not SIGN.search(text):
        found: list[InlineSpan] = []
    elif (parts := marked_parts(text)) is not None:
        found = list(_of_parts(parts))
    else:
        found = list(_of_tokens(inline_tokens(text)))
    if "://" in text or "www." in text or "mailto:" in text or "[[" in text:
        rest = _blanked(text, found)
        found += _addresses(rest)
        found += [InlineSpan(*match.span(), "link") for match in WIKILINK.finditer(rest)]
    if "$$" in text:
        found += [InlineSpan(*match.span(), "math") for match in DISPLAYED.finditer(text)]
    return tuple(sorted(found, key=lambda span: (span.start, -span.end)))


def _of_parts(parts: list[str]) -> Iterator[InlineSpan]:
    at = 0
    for number, part in enumerate(parts):
        if number % 2:
            yield InlineSpan(at, at + len(part), "code" if part[0] == "`" else "emphasis")
        at += len(part)


def _of_tokens(tokens: "Iterable[Token]") -> Iterator[InlineSpan]:
    opened: list[tuple[str, int]] = []
    for token in tokens:
        if "span" in token.meta and token.type in KINDS:
            start, end = token.meta["span"]
            name, closes = tag_name(token.content) if token.type == "html_inline" else ("", False)
            if closes and opened and opened[-1][0] == name:
                yield InlineSpan(opened.pop()[1], end, "tag")
            elif name and not closes:
                opened.append((name, start))
            yield InlineSpan(start, end, KINDS[token.type])
        elif "at" in token.meta and token.nesting:
            width = len(token.markup)
            if token.nesting > 0:  # the outer of the two signs of `**` has the token before
                opened.append((token.type[:-5], token.meta["at"] - (token.type == "strong_open")))
            elif opened and opened[-1][0] == token.type[:-6]:
                yield InlineSpan(opened.pop()[1], token.meta["at"] + width, "emphasis")


def _addresses(text: str) -> Iterator[InlineSpan]:
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(NO_ADDRESS_END)
        yield InlineSpan(match.start(), match.start() + len(address), "address")


def outermost(text: str, *others: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return where spans and other stretches of a text begin and end, in order, those that touch inside joined."""
    return _joined([*((start, end) for start, end, _ in spans(text)), *others])


def _joined(stretches: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _blanked(text: str, found: Iterable[InlineSpan]) -> str:
    parts, at = [], 0
    for start, end in _joined((span.start, span.end) for span in found):
        parts += [text[at:start], BLANK * (end - start)]
        at = end
    return "".join(parts) + text[at:]


@lru_cache(maxsize=512)
def masked(text: str) -> str:
    """Return a text of the same length with its spans blanked out: match here, cut there."""
    return _blanked(text, spans(text))


def split_outside(pattern: re.Pattern[str], text: str) -> list[str]:
    """Split a text where a pattern is found that cuts no span."""
    parts, at = [], 0
    for match in finditer_outside(pattern, text):
        parts.append(text[at : match.start()])
        at = match.end()
    return [*parts, text[at:]]


def whole_outside(text: str, parted: "Callable[[str], Iterable[int]]") -> str:
    """Return a text without the marks of emphasis and the address of links within which it would be parted.

    `**LoRA is a method**` can be read only without its marks, and so can `[LoRA is](address) a method`.
    """
    if "*" not in text and "_" not in text and "](" not in text:
        return text
    for _ in range(MOST_WITHIN):
        places = tuple(parted(text))
        cut = (span for span in spans(text) if any(span.start < at < span.end for at in places))
        span = next((span for span in cut if span.kind in {"emphasis", "link"}), None)
        if span is None:
            break
        inner = text[span.start : span.end]
        words = inner[1 : inner.index("](")] if span.kind == "link" and "](" in inner else inner.strip("*_")
        text = text[: span.start] + words + text[span.end :]
    return text


def finditer_outside(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield what a pattern finds and what cuts no span; spans may lie whole within what it finds."""
    whole = outermost(text)
    for match in pattern.finditer(text):
        start, end = match.span()
        at = bisect_right(whole, start, key=itemgetter(1))
        cuts = at < len(whole) and whole[at][0] < start < whole[at][1]
        last = bisect_left(whole, end, key=itemgetter(0)) - 1
        if not cuts and not (last >= at and whole[last][1] > end):
            yield match


def find_outside(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the first thing that a pattern finds and that cuts no span."""
    return next(finditer_outside(pattern, text), None)
