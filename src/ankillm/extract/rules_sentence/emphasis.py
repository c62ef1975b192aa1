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
from ankillm.markdown.spans import spans

CLEFT = regex(
    r"(?:^|[，,；;。：:\s])[^，,；;。\s]{1,14}(?<![真目有似总指别])的是\s*(?P<words>(?!否|在|一[种个])[^，,；;。（()：:？?*]{2,24})(?=(?:[（(][^（()）]*[)）])?(?:[，,；;。]|$))"
)
"""`减少的是 HBM 读写次数，不是计算量`: what stands behind 的是 is what the sentence is about."""
LONGEST_WORDS = 24
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
        cleft = [match.span("words") for match in CLEFT.finditer(sentence)][:1]
        found = cleft or list(_marked(sentence, 2)) or _pair(list(_marked(sentence, 1)))
        for start, end in found if len(found) <= MOST else []:
            words = sentence[start:end].strip("* ")
            at = start + sentence[start:end].index(words)
            around = len(plain) - len(words) >= LEAST_AROUND
            if around and plain.count(plain_text(words)) == 1 and not is_ignored(words):
                yield from gapped(sentence, (at, at + len(words)), piece, scope)


def _marked(sentence: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where words in bold (marks of two signs) or in italics stand that do not open their sentence."""
    for span in spans(sentence):
        marked = sentence[span.start : span.end]
        words = marked[width:-width]
        if span.kind != "emphasis":
            continue
        is_width = marked.startswith(marked[0] * width) and not words.startswith(marked[0])
        before, after = sentence[: span.start].rstrip(), sentence[span.end :]
        alone = before and not before.endswith("*") and not after.startswith("*") and "*" not in words
        if is_width and alone and len(words) <= LONGEST_WORDS and (width > 1 or marked[0] == "*"):
            yield span.start + width, span.end - width


def _pair(slanted: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return words in italics where there are two: they set one thing against another, one is a tone of voice."""
    return slanted if len(slanted) == MOST else []
