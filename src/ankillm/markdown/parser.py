"""The one Markdown configuration: what a note is parsed with and a field rendered with.

Most lines of most notes need no parser, so that this is imported where one is needed.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from ankillm.markdown.emphasis import wide_emphasis
from ankillm.markdown.positions import mark_places
from ankillm.markdown.raw_html import knowing_tags

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
    markdown = _configured({"html": True, "store_labels": True})
    markdown.use(front_matter_plugin)
    markdown.use(mark_places)
    return markdown


@cache
def block_parser() -> MarkdownIt:
    """Return the same, but for blocks alone: the inline tokens have their text and no children.

    Parsing what stands inside of every line is most of the time of reading a note, and few lines need it.
    """
    markdown = _configured({"html": True}).disable(["inline", "text_join"])
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
                token.content, token.children = state.src[start : state.eMarks[line]].strip(), []
    return True


def _at_start(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Return the plugin's rule for dollars without its slip: at a text's start it looks at the text's last sign.

    `$x$ is 0` would be no math because it ends with a digit.
    """

    def math_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
        if state.pos or state.src[0] != "$":
            return rule(state, silent)
        text, state.src = state.src, f"{state.src} "
        found = rule(state, silent)
        state.src = text
        return found

    return math_inline


def _configured(options: Mapping[str, Any]) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", options)
    markdown.enable(["table", "strikethrough"])
    markdown.core.ruler.at("inline", _bounded_inline)
    markdown.use(dollarmath_plugin, allow_digits=False, allow_space=False)
    dollars = next(rule for rule in markdown.inline.ruler.__rules__ if rule.name == "math_inline")
    markdown.inline.ruler.at("math_inline", _at_start(dollars.fn))
    markdown.use(wide_emphasis)
    markdown.use(knowing_tags)
    return markdown
