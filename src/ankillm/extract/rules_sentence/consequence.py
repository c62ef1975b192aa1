"""What comes of something, told with arrows in prose: ask for it.

Before: `eos 被 mask 掉 → 模型学不会停 → 一直生成`. After: what then happens, the rest of the chain the answer.
"""

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_sentence.reason import is_whole
from ankillm.extract.scope import Scope
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import joined_words, sentences

CHAIN = regex(r"^(?P<cause>[^→，,；;：:。]{2,50}?)\s*(?:→|⇒)\s*(?P<effect>[^；;]{3,90}?)[。；;]?$")
CLAUSE = regex(r"[；;\n]\s*")
HAPPENS = regex(
    r"[被不没太过超忘漏缺断错满]|溢出|[调变加减][大小多少长短高低]|小于|大于|高于|低于|越|\b(?:is|are|isn't|no|not|too|never|gets?|goes|runs?)\b"
)
"""A word of something that happens; a chain of steps has none."""
SHORT = 6


def consequence(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each clause of a piece that leads with an arrow from what happens to what comes of it."""
    if "→" not in piece.text and "⇒" not in piece.text:
        return []
    clauses = [clause for sentence in sentences(piece.text) for clause in CLAUSE.split(sentence)]
    found = [
        match
        for clause in clauses
        if (match := CHAIN.match(clause)) and HAPPENS.search(match["cause"]) and is_whole(match["cause"])
    ]
    return [Question(scope.place(piece), _asked(plain_text(match["cause"]), scope), match["effect"]) for match in found]


def _asked(cause: str, scope: Scope) -> str:
    if scope.language == "en":
        return f"{scope.subject}: {cause}. What then?" if scope.subject else f"{cause}. What then?"
    about = f"{scope.subject}：" if scope.subject and len(cause) <= SHORT else ""
    return joined_words(about, cause, "，会怎样？")
