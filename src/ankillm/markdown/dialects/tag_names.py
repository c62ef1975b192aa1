"""Tags of HTML that are spoken of and mean nothing where they stand: `the <br> tag`, `between <b> and </b>`."""

import re
from itertools import pairwise

from ankillm.common.patterns import regex
from ankillm.markdown.raw_html import LONE, tags_of

NAMED_BEFORE = regex(
    r"(?:\b(?:tags?|elements?)(?:[ \t]+(?:is|are|called|named))?|(?:标签|元素)[是为叫]?)[ \t:：]*$", re.IGNORECASE
)
NAMED_AFTER = regex(r"[ \t]*(?:tags?\b|elements?\b|标签|元素)", re.IGNORECASE)
LONE_BEFORE = regex(r"(?:\b(?:use|using|insert|add|write|type)[ \t]+|(?:用|插入|加上|写成|写作)[ \t]*)$", re.IGNORECASE)
FIRST = regex(r"[ \t>|]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?$")
OF_FIRST = regex(r"[ \t]*(?:[:：|]|[-–—][ \t])")
BETWEEN = regex(r"[ \t]*[,，;]?[ \t]*(?:and|or|to|&|和|与|或|及|到|/|、|,|，|\.{2,}|…+)[ \t]*$")
"""What makes a tag one that is spoken of: words before and behind it, or nothing but `and` between a pair."""
NEAR = 40
"""Characters before a tag among which the words that make it a name stand."""


def with_named(text: str) -> str:
    """Escape tags that are spoken of, so that they are shown."""
    tags = [match for _, match in sorted(tags_of(text).items())]
    named = {
        at
        for at, (tag, following) in enumerate(pairwise(tags))
        if following["close"] and not tag["close"] and _marks_nothing(tag, text[tag.end() : following.start()])
    }
    named |= {at + 1 for at in named}
    parts, last = [], 0
    for at, tag in enumerate(tags):
        if at in named or _is_named(text, tag):
            parts += [text[last : tag.start()], "\\"]
            last = tag.start()
    return "".join([*parts, text[last:]])


def _marks_nothing(tag: re.Match[str], words: str) -> bool:
    """Whether a pair of tags marks no words; `<s> a text </s>` is what language models read, and deleted by nobody."""
    is_token = tag["name"] == "s" and (words[:1].isspace() or words[-1:].isspace() or words.startswith("["))
    return bool(is_token or BETWEEN.match(words))


def _is_named(text: str, tag: re.Match[str]) -> bool:
    start, end = tag.span()
    near = max(0, start - NEAR)
    if NAMED_BEFORE.search(text, near, start) or NAMED_AFTER.match(text, end):
        return True
    is_first = start < NEAR and FIRST.match(text, 0, start) and OF_FIRST.match(text, end)
    return tag["name"].lower() in LONE and bool(is_first or LONE_BEFORE.search(text, near, start))
