"""A reason given in a sentence: ask why.

Before: `还要开启输入梯度，因为嵌入层被冻结了`; `Adapters can't be merged because of the nonlinearity`;
`去重一定要在划分之前做，否则会泄漏`; `移位不用自己做：模型内部会做`.
After: why that is so, the reason the answer.
"""

import re

from ankillm.common.patterns import PERSON, regex, without
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import POINTING
from ankillm.markdown.inline import math_kept
from ankillm.markdown.sentences import joined_words, sentences

ZH = regex(
    r"^(?P<what>[^；;]{6,70}?)[，,；;]?\s*(?<![是就])(?:这?是因为|因为|原因是|原因在于|(?<=[，,])(?:都?是)?(?=为了))[，,]?\s*(?P<why>[^；;]{4,100}?)[。；;]?$"
)
EN = regex(r"^(?P<what>[^;]{12,110}?),?\s+because\s+(?:of\s+)?(?P<why>[^;]{6,140}?)[.;]?$")
ELSE = regex(
    r"^(?P<what>[^；;，,]{0,30}?(?:一定要|必须|不能|不要|不可以?|需要|得|要)[^；;，,]{2,40})[，,]?\s*(?P<why>(?:否则|不然|要不然)[，,]?\s*[^；;]{4,100}?)[。；;]?$"
)
"""What has to be so, and what happens otherwise."""
ELSE_EN = regex(r"^(?P<what>[^;]{12,110}?),?\s+(?P<why>(?:otherwise|or else)\s+[^;]{6,140}?)[.;]?$", re.IGNORECASE)
RULED = regex(r"^(?!不|必须)[^的]{1,20}(?:不用|不能|不要|不必|必须|一定要|不需要|没法|无法|不会)[^的]{0,16}$")
"""A label that states a rule, so that what is said beside it is the reason."""
SO_ZH = regex(
    r"^(?P<why>[^；;，,：:]{6,50})[，,](?:因此|所以|于是|因而)(?:[，,])?(?P<then>[^；;。]{4,80}?)(?:[。；;].*)?$"
)
SO_EN = regex(r"^(?P<why>[^;,]{12,90}), (?:so|hence|therefore|thus)\s+(?P<then>(?!that|far|on)[^;]{8,110}?)[.;]?$")
"""What is so, and what therefore is."""
IT = regex(r"(?:it|this|that)\b|这|那|它", re.IGNORECASE)
MUST = regex(r"you\s+(?:must|should|have\s+to|need\s+to|can't|cannot)\b", re.IGNORECASE)
NO_CAUSE = regex(rf"=|^(?:今天|昨天|时间|一般|通常|首先)|[吗呢？?]$|我|{PERSON}", re.IGNORECASE)
"""A formula, a question, or what happened to the writer."""
LABELLED = regex(r"^(?:[^，：:`]{1,6}|[A-Z][\w ]{2,20})[：:]\s*")
LEADING = regex(r"^(?:之所以|所以|因此|而|但是?|并且|另外|注意(?!力)|其实|and\s+|but\s+|so\s+)")
WHY = {"zh": ("为什么", "？"), "en": ("", ". Why?")}
FOLLOWS = {"zh": ("", "，因此会怎样？"), "en": ("", ". What follows?")}
"""What stands before and behind a clause that is asked."""
LEAST_LABELLED = {"zh": 60, "en": 140}
"""Characters of a text that is not told whole by a card on its label."""
SIGNS = {
    "zh": ("因为", "为了", "原因", "否则", "不然", "因此", "所以", "于是", "因而"),
    "en": ("because", "otherwise", "or else", ", so ", ", hence ", ", therefore ", ", thus "),
}


def reason(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each sentence of a piece that gives the reason of what it says."""
    if scope.language == "zh" and piece.text and not piece.marked and RULED.search(piece.label):
        label = LEADING.sub("", piece.label).strip()
        return [Question(scope.place(piece), joined_words("为什么", f"{label}？"), piece.text)]
    told_whole = piece.label and len(piece.text) < LEAST_LABELLED[scope.language]
    if told_whole or not any(sign in piece.text for sign in SIGNS[scope.language]):
        return []
    found: list[Concept] = []
    for sentence in sentences(piece.text):
        match = (
            (ZH.match(sentence) or ELSE.match(sentence))
            if scope.language == "zh"
            else EN.match(sentence) or ELSE_EN.match(sentence)
        )
        so = (SO_ZH if scope.language == "zh" else SO_EN).match(sentence) if not match else None
        about = piece.label or scope.subject
        pointing = so and (POINTING.match(so["why"]) or IT.match(so["then"]))
        if so and about and is_whole(so["why"]) and not (pointing or NO_CAUSE.search(so["why"])):
            asked = _asked(without(LABELLED, so["why"]), about, scope, *FOLLOWS[scope.language])
            found.append(Question(scope.place(piece), asked, so["then"].strip(), name=f"{so['why']} →"))
        what = LEADING.sub("", without(LABELLED, match["what"].strip())) if match else ""
        named = MUST.match(what) or not POINTING.match(what)
        if match and what and is_whole(what) and named:
            found.append(Question(scope.place(piece), _asked(what, about, scope, *WHY[scope.language]), match["why"]))
    return found


def is_whole(clause: str) -> bool:
    """Whether every bracket that a clause opens is closed in it, and the other way round; so with code and math."""
    closed = all(clause.count(opening) == clause.count(closing) for opening, closing in ("（）", "()"))
    return closed and not any(clause.count(mark) % 2 for mark in ("**", "`", "$"))


def _asked(said: str, about: str, scope: Scope, before: str, after: str) -> str:
    """Ask for what leads to a clause, or follows, naming what it is about where the clause does not."""
    plain = math_kept(said)
    owner = "" if not about or about.lower() in plain.lower() else about
    if scope.language == "zh":
        return joined_words(owner and f"{owner}：", before, plain, after)
    return f"{owner and f'{owner}: '}{plain}{after}"
