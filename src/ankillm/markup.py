"""Markdown → the HTML of a field."""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ankillm import simple
from ankillm.highlight import Mark
from ankillm.patterns import regex

Pictures: TypeAlias = Callable[[str], str]
"""An image's address as written → its name among the media; empty if it is not to be had."""

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Stand for a gap's ends while Markdown becomes HTML; Unicode keeps them for such use, `clean` drops others."""
LINK = regex(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
ANKI_TAG = regex(r"\[(?=sound:|anki:|/?latex\]|/?\$+\])", re.IGNORECASE)
"""What Anki would play or run LaTeX on."""
BLOCK = regex(r"^\s*(?:[-+=]|\d+[.)])|^\s")
"""What can make a line more than a paragraph, beside the signs that mean something anywhere in it."""
MARKUP = regex(rf"{simple.SIGN.pattern}|{BLOCK.pattern}")


def escape(text: str) -> str:
    """Return text as HTML, safe from Anki's own tags too."""
    escaped = html.escape(text, quote=False)
    return ANKI_TAG.sub("&#91;", escaped) if "[" in escaped else escaped


def take_marks(text: str) -> tuple[str, list[Mark]]:
    """Take the stand-ins of gaps out of a text: the text without, and where they were."""
    marks: list[Mark] = []
    plain = ""
    for piece in re.split(f"([{OPEN}{CLOSE}])", text):
        if piece in {OPEN, CLOSE}:
            marks.append((len(plain), piece))
        else:
            plain += piece
    return plain, marks


def no_pictures(_src: str) -> str:
    """Have no picture."""
    return ""


def field_html(markdown: str, references: Mapping[str, Any], pictures: Pictures = no_pictures) -> str:
    """Return Markdown as the HTML of a field; a single paragraph stands without `<p>`."""
    if not MARKUP.search(markdown):
        return escape(markdown.strip())
    if not BLOCK.match(markdown) and (parts := simple.parts(markdown.strip())) is not None:
        return "".join(_marked(part) if at % 2 else escape(part) for at, part in enumerate(parts))
    from ankillm.field_renderer import rendered  # noqa: PLC0415  (only where there is markup)

    return rendered(markdown, {"references": dict(references.get("references", {})), "pictures": pictures})


def _marked(part: str) -> str:
    words = escape(simple.content(part))
    return f"<code>{words}</code>" if part[0] == "`" else f"<strong>{words}</strong>"
