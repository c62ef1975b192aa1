"""What is wrong with a question that a model words, as far as its note can tell.

A question asks one thing in plain words, names what it is about, and says nothing that the note does not.
"""

import re
import unicodedata
from collections.abc import Callable

from ankillm.cards.plain import letters
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.judge import POINTING
from ankillm.extract.subject import is_specific
from ankillm.writer.ground import ASKED_EN, Ground, holds_name, says_more
from ankillm.writer.polarity import denies

LONGEST = {"zh": 90, "en": 200}
"""Characters of a question."""
TICKS = regex(r"`([^`\n]*)`")
MARKUP = regex(
    r"""</?[a-z!?][^<>]*>|&\#?\w+;|\{\{|\}\}|\[\[|\]\]|!?\[[^\]]*\]\(|\[(?:sound|latex|/|\$|anki):?|[$\\`\n\t]
      |\*\*|__|~~|==|\*\w|^\s*(?:\#|>|[-+*]\s|\d+[.)]\s)|https?://|www\.|::|%%""",
    re.IGNORECASE | re.VERBOSE,
)
"""HTML, Anki's gaps and tags, TeX, Markdown, addresses."""
UNPLAIN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that steer a text and show nothing."""
STACKED = regex(r"[\u0300-\u036f]{2}")
"""Marks on one letter, several of them."""
ASKED_ZH = r"为什么|为何|什么|如何|怎么|怎样|哪[些个种一类]?|多少|几(?![乎何])|何[时处]|谁|是否"
ASKS = regex(rf"\b(?:{ASKED_EN})\b|{ASKED_ZH}", re.IGNORECASE)
AGAIN = regex(
    rf"""(?:\b(?:and|or)\b|[,，;；、])\s*(?:(?:in|by|to|for|at|from|with|of|on)\s+)?\b(?:{ASKED_EN})\b
      |(?:[,，;；、]|以及|并且?|和|与|还有|又)[^,，;；。]{{0,12}}?(?:{ASKED_ZH})""",
    re.IGNORECASE | re.VERBOSE,
)
"""Asks a second time, behind the first."""
EACH = regex(
    r"""\brespectively\b|分别|各自|各(?=[是为由需占有采用])
      |\bwhat\s+(?:is|are|was|were)\s+the\s+[\w-]+,?\s+and\s+(?:the\s+)?[\w-]+,?\s+(?:of|for|in|on)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Asks one thing of several, or several of one."""
CLOSED = regex(
    r"^(?:is|are|was|were|does|do|did|can|could|should|will|would|has|have|must|may)\b|吗\s*[?？]$|是不是|是否|能不能|对不对",
    re.IGNORECASE,
)
"""Asks for yes or no."""
ELSEWHERE = regex(
    r"""\b(?:the|this|that|above|following|given)\s+(?:text|passage|note|notes|section|article|author|document|sentence|quotation|quote)s?\b
      |\baccording\s+to\b|\bmentioned\b|本[文节章段]|上文|下文|上述|文中|文[章本]|笔记|作者|原文|这[里段句]|该[段句文]|根据""",
    re.IGNORECASE | re.VERBOSE,
)
"""Points to the note, which no one has at hand months later."""
POINTS = regex(
    r"\b(?:these|those|this)\b|(?:这[个些种]?|那[个些种]|(?<!应)该|(?<![因如彼])此(?!外)|前者|后者)|\b(?:the\s+(?:former|latter))\b",
    re.IGNORECASE,
)
PRONOUN = regex(
    r"\b(?:it|its|they|them|their|he|she|his|her)\b|(?<!其)[它他她]们?|(?<![尤极与])其(?![他它中实余次])", re.IGNORECASE
)
"""What points back, and may do so to a name in front of it."""


def cleaned(question: str) -> str:
    """Return a question in one form, without the marks of code around words."""
    return TICKS.sub(r"\1", unicodedata.normalize("NFC", " ".join(question.split()))).strip()


def front_fault(question: str, subject: str, ground: Ground) -> str:
    """Return the code of the first thing that is wrong with a question; empty if nothing is."""
    for code, broken in FAULTS:
        if broken(question, subject, ground):
            return code
    return ""


def subject_fault(subject: str, ground: Ground) -> str:
    """Return the code of what is wrong with a subject; empty if it names a thing of the passage or above it."""
    bad = bool(MARKUP.search(subject)) or _unplain(subject) or not letters(subject) or bool(POINTING.match(subject))
    if bad or not is_specific(subject):
        return "subject"
    return "" if holds_name(subject, ground.above) or holds_name(subject, ground.passage) else "subject"


def _unplain(text: str) -> bool:
    return bool(STACKED.search(text)) or any(unicodedata.category(sign) in UNPLAIN for sign in text)


def _is_marked(question: str, _subject: str, _ground: Ground) -> bool:
    return _unplain(question) or bool(MARKUP.search(question))


def _is_long(question: str, _subject: str, ground: Ground) -> bool:
    return len(question) > LONGEST[ground.language]


def _is_foreign(question: str, _subject: str, ground: Ground) -> bool:
    """Whether a question is in another language than its note."""
    return bool(CHINESE.search(question)) != (ground.language == "zh")


def _asks_nothing(question: str, _subject: str, _ground: Ground) -> bool:
    return not question.endswith(("?", "？")) or not ASKS.search(question)


def _asks_twice(question: str, _subject: str, _ground: Ground) -> bool:
    marks = sum(question.count(mark) for mark in "?？")
    first = ASKS.search(question)
    again = first is not None and bool(AGAIN.search(question, first.end()))
    return marks > 1 or again or bool(EACH.search(question) or re.search(r"[。！!;；]|\.\s", question))


def _is_closed(question: str, _subject: str, _ground: Ground) -> bool:
    return bool(CLOSED.search(question))


def _points(question: str, subject: str, _ground: Ground) -> bool:
    """Whether a question points to something that does not stand in it."""
    pronoun = PRONOUN.search(question)
    loose = pronoun is not None and not holds_name(subject, question[: pronoun.start()])
    return loose or bool(ELSEWHERE.search(question) or POINTS.search(question))


def _lacks_subject(question: str, subject: str, ground: Ground) -> bool:
    return bool(subject_fault(subject, ground)) or not holds_name(subject, question)


def _denies_else(question: str, _subject: str, ground: Ground) -> bool:
    """Whether a question denies something where its passage, and what stands above it, deny nothing."""
    return denies(question) and not denies(f"{ground.passage} {ground.above}")


FAULTS: tuple[tuple[str, Callable[[str, str, Ground], bool]], ...] = (
    ("markup", _is_marked),
    ("long", _is_long),
    ("language", _is_foreign),
    ("no-question", _asks_nothing),
    ("two-questions", _asks_twice),
    ("closed", _is_closed),
    ("points", _points),
    ("subject", _lacks_subject),
    ("foreign-name", lambda question, _subject, ground: says_more(question, ground)),
    ("negation", _denies_else),
)
