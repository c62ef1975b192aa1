"""Raw HTML in a note: read by a real parser, for images and for `<!-- anki: … -->`, and for nothing else."""

import re
from html.parser import HTMLParser

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Directive

STEER = regex(r"\s*anki:\s*(.*?)\s*$", re.DOTALL)
STEER_WORD = regex(r"(skip)\b|(id|tags|deck)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
MAX_HTML = 20_000
"""Characters of a piece of raw HTML that are read; the parser's time grows with the square of what is left open."""


class _Html(HTMLParser):
    """Collects images and `anki:` comments from raw HTML; everything else in it is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.images: list[tuple[str, str]] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img" and (src := (found.get("src") or "").strip()):
            self.images.append((src, (found.get("alt") or "").strip()))

    def handle_comment(self, data: str) -> None:
        if match := STEER.match(data):
            self.comments.append(match[1])


def read_html(html: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the images (source, alternative text) and the `anki:` comments of a piece of raw HTML."""
    reader = _Html()
    reader.feed(html[:MAX_HTML])
    reader.close()
    return reader.images, reader.comments


def read_directive(words: str) -> Directive:
    """Read `skip id=x tags=a,b deck=D`; words that are none of these say nothing."""
    directive: dict[str, str] = {}
    for match in STEER_WORD.finditer(words):
        directive[match[1] or match[2]] = match[3] or match[4] or match[5] or ""
    tags = tuple(tag for tag in re.split(r"[,，\s]+", directive.get("tags", "")) if tag)
    return Directive("skip" in directive, directive.get("id", ""), tags, directive.get("deck", ""))
