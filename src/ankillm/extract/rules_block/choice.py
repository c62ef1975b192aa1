"""What to choose in which case: a list whose items are a case, an arrow and the choice.

Before: `When to use which:` over `- single card, 7B model -> QLoRA`. After: each case with its choice.
"""

import re
from collections.abc import Iterator

from ankillm.common.patterns import ARROW, regex
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.pieces import Piece, as_prose, pieces
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import List
from ankillm.markdown.inline import math_kept

PAIR = regex(rf"^(?P<case>(?:(?!{ARROW}).){{3,80}}?)\s*{ARROW}\s*(?P<choice>(?:(?!{ARROW}).){{2,120}})$")
HAPPENS = regex(r"[太过越调变][大小高低长短多少]$|增大$|减小$|增加$|减少$")
FEWEST = 2


def choice(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label over a list of nothing but pairs of a case and a choice."""
    asked = (piece.label or piece.text).rstrip("：: ")
    if not asked or len(piece.body) != 1 or not isinstance(piece.body[0], List):
        return None
    inner = list(pieces(as_prose(piece.body)))
    texts = [f"{item.label}: {item.text}" if item.label and item.text else item.label or item.text for item in inner]
    cases = [match for text in texts if (match := PAIR.match(text))]
    if not FEWEST <= len(inner) == len(cases) or any(item.body for item in inner):
        return None
    return list(_asked(math_kept(asked), inner, cases, scope.under(piece.label)))


def _asked(asked: str, inner: list[Piece], cases: list[re.Match[str]], scope: Scope) -> Iterator[Question]:
    colon, mark = ("：", "？") if scope.language == "zh" else (": ", "?")
    for item, match in zip(inner, cases, strict=True):
        case = math_kept(match["case"])
        what = "，会怎样" if scope.language == "zh" and HAPPENS.search(case) else ""
        question = f"{asked.rstrip('?？')}{colon}{case}{what}{mark}"
        yield Question(scope.place(item), question, match["choice"])
