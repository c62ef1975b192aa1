"""The more of one thing, the more of another: ask for the other.

Before: `temperature 越低，输出越确定；越高，越有创造性`; `值越大越慢`; `the larger the rank, the more is trained`.
After: what happens, the second half the answer.
"""

import re
from collections.abc import Iterator

from ankillm.common.patterns import SEMICOLON, regex
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_sentence.value import LEAST_LABELLED
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import POINTING
from ankillm.markdown.inline import escaped, math_kept
from ankillm.markdown.sentences import joined_words, sentences

MORE = r"[^，,。；;：:越]{0,16}越[^，,。；;：:越]{1,24}"
ZH = regex(
    rf"""^(?P<what>[^，,。；;：:越]{{0,24}}?)越(?![来往])(?P<how>[^，,。；;：:越]{{1,8}}?)
      (?:[，,]\s*(?P<then>{MORE}(?:[，,]{MORE})*)|(?P<at_once>越[^，,。；;：:越]{{1,24}}))(?:[，,][^越]*)?。?$""",
    re.VERBOSE,
)
EN = regex(
    r"^(?P<what>the\s+(?:more|less|fewer|\w+er)\b[^,;]{2,60}),\s+(?P<then>the\s+(?:more|less|fewer|\w+er)\b[^;]{2,80}?)[.]?$",
    re.IGNORECASE,
)
PRAISE = "越好"
OPENING = regex(
    r"^(?:一般来说|通常|一般|而且|并且|所以|因此|因为|如果|然而|可以看到|也就是说|但是?|注意(?!力)|其实)[，,]?\s*"
)
ASKS = regex(r"[吗？?]|好不好|越好[不吗]")


def trend(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each clause of a piece that tells how one thing goes with another."""
    told_whole = piece.label and len(piece.text) < LEAST_LABELLED
    if told_whole or ("越" not in piece.text and "the " not in piece.text.lower()):
        return []
    return list(_zh(piece, scope) if scope.language == "zh" else _en(piece, scope))


def _zh(piece: Piece, scope: Scope) -> Iterator[Question]:
    for sentence in sentences(piece.text):
        what = piece.label or scope.subject
        for clause in SEMICOLON.split(math_kept(sentence)):
            match = None if ASKS.search(clause) else ZH.match(OPENING.sub("", clause))
            if not match:
                break
            then = match["then"] or match["at_once"]
            what = match["what"].strip() or what
            if what and then != PRAISE and not POINTING.match(what):
                about = scope.subject if scope.subject.lower() not in what.lower() else ""
                asked = joined_words(f"{about}：" if about else "", what, f"越{match['how']}，会怎样？")
                yield Question(scope.place(piece), asked, escaped(then.strip()), name=f"{what}越{match['how']}")


def _en(piece: Piece, scope: Scope) -> Iterator[Question]:
    for sentence in sentences(piece.text):
        match = EN.match(math_kept(sentence))
        if match:
            about = f"{scope.subject}: " if scope.subject and scope.subject.lower() not in match["what"].lower() else ""
            asked = f"{about}{match['what']}, … what?"
            yield Question(scope.place(piece), asked, escaped(match["then"]), name=match["what"])
