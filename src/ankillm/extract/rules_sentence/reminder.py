"""A statement that a writer marked as one to mind, which no other rule took: recall the name in it.

Before: `注意：存储用 NF4，计算时会反量化成 BF16`. After: the sentence with its last name as the gap.
"""

from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.cloze import gapped
from ankillm.extract.concepts import Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import POINTING, TRANSITION
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import sentences

MINDED = frozenset("注 注意 重点 说明 坑 踩坑 大坑 小坑 note important warning caution gotcha".split())
DONE = "[用成为到给是在叫把以开选]"
ACRONYM = rf"(?:(?<={DONE})|(?<={DONE}\s))[A-Z][A-Z\d]+\w*"
NAME = regex(rf"`(?P<code>[^`\s]{{2,40}})`|(?<![A-Za-z\d_./-])(?P<name>[A-Za-z]\w*_\w+|{ACRONYM})(?![A-Za-z\d_(./-])")
"""Code, or a word that is a name by its letters: `pre_seq_len`, `NF4` where something is done with it."""
LONGEST, LEAST = 90, 12


def reminder(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a gap for the last name in a statement under a label such as 注意."""
    if piece.label.lower() not in MINDED or not piece.text or piece.body:
        return []
    sentence = sentences(piece.text)[0]
    plain = plain_text(sentence)
    names = list(NAME.finditer(sentence))
    if not names or not LEAST <= len(plain) <= LONGEST or plain.endswith(("：", ":", "?", "？")):
        return []
    if TRANSITION.match(plain) or POINTING.match(plain):
        return []
    words = names[-1].lastgroup or ""
    if plain.count(names[-1][words]) > 1:
        return []
    return [*gapped(sentence, names[-1].span(words), replace(piece, label=""), scope, in_code=True)]
