"""A problem with its solution: the problem in front, the words or the code that solve it behind.

Before: `**Problem:** …`, then `**Solution:** …`; `题目：…`, then `参考答案：…`. After: both, whole.
"""

import re

from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Problem, Question
from ankillm.extract.labels import CAUSE_OR_CURE, split_label
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import SOLUTION, TROUBLE
from ankillm.markdown.blocks import Paragraph
from ankillm.markdown.inline import escaped
from ankillm.markdown.sentences import joined_words
from ankillm.markdown.writer import as_markdown

SOLVED = regex(
    r"(?<=[.。；;!！])\s*(?:solution|fix|remedy|解决(?:办法|方法|方案)?|对策)\s*[:：]\s*(?=\S)", re.IGNORECASE
)
TROUBLE_OF = regex(r"^(?:the\s+)?(?:problems?|trouble|issues?)\s+(?:with|of)\s+(?P<what>.+)$", re.IGNORECASE)
CAUSE = regex(r"^(?:原因|cause|reason)$", re.IGNORECASE)
LEAST = 12
"""Characters that a trouble has at least."""


def problem(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a solution; what it solves was merged into the piece as its text."""
    if told := _line_by_line(piece, scope) or _under_trouble(piece, scope):
        return told
    if not SOLUTION.match(piece.label) or not piece.text or not piece.body:
        return _within(piece, scope)
    return [Problem(scope.place(piece), piece.text, as_markdown(piece.body), exercise=piece.marked)]


def _line_by_line(piece: Piece, scope: Scope) -> list[Concept]:
    """Return the cause and the cure of a trouble that stand below it, each behind its label."""
    if not piece.label or piece.text or not piece.body:
        return []
    found: list[Concept] = []
    for below in piece.body:
        label, text, _ = split_label(below.text) if isinstance(below, Paragraph) else ("", "", False)
        if not CAUSE_OR_CURE.match(label) or not text:
            return []
        place = replace(scope.place(piece), line=below.line, end=below.end)
        if CAUSE.match(label):
            found.append(Question(place, asked_cause(piece.label, scope), text, name=f"{piece.label} ←"))
        elif SOLUTION.match(label):
            found.append(Problem(place, escaped(piece.label), text))
    return found


def _under_trouble(piece: Piece, scope: Scope) -> list[Concept]:
    """Return the cause or the cure of a trouble that the title above tells."""
    trouble = TROUBLE.match(scope.path[-1]) if scope.path else None
    told = piece.text or as_markdown(piece.body)
    if not trouble or not told or (piece.text and piece.body):
        return []
    what = trouble["what"]
    if CAUSE.match(piece.label):
        return [Question(scope.place(piece), asked_cause(what, scope), told, name=f"{what} ←")]
    return [Problem(scope.place(piece), escaped(what), told)] if SOLUTION.match(piece.label) else []


def asked_cause(trouble: str, scope: Scope) -> str:
    """Ask for the cause of a trouble."""
    return joined_words(trouble, "：是什么原因？") if scope.language == "zh" else f"{trouble}: what is the cause?"


def _within(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a text that tells its trouble and, behind `Solution:`, what helps."""
    solved = SOLVED.search(piece.text) if piece.text and not piece.body else None
    if not solved or solved.start() < LEAST:
        return None
    trouble, cure = piece.text[: solved.start()].strip(), piece.text[solved.end() :].strip()
    if about := TROUBLE_OF.match(piece.label):
        asked = f"What is the problem with {about['what']}?"
        told = f"{trouble.rstrip('.')} ({about['what']})"
        return [Question(scope.place(piece), asked, trouble), Problem(scope.place(piece), told, cure)]
    label = f"{piece.label}{'：' if scope.language == 'zh' else ': '}" if piece.label else ""
    return [Problem(scope.place(piece), label + trouble, cure)]
