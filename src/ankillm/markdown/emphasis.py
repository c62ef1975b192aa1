"""Emphasis beside Chinese and Japanese signs: `**注意：**下面` is bold, as whoever wrote it means and sees it.

CommonMark closes no emphasis between a sign and a letter, which scripts without spaces need: a wide character counts as
a letter here, whether it is one or a sign, and beside it any sign may open or close.
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter, Scanned

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

EMPHASIS = "*_"


def wide_emphasis(markdown: "MarkdownIt") -> None:
    """Let the parser open and close emphasis beside wide characters."""
    rules = {rule.name: rule for rule in markdown.inline.ruler.__rules__}
    strike = rules["strikethrough"].fn

    def strikethrough(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
        start, before = state.pos, len(state.delimiters)
        found = bool(strike(state, silent))
        if len(state.delimiters) > before:
            scanned = scan(state, start)
            for count, delimiter in enumerate(reversed(state.delimiters[before:]), 1):
                delimiter.open, delimiter.close = scanned.can_open, scanned.can_close
                state.tokens[delimiter.token].meta = {"at": state.pos - 2 * count}
        return found

    markdown.inline.ruler.at("emphasis", _emphasis)
    markdown.inline.ruler.at("strikethrough", strikethrough)


def _emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
    """Put each mark down as a text of its own and as a delimiter, as markdown-it's own rule does, with its place."""
    marker = state.src[state.pos]
    if silent or marker not in EMPHASIS:
        return False
    scanned = scan(state, state.pos)
    for at in range(state.pos, state.pos + scanned.length):
        token = state.push("text", "", 0)
        token.content, token.meta = marker, {"at": at}
        place = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(ord(marker), scanned.length, place, -1, open=scanned.can_open, close=scanned.can_close)
        )
    state.pos += scanned.length
    return True


def scan(state: StateInline, start: int) -> Scanned:
    """Return how long a run of marks is, and whether it can open and close emphasis."""
    marker, at = state.src[start], start
    while at < state.posMax and state.src[at] == marker:
        at += 1
    before = _kind(state.src[start - 1]) if start else SPACE
    after = _kind(state.src[at]) if at < state.posMax else SPACE
    opens = after != SPACE and (after != SIGN or before != LETTER)
    closes = before != SPACE and (before != SIGN or after != LETTER)
    if marker == "_":  # not within a word
        opens, closes = (
            opens and (not closes or isPunctChar(state.src[start - 1])),
            closes and (not opens or isPunctChar(state.src[at])),
        )
    return Scanned(opens, closes, at - start)


SPACE, SIGN, LETTER, WIDE = range(4)


@lru_cache(maxsize=1024)
def _kind(character: str) -> int:
    if isWhiteSpace(ord(character)) or character == "\n":
        return SPACE
    if east_asian_width(character) in "WF":
        return WIDE
    return SIGN if isMdAsciiPunct(ord(character)) or isPunctChar(character) else LETTER
