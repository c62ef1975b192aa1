"""A question that the note asks itself, with the answer below or behind it.

Before: `1. **问：为什么需要预热？**` over bullets. After: that question, the bullets its answer.
"""

from ankillm.blocks import Paragraph
from ankillm.concepts.model import Concept, Question
from ankillm.concepts.pieces import Piece, as_markdown
from ankillm.concepts.scope import Scope
from ankillm.concepts.words import ANSWERED, ASKED, QUESTION
from ankillm.markdown import plain_text


def question(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label or a lone line that is a question; one without an answer gives nothing."""
    asked, said = (piece.label, piece.text) if piece.label else (piece.text, "")
    plain = plain_text(asked)
    explicit = bool(ASKED.match(plain))
    if not (QUESTION.search(plain) or (explicit and piece.body)):
        return None
    if not (said or piece.body):
        return []
    body = (Paragraph(said, piece.line, piece.line), *piece.body) if said else piece.body
    answer = ANSWERED.sub("", as_markdown(body), count=1).strip()
    return [Question(scope.place(piece), ASKED.sub("", plain), answer)] if answer else []
