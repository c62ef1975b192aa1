"""A question that the note asks itself, with the answer below or behind it.

Before: `1. **问：为什么需要预热？**` over bullets. After: that question, the bullets its answer.
"""

import re
from collections.abc import Sequence
from itertools import dropwhile, pairwise

from msgspec.structs import replace

from ankillm.common.patterns import ARROW, BRACKETED, regex, without
from ankillm.extract.cloze import has_gaps
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.headword import COUNTS
from ankillm.extract.labels import split_label
from ankillm.extract.pieces import Piece, of_item
from ankillm.extract.scope import Scope, is_generic
from ankillm.extract.vocabulary import (
    ASKED,
    ASKS,
    DEFINITION,
    TRANSITION,
    TROUBLE,
    bare,
    is_ignored,
    is_metadata,
    is_question,
    without_lead,
    without_what_is,
)
from ankillm.markdown.blocks import Block, CodeBlock, List, Paragraph, Quote, Table
from ankillm.markdown.inline import escaped, math_kept, plain_text
from ankillm.markdown.list_lines import ANSWERED
from ankillm.markdown.sentences import joined, joined_words, sentences
from ankillm.markdown.titles import LEVEL_FIRST, question_title, without_level
from ankillm.markdown.writer import as_markdown

BOLD = regex(r"^(?P<mark>\*\*|__|\*|_)(?P<asked>[^*_]+[?？])(?P=mark)\s+(?P<said>\S.*)$", re.DOTALL)
LEADING = regex(r"^(?:首?先|再|来|那么?)*(?:搞清楚|弄清楚|看看?|说说?(?!明)|想想?|了解)(?:一下)?[：:，,]?\s*")
WHY_LABEL = regex(r"^(?:why|how)\s+\w.{3,60}$", re.IGNORECASE)
"""A label that asks, without a question mark: `Why a master copy`."""
WHY = regex(r"为什么|为何|\bwhy\b|原因", re.IGNORECASE)
LEADS_TO = regex(rf"^(?:{ARROW}|[：:]{{1,3}}|[-–—|]+(?=\s)|[—–]{{2,}})\s*")
FIELDS = " :: "
BARE = regex(
    r"""^(?:why|how|when|where|what|which|\w{0,3}呢|难度(?:如何|怎么样)?|(?:[做改讲干]|说明|证明)了(?:什么|啥)
      |(?:为什么|为何)(?:要)?(?:这[么样](?:设计|处理|选)|会这样)|(?:what|how)\s+to\s+(?:do|check)|(?:这是)?为什么|怎么办|怎么解决|原因(?:是什么)?
      |(?:这是)?(?:为什么|为何)(?:要|需要|有效|好|快|慢|重要|可行|不行|这么做|这样做|用|选)(?:它|他)?
      |(?:它|他)?(?:是(?:什么|啥|干[什啥]么?的)|有(?:什么|啥)用|干[什啥]么?用?的?|怎么工作的?)
      |(?:怎么|如何|怎样)(?:选择?|用|使用|做|算|计算|实现|理解|判断|调|设置?))\s*[?？]?$""",
    re.IGNORECASE | re.VERBOSE,
)
"""A question that only its place tells the meaning of."""
IS_WHAT = regex(r"^(?:它|他)?(?P<asks>是(?:什么|啥)|有(?:什么|啥)用)\s*[?？]?$")
WH = regex(r"^(?:when|why)$", re.IGNORECASE)
"""A label that asks of the subject: `when: only at the start`."""
ASIDE = regex(rf"^{BRACKETED}$")
"""What is all in brackets is a remark and no answer: `（没记全，看回放再补）`."""
NEEDED = regex(r"^(?:为什么|为何)(?:需要|要用?|用|选择?)\s*[?？]?$")
OPTION = regex(r"^\W*[Bb]\W")
"""What stands behind an item A of options to choose from."""
TICKED = regex(r"[√✓✔✅☑]\ufe0f?\s*$")
"""Behind an option that is right."""
LONGEST, LONGEST_ASKING = 160, 14
BETWEEN = "\n\n"
CURE = regex(
    r"(?:解决|缓解|应对|规避|处理|修复)的?(?:办法|方法|方案|措施|手段|思路)?$|对策$|(?:solution|mitigation|fix|remedy)$",
    re.IGNORECASE,
)
"""What leads to what is done against something."""
PRONOUN = regex(
    r"^(?P<before>[^它，,。？?：:；;]{0,8}(?=它)|(?:why|how|what|when|where)\s+(?:do|does|is|are|was|can|should)\s+)(?:它|(?:it|this)\b)",
    re.IGNORECASE,
)


