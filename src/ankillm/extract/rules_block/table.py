"""Tables: a card a row where there are two columns, a card a cell where there are more.

Before: `| 词表大小 | 151936 |` under a heading. After: the subject, the row's name, the value.
A column of explanations defines the row's name instead.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ankillm.common.language import Language
from ankillm.common.patterns import regex
from ankillm.extract.columns import (
    ASPECTS,
    BARE_QUESTION,
    FIGURE,
    GENERIC_HEAD,
    TO_DO,
    answers_column,
    are_conditions,
    are_lists,
    has_members,
    is_of_note,
    names_nothing,
    questions_first,
)
from ankillm.extract.concepts import Attribute, Concept, Condition, Definition, Place, Question, Setting
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope, is_generic
from ankillm.extract.vocabulary import EXAMPLE, POINTING, WHETHER, is_metadata, is_question
from ankillm.markdown.blocks import Table
from ankillm.markdown.inline import escaped, math_kept, plain_text
from ankillm.markdown.titles import question_title
from ankillm.markdown.writer import bulleted

EXPLAINS = regex(
    r"(说明|含义|解释|释义|描述|定义|作用|用途|meaning|description|explanation|definition"
    r"|what it (is|does)|purpose)$",
    re.IGNORECASE,
)
PASSED_OVER = regex(
    r"^(备注|示例|例子|链接|参考|example|examples|links?|reference|remarks?|comments?|#|no\.?|序号|编号)$",
    re.IGNORECASE,
)
COUNTS = regex(r"^(?:#|no\.?|nr\.?|id|index|序号|编号|题号|号|№|)$", re.IGNORECASE)
QUANTITY = regex(
    r"[数量度率比位]$|大小$|维度$|长度$|个数$|方式$|成本$|效果$|速度$|显存$|任务$|位置$|延迟$|\b(?:size|count|cost|length|rate|speed|memory|params|score|type|layers|heads)$",
    re.IGNORECASE,
)
"""How names of aspects end."""
EMPTY = regex(r"^[\s\-–—/?？.…]*$|^(n/?a|无|暂无|todo|tbd)$", re.IGNORECASE)
SUMS = regex(r"^(?:平均值?|均值|合计|总计|小计|average|avg\.?|mean|total|sum|overall)$", re.IGNORECASE)
"""What a row is called that may sum up the others."""
WHERE_FROM = regex(r"^(?P<name>[^：:\[\]（(]{2,40})[：:]\s*(?:\[[^\[\]]*\]\(|https?:).*$", re.DOTALL)
"""A name with a link to where the thing is had: `alpaca-zh：[shibing624/alpaca-zh](…)`."""
MOST_ROWS = 30
WITH_SECOND = 2
"""Columns of a table that has nothing to ask for but what is a part of the rows' names."""
FEWEST_LISTED, MOST_LISTED = 2, 7
OF_WHOM = regex(r"[A-Za-z][^的]*的.{2,6}$")
"""A head that says of whom its list is: `适合用 PPO 的情况`."""
VERB_HEADS = frozenset(
    """
    适合 适合于 不适合 适用 适用于 擅长 推荐 衡量 解决问题 解决的问题 需要 不需要 依赖 缺少 做什么
    """.split()
)
"""Heads that are verbs, of what the rows name."""
COUNTED_ROW = regex(r"^\d(?:\s*[（(].*[)）])?$")
RUNS = regex(r"^(?:steps?|epochs?|iter\w*|轮次?|步数?|第?几?轮|次数?|排名|id)$", re.IGNORECASE)
"""Heads of rows that count what happened in a run."""


