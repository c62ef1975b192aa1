"""Which terms of the demos a text names: identifiers as whole code tokens, words as words, Chinese as it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ankillm.demos import Demo, FactSpec, all_terms

ASCII_WORD = "[A-Za-z0-9_]"
CJK = "[\u3400-\u9fff]"
CHINESE = re.compile(CJK)
START = re.compile(f"{ASCII_WORD}{{1,3}}")
WORD = re.compile(f"{ASCII_WORD}+")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
SHORTEST = 4
"""Letters that a term needs to count alone; a Chinese character is worth two."""
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\[[^\[\]]*\]|\([^()]*\))")
ESCAPE = re.compile(r"\\([_*`\[\]<>])")


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
        """Return the places of the terms whose needle starts a word with these letters, or has this character."""
        found: dict[str, list[int]] = {}
        for at, term in enumerate(self):
            found.setdefault(_start(term.needle), []).append(at)
        return found


def _start(needle: str) -> str:
    """Return the first letters of a needle, at most three, if it starts with any; else its first character."""
    word = START.match(needle)
    return word[0] if word else needle[0]


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
    words = WORD.findall(lowered)
    starts = {*lowered, *words, *(word[:2] for word in words), *(word[:3] for word in words)}
    return sorted(at for start in starts & known.by_start.keys() for at in known.by_start[start])


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
