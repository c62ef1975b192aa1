"""Statements asked in English: a question where the words may be moved safely, else a gap."""

from collections.abc import Callable
from functools import lru_cache

from ankillm.cards.wording.causes_en import aim, aim_first, given, reason, result
from ankillm.cards.wording.cut import Cut, ends_label, gap_front, is_open, last_word, named_in
from ankillm.cards.wording.objects_en import (
    aspect_is,
    flipped,
    formula_asked,
    kind,
    label_asked,
    means,
    short_asked,
    tries,
    used_for,
)
from ankillm.cards.wording.topics_en import owned, plural, specific, stripped
from ankillm.cards.wording.words_en import (
    ANY_CASE,
    FINITE,
    LONGEST_OBJECT,
    POINTING,
    POINTS,
    PRONOUN,
    SMALLEST_LABEL,
    VAGUE,
)
from ankillm.common.patterns import has_word, regex

UNFIT = regex(
    r"\[\^|think of it|\bwe want\b|\bhere\b|couple of|(?:the|this) (?:tutorial|course|lecture|paper we)|:cite:"
    r"|:numref:|TL;DR|^\s*(?:Q|Question)\s*\d*:|^where\b|(?<!\$)\\[a-z]{3}|[_^]\{|^(?:to|for|in|with|by|at|from"
    r"|after|during) (?:this|these|that|those|it|which)\b|(?<![\w$`])(?:I|I'm|I'll|I've|my|me|let's|lol"
    r"|haha)(?![\w$`'])|\b(?:see (?:below|above|figure|section)|as (?:shown|seen|mentioned)|do this|of this"
    r"|the above|this is why|in this case|these cases|we (?:hypothesi[sz]e|propose|will (?:use|see|show|look"
    r"|discuss|be)|also|then|find|found|observe|believe|introduce)|we'll|figure \d|below|above example"
    r"|this (?:tutorial|post|article|notebook|section|chapter)|click|gonna|!\[)|https?://"
)
SUBORDINATE = regex(r"(?:if|when|once|while|although|though|since|because|as|whereas)\s[^,]*$", ANY_CASE)
"""A clause that waits for its main one."""
CONCEDES = regex(r"(?:although|though|while|even\sthough|despite)\s[^,]*$", ANY_CASE)
"""What is granted: the point stands behind its comma."""
JOINS = regex(r"\b(?:and|or|but|so),\s?$", ANY_CASE)
"""What joins the next clause, which a gap would hide whole."""
FUNCTION_WORDS = regex(
    r"^(?:(?:the|an?|of|to|in|on|at|is|are|was|be|been|it|its|this|that|and|or|but|not|very|more|as|for|with|by"
    r"|from|so|can|will|we|you|they|do|does|have|has|\W+)(?:\s+|$))+$",
    ANY_CASE,
)
EDGE = regex(
    r"\b(?:the|an?|of|to|in|on|at|is|are|and|or|by|for|with|from|as|that|which|than|its|their|be|not|very|most"
    r"|each|between|into)$",
    ANY_CASE,
)
LONGEST_EDGE = 8
UNSURE = frozenset("that which but whereas have had thus therefore if when".split())
PREPOSITIONS = frozenset("of with by from on for as into than to".split())
OBJECT = regex(r"(?<!^)\b(?:it|them|they)\b", ANY_CASE)
DEMONSTRATIVE = regex(r"(?<!^)\b(?:this|these|those|such)\s(?!is\b)", ANY_CASE)
SMALLEST_WORDS = 5
LONGEST_GAP = 14
LARGEST_SHARE = 0.6
HANGING = regex(
    r"(?:(?:(?:if|when|once) (?:that|this|it)|(?:since|because) (?:that|this))(?:['’]s)?\b"
    r"|(?:some|both|all|each|most|many) of (?:these|those|them|which)\b"
    r"|as a result|because of this|therefore|thus|hence|so\b|the reason (?:is|was|for this)|their|our|we"
    r"|another|the (?:previous|other|former|latter|following)"
    r"|the authors?)\b"
    r"|(?:[\w-]+\s){1,4}(?:does|do|is|are|works?)\s+(?:exactly\s+)?the\s+same(?:\s+thing)?(?=\s*(?:[,.;]|$|but\b|for\b))",
    ANY_CASE,
)
"""What a sentence starts with that only its neighbour, or its paper, makes sense of."""
LIST_GOES_ON = regex(
    r"\s*,\s(?:[^,.;:]{1,60},\s){0,6}(?:and|or)\s(?!\S+\s(?:is|are|was|can|will|has|have)\b)", ANY_CASE
)
"""What follows a gap where more of a list stands: half of a list is no answer."""
NEXT_LETTER = regex(
    r"(?:,|\sand)\s(?:where\s)?(?:\$[^$]{1,24}\$|`[^`]{1,8}`|(?!a\s|A\s|I\s)[^\W\d]\w?)\s(?:is\s|are\s|denotes\s)?(?:the|an?|its|their)\s"
)
"""What goes on to the next letter of a formula: `N is [the number of parameters and D the number of tokens]`."""
WHOLE_FORMULA = regex(r"[a-z][a-z-]{2,}(?:\s[a-z-]+)?\s=\s[^=]*(?:[/×÷]|\s[*+-]\s)")
"""A formula with its name, of which a gap would leave nothing to find it by: `by [score = a / b]`."""
BE = regex(r"(?:is|are|was|be|been)\b")
RELATIVE = regex(r"\b(?:that|which|who|when|if|because)\b")
SECOND_CLAUSE = regex(r",\s(?!and\s|or\s)[^,\s]*\s[^,\s]*\s[^,\s]*\s")


