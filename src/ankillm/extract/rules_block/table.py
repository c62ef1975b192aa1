"""Tables: a card a row where there are two columns, a card a cell where there are more.

Before: `| 词表大小 | 151936 |` under a heading. After: the subject, the row's name, the value.
A column of explanations defines the row's name instead.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Definition, Place, Question, Setting
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope, is_generic
from ankillm.extract.vocabulary import POINTING, is_metadata, is_question
from ankillm.markdown.blocks import Table
from ankillm.markdown.inline import escaped, math_kept, plain_text
from ankillm.markdown.titles import question_title

EXPLAINS = regex(
    r"(说明|含义|解释|描述|定义|作用|用途|meaning|description|explanation|definition|what it (is|does)|purpose)$",
    re.IGNORECASE,
)
PASSED_OVER = regex(
    r"^(备注|示例|例子|链接|参考|example|examples|links?|reference|remarks?|comments?|#|no\.?|序号|编号)$",
    re.IGNORECASE,
)
COUNTS = regex(r"^(?:#|no\.?|nr\.?|id|index|序号|编号|题号|号|№|)$", re.IGNORECASE)
ASPECTS = regex(
    r"^(|对比项?|比较项?|(?:对比|比较|设计|评估|评价|关键)?(?:维度|特性)|方面|特征|属性|指标|项目|aspect|feature|property|dimension|criterion|metric|item)$",
    re.IGNORECASE,
)
GENERIC_HEAD = regex(
    r"^(|数据|值|数值|取值|内容|配置|参数值?|设置|结果|详情|values?|data|settings?|content|result|details?)$",
    re.IGNORECASE,
)
"""Heads of a second column that say nothing of the values below them."""
QUANTITY = regex(
    r"[数量度率比位]$|大小$|维度$|长度$|个数$|方式$|成本$|效果$|速度$|显存$|任务$|位置$|延迟$|\b(?:size|count|cost|length|rate|speed|memory|params|score|type|layers|heads)$",
    re.IGNORECASE,
)
"""How names of aspects end."""
ANSWERS = regex(r"^(?:参考)?(?:答案?|回答|解答|解析)$|^(?:answers?|replies|reply|solutions?)$", re.IGNORECASE)
"""Heads over the answers to questions that stand in rows."""
EMPTY = regex(r"^[\s\-–—/?？.…]*$|^(n/?a|无|暂无|todo|tbd)$", re.IGNORECASE)
SUMS = regex(r"^(?:平均值?|均值|合计|总计|小计|average|avg\.?|mean|total|sum|overall)$", re.IGNORECASE)
"""What a row is called that may sum up the others."""
FIGURE = regex(r"^\W*[+-]?\d[\d.,\s]*(?:%|[A-Za-z]{1,3})?[^\w]*$|^[\W\d]*$")
WHERE_FROM = regex(r"^(?P<name>[^：:\[\]（(]{2,40})[：:]\s*(?:\[[^\[\]]*\]\(|https?:).*$", re.DOTALL)
"""A name with a link to where the thing is had: `alpaca-zh：[shibing624/alpaca-zh](…)`."""
MOST_ROWS = 30
VERB_HEADS = frozenset(("适合", "适用", "适用于", "擅长", "推荐", "衡量", "解决问题", "解决的问题"))
"""Heads that are verbs, of what the rows name."""
COUNTED_ROW = regex(r"^\d(?:\s*[（(].*[)）])?$")
RUNS = regex(r"^(?:steps?|epochs?|iter\w*|轮次?|步数?|第?几?轮|次数?|排名|id)$", re.IGNORECASE)
"""Heads of rows that count what happened in a run."""


def table(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a body that is a table, with or without a label over it."""
    found = next((block for block in piece.body if isinstance(block, Table)), None)
    if found is None or len(found.head) < 2:  # noqa: PLR2004  (a name and a value)
        return None
    found = _unnumbered(found)
    inner = scope.under(piece.label)
    if len(found.rows) > MOST_ROWS:
        return []
    return list(_pairs(found, inner, piece) if len(found.head) == 2 else _cells(found, inner, piece))  # noqa: PLR2004  (likewise)