def table(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a body that is a table, with or without a label over it."""
    found = next((block for block in piece.body if isinstance(block, Table)), None)
    if found is None or len(found.head) < 2:  # noqa: PLR2004  (a name and a value)
        return None
    found = questions_first(_unnumbered(found))
    inner = scope.under(piece.label)
    if len(found.rows) > MOST_ROWS:
        return []
    if found.rows and are_lists(found, [plain_text(head) for head in found.head], scope.body):
        return list(_lists(found, inner, piece))
    return list(_pairs(found, inner, piece) if len(found.head) == 2 else _cells(found, inner, piece))  # noqa: PLR2004  (likewise)


def _unnumbered(found: Table) -> Table:
    """Return a table of three columns or more without a first one that only counts its rows."""
    if len(found.head) > 2 and COUNTS.match(plain_text(found.head[0])) and all(row[0].isdigit() for row in found.rows):  # noqa: PLR2004  (likewise)
        return replace(found, head=found.head[1:], rows=tuple(row[1:] for row in found.rows))
    return found


def _place(scope: Scope, piece: Piece, line: int) -> Place:
    return Place(scope.path, line, line, piece.directive)


def _lists(found: Table, scope: Scope, piece: Piece) -> Iterator[Concept]:
    """Yield the list below each head that says whose it is, or whose aspect of the subject it is."""
    place = _place(scope, piece, found.lines[0])  # a row makes several cards, a whole table one
    for at, head in enumerate(map(math_kept, found.head)):
        cells = [row[at] for row in found.rows]
        values = tuple(cell for cell in cells if not (EMPTY.match(cell) or EXAMPLE.match(cell)))
        if not FEWEST_LISTED <= len(values) <= MOST_LISTED:
            continue
        if has_members(head) and scope.subject:
            yield Attribute(place, scope.owner, head, values)
        elif scope.language == "zh" and OF_WHOM.search(head):
            yield Question(place, f"{head}有哪些？", bulleted(values))


def _is_name(cell: str) -> bool:
    plain = plain_text(cell)
    named = any(map(str.isalpha, plain)) and not EMPTY.match(plain) and not POINTING.match(plain)
    return named and not (EXAMPLE.match(plain) or names_nothing(plain))


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


def _with_unique_names(found: Table, language: Language) -> Table:
    """Return a table whose first column names most rows alike with the second column as a part of the name."""
    first = [plain_text(row[0]) for row in found.rows]
    both = [(name, plain_text(row[1])) for name, row in zip(first, found.rows, strict=True)]
    mostly = 2 * len(set(first)) <= len(first) and all(first)
    if not mostly or len(set(both)) < len(both) or len(found.head) <= WITH_SECOND:
        return found
    opening, closing = ("（", "）") if language == "zh" else (" (", ")")
    rows = tuple((f"{row[0]}{opening}{row[1]}{closing}", *row[2:]) for row in found.rows)
    return replace(found, head=(found.head[0], *found.head[2:]), rows=rows)


def _asked(name: str) -> str:
    """Return what a row asks, plain; empty where it asks nothing."""
    return question_title(name) or (math_kept(name) if is_question(plain_text(name)) else "")


def _pairs(found: Table, scope: Scope, piece: Piece) -> Iterator[Concept]:
    heads = [plain_text(head) for head in found.head]
    head = heads[1]
    explains, conditional = bool(EXPLAINS.search(head)), are_conditions(heads)
    if (BARE_QUESTION.match(head) and not conditional) or (TO_DO.match(heads[0]) and GENERIC_HEAD.match(head)):
        return
    for row, name, line in zip(found.rows, _names(found), found.lines, strict=True):
        value = row[1]
        if (
            not _is_name(name)
            or _sums_up(row)
            or EMPTY.match(value)
            or is_metadata(head)
            or is_of_note(plain_text(name), plain_text(value))
        ):
            continue
        if conditional:
            yield Condition(_place(scope, piece, line), scope.subject, math_kept(name), value)
            continue
        if asked := _asked(name):
            if answers_column(heads):
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
    if all(name in VERB_HEADS or WHETHER.search(name) for name in names):
        return True
    of_heads, of_names = (sum(map(_is_aspect, group)) for group in (heads, names))
    if of_heads != of_names and not (corner and ASPECTS.match(corner)):
        return of_names > of_heads and (not corner or bool(GENERIC_HEAD.match(corner)))
    return bool(ASPECTS.match(corner))


def _is_aspect(name: str) -> bool:
    """Whether a name is that of an aspect: it says so, or ends like one."""
    return is_generic(name) or bool(QUANTITY.search(name)) or is_question(name)


def _cells(found: Table, scope: Scope, piece: Piece) -> Iterator[Concept]:
    found = _with_unique_names(found, scope.language)
    heads = [math_kept(head) for head in found.head]
    names = [math_kept(cell) for cell in _names(found)]
    aspects_in_rows = _has_aspects(heads[0], names, heads[1:])
    for row, name, line in zip(found.rows, names, found.lines, strict=True):
        if not _is_name(name) or _sums_up(row) or (aspects_in_rows and is_metadata(name)):
            continue
        place = _place(scope, piece, line)
        asked = _asked(escaped(name))
        if asked and not aspects_in_rows:
            if (at := answers_column(heads)) and not EMPTY.match(row[at]):
                yield Question(place, asked, row[at])
            continue
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if (
                EMPTY.match(cell)
                or not head
                or PASSED_OVER.match(head)
                or is_metadata(head)
                or BARE_QUESTION.match(head)
            ):
                continue
            if EXPLAINS.search(head) and not aspects_in_rows:
                yield Definition(place, name, cell, scope.owner)
            elif aspects_in_rows:
                yield Setting(place, head, name, cell)
            else:
                yield Setting(place, name, head, cell)
