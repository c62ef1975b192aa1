"""Which terms of the demos a text names: identifiers as whole code tokens, words as words, Chinese as it stands."""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ankillm.demos import Demo, FactSpec, all_terms
from ankillm.patterns import regex

ASCII_WORD = "[A-Za-z0-9_]"
CJK = "[\u3400-\u9fff]"
CHINESE = regex(CJK)
WORD = regex(f"{ASCII_WORD}+")
LETTERS = frozenset(f"{string.ascii_lowercase}{string.digits}_")
IDENTIFIER = regex(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
SHORTEST = 4
"""Letters that a term needs to count alone; a Chinese character is worth two."""
LINK = regex(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\[[^\[\]]*\]|\([^()]*\))")
ESCAPE = regex(r"\\([_*`\[\]<>])")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a demo with the facts that declare it; without facts it is one of the demo's further terms."""

    text: str
    demo: Demo = field(repr=False)
    facts: tuple[FactSpec, ...] = field(repr=False)
    needle: str = field(repr=False)
    """A piece of the term, in lower case, without which no text can match: looked for first, as that is fast."""

    width: int = 0
    """Its letters, a Chinese character counted twice."""

    @property
    def short(self) -> bool:
        """Whether it counts only beside another term of its demo."""
        return self.width < SHORTEST


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


@lru_cache(maxsize=4)
def terms(demos: tuple[Demo, ...]) -> Terms:
    """Return every term of every demo."""
    return Terms(_term(text, demo) for demo in demos for text in all_terms(demo) if text.strip())


def _term(text: str, demo: Demo) -> Term:
    bare = text.strip().removesuffix("()")
    facts = tuple(fact for fact in demo.facts if text in fact.terms)
    needle = max(bare.split(), key=len).casefold()
    return Term(bare, demo, facts, needle, len(bare) + len(CHINESE.findall(bare)))


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """Compile a term: whole tokens; case counts in code and in short terms; a space may be missing beside Chinese."""
    code = bool(IDENTIFIER.fullmatch(text)) and ("_" in text or "." in text or len(text) < SHORTEST)
    body = re.sub(rf"(?<={CJK})(?:\\ )+|(?:\\ )+(?={CJK})", r"\\s*", re.escape(text))
    body = re.sub(r"(?:\\ )+", r"\\s+", body)
    plural = "(?:s|es)?" if not code and re.search(r"[a-z]$", text) else ""
    before = rf"(?<!{ASCII_WORD})" if re.match(ASCII_WORD, text) else ""
    after = rf"(?!{ASCII_WORD})" if re.search(f"{ASCII_WORD}$", text) else ""
    return re.compile(f"{before}{body}{plural}{after}", 0 if code else re.IGNORECASE)


def names_any(text: str, known: Terms) -> bool:
    """Whether a text may name a term: most cards name none, and one look at all of a card's texts tells."""
    lowered = text.casefold()
    return any(known[at].needle in lowered for at in _near(lowered, known))


def _near(lowered: str, known: Terms) -> list[int]:
    """Return the places of the terms that some word of a text can start."""
    starts = known.by_start.keys() & {*WORD.findall(lowered), *({*lowered} - LETTERS)}
    return sorted({at for start in starts for at in known.by_start[start]})


def named(text: str, known: Terms) -> Iterator[Term]:
    """Yield the terms that a text names, short ones too; only those are looked for that some word of it can start."""
    lowered = text.casefold()
    for term in [known[at] for at in _near(lowered, known)]:
        if term.needle in lowered and _pattern(term.text).search(text):
            yield term


def readable(markdown: str) -> str:
    """Return Markdown with links reduced to their words and escapes undone: no address can match a term."""
    if "[" not in markdown and "\\" not in markdown:
        return markdown
    return ESCAPE.sub(r"\1", LINK.sub(r"\1", markdown))
