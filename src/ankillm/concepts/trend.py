"""The more of one thing, the more of another: ask for the other.

Before: `temperature 越低，输出越确定；越高，越有创造性`; `值越大越慢`; `the larger the rank, the more is trained`.
After: what happens, the second half the answer.
"""

import re
from collections.abc import Iterator

from ankillm.concepts.model import Concept, Question
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope
from ankillm.concepts.words import POINTING
from ankillm.markdown import escaped, plain_text
from ankillm.patterns import regex
from ankillm.sentences import sentences
from ankillm.spacing import joined

MORE = r"[^，,。；;：:越]{0,16}越[^，,。；;：:越]{1,24}"
ZH = regex(
    rf"^(?P<what>[^，,。；;：:越]{{0,24}}?)越(?!来)(?P<how>[^，,。；;：:越]{{1,8}}?)[，,]?\s*(?P<then>{MORE}(?:[，,]{MORE})*)(?:[，,][^越]*)?。?$"
)
EN = regex(
    r"^(?P<what>the\s+(?:more|less|fewer|\w+er)\b[^,;]{2,60}),\s+(?P<then>the\s+(?:more|less|fewer|\w+er)\b[^;]{2,80}?)[.]?$",
    re.IGNORECASE,
)
LEAST_LABELLED = 32
"""Characters of a text that is not told whole by a card on its label."""
PRAISE = "越好"
CLAUSE = regex(r"[；;]\s*")
OPENING = regex(r"^(?:一般来说|通常|一般|而且|并且|所以|因此|但是?|注意|其实)[，,]?\s*")


def trend(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each clause of a piece that tells how one thing goes with another."""
    told_whole = piece.label and len(piece.text) < LEAST_LABELLED
    if told_whole or ("越" not in piece.text and "the " not in piece.text.lower()):
        return []
    return list(_zh(piece, scope) if scope.language == "zh" else _en(piece, scope))


def _zh(piece: Piece, scope: Scope) -> Iterator[Question]:
    for sentence in sentences(piece.text):
        what = piece.label or scope.subject
        for clause in CLAUSE.split(plain_text(sentence)):
            match = ZH.match(OPENING.sub("", clause))
            if not match:
                break
            what = match["what"].strip() or what
            if what and match["then"] != PRAISE and not POINTING.match(what):
                about = scope.subject if scope.subject.lower() not in what.lower() else ""
                asked = joined(f"{about}：" if about else "", what, f"越{match['how']}，会怎样？")
                yield Question(scope.place(piece), asked, escaped(match["then"].strip()))


def _en(piece: Piece, scope: Scope) -> Iterator[Question]:
    for sentence in sentences(piece.text):
        match = EN.match(plain_text(sentence))
        if match:
            about = f"{scope.subject}: " if scope.subject and scope.subject.lower() not in match["what"].lower() else ""
            yield Question(scope.place(piece), f"{about}{match['what']}, … what?", escaped(match["then"]))
