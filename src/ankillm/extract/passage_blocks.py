"""Blocks → passages: sentences, items, rows and code, each with what announces it and what stands under it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from ankillm.common.patterns import regex, without
from ankillm.extract.idioms import idioms
from ankillm.extract.passage import Kind, Passage, Place, has_words, passage_at
from ankillm.extract.prose import is_question, label_split, statements, unwrapped
from ankillm.markdown.blocks import (
    NO_DIRECTIVE,
    Block,
    CodeBlock,
    Heading,
    Image,
    Item,
    List,
    Math,
    Paragraph,
    Quote,
    Table,
    ThematicBreak,
)
from ankillm.markdown.inline import math_kept
from ankillm.markdown.list_lines import ANSWERED

LONGEST_LIST = 12
"""Items of a list that is a passage as a whole."""
LONGEST_LIST_TEXT = 800
LONGEST_LEAD = 60
"""Characters of a line above a list that announces it without a colon."""
LONGEST_ANSWER = 12
"""Passages of an answer below a line that asks, at most."""
COLONS = ("：", ":")
NUMBER = regex(r"\*\*[（(]?\d{1,3}[.)）、]?\*\*[.、]?\s+|(?:->|=>|→|⇒)\s*")
"""A number in bold, or an arrow, in place of a bullet."""


def block_passages(blocks: Sequence[Block], place: Place) -> list[Passage]:
    """Return the passages of blocks beside one another, each with what announces it."""
    groups: list[list[Passage]] = []
    lead, bold = "", ""
    for at, block in enumerate(blocks):
        following = blocks[at + 1] if at + 1 < len(blocks) else None
        here = replace(place, order=at, siblings=len(blocks)) if place.depth == 0 else place
        if block.directive is not NO_DIRECTIVE:
            here = replace(here, directive=block.directive.within(here.directive))
        if isinstance(block, Paragraph):
            groups.append(_sentences(block, following, here.under(bold), "sentence"))
            bold = _bold_label(block, bold)
            lead = "" if bold and _bold_label(block, "") else _announcement(groups[-1], following)
        else:
            bold = "" if isinstance(block, ThematicBreak) else bold
            groups.append(list(_block(block, here.under(bold, lead))))
            lead = lead if isinstance(block, Image) else ""
    return _joined(groups)


def _bold_label(block: Paragraph, bold: str) -> str:
    """Return the label that holds from a paragraph on: its own, if it is nothing but a bold label, else the last."""
    text = block.text.strip().rstrip("：: ")
    own = text[2:-2] if text.startswith("**") and text.endswith("**") and text.count("**") == 2 else ""  # noqa: PLR2004
    return math_kept(own).rstrip("：: ") if own and len(own) <= LONGEST_LEAD else bold


def _announcement(group: Sequence[Passage], following: Block | None) -> str:
    """Return what the end of a paragraph says of the block below it."""
    if following is None or isinstance(following, Paragraph | Heading | ThematicBreak) or not group:
        return ""
    last = group[-1]
    announces = last.text.rstrip("*_ ").endswith(COLONS) or isinstance(following, CodeBlock | Math)
    if announces or (len(group) == 1 and isinstance(following, List | Table) and len(last.text) <= LONGEST_LEAD):
        return math_kept(last.text).rstrip("：: ")
    return ""


def _joined(groups: list[list[Passage]]) -> list[Passage]:
    """Return the passages of blocks in order, with what stands below leads and questions as their parts."""
    answer: list[Passage] = []
    below: list[Passage] = []
    for group in reversed(groups):
        last = group[-1] if group else None
        if last and not last.parts and last.kind in {"lead", "question"}:
            parts = tuple(below if last.kind == "lead" else answer)
            for at in range(len(group) - 1, -1, -1):
                if group[at].kind != last.kind:
                    break
                group[at] = replace(group[at], parts=parts)
        asks = not group or group[0].kind == "question" or group[-1].kind == "question"
        answer = [] if asks else [*group, *answer][:LONGEST_ANSWER]
        below = group
    return [passage for group in groups for passage in group]


def _sentences(block: Paragraph, following: Block | None, place: Place, kind: Kind) -> list[Passage]:
    """Return the sentences of a paragraph; one that asks has those behind it as its answer."""
    spans = statements(block.text)
    out: list[Passage] = []
    shared = ""
    line, seen = block.line, 0
    for at, (start, end) in enumerate(spans):
        text = without(NUMBER, unwrapped(block.text[start:end].strip()))
        if not has_words(text):
            continue
        line, seen = line + block.text.count("\n", seen, start), start
        first = min(line, block.end)  # a formula within a line is set apart on lines of its own
        last = min(first + block.text[start:end].rstrip().count("\n"), block.end)
        label, rest = label_split(text)
        announces = at == len(spans) - 1 and following is not None and text.rstrip("*_ ").endswith(COLONS)
        own: Kind = "question" if is_question(rest or text) else "lead" if announces else kind
        beside = bool(label) and text.startswith(("**", "__"))  # a further name, beside the first
        passage = passage_at(own, text, (first, last), block, place if beside else place.under(shared))
        out.append(replace(passage, label=label, rest=rest, sentence=at, sentences=len(spans)))
        shared = shared or (label if at == 0 else "")
    for at in range(len(out) - 2, -1, -1):
        if out[at].kind == "question":
            out[at] = replace(out[at], parts=tuple(out[at + 1 : at + 1 + LONGEST_ANSWER]))
    return out


def _block(block: Block, place: Place) -> Iterator[Passage]:
    """Yield the passages of a block that is no paragraph."""
    match block:
        case List():
            yield from _list(block, place)
        case Table():
            yield from _table(block, place)
        case CodeBlock():
            yield from _code(block, place)
        case Math():
            yield passage_at("formula", block.tex.strip(), (block.line, block.end), block, place)
        case Image():
            yield passage_at("image", block.text, (block.line, block.end), block, place)
        case Quote():
            yield from block_passages(block.blocks, replace(place, quoted=True))


def _form(item: Item) -> str:
    """Return what form an item has, to be held against its siblings'."""
    text = item.text.strip()
    if not text:
        return "other"
    return (
        "question" if is_question(text) else "link" if text[0] == "[" else "label" if label_split(text)[0] else "text"
    )


