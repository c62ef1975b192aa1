r"""TeX in a finished field, as Anki's MathJax would take it: macros that only write pass, others are shown as words.

MathJax obeys more than mathematics: `\href` links, `\style` and `\bbox` style, `\cssId`, `\class` and `\label`
name, `\def` makes new macros, `\require` loads. `tex_macros.txt` lists what may pass, by name: what MathJax 3.2.2
knows, without whatever does any of this, moves what it shows elsewhere, or covers the page.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ankillm.common.patterns import regex

OPENING = regex(r"\\[(\[]")
CLOSING = {r"\(": r"\)", r"\[": r"\]"}
SIGN = regex(r"<[^>]*>|\\(?:[A-Za-z]|.)|[{}]|&#12[35];", re.DOTALL)
DEPTH = {"{": 1, "&#123;": 1, "}": -1, "&#125;": -1}
MOST_OPEN = 64
"""Signs that open a formula which nothing closes: after so many, all that follows counts as one."""
MACRO = regex(r"\\(?:([A-Za-z]+)|.)", re.DOTALL)
COLOURED = frozenset({"color", "textcolor"})
COLOUR = regex(r"\s*(?:\{|&#123;)\s*(?:[A-Za-z]+|#[0-9A-Fa-f]{3,6})\s*(?:\}|&#125;)")
LABEL = regex(r"\\label\s*(?:\{|&#123;)[^{}&<\\]*(?:\}|&#125;)")
TAG = regex(r"\\tag\*?(?=\s*(?:\{|&#123;))")


@cache
def macros() -> frozenset[str]:
    """Return the names of the macros that may pass."""
    text = Path(__file__).with_name("tex_macros.txt").read_text(encoding="ascii")
    return frozenset(text.split())


def without_commands(text: str) -> str:
    """Return a piece of a field with macros that are not listed written as words, wherever MathJax would read them."""
    out, at = "", 0
    for start, end in _formulas(text):
        out += text[at:start] + _tamed(text[start:end])
        at = end
    return out + text[at:]


def is_open(text: str) -> bool:
    """Whether a formula opens in a text that nothing in it closes."""
    at = 0
    for start, end in (*_formulas(text), (len(text), len(text))):
        if OPENING.search(text, at, start):
            return True
        at = end
    return False


def _formulas(text: str) -> Iterator[tuple[int, int]]:
    """Yield where formulas start and end, as MathJax finds them; tags in one, which part it there, part none here."""
    at, opened = 0, 0
    while opening := OPENING.search(text, at):
        end = _end(text, opening.end(), CLOSING[opening[0]])
        if end:
            yield opening.start(), end
        elif (opened := opened + 1) > MOST_OPEN:
            yield opening.start(), len(text)
            return
        at = end or opening.end()


def _end(text: str, start: int, closing: str) -> int:
    """Return the end of the formula that starts there: a sign closes it where all braces are closed; 0 if none does."""
    depth = 0
    for sign in SIGN.finditer(text, start):
        if depth == 0 and sign[0] == closing:
            return sign.end()
        depth = max(0, depth + DEPTH.get(sign[0], 0))
    return 0


def _tamed(formula: str) -> str:
    known = macros()

    def written(match: re.Match[str]) -> str:
        name = match[1]
        if name is None or name in known or (name in COLOURED and COLOUR.match(match.string, match.end())):
            return match[0]
        return rf"\backslash {name}"

    if r"\label" in formula or r"\tag" in formula:
        formula = TAG.sub(r"\\qquad ", LABEL.sub("", formula))
    return MACRO.sub(written, formula)
