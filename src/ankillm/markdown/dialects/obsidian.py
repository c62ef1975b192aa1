"""Signs of Obsidian that reach over lines: comments; and its embeds, block ids and tags within a line."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ankillm.common.patterns import regex
from ankillm.markdown.code_spans import code_spans
from ankillm.markdown.dialects.lines import Line

SIGN = "%%"
LONGEST = 200
"""Lines of one comment."""
PICTURE = regex(r"\.(?:avif|bmp|gif|jpe?g|png|svg|tiff?|webp)$")
WIDTH = regex(r"\d{1,4}(?:x\d{1,4})?")
EMBED = regex(r"!\[\[(?P<target>[^\[\]|\n\\]+)(?:(?P<bar>\\?\|)(?P<said>[^\[\]\n]*))?\]\]")


Place: TypeAlias = tuple[int, int]
"""The number of a line in a list, and a place in it."""


def without_comments(lines: Sequence[Line]) -> Iterator[Line]:
    """Leave out what stands between two `%%`, on one line or on several; a sign without another is words.

    So is one right behind a number: `100%%` is how a format writes a percentage.
    """
    pairs = _pairs(
        [(at, place) for at, line in enumerate(lines) if not line.code for place in _signs(line.text)], lines
    )
    never = ((len(lines), 0), (len(lines), 0))
    (first, start), (last, end) = next(pairs, never)
    for at, line in enumerate(lines):
        kept, here = "", 0
        while first <= at:
            kept += line.text[here:start] if first == at else ""
            if last > at:
                here = len(line.text)
                break
            here = end + len(SIGN)
            (first, start), (last, end) = next(pairs, never)
        rest = line.text[here:]
        kept += rest.lstrip() if here and kept[-1:].isspace() else rest
        yield line if kept == line.text else line._replace(text=kept.rstrip() if kept.strip() else "")


def _pairs(signs: Sequence[Place], lines: Sequence[Line]) -> Iterator[tuple[Place, Place]]:
    """Yield where comments begin and end; one of several lines begins with its line."""
    at = 0
    while at + 1 < len(signs):
        one, other = signs[at], signs[at + 1]
        if lines[one[0]].text[: one[1]][-1:].isdigit():
            at += 1
            continue
        begins = not lines[one[0]].text[: one[1]].strip(" \t>-*+")
        if one[0] == other[0] or (begins and other[0] - one[0] <= LONGEST):
            yield one, other
            at += 1
        at += 1


def _signs(text: str) -> list[int]:
    """Return where the signs of comments stand in a line, those in code left out."""
    code = code_spans(text) if SIGN in text and "`" in text else []
    signs = (match.start() for match in re.finditer(SIGN, text))
    return [at for at in signs if not any(start < at < end for start, end in code)]


def embedded(text: str) -> str:
    """Write embeds as images; of a note that is embedded, the link is left."""

    def image(match: re.Match[str]) -> str:
        target, said = match["target"].strip(), (match["said"] or "").strip()
        bar = match["bar"] or "|"  # in a cell of a table it is escaped, and has to be still
        if not PICTURE.search(target.lower()):
            return f"[[{match['target']}{bar + said if said else ''}]]"
        target = target.replace("%", "%25").replace("#", "%23").replace("?", "%3F")
        return f"![{bar if WIDTH.fullmatch(said) else ''}{said}](<{target}>)"

    return EMBED.sub(image, text)
