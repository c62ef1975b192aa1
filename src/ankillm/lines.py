"""Paragraphs whose lines are items in all but syntax: `① …`, `步骤1：…`, `（1）…`, `Q: …` and `A: …`, `**标签：** …`.

CommonMark joins such lines into one paragraph; whoever wrote them meant one thing a line.
"""

import re

from ankillm.patterns import regex

ITEM = regex(
    r"^(?:[①-⑳❶-❿]|[（(]\d{1,2}[)）]|\d{1,2}[)）、]|[a-h][)）]\s|\d{1,2}[.．]\s|[•·●▪◦‣]\s?|步骤\s*[\d一二三四五六七八九十]+\s*[：:.、]|第[一二三四五六七八九十\d]+步\s*[：:，,]?|step\s*\d+\s*[.:：])\s*",
    re.IGNORECASE,
)
LABEL = regex(
    r"^(?:(?:\*\*|__|`)[^*`]{1,40}(?:[：:]\s*(?:\*\*|__|`)|(?:\*\*|__|`)\s*[：:])|(?:q|a|(?:the\s+)?(?:question|answer|problem|solution|fix)|问|答|问题|解决|解决方案?|答案)\s*\d*\s*(?:[：:]|\s[-–—]\s))",
    re.IGNORECASE,
)
IMAGE = regex(r"^\s*!\[[^\]]*\]\([^)]*\)\s*$")
BOLD = regex(r"^\s*(\*\*|__)(?:(?!\1).)+\1\s*$")
PLAIN = regex(r"^[^：:。，,；;\s][^：:。，,；;]{0,24}(?:：|:\s)\s*\S")


def is_item(line: str) -> bool:
    """Whether a line starts like an item of a numbered list."""
    return bool(ITEM.match(line))


def without_mark(line: str) -> str:
    """Return an item's line without its number or sign."""
    return ITEM.sub("", line, count=1)


def split_lines(text: str) -> list[str]:
    """Return the parts of a paragraph that are things of their own; one part where its lines are just wrapped."""
    lines = text.split("\n")
    if len(lines) == 1:
        return lines
    labelled = all(map(PLAIN.match, lines[1:])) and bool(PLAIN.match(lines[0]) or BOLD.match(lines[0]))
    parts = [lines[0]]
    for line in lines[1:]:
        if labelled or ITEM.match(line) or LABEL.match(line) or IMAGE.match(line) or IMAGE.match(parts[-1]):
            parts.append(line)
        else:
            parts[-1] += "\n" + line
    return parts
