"""Whether a sentence says a thing itself: one that denies it, asks, or tells what others say asserts nothing."""

import re

from ankillm.claims.assertions import Assertion
from ankillm.claims.signs import DENYING
from ankillm.common.patterns import regex
from ankillm.evidence.misreadings import NEGATION

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

TAKEN_BACK = regex(
    r"~~|<(?:del|s|strike)\b|❌|✗|✘|%%|(?:教程|书上|网上|博客|文档|别人)(?:里|中|都)?(?:常?说|写道?|讲)|这(?:是|种说法|个说法|句话)(?:是)?(?:错|不对|不成立|有误)"
    r"|\b(?:that|this|it)(?:\sis|['’]s)\s(?:not\strue|wrong|false|untrue|incorrect|a\smyth)|\bnobody\s(?:claims|says|believes)",
    re.IGNORECASE,
)
"""What takes back a sentence from around it: it is struck out, crossed, or called wrong behind it."""
WITHOUT = regex(
    r"(?:without|不(?:使用|用|开启?|启用|加)|没有|关闭|禁用)[^，,。]{1,40}[，,]|[^，,。]{1,40}(?:关闭|不开)时[，,]",
    re.IGNORECASE,
)
"""A sentence about what is so without the thing."""
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


def asserts(assertion: Assertion, text: str, start: int, end: int) -> bool:
    """Whether a sentence itself says what stands from `start` to `end` of its text, or of its plain text."""
    rest = SET_FALSE.sub(" ", f"{text[:start]}\n{text[end:]}")
    clause = CLAUSE.split(SET_FALSE.sub(" ", text[:start]))[-1]
    return not (
        assertion.after in QUESTION_MARKS
        or NEGATED.search(clause)
        or WITHOUT.match(text[:start].lstrip())
        or DENIED.search(rest)
        or any(TITLED.search(title) for title in (*assertion.above, *assertion.titles))
        or ROW_DENIES.search(assertion.around)
        or TAKEN_BACK.search(assertion.around)
        or any(QUIZ.search(text) for text in (assertion.around, *assertion.above))
    )


def turns(said: str, pattern: str) -> bool:
    """Whether words that a pattern finds are turned round within, by a word that is none of the pattern's own."""
    found = {word.lower() for word in TURNED.findall(said)}
    return bool(found) and not found <= {word.lower() for word in TURNED.findall(EXCLUDED.sub(" ", pattern))}
