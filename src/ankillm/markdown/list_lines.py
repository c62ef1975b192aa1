"""Paragraphs whose lines are items in all but syntax.

`① …`, `- …` behind a tab, `步骤1：…`, `（1）…`, `Q: …` and `A: …`, `**标签：** …`, `原因：…`.

CommonMark joins such lines into one paragraph; whoever wrote them meant one thing a line.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from ankillm.common.patterns import regex
from ankillm.markdown.spans import masked

ITEM = regex(
    r"^\s*(?:[①-⑳❶-❿]|[（(]\d{1,2}[)）]|\d{1,2}[)）、]|[a-h][)）]\s|(?-i:[a-h])[.．、]\s+(?!g\.)|\d{1,2}[.．]\s|[•·●▪◦‣]\s?|[-*+]\s+(?=\S)|步骤\s*[\d一二三四五六七八九十]+\s*[：:.、]|第[一二三四五六七八九十\d]+步\s*[：:，,]?|step\s*\d+\s*[.:：])\s*",
    re.IGNORECASE,
)
LABEL = regex(
    r"^(?:(?:\*\*|__|`)[^*`]{1,40}(?:[：:]\s*(?:\*\*|__|`)|(?:\*\*|__|`)\s*[：:])|(?:q|a|(?:the\s+)?(?:question|answer|problem|solution|fix)|问|答|问题|解决|解决方案?|答案|原因|现象|报错|办法|对策|后果|cause|reason|symptom)\s*\d*\s*(?:[：:]|\s[-–—]\s))",
    re.IGNORECASE,
)
KIND = r"(?:\d*\s*+(?:秒|分)钟?|一句话|简[短要洁]|精简|标准|参考|面试|口头|满分)"
ANSWER = rf"(?:a(?:nswer)?\s*+\d*+|回?答案?|{KIND}(?:版本?|回?答案?)|解答|解析)\s*+"
ANSWERED = regex(
    rf"^\s*+(?:(?P<mark>\*\*|__|\*|_)\s*+{ANSWER}(?:(?P=mark)\s*+[：:.、]|[：:.、]\s*+(?P=mark))|{ANSWER}[：:.、])\s*+",
    re.IGNORECASE,
)
"""What an answer starts with: `答：…`."""
ENDS = ("。", "！", "？")
"""Whoever breaks a line behind these has ended a statement; lines that are only wrapped break anywhere."""
BULLETS = frozenset("•·●▪◦‣-*+")
IMAGE = regex(r"^\s*!\[[^\]]*\]\([^)]*\)\s*$")
BOLD = regex(r"^\s*(\*\*|__)(?:(?!\1).)+\1\s*$")
PLAIN = regex(r"^[^：:。，,；;\s][^：:。，,；;]{0,24}(?:：|:\s|\s=\s)\s*\S")
LEADS = regex(r"^\s*[^：:。，,；;\s][^：:。；;]{0,23}[：:]\s*$")
"""A last line that only leads over to the block below it: `启动：`, `其中：`."""
DISPLAYED = regex(r"^\s*\$\$(?P<tex>[^$]+)\$\$\s*$")
"""A displayed formula that stands within a paragraph."""
COMMAND = regex(r"^\s*(?:\$\s*)?(?:pip3?|conda|git|docker|npm|apt(?:-get)?|wget|curl)\s+[a-z-]+\s+\S+")
"""A line that is typed into a shell."""
ANSWER_DOT = regex(r"^\s*(?:answer|solution)\s*\d*\s*\.\s+\S", re.IGNORECASE)
APART = (ITEM, LABEL, IMAGE, DISPLAYED, COMMAND, BOLD, ANSWER_DOT)


def is_item(line: str) -> bool:
    """Whether a line starts like an item of a numbered list."""
    return bool(ITEM.match(line))


def is_bullet(line: str) -> bool:
    """Whether an item's line has a sign and no number."""
    return line.lstrip()[:1] in BULLETS


def without_mark(line: str) -> str:
    """Return an item's line without its number or sign."""
    return ITEM.sub("", line, count=1)


def displayed(line: str) -> str:
    """Return the TeX of a line that is a displayed formula; empty for any other line."""
    match = DISPLAYED.match(line) if "$$" in line else None
    return match["tex"] if match else ""


def _with_formulas(lines: list[str]) -> Iterator[str]:
    """Yield lines, those from one `$$` to the next as one."""
    at = 0
    while at < len(lines):
        opens = lines[at].strip() == "$$"
        end = next((to for to in range(at + 1, len(lines)) if lines[to].strip() == "$$"), at) if opens else at
        yield "\n".join(lines[at : end + 1])
        at = end + 1


def split_lines(text: str) -> list[str]:
    """Return the parts of a paragraph that are things of their own; one part where its lines are just wrapped."""
    lines = text.split("\n")
    if len(lines) == 1:
        return lines
    lines = list(_with_formulas(lines))
    bare = [masked(line) for line in lines]
    labelled = all(map(PLAIN.match, bare[1:])) and bool(PLAIN.match(bare[0]) or BOLD.match(lines[0]))
    parts = [[lines[0]]]
    for at, (above, line) in enumerate(pairwise(lines), 2):
        ended = (
            above.endswith(ENDS) or displayed(above) or any(pattern.match(above) for pattern in (IMAGE, COMMAND, BOLD))
        )
        leads = at == len(lines) and LEADS.match(bare[-1])
        if labelled or ended or leads or any(pattern.match(line) for pattern in APART):
            parts.append([line])
        else:
            parts[-1].append(line)
    return ["\n".join(part) for part in parts]
