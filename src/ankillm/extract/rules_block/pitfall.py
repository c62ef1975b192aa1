"""What went wrong and what helped: under `踩坑`, `常见报错`, `Troubleshooting`.

Before: `- loss 一直是 nan：fp16 溢出，换 bf16`. After: the trouble in front, its cause and cure behind.
"""

import re

from ankillm.common.patterns import ARROW, regex
from ankillm.extract.concepts import Concept, Problem, Question
from ankillm.extract.labels import CAUSE_OR_CURE
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_block.problem import asked_cause
from ankillm.extract.scope import Scope
from ankillm.markdown.inline import escaped, math_kept
from ankillm.markdown.sentences import joined_words

PITFALLS = regex(
    r"踩坑|踩过的坑|的坑|报错|问题排查|排错|排查|常见问题|错误|pitfalls?|gotchas?|troubleshooting|errors?|bugs?|issues",
    re.IGNORECASE,
)
TROUBLE = regex(rf"^(?P<trouble>(?:`[^`\n]*`|[^`：]){{3,90}}?)\s*(?:：|:\s|{ARROW})\s*(?P<cure>[^\n].+)$", re.DOTALL)
ARROWS = regex(rf"\s*{ARROW}\s*")
CAUSE_AND_CURE = 2
CURED = regex(r"^(?P<trouble>[^：]{6,80}?)[，,]\s*(?:解决(?:办法|方法|方案)|对策|办法)[是为：]\s*(?P<cure>\S.{2,})$")
TOLD = regex(r"^(?:踩坑|坑|教训|踩过的坑)\s*\d*$")
TURNED_OUT = regex(
    r"^(?:一开始|开始时|之前|当时|有次)?[，,]?\s*(?:我们?)?(?P<did>[^。；;]{4,80}?)[，,]\s*(?:结果|导致|于是)\s*(?P<effect>[^。]{4,100})"
)
"""What one did, and what came of it."""


def turned_out(piece: Piece) -> re.Match[str] | None:
    """Match what one did and what came of it, beside a label such as 踩坑."""
    return TURNED_OUT.match(piece.text) if TOLD.match(piece.label) else None


def pitfall(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take an item with a colon under a label that announces troubles."""
    if told := turned_out(piece):
        return [Question(scope.place(piece), joined_words(math_kept(told["did"]), "，会怎样？"), told["effect"])]
    if (
        piece.body
        or not piece.text
        or CAUSE_OR_CURE.match(piece.label)
        or not any(map(PITFALLS.search, scope.path[-1:]))
    ):
        return None
    if piece.label:
        return _solved(piece, scope, escaped(piece.label), piece.text)
    match = CURED.match(piece.text) or TROUBLE.match(piece.text)
    return _solved(piece, scope, match["trouble"].strip(), match["cure"].strip()) if match else None


def _solved(piece: Piece, scope: Scope, trouble: str, told: str) -> list[Concept]:
    """Return a trouble with what helps; its cause apart where an arrow leads from the one to the other."""
    parts = ARROWS.split(told)
    if len(parts) != CAUSE_AND_CURE or not all(parts):
        return [Problem(scope.place(piece), trouble, told)]
    cause, cure = parts
    return [
        Question(scope.place(piece), asked_cause(trouble, scope), cause, name=f"{trouble} ←"),
        Problem(scope.place(piece), trouble, cure),
    ]
