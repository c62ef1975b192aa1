"""A name with what is said of it: `**Pre-normalization**：为了…`, `- ZeRO-1: optimizer states are split`.

After: the name, defined, as a part of the subject that it stands under.
"""

import re

from ankillm.blocks import List, Paragraph
from ankillm.concepts.attribute import values_of
from ankillm.concepts.model import Concept, Definition
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope, is_generic, is_name
from ankillm.markdown import plain_text
from ankillm.patterns import regex

# Without regard to case, a range of 27,000 characters takes 3 ms to compile, so Chinese ones are read with it.
SAYING = regex(
    r"^(?-i:[\u3400-\u9fff]{3,})(?:不|没|要|可以|应该?|会|能|需要?|把|用)(?-i:[\u3400-\u9fff])|^不|^没|有\s*[\d二两三四五六七]"
    r"|\b(?:needs?|uses?|is|are|does|do|can|cannot|must|requires?|gives?|has|have|makes?|should|will)\b",
    re.IGNORECASE,
)
"""An unmarked label that says something is no name: `验证集不打乱：…`, `Inference needs no MLP: …`."""


def term(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label that is a name, with its explanation beside it."""
    label, text = piece.label, piece.text
    if not label or is_generic(label) or not is_name(label) or (not piece.marked and SAYING.search(label)):
        return None
    if not text:
        lone, _ = values_of(piece.body)
        text = lone[0] if len(lone) == 1 and isinstance(piece.body[0], List | Paragraph) else ""
        if not text or len(text) < len(label):
            return None
    if plain_text(text).endswith(("：", ":")):
        return None
    return [Definition(scope.place(piece), label, text, scope.owner)]
