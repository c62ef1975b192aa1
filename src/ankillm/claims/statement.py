"""What a claim says when it stands alone: its phrase, or as much of its sentence as makes it understood."""

import re
from typing import TYPE_CHECKING

from ankillm.common.patterns import regex
from ankillm.markdown.positions import Prose

if TYPE_CHECKING:
    from markdown_it.token import Token

SCHEME = "demo:"
SENTENCE_END = regex(r"[。！？!?；;\n]|\.(?=\s)")
OPENING = "“\"「『‘'《（("
QUOTE_LEAD = regex(rf"[{re.escape(OPENING)}]\s*$")
SAID = regex(
    r"""^[”"」』’'》）)。，,.;；:：\s]*(?:不对|不是|错[了误]?|对|正确|其实|实际上?|并非|事实上|相反
      |(?:wrong|false|true|right|correct|no|yes|in\ fact|actually|not\ (?:so|true))\b)[，,。.：:；;!！\s]*""",
    re.VERBOSE | re.IGNORECASE,
)
LABEL = regex(r"^(?:[^：:]{1,24}[：:]\s*)+")


def is_claim(token: "Token") -> bool:
    """Whether a link's address is a demo's."""
    return str(token.attrs.get("href", "")).casefold().startswith(SCHEME)


def label_end(piece: Prose, start: int, end: int) -> int:
    """Return where the words of the link at `start` end: at the bracket that closes its first one."""
    if piece.content[start] != "[":
        return end - 1
    inner = {first: after for _, first, after in piece.spans() if start < first < end}
    depth, at = 0, start
    while at < end:
        sign = piece.content[at]
        depth += (sign == "[") - (sign == "]")
        if depth == 0:
            return at
        at = inner.get(at, at + 1 + (sign == "\\"))
    return end


def statement(piece: Prose, start: int, end: int) -> str:
    """Return as Markdown what the link at `start` says.

    The phrase itself if it is a quotation or most of its sentence; else the sentence up to the phrase. What follows
    the phrase is left out, as it may tell the answer, unless the sentence begins with the phrase.
    """
    phrase = piece.content[start + 1 : label_end(piece, start, end)].strip()
    before, after = _unlinked(piece, 0, start), _unlinked(piece, end, len(piece.content))
    before = SENTENCE_END.split(before)[-1].lstrip("，,、 ")
    after = SENTENCE_END.split(after)[0].rstrip()
    lead = LABEL.sub("", before)
    if QUOTE_LEAD.search(before) or len(phrase) > 3 * len(lead) > 0:
        return phrase
    if lead:
        return f"{before}{phrase}"
    return phrase if len(phrase) > len(after) else f"{before}{phrase}{after}"


def explanation(piece: Prose, end: int) -> str:
    """Return what follows the link that ends at `end`, if it says whether the phrase is true; else nothing."""
    others = [start for token, start, _ in piece.spans("link_open") if start >= end and is_claim(token)]
    stop = piece.content.rfind("\n", end, others[0]) if others else len(piece.content)
    after = _unlinked(piece, end, max(stop, end))
    match = SAID.match(after)
    return after[match.end() :].strip() if match else ""


def _unlinked(piece: Prose, first: int, after: int) -> str:
    """Return a stretch of the content with its links replaced by their words."""
    out, at = "", first
    for _, start, end in piece.spans("link_open"):
        if first <= start and end <= after:
            out += piece.content[at:start] + piece.content[start + 1 : label_end(piece, start, end)]
            at = end
    return out + piece.content[at:after]
