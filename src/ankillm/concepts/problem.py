"""A problem with its solution: the problem in front, the words or the code that solve it behind.

Before: `**Problem:** …`, then `**Solution:** …`; `题目：…`, then `参考答案：…`. After: both, whole.
"""

import re

from ankillm.concepts.model import Concept, Problem
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope
from ankillm.concepts.words import SOLUTION
from ankillm.concepts.writing import as_markdown
from ankillm.patterns import regex

SOLVED = regex(
    r"(?<=[.。；;!！])\s*(?:solution|fix|remedy|解决(?:办法|方法|方案)?|对策)\s*[:：]\s*(?=\S)", re.IGNORECASE
)
LEAST = 12
"""Characters that a trouble has at least."""


def problem(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a solution; what it solves was merged into the piece as its text."""
    if not SOLUTION.match(piece.label) or not piece.text or not piece.body:
        return _within(piece, scope)
    return [Problem(scope.place(piece), piece.text, as_markdown(piece.body), exercise=piece.marked)]


def _within(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a text that tells its trouble and, behind `Solution:`, what helps."""
    solved = SOLVED.search(piece.text) if piece.text and not piece.body else None
    if not solved or solved.start() < LEAST:
        return None
    trouble = piece.text[: solved.start()].strip()
    label = f"{piece.label}{'：' if scope.language == 'zh' else ': '}" if piece.label else ""
    return [Problem(scope.place(piece), label + trouble, piece.text[solved.end() :].strip())]
