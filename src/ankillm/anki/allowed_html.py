"""The finished field: what Anki, its browser and its MathJax would run is taken out once, at the end.

Before, pieces are joined: a tag of a note that vanishes between `[` and `sound:` makes one of Anki's own, and so may a
gap between the two halves of a macro. So the whole field is looked at, by a list of what may be in it. A ledger that
came with somebody's project is no more to be trusted than a note: its fields pass here too.
"""

import html
import re

from ankillm.anki.gaps import gaps_in, revealed
from ankillm.anki.tex import is_open, without_commands
from ankillm.common.patterns import regex

ANKI_TAG = regex(r"\[(?=sound:|anki:|/?latex\]|/?\$+\])", re.IGNORECASE)
"""What Anki would play, speak, or run LaTeX on."""
BRACKET = regex(r"(?<!\\)\[")
CODE = regex(r"(<pre\b[^>]*>.*?</pre>|<code\b[^>]*>.*?</code>)", re.DOTALL)
"""What MathJax passes over."""
PLAIN = (
    "blockquote|br|code|del|details|div|em|h[1-6]|hr|kbd|li|mark|ol|p|pre|span|strong|sub|summary|sup|table|tbody|td|th|"
    "thead|tr|ul"
)
TAG = regex(
    rf"<(?:/?(?:{PLAIN}|a|b|u)"
    r'|a href="(?:(?:https?://|mailto:)[^\s"<>]+|obsidian://open\?vault=[\w.~%-]+&(?:amp;)?file=[\w.~%-]+)"'
    r'|img(?: (?:class="plot"|src="[\w.-]+"|alt="[^"<>]*"|width="\d{1,4}")){1,4}'
    r'|ol start="\d{1,9}"|t[dh] style="text-align:(?:left|right|center)"'
    r'|span class="(?:[a-z][a-z0-9]{0,2}|measured|versions|path)"|details class="(?:versions|path)"'
    r'|pre class="code"|code class="command"'
    r'|div class="verdict [a-z-]{1,20}"|table class="facts") ?/?>',
    re.IGNORECASE,
)
"""A tag as our renderer writes it."""
NAME = regex(r"<(/?)([a-z]+[1-6]?)", re.IGNORECASE)
VOID = frozenset({"br", "hr", "img"})


class Forbidden(ValueError):  # noqa: N818  (the card is at fault, not the program)
    """A field that may not reach Anki; the text says why."""


def finished(field: str) -> str:
    """Return a field without what Anki or its MathJax would obey.

    :raises Forbidden: if it holds HTML that our renderer does not write, or does harm only once a gap is filled.
    """
    if "[" in field:
        field = ANKI_TAG.sub("&#91;", field)
        if "{{c" in field and ANKI_TAG.search(TAG.sub("", revealed(field))):
            field = BRACKET.sub("&#91;", field)
    if "\\" in field:
        field = _without_commands(field)
    if "<" in field and "<" in TAG.sub("", field):
        raise Forbidden("it holds HTML that no card may hold")
    if "{{c" in field:
        _check_gaps(field)
    return field


def _without_commands(field: str) -> str:
    parts = CODE.split(field) if "<" in field else [field]
    return "".join(part if at % 2 else without_commands(part) for at, part in enumerate(parts))


def _check_gaps(field: str) -> None:
    """Look at what stands in a field once its gaps are filled, and at what Anki shows in their places.

    Anki takes the tags out of a formula that a gap is in: then code in it is TeX as well.
    """
    whole = revealed(field)
    if ANKI_TAG.search(TAG.sub("", whole)) or any(ANKI_TAG.match(f"[{hint}]") for *_, hint in gaps_in(field)):
        raise Forbidden("a gap makes one of Anki's own tags of what is around it")
    texts = [TAG.sub("", text) for text in CODE.split(whole)[::2]]
    if any(map(is_open, texts)):
        texts = [TAG.sub("", whole)]
    if any(without_commands(text) != text for text in texts):
        raise Forbidden("a gap makes a command of the TeX around it")


def harmless(field: str) -> bool:
    """Whether a finished field holds only what our renderer can write, to the last tag and sign of it."""
    try:
        if finished(field) != field:
            return False
    except Forbidden:
        return False
    texts = [html.unescape(TAG.sub("", text)) for text in CODE.split(field)[::2]]
    return all(without_commands(text) == text for text in texts) and _is_nested(field)


def _is_nested(field: str) -> bool:
    """Whether every element that opens closes, in order, and no other."""
    stack: list[str] = []
    for close, name in NAME.findall(field):
        if name.lower() in VOID:
            continue
        if not close:
            stack.append(name.lower())
        elif not stack or stack.pop() != name.lower():
            return False
    return not stack
