"""The one Markdown configuration: what a note is parsed with and a field rendered with."""

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin


@cache
def parser() -> MarkdownIt:
    """Return CommonMark with tables, strikethrough, front matter and dollar math.

    `$5 and $10` is money, not math. Raw HTML is parsed, so that comments are no text; nothing renders it.
    """
    markdown = MarkdownIt("commonmark", {"html": True})
    markdown.enable(["table", "strikethrough"])
    markdown.use(front_matter_plugin)
    markdown.use(dollarmath_plugin, allow_digits=False, allow_space=False)
    return markdown
