"""What is used in which case, told side by side in one sentence: ask for each.

Before: `单轮指令用 alpaca，多轮对话用 sharegpt`. After: each case, what is used its answer.
"""

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.markdown.sentences import joined_words, sentences

USED = regex(
    r"^(?P<case>[^：:用]{2,14}?)(?:就|则|一般|通常)?(?P<verb>用|选用?|使用)\s*(?P<what>`?[A-Za-z][\w./+ -]{1,24}`?)$"
)
NO_CASE = regex(r"^(?:首先|然后|接着|最后|再|先|也|还|可以|这里|那里|这|那|它|我|一般|通常)|[不没再也都可以能]$")
CLAUSES = regex(r"[，,；;]\s*")
FEWEST = 2


def alternatives(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each case of a sentence that is nothing but cases with what is used."""
    if "用" not in piece.text and "选" not in piece.text:
        return []
    found: list[Concept] = []
    for sentence in sentences(piece.text):
        clauses = CLAUSES.split(sentence.rstrip("。"))
        cases = [match for clause in clauses if (match := USED.match(clause)) and not NO_CASE.search(match["case"])]
        if FEWEST <= len(cases) == len(clauses) and (piece.label or scope.subject):
            about = f"{piece.label or scope.subject}："
            found += [
                Question(
                    scope.place(piece),
                    joined_words(about, case["case"], f"{case['verb']}什么？"),
                    case["what"],
                    case["case"],
                )
                for case in cases
            ]
    return found