def _unnumbered(found: Table) -> Table:
    """Return a table of three columns or more without a first one that only counts its rows."""
    if len(found.head) > 2 and COUNTS.match(plain_text(found.head[0])) and all(row[0].isdigit() for row in found.rows):  # noqa: PLR2004  (likewise)
        return replace(found, head=found.head[1:], rows=tuple(row[1:] for row in found.rows))
    return found


def _place(scope: Scope, piece: Piece, line: int) -> Place:
    return Place(scope.path, line, line, piece.directive)


def _is_name(cell: str) -> bool:
    plain = plain_text(cell)
    return any(map(str.isalpha, plain)) and not EMPTY.match(plain) and not POINTING.match(plain)


def _sums_up(row: Sequence[str]) -> bool:
    """Whether a row of figures sums up the rows above it: `平均`, `Total`."""
    return bool(SUMS.match(plain_text(row[0]))) and all(map(FIGURE.search, row[1:]))


def _names(found: Table) -> list[str]:
    """Return what the first cells name; a few small numbers need their head to be read: `stage 1`."""
    cells = [WHERE_FROM.sub(r"\g<name>", row[0]) for row in found.rows]
    head = plain_text(found.head[0])
    bare = [COUNTED_ROW.match(plain_text(cell)) for cell in cells]
    if not all(bare) or not _is_name(head) or PASSED_OVER.match(head) or RUNS.match(head):
        return cells
    return [f"{head} {cell}" for cell in cells]


def _pairs(found: Table, scope: Scope, piece: Piece) -> Iterator[Concept]:
    head = plain_text(found.head[1])
    explains = bool(EXPLAINS.search(head))
    for row, name, line in zip(found.rows, _names(found), found.lines, strict=True):
        value = row[1]
        if (
            not _is_name(name)
            or _sums_up(row)
            or EMPTY.match(value)
            or is_metadata(head)
            or is_metadata(plain_text(name))
        ):
            continue
        if asked := question_title(name) or (math_kept(name) if is_question(plain_text(name)) else ""):
            yield Question(_place(scope, piece, line), asked, value)
            continue
        if explains:
            yield Definition(_place(scope, piece, line), math_kept(name), value, scope.owner)
        elif not GENERIC_HEAD.match(head):
            yield Setting(_place(scope, piece, line), math_kept(name), math_kept(found.head[1]), value)
        elif scope.subject:
            yield Setting(_place(scope, piece, line), scope.owner, math_kept(name), value)


def _has_aspects(corner: str, names: Sequence[str], heads: Sequence[str]) -> bool:
    """Whether the rows are aspects of what the heads name, not the heads of what the rows name."""
    if EXPLAINS.search(heads[-1]) or all(is_generic(head) or head in VERB_HEADS for head in heads):
        return False
    of_heads, of_names = (sum(map(_is_aspect, group)) for group in (heads, names))
    if of_heads != of_names and not (corner and ASPECTS.match(corner)):
        return of_names > of_heads and (not corner or bool(GENERIC_HEAD.match(corner)))
    return bool(ASPECTS.match(corner))


def _is_aspect(name: str) -> bool:
    """Whether a name is that of an aspect: it says so, or ends like one."""
    return is_generic(name) or bool(QUANTITY.search(name)) or is_question(name)


def _cells(found: Table, scope: Scope, piece: Piece) -> Iterator[Concept]:
    heads = [math_kept(head) for head in found.head]
    names = [math_kept(cell) for cell in _names(found)]
    aspects_in_rows = _has_aspects(heads[0], names, heads[1:])
    for row, name, line in zip(found.rows, names, found.lines, strict=True):
        if not _is_name(name) or _sums_up(row):
            continue
        place = _place(scope, piece, line)
        asked = question_title(escaped(name)) or (name if is_question(name) else "")
        if asked and not aspects_in_rows:
            told = [cell for head, cell in zip(heads[1:], row[1:], strict=True) if ANSWERS.match(head)] or row[1:2]
            yield Question(place, asked, told[0])
            continue
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if EMPTY.match(cell) or not head or PASSED_OVER.match(head) or is_metadata(head):
                continue
            if EXPLAINS.search(head) and not aspects_in_rows:
                yield Definition(place, name, cell, scope.owner)
            elif aspects_in_rows:
                yield Setting(place, head, name, cell)
            else:
                yield Setting(place, name, head, cell)
