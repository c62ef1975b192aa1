"""Whether a sentence says a thing itself: one that denies it, asks, or tells what others say asserts nothing."""

import re

from ankillm.claims.assertions import Assertion
from ankillm.claims.signs import DENYING
from ankillm.common.patterns import regex
from ankillm.evidence.misreadings import NEGATION, alternatives, compiled

CLAUSE = regex(r"[，,；;：:。()（）#]|\.(?=\s)")
NEGATED = regex(NEGATION, re.IGNORECASE)
DENIED = regex(
    r"错|不对|误解|误区|误以为|以为|不成立|不正确|不准确|并非|谬|迷思|有人|常说|据说|听说|传言|号称|其实|反而|而不是|而非|是否|吗|会不会|能不能|是不是|为什么"
    r"|\b(?:wrong(?:ly)?|false(?:ly)?|incorrect(?:ly)?|myths?|misconceptions?|misunderstanding|mistaken(?:ly)?|actually|"
    r"contrary|supposedly|allegedly|people (?:say|think|believe|claim)|(?:often|sometimes|commonly) (?:said|claimed|"
    r"believed|assumed)|you may hear|some (?:say|think|claim)|whether|why|if it were|rather than|instead of)\b",
    re.IGNORECASE,
)
"""Words with which a sentence takes back, doubts or asks what it says; `=False` in code is none."""
SET_FALSE = regex(r"=\s?False|: False|\bFalse\b")
TITLED = regex(rf"{DENYING}|对还是错|true or false", re.IGNORECASE)
"""A title over what is wrong, or may be."""
QUESTION_MARKS = frozenset("?？")
QUIZ = regex(
    r"(?:以下|下列|下面).{0,20}(?:说法|叙述|描述|选项|哪|正确|错误)|选择题|判断题|单选|多选|填空|答案[:：]"
    r"|which (?:one )?of the following|multiple choice|true or false|^[ \t]{0,8}[A-Da-d][)）.．、][ \t]?",
    re.IGNORECASE | re.MULTILINE,
)
"""What makes a line an option to choose from, of which most are wrong."""

STRUCK = "~~", "%%"
"""Signs that strike out, or hide, what stands between two of them."""
CROSSED = regex(r"❌|✗|✘")
CROSSED_BEHIND = regex(rf"[ \t。.！!；;]{{0,4}}(?:{CROSSED.pattern})\W{{0,4}}$", re.MULTILINE)
"""A cross that ends a line; one before more words is of these."""
TICKED = regex(r"✅|✓|✔")
TOLD_BY_OTHERS = regex(
    r"(?:教程|书上|网上|博客|文档|别人)(?:里|中|都)?(?:常?说|写道?|讲)|\bnobody\s(?:claims|says|believes)",
    re.IGNORECASE,
)
CALLED_WRONG = regex(
    r"[\W_]{0,8}(?:这(?:是|种说法|个说法|句话)(?:是)?(?:错|不对|不成立|有误)"
    r"|(?:that|this|it)(?:\sis|['’]s)\s(?:not\strue|wrong|false|untrue|incorrect|a\smyth)\b(?!\s(?:that|to)\b))",
    re.IGNORECASE,
)
"""What a sentence opens with that calls the one before it wrong."""
TAKEN_BACK = regex(rf"~~|<(?:del|s|strike)\b|%%|{CROSSED.pattern}|{TOLD_BY_OTHERS.pattern}", re.IGNORECASE)
"""What takes back a line of code from anywhere in its block."""
WITHOUT = regex(
    r"(?:without|不(?:使用|用|开启?|启用|加)|没有|关闭|禁用)[^，,。]{1,40}[，,]|[^，,。]{1,40}(?:关闭|不开)时[，,]",
    re.IGNORECASE,
)
"""What opens a sentence about what is so without a thing."""
TURNED = regex(
    rf"{NEGATION}|无法|难以|很少|避免|拒绝|保留|不超过|only\sin\b|(?<![a-z])(?:hardly|rarely|fails?\sto|unable|leaves?|leaving)(?![a-z])",
    re.IGNORECASE,
)
"""Words within what is said that turn it round."""
EXCLUDED = regex(r"\(\?<?!(?:[^()]|\([^()]*\))*\)|\[\^[^\]]*\]")
"""What a pattern says must not stand somewhere."""
ROW_DENIES = regex(
    r"\|[ \t`*]*(?:no|否|false|错误?|不对|不是|×|✗|✘|❌|0)[ \t`*]*(?:\||$)", re.IGNORECASE | re.MULTILINE
)
"""A cell that takes back what another cell of its row says."""


def asserts(assertion: Assertion, text: str, start: int, end: int, *, about: "re.Pattern[str] | None" = None) -> bool:
    """Whether a sentence itself says what stands from `start` to `end` of its text, or of its plain text.

    `about`: names of the thing that it is said of; a sentence on what is so without another thing does say it.
    """
    rest = SET_FALSE.sub(" ", f"{text[:start]}\n{text[end:]}")
    clause = CLAUSE.split(SET_FALSE.sub(" ", text[:start]))[-1]
    without = WITHOUT.match(text[:start].lstrip())
    return not (
        assertion.after in QUESTION_MARKS
        or NEGATED.search(clause)
        or (without and (about is None or about.search(without[0])))
        or DENIED.search(rest)
        or any(TITLED.search(title) for title in (*assertion.above, *assertion.titles))
        or ROW_DENIES.search(assertion.around)
        or _taken_back(assertion, text, start, end)
        or any(QUIZ.search(text) for text in (assertion.around, *assertion.above))
    )


def _taken_back(assertion: Assertion, text: str, start: int, end: int) -> bool:
    """Whether what a sentence says is struck out, crossed, told by others, or called wrong behind it."""
    if assertion.piece is None:
        return bool(TAKEN_BACK.search(assertion.around))
    before = assertion.before + text[:start]
    line = before.rpartition("\n")[2]
    crosses = [*CROSSED.finditer(line)]
    return bool(
        any(before.count(sign) % 2 for sign in STRUCK)
        or (crosses and not TICKED.search(line, crosses[-1].end()))
        or CROSSED_BEHIND.search(text[end:])
        or CROSSED_BEHIND.match(assertion.behind)
        or TOLD_BY_OTHERS.search(text[:start])
        or CALLED_WRONG.match(assertion.behind)
    )


def turns(said: str, pattern: str) -> bool:
    """Whether words that a pattern finds are turned round within, by a word that is none of the pattern's own.

    Its own are those of the alternatives that find these very words: `… is not needed` says nothing of another.
    """
    found = {word.lower() for word in TURNED.findall(said)}
    if not found:
        return False
    saying = (one for one in alternatives(pattern) if compiled(one).fullmatch(said))
    return not any(found <= {word.lower() for word in TURNED.findall(EXCLUDED.sub(" ", one))} for one in saying)
