"""A problem with its solution: the problem in front, the words or the code that solve it behind.

Before: `**Problem:** …`, then `**Solution:** …`; `题目：…`, then `参考答案：…`. After: both, whole.
"""

from ankillm.concepts.model import Concept, Problem
from ankillm.concepts.pieces import Piece, as_markdown
from ankillm.concepts.scope import Scope
from ankillm.concepts.words import SOLUTION


def problem(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a solution; what it solves was merged into the piece as its text."""
    if not SOLUTION.match(piece.label) or not piece.text or not piece.body:
        return None
    return [Problem(scope.place(piece), piece.text, as_markdown(piece.body), exercise=piece.marked)]
