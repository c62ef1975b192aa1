"""Pieces: a label, what is said beside it and what stands under it; the one shape that the rules read.

`- 特点：` over a list, `**Pre-normalization**：…`, a heading with its body, `1. ZeRO-1: …` and a paragraph that ends
with a colon before a table are all a label with a text or a body.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.labels import CAUSE_OR_CURE, CLAUSE, LONGEST_LABEL, split_label
from ankillm.extract.vocabulary import ASKED, EXERCISE, PROBLEM, SOLUTION, is_question
from ankillm.markdown.blocks import (
    NO_DIRECTIVE,
    Block,
    CodeBlock,
    Directive,
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
from ankillm.markdown.inline import math_kept, plain_text
from ankillm.markdown.list_lines import ANSWERED
from ankillm.markdown.sentences import joined, joined_words, sentences
from ankillm.markdown.spans import split_outside
from ankillm.markdown.titles import bold_question, unrated

LONGEST_ANNOUNCEMENT = 80
PROSE_FENCES = frozenset(
    {"", "properties", "text", "txt", "plain", "plaintext", "tex", "markdown", "md", "ini", "note", "none"}
)
CODE_SIGNS = regex(
    r"[{};=<>]|^\s*(import|from|def|class|pip|git|cd|export|docker|curl|\$|>>>)\b|->|==|^\s*\||\S\s{3,}\S"
)

LEAD_OVER = regex(r"[，,]\s*(?:下面|如下|具体|接下来|分别|我们|see below|as follows|namely).*$", re.IGNORECASE)
DETAIL = regex(r"(?<=[\w)）]),\s+(?:with|where|for|\w+\s*=).*$")
IS = regex(
    r"\s*(?:\b(?:(?:is|are)\s(?:then\s)?(?:computed|calculated|defined|given|expressed|estimated|obtained|written)\s(?:as|by|from)"
    r"|becomes?|is|are|reads?|follows|equals?)|(?:可以?)?[由按]下式(?:计算|给出|得到|定义)|如下|定义为|可以?写[成作]|变为|为|是)$",
    re.IGNORECASE,
)
"""What leads from a name to the formula below it."""
LEADS_TO = regex(
    r"(?:^|\s)(?:gives?(?:\s+us)?|yields?|(?:leads?|amounts?|reduces?|simplif(?:y|ies)|comes?(?:\s+down)?|rewrites?)\s+to"
    r"|results?\s+in|produces?|impl(?:y|ies)|obtains?|gets?|have|holds?|writes?(?:\s+it)?|means|shows?|know|see|that|as)$"
    r"|(?:得到?|可得|得出|推[出得]|可知|有|即|则|化[为简成]|写[作成]|满足|成立|如下)$",
    re.IGNORECASE,
)
"""How a sentence ends that only leads to the formula below it: its verb makes it no name."""
GOES_ON = regex(r"(?:and|or|but|so|then)\b|而且|并且|以及|但", re.IGNORECASE)
"""What begins like this goes on with the line above, which then is no label."""
SEMICOLON = regex(r"[；;]\s*(?=\S)")
MOST_BELOW = 32
"""Blocks that one line may introduce."""
SHORT_NAME = 20
LONGEST_LEAD = 24
MOST_APART = 24
"""Names with what they are in one line, at most; with more it is data."""
SAYS = regex(r"[，,。；;！!]|\.$")
LEADING_ON = regex(r"^(?:于是|因此|所以|然后|这样|它|其)")
"""How a sentence begins that only goes on with the one before."""
HAS_SEVERAL = regex(
    r"(?:^|[，,])\s*(?:但是?|不过|然而|可是)?(?:它|其)?(?:也|还|仍|却)?(?=(?:有|存在|分为?)[几两二三四五六七2-7]\s?[个种类大点步])(?P<has>[^，,]+)$"
)
"""How a sentence ends that only says how many things what stands in front of it has: `…，但有两个问题：`."""
SHARE = regex(r"\d[\d.]*\s*%")


class Piece(Struct, frozen=True):
    """A label (plain text without numbering, may be empty), the Markdown text beside it, and the blocks under it."""

    label: str
    text: str
    body: tuple[Block, ...]
    line: int
    end: int
    number: int = 0
    marked: bool = False
    """Whether the label is set off by bold or code, so that it is surely a name."""
    directive: Directive = NO_DIRECTIVE


def is_prose(fence: CodeBlock) -> bool:
    """Whether a fence holds sentences: no language or one that learners use for prose, and no line of code."""
    if fence.language not in PROSE_FENCES:
        return False
    lines = [line for line in fence.code.splitlines() if line.strip()]
    wordy = [line for line in lines if CHINESE.search(line) or len(line.split()) >= 5]  # noqa: PLR2004  (a sentence's least)
    coded = [line for line in lines if CODE_SIGNS.search(line) and not CHINESE.search(line)]
    return bool(lines) and len(wordy) * 2 > len(lines) and not coded


def _prose_lines(fence: CodeBlock) -> Iterator[Paragraph]:
    for offset, line in enumerate(fence.code.splitlines()):
        if line.strip():
            yield Paragraph(line.strip(), fence.first + offset, fence.first + offset)


def as_prose(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks with fences of prose read as paragraphs, quotes opened and rules left out."""
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, CodeBlock) and is_prose(block):
            out.extend(_prose_lines(block))
        elif isinstance(block, Quote):
            out.extend(as_prose(block.blocks))
        elif not isinstance(block, ThematicBreak):
            out.append(block)
    return tuple(out)


