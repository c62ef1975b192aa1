"""What is used in which case, told side by side in one sentence: ask for each.

Before: `单轮指令用 alpaca，多轮对话用 sharegpt`. After: each case, what is used its answer.
"""

from ankillm.concepts.model import Concept, Question
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope
from ankillm.markdown import plain_text
from ankillm.patterns import regex
from ankillm.sentences import sentences
from ankillm.spacing import joined

USED = regex(
    r"^(?P<case>[^：:用]{2,14}?)(?:就|则|一般|通常)?(?P<verb>用|选用?|使用)\s*(?P<what>`?[A-Za-z][\w./+ -]{1,24}`?)$"
)
CLAUSES = regex(r"[，,；;]\s*")
FEWEST = 2


def uses(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each case of a sentence that is nothing but cases with what is used."""
    if "用" not in piece.text and "选" not in piece.text:
        return []
    found: list[Concept] = []
    for sentence in sentences(piece.text):
        clauses = CLAUSES.split(sentence.rstrip("。"))
        cases = [match for clause in clauses if (match := USED.match(clause))]
        if FEWEST <= len(cases) == len(clauses):
            about = f"{piece.label or scope.subject}：" if piece.label or scope.subject else ""
            found += [
                Question(
                    scope.place(piece), joined(about, plain_text(case["case"]), f"{case['verb']}什么？"), case["what"]
                )
                for case in cases
            ]
    return found
