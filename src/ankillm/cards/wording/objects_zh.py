"""What stands behind a Chinese verb, label or number: `A 采用 [B]`."""

from ankillm.cards.wording.cut import Cut, ends_label, formula, short_for
from ankillm.cards.wording.labels_zh import labelled
from ankillm.cards.wording.topics_zh import joined_words, topic
from ankillm.cards.wording.words_zh import (
    CLAUSE_END,
    LONGEST_GAP,
    SMALLEST_CONTEXT,
)
from ankillm.common.patterns import regex
from ankillm.extract.bare import is_whole

WITHIN = regex(r"^(?P<label>[^：。，,；;]{1,40}?)\s*(?:：|:\s)\s*(?P<text>[^：]{4,})$")
LONGEST_TEXT = 70
LATIN = regex(r"[A-Za-z][A-Za-z-]*(?:\s[A-Za-z][A-Za-z-]*)+")
LONGEST_TAIL = 14
INSIDE_CUES = ("after", "在", "用", "不", "只")


def short_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `ABC（[A B C]）` as: what is ABC in full."""
    latin = LATIN.search(cut.hidden)
    name = short_for(cut.before[-LONGEST_GAP:] + " " + cut.after[:SMALLEST_CONTEXT], latin[0]) if latin else ""
    return (joined_words(name, "的英文全称是什么？"), latin[0].strip()) if latin and name else None


def _until_sentence(cut: Cut) -> str:
    """Return what is hidden with the rest of its sentence, where that is short."""
    rest = cut.after.rstrip()
    return cut.hidden + rest if (rest and rest[0] not in "，,、（(") or len(rest) <= LONGEST_TAIL else cut.hidden


def formula_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `A = B / C` as: what is the formula of A."""
    found = formula(cut)
    about = topic(found[0], cut.subject, found[0]) if found else ""
    if not found or not about or CLAUSE_END.search(about):
        return None
    return joined_words(about, "的公式是什么？"), found[1]


def label_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `label：[text]`, and what stands behind a label that is cut within its text."""
    match = WITHIN.match(cut.text) if cut.cue.startswith(INSIDE_CUES) else None
    if match and is_whole(match["label"]) and len(match["text"]) <= LONGEST_TEXT and match.start("text") <= cut.end:
        return labelled(match["label"], match["text"], cut.subject)
    if not ends_label(cut.before):
        return None
    return labelled(cut.before.rstrip()[:-1], _until_sentence(cut), cut.subject)
