"""Which terms of the demos a text names: identifiers as whole code tokens, words as words, Chinese as it stands."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ankillm.demos import Demo, FactSpec, all_terms

ASCII_WORD = "[A-Za-z0-9_]"
CJK = "[\u3400-\u9fff]"
CHINESE = re.compile(CJK)
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
    pattern: re.Pattern[str] = field(repr=False)
    needle: str = field(repr=False)
    """A piece of the term, in lower case, without which no text can match: looked for first, as that is fast."""

    width: int = 0
    """Its letters, a Chinese character counted twice."""

    @property
    def short(self) -> bool:
        """Whether it counts only beside another term of its demo."""
        return self.width < SHORTEST


@lru_cache(maxsize=4)
def terms(demos: tuple[Demo, ...]) -> tuple[Term, ...]:
    """Return every term of every demo."""
    return tuple(_term(text, demo) for demo in demos for text in all_terms(demo) if text.strip())


def _term(text: str, demo: Demo) -> Term:
    bare = text.strip().removesuffix("()")
    facts = tuple(fact for fact in demo.facts if text in fact.terms)
    needle = max(bare.split(), key=len).casefold()
    return Term(bare, demo, facts, _pattern(bare), needle, len(bare) + len(CHINESE.findall(bare)))


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a term: whole tokens; case counts in code and in short terms; a space may be missing beside Chinese."""
    code = bool(IDENTIFIER.fullmatch(text)) and ("_" in text or "." in text or len(text) < SHORTEST)
    body = re.sub(rf"(?<={CJK})(?:\\ )+|(?:\\ )+(?={CJK})", r"\\s*", re.escape(text))
    body = re.sub(r"(?:\\ )+", r"\\s+", body)
    plural = "(?:s|es)?" if not code and re.search(r"[a-z]$", text) else ""
    before = rf"(?<!{ASCII_WORD})" if re.match(ASCII_WORD, text) else ""
    after = rf"(?!{ASCII_WORD})" if re.search(f"{ASCII_WORD}$", text) else ""
    return re.compile(f"{before}{body}{plural}{after}", 0 if code else re.IGNORECASE)


def named(text: str, known: Iterable[Term]) -> Iterator[Term]:
    """Yield the terms that a text names, short ones too."""
    lowered = text.casefold()
    for term in known:
        if term.needle in lowered and term.pattern.search(text):
            yield term


def readable(markdown: str) -> str:
    """Return Markdown with links reduced to their words and escapes undone: no address can match a term."""
    return ESCAPE.sub(r"\1", LINK.sub(r"\1", markdown))
