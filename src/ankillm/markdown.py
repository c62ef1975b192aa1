"""Markdown as plain text."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ankillm import simple
from ankillm.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

SPECIAL = regex(r"([*_`<>\\\[\]])")
MATH = regex(r"(\$[^$\n]+\$)")
WIKILINK = regex(r"\[\[[^\[\]]+\]\]")
MARKUP = regex(r"[*_`\[\]!<>~$\\&\n#|]")


def inline_tokens(markdown: str) -> "Sequence[Token]":
    """Return the tokens inside of a line."""
    from ankillm.parser import parser  # noqa: PLC0415  (only where there is markup)

    return parser().parseInline(markdown)[0].children or ()


def _spoken(token: "Token") -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.type in {"text", "code_inline", "math_inline", "image"}:
        return token.content
    return ""


@lru_cache(maxsize=16384)
def plain_text(markdown: str) -> str:
    """Return a line of Markdown as plain text: no emphasis, links by their words, no HTML."""
    if not MARKUP.search(markdown):
        return markdown.strip()
    if (parts := simple.parts(markdown)) is not None:
        return simple.plain(parts)
    return "".join(_spoken(token) for token in inline_tokens(markdown)).strip()


def escaped(plain: str) -> str:
    """Return plain text as Markdown that shows it as it is: `<pad>` and `__init__`, but math stays math."""
    if not SPECIAL.search(plain):
        return plain
    parts = MATH.split(plain)
    return "".join(part if at % 2 else SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts))


def is_only_links(markdown: str) -> bool:
    """Whether a line holds at least one link and, outside of links, no words."""
    if (
        "[[" not in markdown
        and "](" not in markdown
        and "<http" not in markdown
        and "][" not in markdown
        and "://" not in markdown
    ):
        return False
    depth, links, words = 0, 0, ""
    for token in inline_tokens(markdown):
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        links += token.type == "link_open"
        words += token.content if depth == 0 and token.type in {"text", "code_inline"} else ""
    bare = WIKILINK.sub("", re.sub(r"https?://\S+", "", words))
    links += len(WIKILINK.findall(words))
    return (links > 0 or bare != words) and len(re.findall(r"\w+", bare)) <= (1 if links > 1 else 0)
