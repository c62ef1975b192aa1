"""Words that a writer stressed within a sentence: recall them in it.

Before: `prompt 部分的标签置为 **-100**`; two words in italics, one against the other; `减少的是显存读写，不是计算量`.
After: the sentence with those words as its gap.
"""

from collections.abc import Iterator

from ankillm.common.patterns import regex
from ankillm.extract.cloze import gapped
from ankillm.extract.concepts import Blank, Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import is_ignored
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import sentences

BOLD = regex(r"(?<=[^\s*])\s*(?P<gap>(?P<mark>\*\*|__)(?P<words>(?! )(?:(?!(?P=mark))[^*]){1,24})(?P=mark))(?!\*)")
CLEFT = regex(
    r"(?:^|[，,；;。：:\s])[^，,；;。\s]{1,14}(?<![真目有似总指别])的是\s*(?P<words>(?!否|在|一[种个])[^，,；;。（()：:？?*]{2,24})(?=(?:[（(][^（()）]*[)）])?(?:[，,；;。]|$))"
)
"""`减少的是 HBM 读写次数，不是计算量`: what stands behind 的是 is what the sentence is about."""
ITALIC = regex(r"(?<=[^\s*])\s*(?P<gap>(?<!\*)\*(?P<words>(?! )[^*]{2,24}(?<! ))\*)(?!\*)")
"""Words in italics: two of them in a sentence set one thing against another, one is a tone of voice."""
LONGEST, MOST, LEAST_AROUND = 110, 2, 8


def emphasis(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a gap for each stretch of bold that does not open its sentence, or for what a cleft stresses."""
    if "的是" not in piece.text and "*" not in piece.text and "__" not in piece.text:
        return []
    return list(_found(piece, scope))


def _found(piece: Piece, scope: Scope) -> Iterator[Blank]:
    for sentence in sentences(piece.text):
        plain = plain_text(sentence)
        if len(plain) > LONGEST or plain.endswith(("：", ":", "?", "？")):
            continue
        slanted = list(ITALIC.finditer(sentence))
        found = list(CLEFT.finditer(sentence))[:1] or list(BOLD.finditer(sentence))
        found = found or (slanted if len(slanted) == MOST else [])
        for match in found if len(found) <= MOST else []:
            words = match["words"].strip("* ")
            start = match.start("words") + match["words"].index(words)
            around = len(plain) - len(words) >= LEAST_AROUND
            if around and plain.count(plain_text(words)) == 1 and not is_ignored(words):
                yield from gapped(sentence, (start, start + len(words)), piece, scope)
