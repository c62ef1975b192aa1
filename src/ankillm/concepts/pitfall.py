"""What went wrong and what helped: under `踩坑`, `常见报错`, `Troubleshooting`.

Before: `- loss 一直是 nan：fp16 溢出，换 bf16`. After: the trouble in front, its cause and cure behind.
"""

import re

from ankillm.concepts.model import Concept, Problem
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope
from ankillm.patterns import regex

PITFALLS = regex(
    r"踩坑|踩过的坑|的坑|报错|问题排查|排错|排查|常见问题|错误|pitfalls?|gotchas?|troubleshooting|errors?|bugs?|issues",
    re.IGNORECASE,
)
TROUBLE = regex(r"^(?P<trouble>(?:`[^`\n]*`|[^`：]){3,90}?)\s*(?:：|:\s)\s*(?P<cure>[^\n].+)$", re.DOTALL)


def pitfall(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take an item with a colon under a label that announces troubles."""
    if piece.body or not piece.text or not any(map(PITFALLS.search, scope.path[-1:])):
        return None
    if piece.label:
        return [Problem(scope.place(piece), piece.label, piece.text)]
    match = TROUBLE.match(piece.text)
    return [Problem(scope.place(piece), match["trouble"].strip(), match["cure"].strip())] if match else None
