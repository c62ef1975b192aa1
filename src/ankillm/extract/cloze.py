"""Gaps in sentences: how they are written, what can be hidden, and which part of a sentence one hides."""

import re
from collections.abc import Sequence

from ankillm.common.patterns import regex
from ankillm.extract.bare import is_whole
from ankillm.extract.concepts import Blank
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope, is_generic
from ankillm.markdown.blocks import Block
from ankillm.markdown.inline import escaped, plain_text
from ankillm.markdown.sentences import WHOLE
from ankillm.markdown.writer import as_markdown

OPENED, CLOSED = "{{c1::", "}}"
WRITTEN = regex(r"\{\{c\d+::")
"""Anki's own gap, as an author writes it."""
UNCUT = regex(WHOLE)
NUMBERS = regex(r"[\d.]+")


def gapped(sentence: str, span: tuple[int, int], piece: Piece, scope: Scope, *, in_code: bool = False) -> list[Blank]:
    """Return a sentence with a gap, naming before it what it is about where it does not say so itself.

    Nothing where the gap would cut math, a link or code (a part of which a value may be: `in_code`), or where its
    words would read as Anki's own signs.
    """
    start, end = span
    words = sentence[start:end]
    if not words or not is_whole(words) or words.endswith("}") or any(sign in words for sign in ("::", "{{", "}}")):
        return []
    if any(_cuts(span, found, in_code=in_code) for found in UNCUT.finditer(sentence)):
        return []
    if _stands_elsewhere(words, f"{piece.label} {sentence[:start]}\x00{sentence[end:]}"):
        return []
    text = f"{sentence[:start]}{OPENED}{words}{CLOSED}{sentence[end:]}"
    about = scope.subject if scope.subject and is_generic(piece.label) else piece.label or scope.subject
    told = about.lower() in plain_text(sentence).lower()
    colon = "：" if scope.language == "zh" else ": "
    return [Blank(scope.place(piece), text if told else f"**{escaped(about)}**{colon}{text}", name=words)]


def has_gaps(block: Block) -> bool:
    """Whether an author put Anki's own gaps into a block, which then is a card of its own."""
    written = as_markdown((block,))
    return "{{c" in written and bool(WRITTEN.search(written))


def _stands_elsewhere(words: str, around: str) -> bool:
    """Whether a number that a gap hides stands in its label or in the rest of its sentence."""
    return words.isdigit() and any(run.rstrip(".") == words for run in NUMBERS.findall(around))


def _cuts(gap: tuple[int, int], whole: re.Match[str], *, in_code: bool) -> bool:
    """Whether a gap begins or ends within something."""
    (start, end), (first, after) = gap, whole.span()
    inside = first <= start and end <= after and (start, end) != (first, after)
    crosses = first < start < after < end or start < first < end < after
    return crosses or (inside and not (in_code and whole[0].startswith("`")))


def within(blank: Blank, others: Sequence[Blank]) -> bool:
    """Whether a gap hides a part of what another one hides, which stands before it."""
    own = _hidden(blank)
    for other in others:
        if other is blank:
            return False
        if own < _hidden(other):
            return True
    return False


def _hidden(blank: Blank) -> set[tuple[str, int]]:
    """Return where the letters that a gap hides stand in their sentence."""
    start = blank.text.index(OPENED)
    sentence = blank.text.replace(OPENED, "").replace(CLOSED, "")
    return {(sentence, at) for at in range(start, start + len(blank.name))}