def _list(block: List, place: Place) -> Iterator[Passage]:
    """Yield a short list as a whole, then its items with what is nested in them."""
    alike = len({_form(item) for item in block.items}) <= 1
    inner = replace(place, depth=place.depth + 1, siblings=len(block.items), alike=alike)
    groups = [_item(item, replace(inner, order=at)) for at, item in enumerate(block.items)]
    for asked, answer in pairwise(groups):
        if asked and answer and asked[-1].kind == "question" and not asked[-1].parts and ANSWERED.match(answer[0].text):
            asked[-1] = replace(asked[-1], parts=tuple(answer))
    texts = [unwrapped(item.text) for item in block.items]
    if 1 < len(texts) <= LONGEST_LIST and all(texts) and sum(map(len, texts)) <= LONGEST_LIST_TEXT:
        own = [passage for group in groups for passage in group if passage.depth == inner.depth]
        whole = passage_at("list", "\n".join(texts), (block.line, _last(block)), block, place)
        label = place.labels[-1] if place.labels else place.section.title
        yield replace(whole, alike=alike, label=label, rest=whole.text, parts=tuple(own))
    for group in groups:
        yield from group


def _last(block: Block) -> int:
    """Return the last line of a block with text; the parser counts empty lines behind a list."""
    if isinstance(block, List) and block.items:
        inner = block.items[-1].blocks
        return _last(inner[-1]) if inner else block.items[-1].line
    return block.end


def _item(item: Item, place: Place) -> list[Passage]:
    """Return an item's sentences, then what is nested in it, which is also `parts` of the last of them."""
    rest = item.rest
    if item.directive is not NO_DIRECTIVE:
        place = replace(place, directive=item.directive.within(place.directive))
    nested_in = math_kept(unwrapped(item.text)).rstrip("：: ")
    nested = block_passages(rest, replace(place, labels=place.under(nested_in).labels))
    if not item.text or not isinstance(item.blocks[0], Paragraph):
        return nested
    own = _sentences(item.blocks[0], rest[0] if rest else None, place, "item")
    if own and nested:
        at = next((at for at, passage in enumerate(own) if passage.kind == "question"), len(own) - 1)
        own[at] = replace(own[at], parts=(*own[at].parts, *nested))
    return [*own, *nested]


def _table(block: Table, place: Place) -> Iterator[Passage]:
    """Yield a table as a whole, then its rows."""
    rows: list[Passage] = []
    inner = replace(place, siblings=len(block.rows))
    for at, (cells, line) in enumerate(zip(block.rows, block.lines, strict=True)):
        row = passage_at("row", " | ".join(cells), (line, line), block, replace(inner, order=at))
        label = math_kept(cells[0]) if cells else ""
        rows.append(replace(row, label=label, rest=" | ".join(cells[1:]), head=block.head, cells=cells))
    whole = passage_at("table", " | ".join(block.head), (block.line, block.end), block, place)
    yield replace(whole, head=block.head, parts=tuple(rows))
    yield from rows


def _code(block: CodeBlock, place: Place) -> Iterator[Passage]:
    """Yield the idioms of a code block, and the sentences of its comments that stand for themselves."""
    found = list(idioms(block))
    for at, idiom in enumerate(found):
        lines = (block.first + idiom.first, block.first + idiom.last)
        here = replace(place, order=at, siblings=len(found))
        said = [idiom.comment[start:end].strip() for start, end in statements(idiom.comment)] if idiom.comment else []
        if not idiom.code or len(said) > 1:
            for count, text in enumerate(said):
                label, rest = label_split(text)
                note = passage_at("comment", text, lines, block, here)
                yield replace(note, label=label, rest=rest, sentence=count, sentences=len(said))
        if idiom.code:
            text = "\n".join(filter(None, (idiom.comment, idiom.code)))
            yield replace(passage_at("code", text, lines, block, here), label=idiom.comment, rest=idiom.code)
