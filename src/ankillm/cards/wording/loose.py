"""A plain gap, for a cut that no rule of a language words: the statement as it stands, with its subject in front."""

import re
from typing import Literal

from ankillm.cards.wording import topics_en, words_zh
from ankillm.cards.wording.cut import Cut, named_in
from ankillm.common.patterns import regex

LONGEST_HIDDEN = {"zh": 60, "en": 130}
LONGEST_TEXT = {"zh": 140, "en": 320}
COLON = {"zh": "：", "en": ": "}
POINTING = {
    "zh": regex(r"(?:它|这|该|此|其|那|他|上述|前者|后者|但|而|并|且|即|也|还|又|则|就|从而|因此|所以)"),
    "en": regex(r"(?:it|its|this|these|they|that|those|he|there|such|but|and|also|or|then)\b", re.IGNORECASE),
}
"""What a statement or an answer starts with that only goes on with another one."""
PRONOUN = regex(r"(?:它|这|该|此|其(?![中他它余])|(?:it|its|this|these|they|that|those)\b)", re.IGNORECASE)
"""What stands for a noun, and is to be told with it."""
OPENING = {"zh": words_zh.PREFIX, "en": topics_en.PREFIX}
"""How a sentence hangs on the one before: left out where it stands alone."""


FEW = r"[^,.;:\s]+(?:\s[^,.;:\s]+){0,2}"
"""A word, or a few."""
GOES_ON = {
    "zh": regex(r"\s*、"),
    "en": regex(rf"\s*,\s(?:{FEW},\s){{0,6}}(?:and|or)\s{FEW}\s*[.;:!]?$", re.IGNORECASE),
}
"""What follows a gap where more of a list stands: half of a list is no answer."""
SAID_AGAIN = regex(r"so\s(?!that\b)", re.IGNORECASE)
AIM_ENDED = regex(r"to\s[a-z]+\s(?:(?!\b(?:that|which|who)\b).)*\s(?:is|are|was|were)\s")
"""An aim that belongs to what stands before it, with what is said: `the trick it uses [to … is the length]`."""
SHORTEST_POINTING = {"zh": 8, "en": 16}
"""Characters before a gap that begin with a pronoun, and leave anything open: `该阶段通过 […]`."""
COMES = regex(
    r"this\s(?:ensures?|means|allows?|makes?|prevents?|leads?|enables?|results?|is\s(?:because|why|done|called|due))\b",
    re.IGNORECASE,
)
"""What comes of the sentence before, not of the subject."""
INSIDE = regex(r"`[^`]*`|\$[^$]*\$|\([^)]*\)")


def _is_sentence(cut: Cut) -> bool:
    """Whether an English gap holds a sentence that was joined on, or the end of the subject with the verb."""
    hidden = f"to {cut.hidden}" if cut.before.rstrip().endswith(" to") else cut.hidden
    said = cut.subject and cut.hidden.lower().startswith(cut.subject.lower())
    return bool(said or SAID_AGAIN.match(cut.hidden) or AIM_ENDED.match(hidden))


def loose(cut: Cut, language: Literal["zh", "en"]) -> str:
    """Return the front of a plain gap; empty for what is long, points away, or stands elsewhere in the statement."""
    hidden = cut.hidden
    too_long = len(hidden) > LONGEST_HIDDEN[language] or len(cut.text) > LONGEST_TEXT[language]
    if (
        too_long
        or (language == "en" and _is_sentence(cut))
        or POINTING[language].match(hidden)
        or hidden.lower() in (cut.before + cut.after).lower()
    ):
        return ""
    opening = OPENING[language].match(cut.text)
    before = cut.before[opening.end() :] if opening else cut.before
    if opening and language == "en":
        before = before[:1].upper() + before[1:]
    if not before.strip() or (language == "en" and "," in INSIDE.sub("", hidden)):
        return ""  # of what begins a statement readers kept one in six, of two English clauses one in four
    if GOES_ON[language].match(cut.after) or (language == "zh" and before.rstrip().endswith("、")):
        return ""
    named = not cut.subject or named_in(cut.subject, before + cut.after)
    points = POINTING[language].match(before)
    if points and (not cut.subject or len(before.strip()) < SHORTEST_POINTING[language] or COMES.match(before)):
        return ""
    owner = "" if named and not (points and PRONOUN.match(before)) else f"{cut.subject}{COLON[language]}"
    return f"{owner}{before.lstrip()}{{{{c1::{hidden}}}}}{cut.after}".strip().rstrip("；;，,、")
