"""Code as HTML, coloured by classes, so that the style sheet can follow night mode; with marks at given places.

A mark (the start or end of a cloze's gap) always stands between the coloured pieces, never inside one: a gap over
several pieces stays one gap, and the HTML stays well nested.
"""

import html
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any, TypeAlias

from ankillm.markdown.code_tokens import tokens

Mark: TypeAlias = tuple[int, str]
"""Where in the code (characters), and what is put there."""

MAX_COLOURED = 20_000
"""Characters; longer code stays plain, as some lexers take more than linear time."""
PLAIN = frozenset({"", "n", "w", "x", "text"})
"""Classes without a colour of their own."""


def code_block(code: str, language: str, marks: Iterable[Mark] = ()) -> str:
    """Return a block of code."""
    code, cut = code.rstrip(), len(code.rstrip())
    inner = coloured(code, language, [(min(place, cut), text) for place, text in marks])
    return f'<pre class="code"><code>{inner}</code></pre>'


def coloured(code: str, language: str, marks: Iterable[Mark] = ()) -> str:
    """Return code as coloured pieces with the marks between them."""
    out: list[str] = []
    waiting = deque(sorted(marks, key=lambda mark: mark[0]))
    at = 0
    for css, text in _pieces(code, language):
        start = 0
        while waiting and waiting[0][0] < at + len(text):
            place, mark = waiting.popleft()
            out += (_span(css, text[start : place - at]), mark)
            start = place - at
        out.append(_span(css, text[start:]))
        at += len(text)
    return "".join(out) + "".join(mark for _, mark in waiting)


def _span(css: str, text: str) -> str:
    escaped = html.escape(text, quote=False)
    return escaped if css in PLAIN or not text.strip() else f'<span class="{css}">{escaped}</span>'


def _pieces(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield class and text, together exactly the code."""
    colours = language not in PLAIN and len(code) <= MAX_COLOURED
    found = [(_css(kind), text) for kind, text in tokens(code, language)] if colours else []
    if "".join(text for _, text in found) != code:
        found = [("", code)]
    for css, group in groupby(found, key=lambda token: token[0]):
        yield css, "".join(text for _, text in group)


@cache
def _css(kind: Any) -> str:  # noqa: ANN401  (a Pygments token type)
    """Return the short class of a token type, or of the nearest type above it that has one."""
    from pygments.token import STANDARD_TYPES  # noqa: PLC0415  (as above)

    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return str(STANDARD_TYPES[kind])
