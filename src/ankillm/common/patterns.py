"""Regular expressions that are compiled when first used: all of them at every start would take longer than most builds.

Some 200 of them take 0.15 s to compile; a command, or a note, needs few.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from ankillm.common.kept_patterns import KEPT

METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")


class _Pattern:
    def __init__(self, source: str, flags: int) -> None:
        self.pattern, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever a compiled pattern has)
        """Compile, at the first call of a method; from then on its methods are this one's own."""
        compiled = KEPT.pattern(self.pattern, self._flags)
        self.__dict__.update({method: getattr(compiled, method) for method in METHODS})
        return getattr(compiled, name)


def regex(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that behaves as a compiled one, and is compiled when its first method is called."""
    return cast("re.Pattern[str]", _Pattern(source, flags))


def without(opening: "re.Pattern[str]", text: str) -> str:
    """Return a text without what a pattern finds at its start: a third of the time that a substitution takes."""
    match = opening.match(text)
    return text[match.end() :] if match else text


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def has_word(text: str, word: str, goes_on: Callable[[str], bool] = _is_of_word) -> bool:
    """Whether a text has some words with no sign beside them that goes on a word: a letter, digit or underscore.

    Written without a pattern: one compiled for each word takes longer than a note.
    """
    at = text.find(word)
    while at >= 0:
        if not (goes_on(text[at - 1 : at]) or goes_on(text[at + len(word) : at + len(word) + 1])):
            return True
        at = text.find(word, at + 1)
    return False


def one_of(words: Iterable[str]) -> str:
    """Return a pattern that matches one of some words, the longest that fits."""
    return "|".join(sorted(map(re.escape, dict.fromkeys(words)), key=len, reverse=True))


ADORNED = regex(r"(?:\s?(?:\d\ufe0f?\u20e3|[\U0001f300-\U0001faff✨⭐☆★⚡☹☺]\ufe0f?))+\s?")
"""Pictures that adorn a text, and numbers in boxes."""
ARROW = r"(?:→|->|=>|⇒)"
BRACKETED = r"[（(][^（()）]*[)）]"
"""Something in brackets, of either script, without brackets inside."""
PERSON = r"\b(?:i|we|my|our)\b"
"""The writer in person, in English; case is ignored."""
HAN = r"[^\W\x00-\u04ff]"
"""A Chinese character, as a part of patterns: a letter beyond Latin, Greek and Cyrillic ones.

The range `\u3400-\u9fff` itself takes eight times as long to compile, twenty times where case is ignored, as
`benchmarks/where.py` prints."""
CHINESE = regex(HAN)
SEMICOLON = regex(r"[；;]\s*")
