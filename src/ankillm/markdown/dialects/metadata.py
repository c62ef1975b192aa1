"""Metadata that stands open in a note: `Tags: …` under the title, `key:: value` as in Logseq and Dataview, tags."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import ITEM, Line

SURE = frozenset(
    """tags tag date dates created updated modified edited authors sources url links aliases alias related up parent
    next prev previous categories id uuid cssclass cssclasses publish published created-at updated-at last-edited
    keywords last-modified collapsed archived see-also created-time last-edited-time public reading-status
    created-by due last-edited-by deadline slug layout permalink draft
    标签 日期 创建时间 创建日期 更新时间 修改时间 更新日期 发布时间 链接 关键词 关键字 别名
    上级 相关 相关笔记 上一篇 下一篇 原文 原文链接 编辑时间 最后更新 阅读状态 转载自""".split()
)
DOUBTFUL = frozenset(
    """type area project weight stage read rating difficulty category course icon review template property author source
    status link lang language reviewed priority title
    作者 来源 状态 分类 类别 出处 课程 专栏""".split()
)
"""What can be said of a thing that a note is about, too: metadata only beside a sure key, or alone under the title."""
MARKS = r"(?:\*\*|__|`)?"
ENTRY = regex(
    rf"\s*(?:[-*+]\s+)?{MARKS}(?P<key>[^\W\d_][\w -]{{0,24}}?){MARKS}\s*(?:::|[:：]){MARKS}"
    r"(?:\s+(?P<said>.*?)|(?P<tight>[^\s:：].*?)|)\s*$"
)
PROPERTY = regex(r"\s*(?:[-*+]\s+)?(?P<key>[a-z\d][\w-]*)::(?:\s+(?P<said>.*?))?\s*$")
OF_BLOCK = regex(r"\s*(?:card-[a-z-]+|background-color|heading|ls-type|logseq\.[\w.-]+|hl-[a-z-]+|collapsed)::\s.*$")
"""What Logseq notes of a block below it."""
ITEM_MARK = regex(r"[ \t]*[-*+][ \t]+")
TAGS_ALONE = regex(r"\s*(?:#[^\W\d][\w/-]*[,，]?\s*)+$")
TITLE = regex(r"#\s+\S")
NAVIGATION = frozenset("up parent next prev previous related see-also links 上级 相关 相关笔记 上一篇 下一篇".split())
LINKED = regex(r"(?:\[\[[^\[\]]*\]\]|\[[^\[\]]*\]\([^()]*\)|#[\w/-]+|[\s,，、;|·>-])*$")


def _entry(line: Line) -> tuple[str, str] | None:
    match = ENTRY.match(line.text) if ":" in line.text or "：" in line.text else None
    if not match or line.code:
        return None
    key = match["key"].strip().lower().replace(" ", "-")
    return (key, match["said"] or match["tight"] or "") if key in SURE | DOUBTFUL else None


def _runs(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield where runs of lines without a blank one between them start and end."""
    for blank, run in groupby(range(len(lines)), key=lambda at: lines[at].blank):
        if not blank:
            start, *others = run
            yield start, (others or [start])[-1] + 1


def without_metadata(lines: list[Line], meta: dict[str, str], tags: list[str]) -> list[Line]:
    """Blank out metadata at a note's head or end, and what is a property by its form; it goes to `meta` and `tags`."""
    gone: set[int] = set()
    head = True
    runs = list(_runs(lines))
    for start, end in runs:
        first = start + bool(TITLE.match(lines[start].text))
        entries = [_entry(line) for line in lines[first:end]]
        rule = bool(entries) and re.fullmatch(r"\s*(?:-{3,}|\*{3,})\s*", lines[end - 1].text)
        told = entries[:-1] if rule and len(entries) > 1 else entries
        if told and all(told) and _is_metadata(told, head=head, last=(start, end) == runs[-1]):
            gone.update(range(first, first + len(told)))
            for key, said in filter(None, told):
                meta.setdefault(key, said.strip("[]"))
        elif first < end and not _is_dropped(lines[first:end]):
            head = False
    for at, line in enumerate(lines):
        if line.code:
            continue
        if "#" in line.text and TAGS_ALONE.match(line.text):
            tags += [word.strip("#,，") for word in line.text.split()]
            gone.add(at)
        elif "::" in line.text and OF_BLOCK.match(line.text):
            gone.add(at)
        elif ":: " in f"{line.text} " and (found := PROPERTY.match(line.text)) and found["key"] in SURE | DOUBTFUL:
            meta.setdefault(found["key"], found["said"] or "")
            gone.add(at)
    return [line._replace(text=_left(lines, at)) if at in gone else line for at, line in enumerate(lines)]


def _left(lines: Sequence[Line], at: int) -> str:
    """Return what is left of a line of metadata: the mark of an item that goes on below it."""
    mark = ITEM_MARK.match(lines[at].text)
    below = lines[at + 1].text if mark and at + 1 < len(lines) else ""
    return mark[0] if mark and below.startswith(" " * len(mark[0].expandtabs())) and not ITEM.match(below) else ""


def _is_dropped(lines: Sequence[Line]) -> bool:
    """Whether lines say nothing by themselves: a rule, tags, properties."""
    return all(
        not line.text.strip(" -*_") or TAGS_ALONE.match(line.text) or PROPERTY.match(line.text) for line in lines
    )


def _is_metadata(entries: Sequence[tuple[str, str] | None], *, head: bool, last: bool) -> bool:
    """Whether a run of entries is about the note: at its head or end, or where they only lead to other notes."""
    sure = any(entry and entry[0] in SURE for entry in entries)
    return (head and (sure or len(entries) > 1)) or (last and sure) or _leads_away(entries)


def _leads_away(entries: Sequence[tuple[str, str] | None]) -> bool:
    """Whether entries only lead to other notes: `Up: [[Optimisers]]`."""
    return all(entry and entry[0] in NAVIGATION and LINKED.match(entry[1]) for entry in entries)
