"""How the subject differs from something: under `相比较P-Tuning：`, `Compared with ZeRO-2:`, `与 BERT 的区别`.

After: both names, and what sets the subject apart.
"""

import re
from collections.abc import Sequence

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Contrast
from ankillm.extract.pieces import Piece, pieces
from ankillm.extract.rules_block.attribute import MOST_VALUES, values_of
from ankillm.extract.scope import Scope, is_name
from ankillm.extract.told_of import told_of
from ankillm.markdown.writer import bulleted

AGAINST = regex(
    r"""^(?:相比较?于?|相较于?|对比|与|和|跟|区别于|不同于|compared\s+(?:to|with)|versus|vs\.?|unlike|difference\s+(?:from|to|with))\s*
      (?P<other>[^，,。：:]{1,30}?)\s*(?:相比|比|的(?:区别|不同|差异|对比)|的?(?:优势|优点|改进))?$""",
    re.VERBOSE | re.IGNORECASE,
)
VERSUS = regex(r"^(?P<left>\S.{0,30}?)\s+vs\.?\s+(?P<right>\S.{0,30}?)(?:\s*[（(].*[)）])?$", re.IGNORECASE)
LONG = 80


def contrast(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label or a sentence that sets the subject against another name."""
    if not scope.subject:
        return None
    if (two := VERSUS.match(piece.label)) and piece.text and not piece.body:
        return [Contrast(scope.place(piece), two["left"], two["right"], piece.text)]
    match = AGAINST.match(piece.label) if piece.label else None
    if not match or not is_name(match["other"]):
        return None
    values, _ = values_of(piece.body)
    labels = [inner.label for inner in pieces(piece.body)]
    if not piece.text and (not values or all(labels)):
        return None
    subject = _told(piece.text, values, (scope.subject, match["other"])) or scope.subject
    items = [inner for inner in pieces(piece.body) if inner.label or inner.text]
    if piece.text or sum(map(len, values)) <= LONG or len(values) > MOST_VALUES or len(items) != len(values):
        text = piece.text or bulleted(values[:MOST_VALUES])
        return [Contrast(scope.place(piece), subject, match["other"], text)]
    return [
        Contrast(scope.place(inner), subject, match["other"], value, number, len(values))
        for number, (inner, value) in enumerate(zip(items, values, strict=True), 1)
    ]


def _told(text: str, values: Sequence[str], known: Sequence[str]) -> str:
    """Return the thing other than those known that all statements of a difference are about; empty without one."""
    named = {told_of(said, known) for said in ((text,) if text else values)}
    return next(iter(named)) or "" if len(named) == 1 else ""
