"""The one Markdown configuration: what a note is parsed with and a field rendered with; and Markdown as plain text."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from ankillm import simple
from ankillm.patterns import regex
from ankillm.places import mark_places

WIKILINK = regex(r"\[\[[^\[\]]+\]\]")
MARKUP = regex(r"[*_`\[\]!<>~$\\&\n#|]")


MAX_INLINE = 10_000
"""Characters. Some of the rules for markup in a text take more than linear time; nothing so long is worth a card."""


def _bounded_inline(state: StateCore) -> None:
    """Parse the markup in texts, as markdown-it's own rule does; what is too long stays plain."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_INLINE:
            token.children = [Token("text", "", 0, content=token.content)]
        elif token.type == "inline":
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


@cache
def parser() -> MarkdownIt:
    """Return CommonMark with tables, strikethrough, front matter and dollar math.

    `$5 and $10` is money, not math. Raw HTML is parsed, so that comments are no text; nothing renders it.
    """
    markdown = MarkdownIt("commonmark", {"html": True, "store_labels": True})
    markdown.enable(["table", "strikethrough"])
    markdown.use(front_matter_plugin)
    markdown.core.ruler.at("inline", _bounded_inline)
    markdown.use(dollarmath_plugin, allow_digits=False, allow_space=False)
    markdown.use(mark_places)
    return markdown


@cache
def block_parser() -> MarkdownIt:
    """Return the same, but for blocks alone: the inline tokens have their text and no children.

    Parsing what stands inside of every line is most of the time of reading a note, and few lines need it.
    """
    markdown = _configured().disable(["inline", "text_join"])
    markdown.block.ruler.before("table", "lone_line", _lone_line)
    return markdown


def _lone_line(state: StateBlock, line: int, _end: int, silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
    """Take a line that starts with a letter and has a blank line after it: always a paragraph.

    Most paragraphs are such lines; without this, ten rules look at each before the one for paragraphs.
    """
    start, after = state.bMarks[line] + state.tShift[line], line + 1
    if state.sCount[line] != state.blkIndent or not state.src[start : start + 1].isalpha():
        return False
    if after < state.lineMax and not state.isEmpty(after):
        return False
    if not silent:
        state.line = after
        for kind, tag, nesting in (("paragraph_open", "p", 1), ("inline", "", 0), ("paragraph_close", "p", -1)):
            token = state.push(kind, tag, nesting)  # type: ignore[arg-type]  # a literal
            token.map = [line, after] if nesting >= 0 else None
            if kind == "inline":
                token.content, token.children = mdTrim(state.src[start : state.eMarks[line]]), []
    return True


def _configured() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True})
    markdown.enable(["table", "strikethrough"])
    markdown.use(front_matter_plugin)
    markdown.core.ruler.at("inline", _bounded_inline)
    markdown.use(dollarmath_plugin, allow_digits=False, allow_space=False)
    return markdown


def inline_tokens(markdown: str) -> Sequence[Token]:
    """Return the tokens inside of a line."""
    return parser().parseInline(markdown)[0].children or ()


def _spoken(token: Token) -> str:
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
