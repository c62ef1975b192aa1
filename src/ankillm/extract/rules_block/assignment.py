"""Settings with their values, written as assignments: what value each has.

Before: `- r = 64, lora_alpha = 16`. After: the value of `r`, and that of `lora_alpha`.
"""

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Setting
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope

CONSTANT = r"(?:[+-]?\d[\w.+-]*%?|True|False|None|[A-Za-z_]\w{2,}(?:-\d)?)"
ASSIGNED = regex(rf"`?([A-Za-z_][\w. ]{{0,30}}?)\s*=\s*({CONSTANT})`?")
ASSIGNMENTS = regex(rf"^{ASSIGNED.pattern}(?:\s*[,，、;；]\s*{ASSIGNED.pattern})*+[.。]?$")


def assignment(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a text that is nothing but assignments."""
    text = piece.text.strip()
    if "=" not in text or piece.label or piece.body or not scope.subject or not ASSIGNMENTS.match(text):
        return None
    return [Setting(scope.place(piece), scope.subject, name, value) for name, value in ASSIGNED.findall(text)]
