"""Blocks → sections: headings, and the lines that learners write in place of headings.

A pseudo-heading is a line of nothing but bold (`**1. pre_seq_len**`, `**优势：**`), or a list of one such item whose
body stands after the list (`2. **优化器**:` and a fence). A heading over nothing but links ends with them.
"""

import re
from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import (
    NO_DIRECTIVE,
    Block,
    Directive,
    Heading,
    Item,
    List,
    Paragraph,
    Section,
    ThematicBreak,
)
from ankillm.markdown.inline import is_only_links, plain_text
from ankillm.markdown.list_lines import ANSWERED

PSEUDO = 7
UNDERLINED = 2
LONGEST_PSEUDO = 40

NUMERAL = r"[一二三四五六七八九十百]+"
NUMBERING = regex(
    rf"""^(?:
        第\s*(?:{NUMERAL}|\d+)\s*[章节讲部篇课]分?\s*[：:、.．]?\s*
      | (?i:part|chapter|section|lecture|lesson|unit|module)\s+(?:\d+|[ivxIVX]+)\b\s*[：:.\-–—]\s*
      | {NUMERAL}\s*[、.．]\s*
      | [（(]\s*(?:{NUMERAL}|\d+)\s*[)）]\s*
      | [①-⑳❶-❿]\s*
      | \d+(?:[.．]\d+)+[.．、]?\s*
      | \d+\s*[、.．)）]\s*(?=\D)
      | \d{{1,2}}\s+(?![a-z\d\s年月日个种次卡层张块位维步轮条台])
    )""",
    re.VERBOSE,
)
SIGNS = r"★☆‼⭐❗⚠✨⚡☕☀⛳⚙✏✒✍➡⬆⬇✈\U0001f300-\U0001faff\ufe0f\s"
RATING = regex(rf"^[{SIGNS}]+|[{SIGNS}]+$")
"""Signs by which learners rate or adorn a title: `GQA 的区别 ★★`."""
BOLD_ONLY = regex(r"^(?:\d+[.、)]\s*)?(\*\*|__)(?P<text>(?:(?!\1).)+)\1\s*[：:]?\s*$")
SENTENCE_END = regex(r"[。！!；;，,.]$")


def unnumbered(title: str) -> str:
    """Return a plain title without its numbering: `2.1 N-Gram` → `N-Gram`; a title that is only a number stays."""
    number = NUMBERING.match(title)
    return (title[number.end() :].strip() if number else "") or title.strip()


def unrated(text: str) -> str:
    """Return a text without the stars around it."""
    return text if text.isascii() else RATING.sub("", text)


def clean_title(markdown: str) -> str:
    """Return a heading's Markdown as plain text, without numbering, rating and final colon."""
    return unrated(unnumbered(unrated(plain_text(markdown)))).rstrip("：: ").strip()


def pseudo_title(text: str) -> str:
    """Return the title in a line of nothing but bold; empty if it is none, or is a sentence in bold."""
    match = BOLD_ONLY.match(text.strip()) if "**" in text or "__" in text else None
    if not match:
        return ""
    title = clean_title(match["text"])
    return title if len(title) <= LONGEST_PSEUDO and not SENTENCE_END.search(title) else ""


def _lone_item(block: Block) -> Item | None:
    """Return the item of a numbered list of one, if it is nothing but a line."""
    if isinstance(block, List) and block.ordered and len(block.items) == 1 and not block.items[0].rest:
        return block.items[0]
    return None


def _pseudo_heading(block: Block, following: Block | None) -> tuple[str, Directive]:
    if following is None or isinstance(following, Heading):
        return "", NO_DIRECTIVE
    if isinstance(block, Paragraph):
        answered = isinstance(following, Paragraph) and ANSWERED.match(following.text)
        return "" if answered else pseudo_title(block.text), block.directive
    item = _lone_item(block)
    return (pseudo_title(item.text), item.directive) if item else ("", NO_DIRECTIVE)


def _underlined(block: Block, following: Block | None) -> str:
    """Return the title of `1. Motivation` over a line of dashes: meant as a heading, though no heading to Markdown."""
    item = _lone_item(block)
    adjacent = isinstance(following, ThematicBreak) and following.line == block.line + 1
    return clean_title(item.text) if item and adjacent else ""


def _only_links(block: Block) -> bool:
    if isinstance(block, Paragraph):
        return is_only_links(block.text)
    if isinstance(block, List):
        return all(not item.rest and is_only_links(item.text) for item in block.items)
    return False


def _titles(blocks: Sequence[Block]) -> Iterator[tuple[int, str, int, Directive, list[Block]]]:
    """Yield level, title, line, steering and blocks of each section; level -1 reopens the section around."""
    level, title, line, directive = 0, "", 1, NO_DIRECTIVE
    body: list[Block] = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):  # an empty note has none
        pseudo, of_pseudo = _pseudo_heading(block, following)
        underlined = _underlined(block, following)
        if isinstance(block, Heading) or pseudo or underlined:
            yield level, title, line, directive, body
            line, body = block.line, []
            if isinstance(block, Heading):
                level, title, directive = block.level, clean_title(block.text), block.directive
            elif underlined:
                level, title, directive = UNDERLINED, underlined, block.directive
            else:
                level, title, directive = PSEUDO, pseudo, of_pseudo
            continue
        body.append(block)
        if level > 1 and following and len(body) == 1 and _only_links(block) and not isinstance(following, Heading):
            yield level, title, line, directive, body
            level, title, line, directive, body = -1, "", block.end, NO_DIRECTIVE, []
    yield level, title, line, directive, body


def outline(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Return the sections of some blocks in reading order, each with its path of titles."""
    sections: list[Section] = []
    above: list[tuple[int, str, Directive]] = []
    for level, title, line, directive, body in _titles(blocks):
        if level == 0 and not body:  # the blocks start with a heading
            continue
        above = [entry for entry in above if entry[0] < level] if level >= 0 else above[:-1]
        own = directive.within(above[-1][2] if above else NO_DIRECTIVE)
        if level >= 0 and title:
            above.append((level, title, own))
        path = tuple(entry[1] for entry in above)
        sections.append(Section(title, max(level, 0), path, tuple(body), line, own))
    return tuple(section for section in sections if section.blocks or section.title)
