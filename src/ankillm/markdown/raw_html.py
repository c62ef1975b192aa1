"""Raw HTML in a note: which tags are tags, what they mean, and `<!-- anki: … -->`.

A tag that HTML does not know (`<pad>`, `List<String>`), or one that lacks its other half (`<s>`), is text.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Directive
from ankillm.markdown.code_spans import code_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    BlockRule = Callable[[StateBlock, int, int, bool], bool]

STEER = regex(r"\s*anki:\s*(.*?)\s*$", re.DOTALL)
STEER_WORD = regex(r"(skip)\b|(id|tags|deck)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
MAX_HTML = 20_000
"""Characters of a piece of raw HTML that are read; the parser's time grows with the square of what is left open."""

LONE = frozenset("br hr img wbr".split())
"""Tags that have no other half."""
PAIRED = frozenset(
    """a abbr article aside b big blockquote caption center cite code col colgroup dd del details dfn div dl dt em
    figcaption figure font footer h1 h2 h3 h4 h5 h6 header i iframe ins kbd li main mark nav ol p picture pre q rp rt
    ruby s samp script section small span strike strong style sub summary sup svg table tbody td tfoot th thead time tr
    tt u ul var video audio source""".split()
)
SHOWN = {name: name for name in "sup sub kbd mark u del strong em code".split()}
SHOWN |= {"s": "del", "strike": "del", "b": "strong", "i": "em"}
"""Tags that a field keeps, without their attributes, by the name that it has there."""
ATTRIBUTES = r"""(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*+\s*+"""
TAG = regex(rf"(?<!\\)<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>{ATTRIBUTES})(?P<void>/?)>")
UNREAD_BLOCK = regex(r"</?([A-Za-z][A-Za-z0-9-]*)")


def is_known(name: str) -> bool:
    """Whether HTML has a tag of this name that notes are written with."""
    return name.lower() in PAIRED or name.lower() in LONE


@lru_cache(maxsize=32)  # every `<` of a text asks anew
def tags_of(text: str) -> Mapping[int, re.Match[str]]:
    """Return the tags in a text by where they start: known ones with their other half, outside of code."""
    found: dict[int, re.Match[str]] = {}
    opened: dict[str, list[re.Match[str]]] = {}
    for match in _tags_outside_code(text):
        name = match["name"].lower()
        if name in LONE:
            found[match.start()] = match
        elif not match["close"]:
            opened.setdefault(name, []).append(match)
        elif opened.get(name):
            start = opened[name].pop()
            found[start.start()], found[match.start()] = start, match
    return found


def _tags_outside_code(text: str) -> "list[re.Match[str]]":
    matches = [match for match in TAG.finditer(text) if is_known(match["name"])]
    if "`" not in text or not matches:
        return matches
    spans = iter(code_spans(text))
    span = next(spans, None)
    kept = []
    for match in matches:
        while span and span[1] <= match.start():
            span = next(spans, None)
        if not span or match.start() < span[0]:
            kept.append(match)
    return kept


def tag_name(tag: str) -> tuple[str, bool]:
    """Return the name of a tag in lower case, and whether it closes; no name for what is no tag."""
    match = TAG.match(tag)
    return (match["name"].lower(), bool(match["close"])) if match else ("", False)


def knowing_tags(markdown: "MarkdownIt") -> None:
    """Let the parser take known tags for HTML, and others for text."""
    inline = next(rule for rule in markdown.inline.ruler.__rules__ if rule.name == "html_inline")
    markdown.inline.ruler.at("html_inline", _inline(inline.fn))
    block = next(rule for rule in markdown.block.ruler.__rules__ if rule.name == "html_block")
    markdown.block.ruler.at("html_block", _block(block.fn), {"alt": block.alt})


def _inline(rule: "Callable[[StateInline, bool], bool]") -> "Callable[[StateInline, bool], bool]":
    def html_inline(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
        at = state.pos
        is_tag = state.src[at + 1 : at + 2].isalpha() or state.src.startswith("</", at)
        return bool((not is_tag or at in tags_of(state.src)) and rule(state, silent))

    return html_inline


def _block(rule: "BlockRule") -> "BlockRule":
    def html_block(state: "StateBlock", line: int, end: int, silent: bool) -> bool:  # noqa: FBT001  (likewise)
        match = UNREAD_BLOCK.match(state.src, state.bMarks[line] + state.tShift[line])
        return bool((not match or is_known(match[1])) and rule(state, line, end, silent))

    return html_block


class _Html(HTMLParser):
    """Collects images from raw HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.images: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img" and (src := (found.get("src") or "").strip()):
            alt = (found.get("alt") or "").strip()
            width = (found.get("width") or "").removesuffix("px").strip()
            self.images.append((src, f"{alt}|{width}" if width.isdigit() else alt))


def images_in(html: str) -> list[tuple[str, str]]:
    """Return the images of a piece of raw HTML: source and alternative text."""
    reader = _Html()
    reader.feed(html[:MAX_HTML])
    reader.close()
    return reader.images


def read_directive(words: str) -> Directive:
    """Read `skip id=x tags=a,b deck=D`; words that are none of these say nothing."""
    directive: dict[str, str] = {}
    for match in STEER_WORD.finditer(words):
        directive[match[1] or match[2]] = match[3] or match[4] or match[5] or ""
    tags = tuple(tag for tag in re.split(r"[,，\s]+", directive.get("tags", "")) if tag)
    return Directive("skip" in directive, directive.get("id", ""), tags, directive.get("deck", ""))
