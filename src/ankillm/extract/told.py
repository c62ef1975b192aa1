"""Whether a title names a thing: it is spelled as names are, or the text of its note speaks of it too.

`LoRA` and `ReLU 激活` are spelled as names; `损失函数` is a thing where a sentence has the word, and `数据准备` over
what was prepared is none.
"""

from functools import lru_cache

from ankillm.common.patterns import CHINESE, one_of, regex
from ankillm.extract.vocabulary import listed
from ankillm.markdown.note import Note

SPELLED = regex(r"[A-Z]{2}|[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[_`]")
"""How names are spelled in Latin letters, and common words are not."""
LATIN = regex(r"[A-Za-z]{2}")
THING = regex(rf"(?:{one_of(listed('zh', 'things'))})$")
TITLE = regex(r"(?m)^ {0,3}#{1,6}\s.*$")
MARKS = "*_` "
CAPITAL = regex(r"[A-Z][a-z]{1,20}")
GLOSSED = regex(r"[（(][A-Za-z][^（()）]*[)）]$")
MOST_WORDS = 3
MOST_READ = 100_000
"""Characters of a note that are looked through, or the labels of a note without end would take their square."""
OFTEN = 2
"""How often a text has a name that no spelling tells from a word at the start of a title."""


@lru_cache(maxsize=8)
def told_in(note_text: str) -> str:
    """Return what a note says below its titles."""
    return TITLE.sub("", note_text[:MOST_READ])


@lru_cache(maxsize=8)
def _lower(told: str) -> str:
    return told.lower()


def is_told(name: str, told: str) -> bool:
    """Whether a title names a thing."""
    return is_spelled(name) or is_spoken_of(name, told)


def is_spelled(name: str) -> bool:
    """Whether a title looks like a name: capitals, Latin letters in Chinese, two words, a word for a kind of thing."""
    if SPELLED.search(name):
        return True
    return bool(LATIN.search(name) or THING.search(name)) if CHINESE.search(name) else " " in name


@lru_cache(maxsize=1024)
def is_spoken_of(name: str, told: str) -> bool:
    """Whether a note's text has the words of a title, not before a colon alone."""
    wanted, at, told = name.lower(), -1, _lower(told)
    while (at := told.find(wanted, at + 1)) >= 0:
        behind = told[at + len(wanted) : at + len(wanted) + 6].lstrip(MARKS)
        if behind and behind[0] not in ":：\n":
            return True
    return False


def stands_alone(name: str) -> bool:
    """Whether a name needs no other beside it: it is spelled as a proper name, or glossed in brackets."""
    return bool(SPELLED.search(name) or GLOSSED.search(name))


@lru_cache(maxsize=1024)
def is_proper(name: str, told: str) -> bool:
    """Whether a title is the proper name of a thing and nothing else: `FCOS`, `GPT-4`; `FCOS 的损失` is not.

    A word with a capital is one where its note never has it without.
    """
    if not name.isascii() or len(name.split()) > MOST_WORDS:
        return False
    lone = CAPITAL.fullmatch(name) and told.count(name) >= OFTEN
    return bool(SPELLED.search(name) or (lone and name.lower() not in told))


def text_of(note: Note) -> str:
    """Return what a note tells, as `is_told` takes it."""
    return told_in(note.text)
