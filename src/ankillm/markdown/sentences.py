"""Sentences: where one ends, in Chinese and English, and how much of a text an answer should keep."""

import sys
from collections.abc import Sequence
from functools import lru_cache

from ankillm.common.patterns import BRACKETED, CHINESE, HAN, regex
from ankillm.markdown.inline import plain_text
from ankillm.markdown.spans import outermost

END = regex(
    rf"(?:(?<=[。！？])|(?<=[!?])(?=\s|$|[*_~`]|{HAN}))(?![）)」”\"'])\s*"
    rf"|(?:(?<=[a-z\d)`\"'’%][.])|(?<=[A-Z][A-Z][.]))\s+(?=[A-Z`*\"“]|{HAN})"
)
"""Behind a sentence; a `?` within an address or a word ends none."""
ENDED = regex(r"[。！？!?]|[.]\s")
"""What ends all sentences but the last."""
WHOLE = r"`[^`]*`|\$[^$]*\$|!?\[[^\[\]]*\]\([^()]*\)"
"""Code, math and links, as a part of patterns."""
BRACKETS = regex(BRACKETED)
CLOSERS = "*_~"
NO_SPAN = (sys.maxsize, sys.maxsize)
LONG_ANSWER = 90


@lru_cache(maxsize=64)  # several rules look at a text, one after the other
def sentences(text: str) -> tuple[str, ...]:
    """Split Markdown text into sentences; code, math, links, emphasis and brackets are never cut."""
    if not ENDED.search(text):
        return (text.strip(),) if text.strip() else ()
    whole = iter(outermost(text, *(match.span() for match in BRACKETS.finditer(text))))
    start, end = next(whole, NO_SPAN)
    out, at = [], 0
    for match in END.finditer(text):
        cut, after = match.span()
        while end <= cut:
            start, end = next(whole, NO_SPAN)
        if start < cut:
            if text[cut:end].strip(CLOSERS):
                continue
            cut = end  # behind the marks that close what ends with the sentence
            after = end + len(text[end:]) - len(text[end:].lstrip())
        if cut > at:
            out.append(text[at:cut].strip())
            at = after
    return tuple(sentence for sentence in (*out, text[at:].strip()) if sentence)


def joined(parts: Sequence[str]) -> str:
    """Write sentences after one another, with a space where the script has one."""
    return "".join(part if at == 0 or parts[at - 1][-1:] in "。！？" else f" {part}" for at, part in enumerate(parts))


def brief(text: str) -> str:
    """Return the first sentences of a long text, as many as make no long answer; a short text stays whole."""
    if len(text) <= LONG_ANSWER or "\n\n" in text:
        return text
    parts = sentences(text)
    count = 1
    while count < len(parts) and len(plain_text(joined(parts[: count + 1]))) <= LONG_ANSWER:
        count += 1
    return joined(parts[:count])


def joined_words(*parts: str) -> str:
    """Join pieces of a sentence: tight between Chinese characters and signs, with a space beside anything else.

    The space is also what lets emphasis that ends in a bracket be seen as such by CommonMark.
    """
    out = ""
    for part in filter(None, parts):
        last, first = out.rstrip("*`")[-1:], part.lstrip("*`")[:1]
        tight = not out or last in "，：" or first in "，：？" or (CHINESE.match(last) and CHINESE.match(first))
        out += part if tight else f" {part}"
    return out
