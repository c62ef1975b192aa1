"""Prose without the signs of Markdown and Obsidian around its words: what a sentence says, and where it says it."""

import re
from collections.abc import Sequence

from ankillm.common.patterns import regex

DENYING = "误区|误解|错误|谬|迷思|陷阱|辟谣|判断题|对错|wrong|myth|mistake|misconception|pitfall|fallac"
"""What makes a tag say that a sentence is wrong: `#常见误区`; `#易错` only warns."""
SIGNS = regex(
    rf"""(?P<code>`[^`\n]{{1,200}}`)
      | !\[\[[^\[\]\n]{{1,200}}\]\] | !\[[^\[\]\n]{{0,200}}\]\([^()\n]{{0,500}}\) | \[\^[^\[\]\s]{{1,40}}\]
      | \^\[[^\[\]\n]{{1,300}}\]
      | \[\[(?:[^\[\]|\n]{{1,200}}\|)?(?P<wiki>[^\[\]|\n]{{1,200}})\]\]
      | \[(?P<link>[^\[\]\n]{{1,200}})\](?:\((?:[^()\n]|\([^()\n]{{0,80}}\)){{0,500}}\)|\[[^\[\]\n]{{0,80}}\])
      | ==(?=[^\s=])(?P<marked>(?:[^=\n]|=(?!=)){{1,200}})(?<!\s)==
      | (?<![A-Za-z0-9+])\+\+(?=[^\s+])(?P<under>[^+\n]{{1,200}})(?<!\s)\+\+
      | (?<!\w)(?:__(?=[^\W_])(?P<strong>[^_\n]{{1,200}})(?<!\s)__|_(?=[^\W_])(?P<em>[^_\n]{{1,200}})(?<!\s)_)(?!\w)
      | (?<!\d)\*\*|\*\*(?!\d) | (?<![A-Za-z0-9*])\*(?=[^\s*])(?P<slanted>[^*\n]{{1,200}})(?<!\s)\*
      | </?(?:a|abbr|b|big|center|cite|code|em|font|i|ins|kbd|mark|q|small|span|strong|u)(?:\s[^<>\n]{{0,200}})?>
      | <!--[^<>\n]{{0,200}}--> | %%[^%\n]{{0,200}}%%
      | (?:^|(?<=[ \t]))\#(?!\S{{0,40}}(?:{DENYING}))[^\W\d][^\s#]{{0,80}}[ \t]*(?=[ \t]|$)
      | [ \t]\^[A-Za-z0-9-]{{1,40}}[ \t]*$""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
"""A sign with the words that it keeps, if any; code is as it is."""
MOST_WITHIN = 4
"""Signs in one another that are taken away."""


def unsigned(text: str) -> str:
    """Return a text with links by their words, and without highlights, tags and their like."""
    for _ in range(MOST_WITHIN):
        before, text = text, SIGNS.sub(_kept, text)
        if text == before:
            break
    return text


def said(text: str) -> tuple[str, Sequence[int]]:
    """Return a text as `unsigned` does, and where each of its characters stands; at last where the text ends."""
    places: Sequence[int] = range(len(text) + 1)
    for _ in range(MOST_WITHIN):
        before, kept, at = text, list[int](), 0
        for sign in SIGNS.finditer(before):
            kept += [*places[at : sign.start()], *(places[slice(*sign.span(sign.lastgroup))] if sign.lastgroup else ())]
            at = sign.end()
        text, places = SIGNS.sub(_kept, before), [*kept, *places[at:]]
        if text == before:
            break
    return text, places


def _kept(sign: re.Match[str]) -> str:
    return sign[sign.lastgroup] if sign.lastgroup else ""
