"""What a question is held against, the words of a note near a passage and around it; what it names and they do not."""

import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

from ankillm.cards.plain import letters
from ankillm.common.language import Language
from ankillm.common.patterns import regex

ASKED_EN = r"what|why|how|which|when|where|who|whom|whose"
NO_NAMES = frozenset(
    f"""{ASKED_EN.replace("|", " ")} a an the in on of for to by at as if and or from with under during after before
    between besides apart given name is are was were does do did can could should will would has have into while
    over per than then there besides about through within without against among both each every compared unlike
    suppose""".split()
)
"""Words that begin a question with a capital letter and are no names."""
LATIN = "A-Za-zÀ-ɏͰ-Ͽ"
"""And Greek."""
TOKEN = regex(rf"(?<![0-9_.{LATIN}])(?=[\d.,]*[{LATIN}])[0-9{LATIN}][0-9_+{LATIN}]*(?:[.\-/][0-9A-Za-z][0-9A-Za-z_]*)*")
"""A word, or a number with letters such as `8x7B`; Chinese that touches it is no part of it."""
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
BESIDE_CHINESE = regex(r"(?<=[㐀-鿿豈-﫿]) | (?=[㐀-鿿豈-﫿])")
FOREIGN = regex(r"[^\W\d_\x00-ͯͰ-Ͽ㐀-鿿豈-﫿　-〿＀-￯]")
"""Letters of other scripts than Latin, Greek and Chinese."""


class Ground(Struct, frozen=True):
    """What a question is held against: its passage, the titles and labels above it, and the whole note."""

    passage: str
    above: str
    section: str
    note: str
    language: Language


def holds_name(name: str, text: str) -> bool:
    """Whether a text holds a name as a word of its own; case, and white space beside Chinese, do not count."""
    wanted = _spaced(name)
    first = r"(?<![a-z0-9])" if wanted[:1].isascii() and wanted[:1].isalnum() else ""
    last = r"(?![a-z0-9])" if wanted[-1:].isascii() and wanted[-1:].isalnum() else ""
    return bool(wanted) and bool(re.search(first + re.escape(wanted).replace(r"\ ", r"\s*") + last, _spaced(text)))


@lru_cache(maxsize=64)
def _spaced(text: str) -> str:
    """Return a text as names are looked for in it."""
    return BESIDE_CHINESE.sub("", " ".join(text.lower().split()))


def says_more(question: str, ground: Ground) -> bool:
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
    capital = words[0 if first not in NO_NAMES else 1 :]
    return [word for word in capital if not word.islower() or CODED.search(word)]


def _holds_token(name: str, note: str) -> bool:
    """Whether a note holds a name; one more `s` is its plural."""
    forms = {name, name.removesuffix("s")} if len(name) > 2 else {name}  # noqa: PLR2004  (a name and its s)
    return any(holds_name(form, note) for form in forms)
