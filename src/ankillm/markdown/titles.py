"""Titles: what a heading, or a line meant as one, says without its number, its stars and its level of difficulty."""

import re
from pathlib import PurePosixPath

from msgspec.structs import replace

from ankillm.common.patterns import CHINESE, regex, without
from ankillm.markdown.blocks import Block, Paragraph, Quote
from ankillm.markdown.gaps import without_gaps
from ankillm.markdown.inline import math_kept
from ankillm.markdown.list_lines import ANSWERED
from ankillm.markdown.spans import ADDRESS, spans

LONGEST_PSEUDO = 40
LONGEST_QUESTION = 200

NUMERAL = r"[一二三四五六七八九十百]+"
NUMBERING = regex(
    rf"""^(?:
        第\s*(?:{NUMERAL}|\d+)\s*[章节讲部篇课]分?\s*[：:、.．]?\s*
      | (?i:part|chapter|section|lecture|lesson|unit|module|topic|concept)\s+(?:\d+|[ivxIVX]+|[A-H])\b\s*[：:.\-–—]\s*
      | {NUMERAL}\s*[、.．]\s*
      | [（(]\s*(?:{NUMERAL}|\d+)\s*[)）]\s*(?:[.．、，]\s*)?
      | [①-⑳❶-❿]\s*
      | (?:\d\ufe0f?\u20e3)+\s*|🔟\s*
      | \d+(?:[.．]\d+)+[.．、，]?\s*
      | \d+\s*[、，.．)）]\s*(?=\D)
      | \d{{1,2}}\s+(?![a-z\d\s年月日个种次卡层张块位维步轮条台])
    )""",
    re.VERBOSE,
)
SIGNS = r"\u200b-\u200f\u2060★☆‼⭐❗❓❔⚠✨⚡☕☀⛳⚙✏✒✍➡⬆⬇✈\U0001f300-\U0001faff\ufe0f\u20e3\s"
RATING = regex(rf"^[{SIGNS}]++|(?<![{SIGNS}])[{SIGNS}]++$")
"""Signs by which learners rate or adorn a title: `GQA 的区别 ★★`."""
LEVEL = regex(
    r"""\s*(?:(?:[\[【(（`]|\*\*)\s*(?:(?:difficulty|level|难度|频率|重要性?)\s*[：:]?\s*)?
        (?:(?:very\s+)?(?:easy|medium|hard|difficult|basic|advanced|intermediate|beginner|tricky|common|important|optional)
          |简单|中等|困难|较?难|容易|基础|初级|中级|高级|进阶|高频|低频|中频|重点|必考|必背|必会|必问|常考|常问|了解|掌握|[★☆⭐\ufe0f*]+|[A-Sa-s]\d?级?)
        \s*(?:[\]】)）`]|\*\*)|\*{2,}|(?<=[?？\s])\*+|(?<=[?？])\s*[-–—|·/]?\s*(?:easy|medium|hard|简单|中等|困难|高频|中频|低频|必考|重点))\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""How hard or frequent a question is, behind it."""
LEVEL_FIRST = regex(
    r"^\s*[\[【（(](?:[^\[\]【】（）()]{0,12}(?:重要|重点|必[考背会问]|[高中低]频|常[考问]|真题|[一二三四]面|面试|面经|笔试)[^\[\]【】（）()]{0,6}"
    r"|简单|中等|困难|easy|medium|hard)[\]】）)]\s*(?=\S)",
    re.IGNORECASE,
)
"""The same, or who asks it, in front of one: `【高频】`, `（字节一面）`."""
ASKER = regex(
    r"^(?:q(?:uestion|\.?\s?no\.?)?\s*[.#]?\s*\d*(?:\.\d+)*\s*[：:.、)）\-–—]\s*|(?:问题?|题目?|面试题|提问|第\s*\d+\s*题)\s*\d*\s*[：:.、)）]\s*)",
    re.IGNORECASE,
)
"""What announces a question: `Q1:`, `问：`."""
ASKS_WITHOUT_SIGN = regex(r"^(?:q|问|question|提问)\s*\d*\s*[：:]", re.IGNORECASE)
VENUE = regex(
    r"^[\[【(（](?:(?:19|20)\d\d(?=[^\[\]【】()（）]*[\]】)）][：:\s]*[A-Za-z])|[^\[\]【】()（）]{0,12}(?<![A-Za-z])"
    r"(?:CVPR|ICCV|ECCV|NeurIPS|NIPS|ICLR|ICML|ACL|EMNLP|NAACL|COLING|AAAI|IJCAI|KDD|SIGIR|WWW|arXiv)(?![A-Za-z]))"
    r"[^\[\]【】()（）]{0,14}[\]】)）][：:\s]*(?=\S)"
)
"""Where a paper was published, in front of its name: `[2018 ECCV] Mask TextSpotter`."""
LINK_BEHIND = regex(r"(?<=[?？])\s*(?:\[[^\[\]]*\]\([^()\s]*\)|<?https?://\S+>?)[\s.]*$")
REQUEST = regex(
    r"(?<=[?？])\s*(?:请|并|试|能否|可以?)*(?:举(?:个|一个|几个|一些)?例子?(?:说明|解释)?|简[单要](?:说明|介绍|描述|解释)|说明(?:理由|原因)"
    r"|(?:please\s)?(?:give|with|provide)\s(?:an?\s|some\s)?examples?|(?:please\s)?explain(?:\sbriefly)?)\s*[。.!！?？]?\s*$",
    re.IGNORECASE,
)
"""How a question is to be answered, behind it: `什么是 reward hacking？举例。`."""
BOLD_ONLY = regex(r"^(?:\d+[.、)]\s*)?(\*\*|__)(?P<text>(?:(?!\1).)+)\1\s*[：:]?\s*$")
SENTENCE_END = regex(r"[。！!；;，,.]$")
BEFORE_BOLD = regex(
    rf"(?:[{SIGNS}]*(?:(?:\d{{1,3}}|Q\s*\d*|问题?\s*\d*)\s*[.、)）：:]+\s*|[（(]\d{{1,3}}[)）]\s*|[①-⑳]\s*)?[{SIGNS}]*)(?=\*\*|__)",
    re.IGNORECASE,
)
"""What may stand before a question in bold: a number, a sign."""
QUESTION_END = regex(r"[?？][\s\"'”’」』）)]*$")
TICKED = regex(r"(?<=\S)[\s\ufe0f]*[✅✔☑❌✗✓][\ufe0f\s]*$|^[\s\ufe0f]*[✅✔☑❌✗✓]\ufe0f?\s*(?=\S)")
"""Whether a question is learnt already."""
NO_WORDS = regex(rf"[{SIGNS}\W_]*$")
QUOTED = regex(
    r"^(?P<asker>(?:(?:Q\w*\s*[.#]?|问题?)\s*\d*\s*[：:]\s*)?)"
    r"(?:\"(?P<a>[^\"]+[?？])\"|“(?P<b>[^“”]+[?？])”|「(?P<c>[^「」]+[?？])」)$",
    re.IGNORECASE,
)
"""A question in quotation marks."""
DATE = regex(r"^(?:19|20)\d\d[-._]?\d\d[-._]?\d\d[\s_-]+(?=\D)")
NOTION_ID = regex(r"[ _-][0-9a-f]{32}$")
NAMELESS = regex(
    r"""(?:.{0,2}|(?:my\s+)?(?:notes?|readme|index|untitled|new|temp|tmp|test|draft|main|summary|misc|doc|file|page)|inbox|todo|log|changelog
      |(?:day|week|chapter|chap|ch|part|lecture|lec|lesson|section|unit|module|homework|hw)?\s*\d[\d\s.]*(?:notes?)?|第.{1,4}[天周课讲章节]
      |(?:day|week|chapter|part|lecture|lesson)\s*\w{1,5}|笔记|学习笔记|无标题.*|未命名.*|新建.*|草稿|随笔|目录|总结|复习)\s*\d*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Names of files that say nothing of what is in them."""
STARS = regex(rf"\s*(?=\S)[{SIGNS}]+[：:\-–—→\s]*")
LONG_RUN = regex(r"\s{9,}|\*{9,}")
"""More spaces or stars than anybody means; from each of them, a pattern for a title's end would be tried."""
IN_BRACKETS = regex(r"\s*[\[【(（][^\[\]【】()（）]{1,12}[\]】)）]")
LEADS = regex(r"[\s：:\-–—→]+")


def unnumbered(title: str) -> str:
    """Return a plain title without its numbering: `2.1 N-Gram` → `N-Gram`; a title that is only a number stays."""
    number = NUMBERING.match(title)
    return (title[number.end() :].strip() if number else "") or title.strip()


def unrated(text: str) -> str:
    """Return a text without the stars around it."""
    return text if text.isascii() else RATING.sub("", text)


def clean_title(markdown: str) -> str:
    """Return a heading's Markdown as plain text, without numbering, rating, links behind it and final colon."""
    markdown = LONG_RUN.sub(lambda run: run[0][:2].replace("\t", " "), without_gaps(markdown))
    title = math_kept(LINK_BEHIND.sub("", markdown) if "http" in markdown else markdown)
    if "://" in title:
        title = ADDRESS.sub("", title).strip(" ：:-–—|<>()（）") or title
    title = REQUEST.sub("", without(VENUE, unrated(unnumbered(unrated(title))).rstrip("：: ").strip()))
    if quoted := QUOTED.match(title):
        return quoted["asker"] + (quoted["a"] or quoted["b"] or quoted["c"])
    bare = unrated(LEVEL.sub("", title)).strip()
    return bare if bare != title and QUESTION_END.search(bare) else title


def question_title(markdown: str) -> str:
    """Return a question as a title, clean; empty if what is written asks nothing."""
    said = unrated(clean_title(TICKED.sub("", markdown)))
    title = unnumbered(ASKER.sub("", LEVEL_FIRST.sub("", said))).strip()
    asks = QUESTION_END.search(unrated(LEVEL.sub("", title)))
    if asks:
        title = unrated(LEVEL.sub("", title)).strip()
    elif title and ASKS_WITHOUT_SIGN.match(said):  # who writes `Q:` asks, with or without the sign
        title = title.rstrip(".。") + ("？" if CHINESE.search(title) else "?")
    else:
        return ""
    return title if len(title) <= LONGEST_QUESTION else ""


def without_level(behind: str) -> str:
    """Return what stands behind a question without how hard or frequent it is: `(medium)`, `【高频】`."""
    level = IN_BRACKETS.match(behind)
    if level and LEVEL.fullmatch(level[0]):
        return behind[level.end() :].lstrip()
    stars = STARS.match(behind) if not behind.isascii() else None
    return behind[stars.end() :] if stars and not NO_WORDS.match(behind) else behind


def bold_question(text: str) -> tuple[str, str]:
    """Split a line that starts with a question in bold into the clean question and what is said behind it.

    `**1. What is dropout? ⭐️** It drops …` → `What is dropout?` and `It drops …`; both are empty for any other line.
    """
    if "**" not in text and "__" not in text:
        return "", ""
    before = BEFORE_BOLD.match(text)
    start = before.end() if before else -1
    end = next((span.end for span in spans(text) if span.start == start and span.kind == "emphasis"), 0)
    if not end:
        return "", ""
    title = question_title(text[start + 2 : end - 2])
    behind = text[end:]
    first, _, below = behind.partition("\n")
    if below and NO_WORDS.match(LEVEL.sub("", first)):
        behind = below
    if title and NO_WORDS.match(LEVEL.sub("", behind)):
        return title, ""
    behind = without_level(behind)
    said = LEADS.sub("", behind, count=1) if LEADS.match(behind) else behind
    return (title, ANSWERED.sub("", said, count=1).strip()) if title else ("", "")


def numbered_question(text: str, *, numbered: bool) -> str:
    """Return the clean question in a line that has a number before it, or is `numbered` as an item; else nothing."""
    if "\n" in text.strip() or not (numbered or NUMBERING.match(text)) or not ("?" in text or "？" in text):
        return ""
    return question_title(text)


def file_title(path: str) -> str:
    """Return what a note's file says that it is about.

    Empty for a name such as `notes`, `day03` or `2024-05-01`, and for one made for a web address: `lora-basics`.
    """
    stem = unnumbered(NOTION_ID.sub("", PurePosixPath(path).stem).strip()).strip()
    written = any(character.isupper() or character.isspace() for character in stem) or CHINESE.search(stem)
    stem = DATE.sub("", stem)
    return stem.replace("_", " ") if written and not NAMELESS.match(stem) else ""


def pseudo_title(text: str) -> str:
    """Return the title in a line of nothing but bold; empty if it is none, or is a sentence in bold."""
    match = BOLD_ONLY.match(text.strip()) if "**" in text or "__" in text else None
    if not match:
        return ""
    title = clean_title(match["text"])
    return title if len(title) <= LONGEST_PSEUDO and not SENTENCE_END.search(title) else ""


def without_answer_sign(block: Block) -> Block | None:
    """Return a paragraph, or a quote that starts with one, without the `答：` at its start; None if there is none."""
    if isinstance(block, Paragraph) and (match := ANSWERED.match(block.text)):
        return replace(block, text=block.text[match.end() :])
    if isinstance(block, Quote) and block.blocks and (first := without_answer_sign(block.blocks[0])):
        return replace(block, blocks=(first, *block.blocks[1:]))
    return None
