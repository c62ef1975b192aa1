"""What a note is about where no title names it: the one proper name in its file's name, as its text spells it.

`opennmt-training-faq.md` is about OpenNMT; `bert-elmo-gpt.md` is about none of the three alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ankillm.common.patterns import regex
from ankillm.extract.title_names import BROAD, LETTERS, MOST_READ, OFTEN, SPELLED, is_common
from ankillm.markdown.note import Note

WORD = regex(r"[A-Za-z][A-Za-z\d]+")
ASKED_ABOUT = regex(r"\bfaqs?\b|frequently asked|\bq\s?&\s?a\b|troubleshoot|常见问题|常見問題|疑难解答", re.IGNORECASE)
"""Names of notes in which the users of a thing ask, and take it for granted."""
LETTER = regex(r"[^\W\d_]")
KIND = regex(
    r"(?:notes?|faqs?|summary|review|guide|tutorial|papers?|intro|basics|questions?|qa|pdf|readme|cheatsheet|gpus?|cpus?|cuda|[a-z]{2,4}\d{3}[a-z]?)"
)
"""What a note is, the course that it is of, or what all notes are about."""
PATH = frozenset("`/_@-")
"""Signs beside a word in code, in the name of a file and in an address."""
SHORTEST = 3
"""Letters of a word in a file's name that can be a name: of shorter ones most shorten something else."""


def topic_of(note: Note, body: str) -> str:
    """Return the proper name in a note's file name; empty where there is none, or more than one.

    `body` is what the note says below its titles.
    """
    return _topic(Path(note.path).stem, body, capital=False)


def asked_about(note: Note) -> str:
    """Return what users ask about in a note of their questions; empty where it is none, or of more than one thing."""
    stem = Path(note.path).stem
    if not ASKED_ABOUT.search(f"{stem.replace('_', ' ')} {note.title}"):
        return ""
    topic = _topic(stem, note.text, capital=True) or _topic(note.title, note.text, capital=True)
    of_other = LETTER.search(ASKED_ABOUT.sub("", note.title)) and topic.lower() not in note.title.lower()
    return "" if of_other else topic


@lru_cache(maxsize=8)
def _topic(stem: str, body: str, *, capital: bool) -> str:
    words = dict.fromkeys(word.lower() for word in WORD.findall(stem) if len(word) >= SHORTEST)
    own = [word for word in words if not (BROAD.match(word) or is_common(word) or KIND.fullmatch(word))]
    named = [name for word in own if (name := _spelled(word, body, capital=capital))]
    return named[0] if len(named) == 1 else ""


def _spelled(word: str, body: str, *, capital: bool) -> str:
    """Return how a text spells a word, if mostly as a name; `capital`: one capital is enough, seldom left out."""
    seen = Counter(_spellings(word, body[:MOST_READ]))
    if not seen:
        return ""
    best, often = seen.most_common(1)[0]
    has_capital = capital and best[0].isupper() and best[1:].islower() and often > OFTEN * seen[word]
    return best if often >= OFTEN and (has_capital or SPELLED.search(best)) else ""


def _spellings(word: str, body: str) -> Iterator[str]:
    """Yield a word each time that a text has it, with no letter beside it: as it is spelled there, outside of paths."""
    low, at, size = body.lower(), -1, len(word)
    while len(low) == len(body) and (at := low.find(word, at + 1)) >= 0:
        left, right, said = body[at - 1 : at], body[at + size : at + size + 1], body[at : at + size]
        in_path = said == word and bool({left, right} & PATH)
        if not (left in LETTERS or right in LETTERS or in_path):
            yield said
