"""Which terms of the demos a text names: identifiers as whole code tokens, words as words, Chinese as it stands."""

import string
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from msgspec import Struct

from ankillm.common.patterns import CHINESE, HAN, regex
from ankillm.evidence.demo import Demo, FactSpec, name_of, words_of, written_terms

BESIDE_CHINESE = regex(f"(?<={HAN}) | (?={HAN})")
WORD = regex("[A-Za-z0-9_]+")
LETTERS = frozenset(f"{string.ascii_lowercase}{string.digits}_")
WORD_LETTERS = frozenset({*LETTERS, *string.ascii_uppercase})
IDENTIFIER = regex(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
SHORTEST = 4
"""Letters that a term needs to count alone; a Chinese character is worth two."""
LINK = regex(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\[[^\[\]]*\]|\([^()]*\))")
ESCAPE = regex(r"\\([_*`\[\]<>])")


class Term(Struct, frozen=True):
    """A term of a demo with the facts that declare it; without facts it is one of the demo's further terms."""

    text: str
    demo: Demo
    facts: tuple[FactSpec, ...]
    needle: str
    """Its longest word, in lower case, without which no text can name it."""
    width: int = 0
    """Its letters, a Chinese character counted twice."""
    code: bool = False
    """Whether it is an identifier, or too short to be read without regard to case."""
    others: tuple[str, ...] = ()
    """Names of other things that hold it, in lower case."""
    name: str = ""
    """What it is called, without what only has to stand beside it."""

    @property
    def short(self) -> bool:
        """Whether it counts only beside another term of its demo."""
        return self.width < SHORTEST

    @property
    def endings(self) -> tuple[str, ...]:
        """What may follow it and still be the term: of words, also the plural's."""
        return ("", "s", "es") if not self.code and self.text[-1:] in string.ascii_lowercase else ("",)


class Terms(tuple[Term, ...]):  # noqa: SLOT001  (its index is kept in it)
    """Terms in order, and where each is looked for: under the start of its needle."""

    @cached_property
    def by_start(self) -> dict[str, list[int]]:
        """Return the places of the terms whose needle starts with this whole word, or else with this character."""
        found: dict[str, list[int]] = {}
        for at, term in enumerate(self):
            word = WORD.match(term.needle)
            for start in (word[0], f"{word[0]}s", f"{word[0]}es") if word else (term.needle[0],):
                found.setdefault(start, []).append(at)
        return found

    def near(self, text: str) -> tuple[Term, ...]:
        """Return the terms whose needle stands in a text: no other is named in it, nor in a part of it."""
        lowered = text.casefold()
        starts = self.by_start.keys() & {*WORD.findall(lowered), *({*lowered} - LETTERS)}
        places = sorted({at for start in starts for at in self.by_start[start]})
        return tuple(self[at] for at in places if self[at].needle in lowered)


@lru_cache(maxsize=4)
def terms(demos: tuple[Demo, ...]) -> Terms:
    """Return every term of every demo."""
    return Terms(_term(text, demo) for demo in demos for text in written_terms(demo) if words_of(text))


def _term(text: str, demo: Demo) -> Term:
    bare = words_of(text).removesuffix("()")
    facts = tuple(fact for fact in demo.facts if text in fact.terms)
    needle = max(bare.split(), key=len).casefold()
    code = bool(IDENTIFIER.fullmatch(bare)) and ("_" in bare or "." in bare or len(bare) < SHORTEST)
    others = tuple(name for other in demo.others if bare.casefold() in (name := _spaced(other.casefold())))
    return Term(bare, demo, facts, needle, len(bare) + len(CHINESE.findall(bare)), code, others, name_of(text))


def named(text: str, known: Terms) -> Iterator[Term]:
    """Yield the terms that a text names, short ones too."""
    return those_in(text, known.near(text))


def those_in(text: str, some: Iterable[Term]) -> Iterator[Term]:
    """Yield those of some terms that a text names: whole words; case counts in code and in short terms."""
    lowered = _spaced(text.casefold())
    for term in some:
        if term.needle in lowered and _stands(term, text if term.code else lowered):
            yield term


def _spaced(text: str) -> str:
    """Return a text with one space for any white space, and none beside Chinese, where writers differ."""
    plain = " ".join(text.split())
    return plain if plain.isascii() else BESIDE_CHINESE.sub("", plain)


def _stands(term: Term, text: str) -> bool:
    """Whether a term stands in a text as whole words."""
    words = term.text if term.code else _spaced(term.text.casefold())
    at = text.find(words)
    while at >= 0:
        after = at + len(words)
        ends = (after + len(ending) for ending in term.endings if text.startswith(ending, after))
        whole = _is_edge(text, at, words[0]) and any(_is_edge(text, end + 1, words[-1]) for end in ends)
        if whole and not any(_inside(text, at, words, other) for other in term.others):
            return True
        at = text.find(words, at + 1)
    return False


def _inside(text: str, at: int, words: str, other: str) -> bool:
    """Whether the words that stand at a place are a part of the name of something else."""
    start = at - other.find(words)
    return start >= 0 and text.startswith(other, start)


def _is_edge(text: str, place: int, beside: str) -> bool:
    """Whether a word can start at a place, or end before the one in front of it, beside this character of its own."""
    return beside not in WORD_LETTERS or place == 0 or text[place - 1 : place] not in WORD_LETTERS


def readable(markdown: str) -> str:
    """Return Markdown with links reduced to their words and escapes undone: no address can match a term."""
    if "[" not in markdown and "\\" not in markdown:
        return markdown
    return ESCAPE.sub(r"\1", LINK.sub(r"\1", markdown))
