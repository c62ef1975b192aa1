"""Links that only lead within the note: `[回到顶部](#top)` in a line of its own, or as the last item of a list."""

import re
from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line, prefix_of

SIGN = "](#"
LINK = r"\[{1,2}[^\[\]\n]{0,40}\]{1,2}\(#[^()\n]{0,200}\)"
BETWEEN = r"(?:[ \t|·•/*_&;→←【】()（）-]|<[^<>\n]{0,80}>)"
ONLY_LINKS = regex(rf"{BETWEEN}*+(?:{LINK}{BETWEEN}*+)+$")
"""A line of links within the note, and signs between them."""
LEADS = regex(
    r"\[[^\[\]\n]{0,12}?(?:[↑⬆⤴🔝🔙]|回到?顶|返回(?:顶|目录|开头|首页|上|题目|索引|文首)|回到?(?:目录|开头|题目)|[上下]一[题节章页])[^\[\]\n]{0,12}\]"
    r"|\[\W{0,3}(?:返回|目录|顶部|(?:(?:back|return)\s)?(?:to\s)?(?:the\s)?(?:top|toc|contents|index|table\sof\scontents)"
    r"|back|return|previous|next)\W{0,3}\]",
    re.IGNORECASE,
)
"""The words of a link that leads the reader back or on."""
AT_END = regex(r"[ \t]+\[{1,2}\s?(?:[↑⬆⤴🔝🔙]\ufe0f?\s?)+[^\[\]\n]{0,16}\]{1,2}\(#[^()\n]{0,200}\)[ \t]*$")
"""Behind the words of a line: `… 。 [↑](#top)`."""


def without_navigation(lines: Sequence[Line]) -> Iterator[Line]:
    """Leave out lines and last items that hold nothing but links within the note; a table of contents stays."""
    links = [
        SIGN in line.text and not (line.code or line.text.startswith("|")) and bool(ONLY_LINKS.match(_words(line)))
        for line in lines
    ]
    for at, line in enumerate(lines):
        if line.code or SIGN not in line.text:
            yield line
        elif not links[at]:
            yield line._replace(text=AT_END.sub("", line.text))
        elif _is_navigation(lines, links, at):
            goes_on = at + 1 < len(lines) and lines[at + 1].text.startswith(">")
            yield line._replace(text=">" if goes_on and line.text.startswith(">") else "")
        else:
            yield line


def _words(line: Line) -> str:
    return line.text[len(prefix_of(line.text)) :]


def _is_navigation(lines: Sequence[Line], links: Sequence[bool], at: int) -> bool:
    """Whether a line of links leads back, is one of several by itself, or is the last item behind others of words."""
    text = lines[at].text
    if LEADS.search(text):
        return True
    if not _is_item(lines[at]):
        alone = all(not 0 <= near < len(lines) or lines[near].blank for near in (at - 1, at + 1))
        return alone and text.count(SIGN) > 1 and "**" not in text
    above = next((other for other in range(at - 1, -1, -1) if not lines[other].blank), -1)
    below = next((other for other in range(at + 1, len(lines)) if not lines[other].blank), -1)
    return above >= 0 and not links[above] and _is_item(lines[above]) and (below < 0 or not _is_item(lines[below]))


def _is_item(line: Line) -> bool:
    return bool(prefix_of(line.text).strip(" \t>"))
