"""What is wrong with a question that a model words, as far as its note can tell.

A question asks one thing in plain words, names what it is about, and says nothing that the note does not.
"""

import re
import unicodedata
from collections.abc import Callable

from msgspec import Struct

from ankillm.cards.plain import letters
from ankillm.common.language import Language
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.judge import POINTING
from ankillm.extract.subject import is_specific
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
ASKED_EN = r"what|why|how|which|when|where|who|whom|whose"
ASKED_ZH = r"为什么|为何|什么|如何|怎么|怎样|哪[些个种一类]?|多少|几[个种类步]|何[时处]|谁|是否"
ASKS = regex(rf"\b(?:{ASKED_EN})\b|{ASKED_ZH}", re.IGNORECASE)
AGAIN = regex(
    rf"(?:\b(?:and|or)\b|[,，;；、]|以及|并且?|和|与|还有|又)\s*(?:in\s+|by\s+|to\s+)?(?:\b(?:{ASKED_EN})\b|{ASKED_ZH})",
    re.IGNORECASE,
)
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
SMALL = frozenset(
    f"""{ASKED_EN.replace("|", " ")} a an the in on of for to by at as if and or from with under during after before
    between besides apart given name during is are was were does do did can could should will would has have into while
    over per than then there besides about through within without against among both each every compared unlike
    suppose""".split()
)
"""Words that begin a question with a capital letter and are no names."""
TOKEN = regex(r"[A-Za-zÀ-ɏͰ-Ͽ][\w+]*(?:[.\-/][A-Za-z0-9]\w*)*")
CODED = regex(r"[\d_]")
DIGITS = regex(r"\d+(?:[.,]\d+)*")
COUNTED = regex(r"([两二三四五六七八九十百千]+)\s*(?=[个种类点步层条项大部方阶次倍])")
COUNTS_EN = regex(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|hundred|thousand|million|billion|twice|half)\b",
    re.IGNORECASE,
)
NAMED_ZH = regex(
    r"[“「《『\"]([^”」》』\"]{1,40})[”」》』\"]|([^\W\x00-ɏ]{2,8}?(?:大学|公司|团队|实验室|研究院|教授|博士|先生))"
)
FOREIGN = regex(r"[^\W\d_\x00-ͯͰ-Ͽ㐀-鿿豈-﫿　-〿＀-￯]")
"""Letters of other scripts than Latin, Greek and Chinese."""


class Ground(Struct, frozen=True):
    """What a question is held against: its passage, the titles and labels above it, and the whole note."""

    passage: str
    above: str
    section: str
    note: str
    language: Language


def cleaned(question: str) -> str:
    """Return a question in one form, without the marks of code around words."""
    return TICKS.sub(r"\1", unicodedata.normalize("NFC", " ".join(question.split()))).strip()


def front_fault(question: str, subject: str, ground: Ground) -> str:
    """Return the code of the first thing that is wrong with a question; empty if nothing is."""
    for code, broken in FAULTS:
        if broken(question, subject, ground):
            return code
    return ""


def holds_name(name: str, text: str) -> bool:
    """Whether a text holds a name as a word of its own; case and white space do not count."""
    plain, wanted = (" ".join(part.lower().split()) for part in (text, name))
    first = r"(?<![a-z0-9])" if wanted[:1].isascii() and wanted[:1].isalnum() else ""
    last = r"(?![a-z0-9])" if wanted[-1:].isascii() and wanted[-1:].isalnum() else ""
    return bool(wanted) and bool(re.search(first + re.escape(wanted).replace(r"\ ", r"\s*") + last, plain))


def subject_fault(subject: str, ground: Ground) -> str:
    """Return the code of what is wrong with a subject; empty if it names a thing of the passage or above it."""
    bad = bool(MARKUP.search(subject)) or _unplain(subject) or not letters(subject) or bool(POINTING.match(subject))
    if bad or not is_specific(subject):
        return "subject"
    return "" if holds_name(subject, ground.above) or holds_name(subject, ground.passage) else "subject"


def _unplain(text: str) -> bool:
    return any(unicodedata.category(sign) in UNPLAIN for sign in text)


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
    return marks > 1 or again or bool(re.search(r"[。！!;；]|\.\s", question))


def _is_closed(question: str, _subject: str, _ground: Ground) -> bool:
    return bool(CLOSED.search(question))


def _points(question: str, subject: str, _ground: Ground) -> bool:
    """Whether a question points to something that does not stand in it."""
    pronoun = PRONOUN.search(question)
    loose = pronoun is not None and not holds_name(subject, question[: pronoun.start()])
    return loose or bool(ELSEWHERE.search(question) or POINTS.search(question))


def _lacks_subject(question: str, subject: str, ground: Ground) -> bool:
    return bool(subject_fault(subject, ground)) or not holds_name(subject, question)


def _says_more(question: str, _subject: str, ground: Ground) -> bool:
    """Whether a question has a name or a number that the note lacks."""
    asked, note = (unicodedata.normalize("NFKC", text) for text in (question, ground.note))
    near = unicodedata.normalize("NFKC", f"{ground.passage}\n{ground.above}\n{ground.section}")
    if set(DIGITS.findall(asked)) - set(DIGITS.findall(near)):
        return True
    counts = [*COUNTED.findall(asked), *COUNTS_EN.findall(asked)]
    if any(count.lower() not in near.lower() for count in counts):
        return True
    named = ["".join(pair) for pair in NAMED_ZH.findall(asked)]
    if any(letters(name) not in letters(note) for name in named):
        return True
    if set(FOREIGN.findall(asked)) - set(FOREIGN.findall(note)):
        return True
    return any(not _holds_token(name, note) for name in _names(asked, ground.language))


def _names(question: str, language: Language) -> list[str]:
    """Return the words of a question that are names: all Latin ones in Chinese, those with capitals in English."""
    words = TOKEN.findall(question)
    if language == "zh":
        return words
    first = words[0].lower() if words else ""
    capital = words[0 if first not in SMALL else 1 :]
    return [word for word in capital if not word.islower() or CODED.search(word)]


def _holds_token(name: str, note: str) -> bool:
    """Whether a note holds a name; one more `s` is its plural."""
    forms = {name, name.removesuffix("s")} if len(name) > 2 else {name}  # noqa: PLR2004  (a name and its s)
    return any(holds_name(form, note) for form in forms)


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
    ("foreign-name", _says_more),
    ("negation", _denies_else),
)