def of_item(item: Item) -> Piece:
    """Read an item of a list as a piece."""
    if item.rest and (answered := _answer_after(item.blocks[0], item.rest)):
        return answered
    if item.rest and (told := _count_told(item.blocks[0], item.rest)):
        trouble = math_kept(item.text)
        return Piece(trouble, "", item.rest[:told], item.line, item.end, item.number, directive=item.directive)
    label, text, marked = split_label(item.text)
    rest = as_prose(item.rest)
    if not label and rest and not GOES_ON.match(_first_words(rest)) and _can_stand_over(text):
        label, text, marked = math_kept(text).rstrip("：: "), "", False
    label = "" if _leads_on(label, text, rest) else label
    return Piece(label, text, rest, item.line, item.end, item.number, marked, item.directive)


def _can_stand_over(text: str) -> bool:
    """Whether an item's text without a colon is a label for what is nested in it."""
    return len(text) <= LONGEST_LABEL and not ("=" in text or SHARE.match(text) or CLAUSE.search(plain_text(text)))


def _first_words(blocks: Sequence[Block]) -> str:
    first = blocks[0].items[0].text if isinstance(blocks[0], List) else getattr(blocks[0], "text", "")
    return str(first)


def _items(block: List) -> Iterator[Piece]:
    """Yield the items of a list, steered as it is, its id that of a lone item; an answer joins its question."""
    answers: set[int] = set()
    for at, item in enumerate(block.items):
        following = block.items[at + 1].blocks if at + 1 < len(block.items) and not item.rest else ()
        answered = _answer_after(item.blocks[0], following, of_list=True) if item.blocks and following else None
        if answered:
            answers.add(at + 1)
        if at not in answers:
            directive = item.directive.within(block.directive)
            lone = len(block.items) == 1 and not directive.id
            whole = replace(
                answered or of_item(item), directive=replace(directive, id=block.directive.id) if lone else directive
            )
            yield from _apart(whole)


def pieces(blocks: Sequence[Block]) -> Iterator[Piece]:
    """Yield the pieces of a body in reading order; a line that ends with a colon takes the block after it."""
    at = 0
    while at < len(blocks):
        block = blocks[at]
        at += 1
        below = blocks[at : at + MOST_BELOW]
        if (taken := _answer_after(block, below)) is not None:
            yield taken
            at += 1
        elif isinstance(block, List):
            yield from _items(block)
        elif isinstance(block, Paragraph) and (told := _count_told(block, below)):
            body = tuple(below[:told])
            yield Piece(math_kept(block.text), "", body, block.line, body[-1].end, directive=block.directive)
            at += told
        elif isinstance(block, Paragraph):
            count = _count_covered(block, below)
            said, leading = _led(block) if count else (None, block)
            if said:
                before = _of_paragraph(said, ())
                yield from _apart(before)
                leading = replace(leading, text=_of_label(leading.text, before.label))
            yield from _apart(_of_paragraph(leading, as_prose(below[:count])))
            at += count
        elif isinstance(block, Quote) or (isinstance(block, CodeBlock) and is_prose(block)):
            yield from pieces(as_prose((block,)))
        elif not isinstance(block, Heading | ThematicBreak):
            yield Piece("", "", (block,), block.line, block.end, directive=block.directive)


def _apart(piece: Piece) -> Iterator[Piece]:
    """Yield the pieces of one line, a semicolon between or each in bold: `BERT-base：12层；BERT-large：24层`.

    `代表模型：编码器：BERT；解码器：GPT` is one: its label is that of all pairs.
    """
    first, *others = _by_bold(piece.text) if piece.label and not piece.body and "**" in piece.text else (piece.text,)
    if others:
        yield replace(piece, text=first)
        for part in others:
            label, text, marked = split_label(part)
            yield replace(piece, label=label, text=text, marked=marked, number=0)
        return
    parts = split_outside(SEMICOLON, piece.text) if piece.label and piece.text and not piece.body else []
    labelled = [split_label(part) for part in parts[1:]] if len(parts) <= MOST_APART else []
    of_whole = bool(labelled) and bool(
        split_label(parts[0])[0]
    )  # the label stands over the first pair, and so over all
    if not labelled or of_whole or not all(label and text and len(label) <= SHORT_NAME for label, text, _ in labelled):
        yield piece
        return
    yield replace(piece, text=parts[0])
    for label, text, marked in labelled:
        yield replace(piece, label=label, text=text, marked=marked, number=0)


def _by_bold(text: str) -> list[str]:
    """Return the sentences of a text, those together that stand behind one label in bold."""
    parts: list[str] = []
    for sentence in sentences(text):
        begins = sentence.startswith("**") and all(split_label(sentence)[:2])
        if begins or not parts:
            parts.append(sentence)
        else:
            parts[-1] = joined([parts[-1], sentence])
    return parts


