"""How the span worth asking for in a statement is asked: as a question where that is natural, else as a gap."""

from typing import Literal

from msgspec import Struct

from ankillm.cards.wording import statement_en, statement_zh
from ankillm.cards.wording.cut import Cut, gives_away, sentence, settled, splits_word, squeezed
from ankillm.cards.wording.loose import loose

LONGEST_STATEMENT = 1000
LONGEST_FRONT = {"zh": 90, "en": 200}
GAP_SHARE = 1.5
LONGEST_BACK = {"zh": 110, "en": 240}
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
    whole = settled(squeezed(Cut(text, start, end, cue, subject.strip())))
    if not whole.hidden or splits_word(whole) or "}}" in whole.hidden or "::" in whole.hidden or "{{" in text:
        return None
    cut, wording = settled(sentence(whole)), WORDING[language]
    if wording.is_unfit(cut):
        return None
    found = wording.question(cut)
    if found and _fits(found[0], found[1], language):
        return Asked(*found)
    return None if wording.hangs(cut) else _with_gap(cut, language)


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
