"""How the span worth asking for in a statement is asked: as a question where that is natural, else as a gap."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards.wording import statement_en, statement_zh
from ankillm.cards.wording.cut import Cut, gives_away, sentence, settled, splits_word, squeezed
from ankillm.cards.wording.loose import loose
from ankillm.common.patterns import HAN, regex

LONGEST_STATEMENT = 1000
LONGEST_FRONT = {"zh": 90, "en": 200}
GAP_SHARE = 1.5
LONGEST_BACK = {"zh": 110, "en": 240}
ITS_LABEL = regex(rf"(?P<label>[^：:。；;，,]{{1,40}}[：:]\s*)它们?(?![的本])(?=(?u:{HAN}))")
"""A label, and a pronoun for it."""
WORDING = {"zh": statement_zh, "en": statement_en}


class Asked(Struct, frozen=True):
    """A statement as a card: a question with its answer, or a text with a gap, `{{c1::…}}`."""

    front: str
    back: str
    hidden: str = ""
    """What the gap hides."""
    loose: bool = False
    """Whether it is a gap that no rule of its language vouches for."""


def asked(  # noqa: PLR0913, PLR0917  (a cut is these five, and the language)
    text: str, start: int, end: int, cue: str, subject: str, language: Literal["zh", "en"]
) -> Asked | None:
    """Return how a cut is asked so that its front stands alone; nothing where no good card can be made of it."""
    if len(text) > LONGEST_STATEMENT:
        return None
    text = text.rstrip()
    if text.endswith(("：", ":")) and end < len(text):
        text = text[:-1]
    whole = settled(squeezed(_behind_label(Cut(text, start, end, cue, subject.strip()))))
    if not whole.hidden or splits_word(whole) or "}}" in whole.hidden or "::" in whole.hidden or "{{" in text:
        return None
    cut, wording = settled(sentence(whole)), WORDING[language]
    if language == "zh":
        cut = statement_zh.means_alone(cut)
    if wording.is_unfit(cut):
        return None
    found = wording.question(cut)
    if found and _fits(found[0], found[1], language):
        return Asked(*found)
    return None if wording.hangs(cut) else _with_gap(cut, language)


def _behind_label(cut: Cut) -> Cut:
    """Return a cut without the pronoun that stands for the label before it: `融合：它把三步并为一步`."""
    if not (match := ITS_LABEL.match(cut.text)) or cut.start < match.end():
        return cut
    text, less = match["label"] + cut.text[match.end() :], match.end() - match.end("label")
    return replace(cut, text=text, start=cut.start - less, end=cut.end - less)


def _with_gap(cut: Cut, language: Literal["zh", "en"]) -> Asked | None:
    """Return a cut as a text with a gap: one that its language vouches for, else a loose one."""
    front = WORDING[language].gap(cut)
    if front and len(front) <= LONGEST_FRONT[language] * GAP_SHARE:
        return Asked(front, "", cut.hidden)
    front = loose(cut, language)
    return Asked(front, "", cut.hidden, loose=True) if front else None


def _fits(front: str, back: str, language: Literal["zh", "en"]) -> bool:
    short = len(front) <= LONGEST_FRONT[language] and len(back) <= LONGEST_BACK[language]
    return bool(back) and short and not gives_away(front, back)