def _answer_after(block: Block, following: Sequence[Block], *, of_list: bool = False) -> Piece | None:
    """Join a question or a problem with the answer or solution in the paragraph after it."""
    if not isinstance(block, Paragraph) or not following or not isinstance(following[0], Paragraph):
        return None
    asked, answer = math_kept(block.text), following[0]
    end = answer.end
    if ANSWERED.match(answer.text) and (ASKED.match(asked) or is_question(asked)):
        told = Paragraph(ANSWERED.sub("", answer.text, count=1), answer.line, end)
        more = as_prose(following[1:]) if of_list else ()
        return Piece(asked, "", (told, *more), block.line, end, directive=block.directive)
    if (
        ASKED.match(asked)
        and is_question(asked)
        and not (ASKED.match(plain_text(answer.text)) or is_question(answer.text))
    ):
        return Piece(asked, "", (answer,), block.line, end, directive=block.directive)
    title, said = bold_question(block.text)
    if title and not said and not is_question(answer.text):
        return Piece(title, "", (answer,), block.line, end, directive=block.directive)
    (label, problem, _), (solved, solution, _) = split_label(block.text), split_label(answer.text)
    if PROBLEM.match(label) and SOLUTION.match(solved) and problem and solution:
        told = Paragraph(solution, answer.line, end)
        return Piece(
            solved, problem, (told,), block.line, end, marked=bool(EXERCISE.match(label)), directive=block.directive
        )
    return None


def _led(block: Paragraph) -> tuple[Paragraph | None, Paragraph]:
    """Split off a last sentence that only leads to the block below: `… 接近 0。结果：`, `…的任务。包括三个子任务：`."""
    parts = sentences(block.text)
    label = parts[-1] if len(parts) > 1 and block.text.endswith(parts[-1]) else ""
    asked = len(parts) > 1 and parts[-2].endswith(("？", "?"))
    goes_on = LEADING_ON.match(label)
    if not label or len(label) > LONGEST_LEAD or not label.endswith(("：", ":")) or asked or goes_on:
        return None, block
    return replace(block, text=block.text[: -len(label)].strip()), replace(block, text=label)


def _of_label(leading: str, label: str) -> str:
    """Return a sentence that leads to a list with the label of its paragraph, where it counts what that has."""
    has = HAS_SEVERAL.search(leading.rstrip("：: ")) if label else None
    return joined_words(label, has["has"] + "：") if has else leading


def _count_covered(paragraph: Paragraph, following: Sequence[Block]) -> int:
    """Return how many blocks a paragraph that ends with a colon introduces: one, or a run of pictures or formulas."""
    covers = bool(following) and isinstance(following[0], List | CodeBlock | Table | Image | Math)
    plain = unrated(plain_text(paragraph.text)) if covers else ""
    goes_on = covers and isinstance(following[0], Math) and IS.search(plain)
    if not goes_on and not plain.endswith(("：", ":", "？", "?")) and not _stands_on(paragraph, plain, following):
        return 0
    count = 1
    if isinstance(following[0], Image | Math):
        while count < len(following) and isinstance(following[count], type(following[0])):
            count += 1
    return count


def _count_told(block: Block, following: Sequence[Block]) -> int:
    """Return how many lines right below a trouble tell its cause and its cure, line by line."""
    if (
        not isinstance(block, Paragraph)
        or len(plain_text(block.text)) > LONGEST_ANNOUNCEMENT
        or split_label(block.text)[0]
    ):
        return 0
    end, count = block.end, 0
    for below in following:
        if (
            not isinstance(below, Paragraph)
            or below.line != end + 1
            or not CAUSE_OR_CURE.match(split_label(below.text)[0])
        ):
            break
        end, count = below.end, count + 1
    return count


def _stands_on(paragraph: Paragraph, plain: str, following: Sequence[Block]) -> bool:
    """Whether a line without a colon is the label of the list right below it: no sentence, no empty line between."""
    if not following or not isinstance(following[0], List) or following[0].line != paragraph.end + 1:
        return False
    return len(plain) <= SHORT_NAME and "\n" not in plain and not SAYS.search(plain)


def _leads_on(label: str, text: str, body: Sequence[Block]) -> bool:
    """Whether a label is a sentence that only leads to the formula below it."""
    return bool(label and not text and body) and isinstance(body[0], Math) and bool(LEADS_TO.search(label))


def _of_paragraph(paragraph: Paragraph, body: tuple[Block, ...]) -> Piece:
    label, text, marked = split_label(paragraph.text)
    if body and not label and len(text) <= LONGEST_ANNOUNCEMENT and len(sentences(text)) == 1:
        label, text = IS.sub("", DETAIL.sub("", LEAD_OVER.sub("", math_kept(text).rstrip("：: ")))), ""
    end = body[-1].end if body else paragraph.end
    label = "" if _leads_on(label, text, body) else label
    if label and not text and body and isinstance(body[0], Math):
        label = IS.sub("", label) or label
    return Piece(label, text, body, paragraph.line, end, 0, marked, paragraph.directive)
