"""A question that the note asks itself, with the answer below or behind it.

Before: `1. **问：为什么需要预热？**` over bullets. After: that question, the bullets its answer.
"""

import re

from ankillm.blocks import Block, Paragraph
from ankillm.concepts.model import Concept, Question
from ankillm.concepts.pieces import Piece, as_markdown
from ankillm.concepts.scope import Scope
from ankillm.concepts.words import ANSWERED, ASKED, DEFINITION, bare, is_question
from ankillm.markdown import plain_text
from ankillm.patterns import regex
from ankillm.sentences import sentences

BOLD = regex(r"^(?P<mark>\*\*|__|\*|_)(?P<asked>[^*_]+[?？])(?P=mark)\s+(?P<said>\S.*)$", re.DOTALL)
LONGEST = 160
GAP = regex(r"\{\{c\d+::")
PRONOUN = regex(
    r"^(?P<before>[^它]{0,8}(?=它)|(?:why|how|what|when|where)\s+(?:do|does|is|are|was|can|should)\s+)(?:它|(?:it|this)\b)",
    re.IGNORECASE,
)


def question(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label or a lone line that is a question; one without an answer gives nothing."""
    asked, said = (piece.label, piece.text) if piece.label else _split(piece.text)
    plain = plain_text(asked)
    if bare(piece.label) in DEFINITION:
        return None
    if not piece.label and not said and len(sentences(asked)) > 1:
        return None
    explicit = ASKED.match(plain)
    if not (is_question(plain) or (explicit and piece.body)):
        return None
    if not (said or piece.body):
        return []
    if not said and has_gaps(piece.body[0]):
        return None
    body = (Paragraph(said, piece.line, piece.line), *piece.body) if said else piece.body
    answer = as_markdown(enough(body))
    if answered := ANSWERED.match(answer):
        answer = answer[answered.end() :]
    asked = plain[explicit.end() :] if explicit else plain
    return [Question(scope.place(piece), _with_noun(asked, scope), answer.strip())] if answer.strip() else []


def has_gaps(block: Block) -> bool:
    """Whether an author put Anki's own gaps into a block, which then is a card of its own."""
    written = as_markdown((block,))
    return "{{c" in written and bool(GAP.search(written))


def _split(text: str) -> tuple[str, str]:
    """Split `Why …? Because …` into question and answer."""
    if bold := BOLD.match(text):
        return bold["asked"], bold["said"]
    parts = sentences(text)
    if len(parts) > 1 and parts[0].endswith(("?", "？")):
        return parts[0], text[len(parts[0]) :].strip()
    return text, ""


def _with_noun(asked: str, scope: Scope) -> str:
    """Put the subject in place of a pronoun, so that the question can be read alone."""
    if not scope.subject:
        return asked
    return PRONOUN.sub(lambda match: match["before"] + scope.subject, asked, count=1)


def enough(body: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the first blocks of an answer, as many as one can recall; at least one."""
    kept: list[Block] = []
    for block in body:
        if kept and (has_gaps(block) or len(as_markdown((*kept, block))) > LONGEST):
            break
        kept.append(block)
    while len(kept) > 1 and isinstance(kept[-1], Paragraph) and kept[-1].text.rstrip().endswith(("：", ":")):
        kept.pop()
    return tuple(kept)