def question(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label or a lone line that is a question; one without an answer gives nothing."""
    if piece.text and WH.match(piece.label) and scope.subject and scope.language == "en":
        return [Question(scope.place(piece), f"{scope.subject}: {piece.label.lower()}?", piece.text)]
    asked, said = _asked(piece)
    if not asked:
        return None
    if not (said or piece.body):
        return []
    if not said and has_gaps(piece.body[0]):
        return None
    kept = enough((Paragraph(said, piece.line, piece.line), *piece.body) if said else _unlisted(piece.body))
    kept = without_cure(asked, kept)
    if tells_more(asked, kept) and (len(as_markdown(kept)) > LONGEST or _is_nested(kept)):
        return []
    (_, answer), *follow_up = _followed(without(ANSWERED, as_markdown(_ticked(kept))).strip())
    asked = _with_noun(without(ASKED, without(LEVEL_FIRST, _unrated(asked))), scope)
    if WHY_LABEL.match(asked) and not is_question(asked) and "?" not in asked:
        asked += "?"
    about = scope if scope.subject else replace(scope, subject=_asked_of(asked))
    alone = ((_with_noun(more, about), said) for more, said in follow_up if about.subject or not _hangs(more))
    pairs = [(asked, answer), *alone]
    return [Question(scope.place(piece), *pair) for pair in pairs if all(pair) and not ASIDE.match(pair[1])]


def _unlisted(body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return an answer that is marked as one in the first item of a list: `- A: …`, without the list if that is all."""
    first = body[0]
    if not isinstance(first, List) or not ANSWERED.match(first.items[0].text):
        return body
    if len(first.items) == 1:
        return (*first.items[0].blocks, *body[1:])
    answer, *others = first.items
    if OPTION.match(others[0].text):
        return body
    told = Paragraph(without(ANSWERED, answer.text), answer.line, answer.blocks[0].end)
    return (replace(first, items=(replace(answer, blocks=(told, *answer.rest)), *others)), *body[1:])


def _ticked(body: Sequence[Block]) -> Sequence[Block]:
    """Return an answer with those items alone that are ticked, where some are and some are not."""
    first = body[0] if len(body) == 1 else None
    if not isinstance(first, List):
        return body
    right = tuple(item for item in first.items if TICKED.search(item.text))
    if not 0 < len(right) < len(first.items) or any(item.rest for item in right):
        return body
    told = tuple(
        replace(item, blocks=(replace(paragraph, text=TICKED.sub("", paragraph.text).rstrip()),))
        for item in right
        if isinstance(paragraph := item.blocks[0], Paragraph)
    )
    return (replace(first, items=told),) if len(told) == len(right) else body


def _asked_of(asked: str) -> str:
    """Return what a question asks about, if it asks what that is: `什么是裁剪？` is about 裁剪."""
    about = without_what_is(asked).rstrip("?？ ")
    return about if about != asked.rstrip("?？ ") else ""


def _hangs(asked: str) -> bool:
    """Whether a question makes no sense behind another one alone."""
    return bool(BARE.match(asked) or PRONOUN.match(asked))


def _unrated(asked: str) -> str:
    """Return a question without how hard it is said to be: `Why subwords? (hard)`."""
    behind = "?" in asked[:-1] or "？" in asked[:-1]
    return (question_title(escaped(asked)) or asked) if behind and not asked.endswith(("?", "？")) else asked


def _followed(answer: str) -> list[tuple[str, str]]:
    """Return an answer (its question left empty), and each question with its answer that follows in the same line."""
    parts = sentences(answer) if "\n" not in answer and ("？" in answer or "?" in answer) else (answer,)
    found: list[tuple[str, list[str]]] = [("", [])]
    for at, part in enumerate(parts):
        if at and part.endswith(("？", "?")):
            found.append((without_lead(math_kept(part)), []))
        else:
            found[-1][1].append(part)
    return [(asked, joined(said)) for asked, said in found]


def _asked(piece: Piece) -> tuple[str, str]:
    """Return the question of a piece, plain, and what is said beside it; no question where it asks nothing."""
    beside = len(piece.label) <= LONGEST_ASKING and (not piece.label or ASKS.match(piece.label))
    asked, said = _split(piece.text) if beside else (piece.label, piece.text)
    plain = without_lead(without(LEADING, math_kept(asked) if beside else asked))  # a label is plain already
    if not (
        is_question(plain)
        or _asks_why(plain, said, piece)
        or (piece.body and ASKED.match(plain) and not TROUBLE.match(plain))
    ):
        return "", ""
    names = bare(piece.label) in DEFINITION
    several = not (piece.label or said or piece.body) and len(sentences(asked)) > 1
    return (plain, said) if not names and not several else ("", "")


def _asks_why(plain: str, said: str, piece: Piece) -> bool:
    """Whether a label without a question mark asks: `Why a master copy`."""
    asks = bool(piece.label and WHY_LABEL.match(plain))
    return asks and not is_generic(plain) and not split_label(said)[0]


def tells_more(asked: str, body: Sequence[Block]) -> bool:
    """Whether an answer holds what is worth cards of its own: a table, code, or items with labels.

    The labels of short reasons are no terms.
    """
    if any(isinstance(block, Table | CodeBlock) for block in body):
        return True
    lists = [block for block in body if isinstance(block, List) and _labelled(block)]
    return bool(lists) and (not WHY.search(asked) or len(as_markdown(body)) > LONGEST)


def _is_nested(body: Sequence[Block]) -> bool:
    """Whether an answer is a list of lists, each of which is an answer of its own."""
    return any(isinstance(block, List) and all(item.rest for item in block.items) for block in body)


def _labelled(block: List) -> bool:
    """Whether at least half of the items have labels."""
    inner = [of_item(item) for item in block.items]
    return len(inner) > 1 and 2 * sum(bool(item.label and (item.text or item.body)) for item in inner) >= len(inner)


def _split(text: str) -> tuple[str, str]:
    """Split `Why …? Because …` into question and answer."""
    if bold := BOLD.match(text):
        return bold["asked"], bold["said"]
    parts = sentences(text) if text.count(FIELDS) < 2 else ()  # noqa: PLR2004  (a record of fields is no question)
    if len(parts) > 1 and all(part.endswith(("?", "？")) for part in parts):
        return text, ""
    if len(parts) > 1 and parts[0].endswith(("?", "？")):
        return parts[0], LEADS_TO.sub("", without_level(text[len(parts[0]) :].strip()))
    return text, ""


def _is_named_over(scope: Scope) -> bool:
    """Whether no title stands between the subject and a question but aspects, questions and those that only count."""
    return all(is_generic(one) or is_ignored(one) or is_question(one) or COUNTS.search(one) for one in scope.labels)


def _with_noun(asked: str, scope: Scope) -> str:
    """Put the subject in place of a pronoun, or before a bare `why?`, so that the question can be read alone.

    Empty where a title that names nothing stands between the subject and a bare question.
    """
    if not scope.subject:
        return asked
    if len(asked) <= LONGEST_ASKING and BARE.match(asked) and not _is_named_over(scope):
        return ""
    if len(asked) <= LONGEST_ASKING and (needed := NEEDED.match(asked)):
        return joined_words(needed[0].rstrip("?？"), f"{scope.subject}？")
    if len(asked) <= LONGEST_ASKING and BARE.match(asked):
        if whole := IS_WHAT.match(asked):
            return joined_words(scope.subject, f"{whole['asks']}？")
        return f"{scope.subject}{'：' if scope.language == 'zh' else ': '}{asked}"
    pronoun = PRONOUN.match(asked)
    return f"{pronoun['before']}{scope.subject}{asked[pronoun.end() :]}" if pronoun else asked


def without_asides(body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks below a question without what only says of it how hard it is, or what it is after."""
    return tuple(dropwhile(_is_aside, body))


def without_cure(asked: str, body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the answer to what something is, or why, without what is done against it: `… 没有约束。解决办法：`."""
    if not (WHY.search(asked) or without_what_is(asked) != asked):
        return body
    for at, block in enumerate(body):
        text = block.text if isinstance(block, Paragraph) else ""
        if at and CURE.match(split_label(text)[0]):
            return body[:at]
        parts = sentences(text)
        if len(parts) > 1 and len(body) > at + 1 and CURE.match(parts[-1].rstrip("：: ")) and text.endswith(parts[-1]):
            return (*body[:at], replace(block, text=text[: -len(parts[-1])].rstrip()))
    return body


def is_side_question(title: str, body: Sequence[Block]) -> bool:
    """Whether what stands below a title asks and answers another question than the title does.

    A quotation that begins with a question and its answer, or a question that is marked as one: `Q：…`, then `A：…`.
    """
    first = body[0]
    if isinstance(first, Quote):
        return bool(first.blocks) and (_asks_and_answers(title, first.blocks) or is_side_question(title, first.blocks))
    marked = isinstance(first, Paragraph) and ASKED.match(plain_text(first.text))
    return bool(marked) and _asks_and_answers(title, body)


def _asks_and_answers(title: str, body: Sequence[Block]) -> bool:
    """Whether blocks begin with a question that is not the title's own, and an answer to it."""
    first = body[0] if body else None
    if not isinstance(first, Paragraph):
        return False
    asked, said = _split(without(ASKED, plain_text(first.text)))
    return is_question(asked) and bool(said or len(body) > 1) and not _is_same(asked, title)


def _is_same(asked: str, title: str) -> bool:
    """Whether a question says a title again: most pairs of characters are the same."""
    one, other = (set(pairwise("".join(text.lower().split()).rstrip("?？"))) for text in (asked, title))
    return len(one & other) * 2 > max(len(one), len(other))


def _is_aside(block: Block) -> bool:
    return isinstance(block, Paragraph) and is_metadata(split_label(block.text)[0])


def enough(body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the first blocks of an answer, as many as one can recall; at least one.

    An answer that says so ends with its paragraph.
    """
    kept: list[Block] = []
    size = -len(BETWEEN)
    for block in body:
        led = len(kept) == 1 and _leads(kept[0])
        size += len(BETWEEN) + len(as_markdown((block,)))
        if kept and not led and (_ends(kept[0], block) or size > LONGEST):
            break
        kept.append(block)
    while len(kept) > 1 and _leads(kept[-1]):
        kept.pop()
    return tuple(kept)


def _leads(block: Block) -> bool:
    """Whether a block leads over to the one below it."""
    return isinstance(block, Paragraph) and block.text.rstrip().endswith(("：", ":"))


def _ends(first: Block, block: Block) -> bool:
    """Whether a block stands below the end of an answer: the answer was one paragraph, or something else begins."""
    if isinstance(first, Paragraph) and ANSWERED.match(first.text):
        return True
    if has_gaps(block) or (isinstance(block, Quote) and _asks_and_answers("", block.blocks)):
        return True
    plain = plain_text(block.text) if isinstance(block, Paragraph) else ""
    return bool(plain and (ASKED.match(plain) or TRANSITION.match(plain) or is_question(plain)))
