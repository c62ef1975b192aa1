"""Which titles name a thing: those written as names are, and those that the note's text speaks of too.

`LoRA` and `ReLU 激活` are written as names; `损失函数` is a thing where a sentence has the word, and `数据准备` over
what was prepared is none.
"""

import string
from functools import lru_cache

from ankillm.common.patterns import CHINESE, has_word, one_of, regex
from ankillm.extract.vocabulary import listed
from ankillm.markdown.note import Note

SPELLED = regex(r"[A-Z]{2}|[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[_`]")
"""How names are spelled in Latin letters, and common words are not."""
LATIN = regex(r"[A-Za-z]{2}")
LETTERS = frozenset(string.ascii_letters + string.digits)
THING = regex(rf"(?:{one_of(listed('zh', 'things'))})$")
MARKS = "*_` "
CAPITAL = regex(r"[A-Z][a-z]{1,20}")
GLOSSED = regex(r"[（(][A-Za-z][^（()）]*[)）]$")
MOST_WORDS = 3
"""Words of a proper name, at most."""
MOST_READ = 100_000
"""Characters of a note that are looked through, or the labels of a note without end would take their square."""
OFTEN = 2
"""How often a text has a name that no spelling tells from a word at the start of a title."""


def body_of(note: Note) -> str:
    """Return what a note says below its titles."""
    return _body(note.text, tuple(section.line for section in note.sections if section.title))


@lru_cache(maxsize=8)
def _body(text: str, titles: tuple[int, ...]) -> str:
    away = frozenset(titles)
    lines = text[:MOST_READ].split("\n")
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in away)


@lru_cache(maxsize=8)
def _lower(body: str) -> str:
    return body.lower()


def names_thing(name: str, body: str) -> bool:
    """Whether what a title says names a thing."""
    return _looks_like_name(name) or is_spoken_of(name, body)


def _looks_like_name(name: str) -> bool:
    """Whether a title has capitals, Latin letters in Chinese, two words, or ends with a word for a kind of thing."""
    if SPELLED.search(name):
        return True
    return bool(LATIN.search(name) or THING.search(name)) if CHINESE.search(name) else " " in name


@lru_cache(maxsize=256)
def is_spoken_of(name: str, body: str) -> bool:
    """Whether a note's text has the words of a title, not before a colon alone, from a word's start."""
    wanted, at, body = name.lower(), -1, _lower(body)
    while (at := body.find(wanted, at + 1)) >= 0:
        within = wanted[:1] in LETTERS and body[at - 1 : at] in LETTERS
        behind = body[at + len(wanted) : at + len(wanted) + 6].lstrip(MARKS)
        if behind and behind[0] not in ":：\n" and not within:
            return True
    return False


def stands_alone(name: str) -> bool:
    """Whether a name needs no other beside it: it is spelled as a proper name, or glossed in brackets."""
    return bool(SPELLED.search(name) or GLOSSED.search(name))


@lru_cache(maxsize=256)
def is_proper_name(name: str, body: str) -> bool:
    """Whether a title is the proper name of a thing and nothing else: `FCOS`, `GPT-4`; `Loss of FCOS` is not.

    A word with a capital is one where its note never has it without.
    """
    if not name.isascii() or name[:1].isdigit() or len(name.split()) > MOST_WORDS or " of " in name:
        return False
    lone = CAPITAL.fullmatch(name) and body.count(name) >= OFTEN
    return bool(SPELLED.search(name) or (lone and not has_word(body, name.lower(), LETTERS.__contains__)))