def _opened(cut: Cut) -> str | None:
    """Return the statement with its gap, what it starts with made to stand alone."""
    before = stripped(cut.before)
    if match := PRONOUN.match(before):
        if not specific(cut.subject) or plural(cut.subject) != (match[0].lower() == "they"):
            return None
        before = _capital(cut.subject) + before[match.end() :]
    elif POINTING.match(before) or (not before and POINTING.match(cut.after)):
        return None
    front = gap_front(Cut(before + cut.hidden + cut.after, len(before), len(before) + len(cut.hidden), "", ""), "")
    if not specific(cut.subject) or named_in(cut.subject, front):
        return _capital(front) if before[:1].isalpha() and cut.before[:1].isupper() else front
    return f"{cut.subject}: {front}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].islower() and text.split(" ", 1)[0].isalpha() else text


def _tidied(back: str) -> str:
    back = back.strip(" .;,:")
    return back.replace('"', "") if back.count('"') % 2 else back


def gap(cut: Cut) -> str | None:
    """Return the front of a gap card that stands alone, or nothing."""
    return _opened(cut) if _hides_well(cut) and _shows_enough(cut) and _hides_object(cut) else None


def hangs(cut: Cut) -> bool:
    """Whether a statement makes sense behind its neighbour alone, or is no sentence and has no subject."""
    return bool(HANGING.match(cut.text)) or not (specific(cut.subject) or _has_verb(cut.text))


@lru_cache(maxsize=64)
def _has_verb(text: str) -> bool:
    return FINITE.search(text) is not None


def _hides_well(cut: Cut) -> bool:
    """Whether what is hidden is one phrase, and stands nowhere else."""
    hidden, seen = cut.hidden, (cut.before + "|" + cut.after).lower()
    if cut.cue in UNSURE or cut.cue.startswith("after") or BE.match(hidden) or SECOND_CLAUSE.search(hidden):
        return False
    if LIST_GOES_ON.match(cut.after) or (", " in hidden and cut.after.lstrip().startswith(",")):
        return False
    if ":" in hidden or hidden.count('"') % 2 or POINTING.match(hidden) or len(hidden.split()) > LONGEST_GAP:
        return False
    return not has_word(seen, hidden.lower())


def _shows_enough(cut: Cut) -> bool:
    """Whether what is left of the statement is enough to find the gap by, and points to nothing else."""
    before = stripped(cut.before)
    if DEMONSTRATIVE.search(before) or OBJECT.search(before) or is_open(before) or "?" in cut.text:
        return False
    if ends_label(cut.before) and len(before.split()) < SMALLEST_LABEL:
        return False
    return len((before + " " + cut.after).split()) >= SMALLEST_WORDS and len(cut.hidden) <= LARGEST_SHARE * len(
        cut.text
    )


def _hides_object(cut: Cut) -> bool:
    """Whether what is hidden is whole where it belongs to a preposition."""
    if cut.cue not in PREPOSITIONS:
        return True
    if cut.cue not in {"to", "as", "by"} and (len(cut.hidden.split()) > LONGEST_OBJECT or cut.after.strip(" .!;")):
        return False
    return not FINITE.search("x " + RELATIVE.split(cut.hidden, maxsplit=1)[0])


def question(cut: Cut) -> tuple[str, str] | None:
    """Return the question and the answer of a cut, by the first rule that words it."""
    rules = (*QUESTION_RULES, *LED_BY.get(last_word(cut.before), ()))
    found = next((found for rule in rules if (found := rule(cut))), None)
    if not found or POINTS.search(found[0]):
        return None
    front, back = found
    return owned(front, cut.subject) if specific(cut.subject) else front, _tidied(back)


def is_unfit(cut: Cut) -> bool:
    """Whether no card can be made of a cut: chat, a pointer to elsewhere, function words alone, an edge in the air."""
    hidden = cut.hidden
    if _chats(cut.text) or FUNCTION_WORDS.match(hidden) or VAGUE.match(hidden) or NEXT_LETTER.search(hidden):
        return True
    if WHOLE_FORMULA.match(hidden) or CONCEDES.match(cut.before) or JOINS.search(cut.before):
        return True
    if SUBORDINATE.match(cut.before) and not cut.after.strip(" .!;") and "," not in hidden and FINITE.search(hidden):
        return True
    ends_within = hidden[-1] not in "`$)" and EDGE.search(hidden, max(0, len(hidden) - LONGEST_EDGE))
    single = len(hidden) == 1 and not hidden.isdigit()
    return bool(ends_within) or single or hidden.lower().split(" ", 1)[0] in {"of", "than", "'t", "and", "or"}


@lru_cache(maxsize=64)
def _chats(text: str) -> bool:
    """Whether a statement is chat, or points elsewhere."""
    return UNFIT.search(text) is not None


QUESTION_RULES: tuple[Callable[[Cut], tuple[str, str] | None], ...] = (
    formula_asked,
    short_asked,
    label_asked,
    flipped,
    reason,
    result,
)
LED: tuple[tuple[Callable[[Cut], tuple[str, str] | None], str], ...] = (
    (aim, "to that"),
    (given, "if when whenever"),
    (aim_first, "can should must to just simply"),
    (aspect_is, "is was to that by"),
    (used_for, "to for"),
    (kind, "that which where whose for to of between with"),
    (means, "means to for denotes that"),
    (tries, "to"),
)
"""Rules for what is led to by a word, with those words."""
LED_BY = {
    word: tuple(rule for rule, others in LED if word in others.split()) for _, words in LED for word in words.split()
}
