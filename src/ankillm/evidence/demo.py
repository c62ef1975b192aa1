"""The demos as data: what each explains and measures, and how they are found by name and term."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct


class FactSpec(Struct, frozen=True):
    """A fact as its demo declares it."""

    name: str
    zh: str
    en: str
    unit: str = ""
    terms: tuple[str, ...] = ()
    varies: bool = False
    tolerance: float = 0.0
    question_zh: str = ""
    question_en: str = ""
    why_zh: str = ""
    why_en: str = ""
    """In one sentence, why it comes out so."""
    line: int = 0
    """The line of the demo that measures it."""


class Misreading(Struct, frozen=True):
    """A common misreading that a fact answers, and what to say, in both languages."""

    pattern: str
    """Searched in a sentence of prose or a line of code, as `misreadings.compiled` reads it."""
    fact: str
    expectation: str
    """What the misreading would mean, as a claim's title without the mark: `<= 1.5×`."""
    zh: str
    en: str
    about: tuple[str, ...] = ()
    """Names of which one stands in the passage or above it; without them, it is about anything."""
    unless: str = ""
    """A pattern of what makes the sentence right, or another matter, wherever it stands in the passage."""
    sure: bool = False
    """Whether a note that says so is surely wrong: a doubt; else only `ankillm check --suggest` tells of it."""


class Demo(Struct, frozen=True):
    """A module in `reference_trainer/` that measures real behaviour."""

    name: str
    path: str
    """As shown to the reader: `reference_trainer/lora.py`."""
    explains: str
    """The module's docstring."""
    terms: tuple[str, ...]
    """Further terms, beside those of the facts: such a card gets the command and no value."""
    facts: tuple[FactSpec, ...]
    misreadings: tuple[Misreading, ...]
    source: str
    """The hash of its code, without docstrings and comments."""
    takes_model: bool = False
    """Whether it can measure the user's own model."""
    others: tuple[str, ...] = ()
    """Names of other things that hold one of its terms, as `sequence length warmup` does: there it is not named."""


def find(known: Iterable[Demo], text: str) -> tuple[Demo, ...]:
    """Return the demo of that name, else those that have it as a term (case aside): none, one or several."""
    known = tuple(known)
    word = text.casefold().removesuffix("()")
    named = tuple(demo for demo in known if demo.name == word)
    return named or tuple(demo for demo in known if word in map(str.casefold, all_terms(demo)))


@lru_cache(maxsize=4)
def owners(known: tuple[Demo, ...]) -> Mapping[str, str]:
    """Return which demo each name and term is of, case aside; none for a term of several. A name beats terms."""
    found: dict[str, str] = {}
    for demo in known:
        for word in {term.casefold().removesuffix("()") for term in all_terms(demo)}:
            found[word] = "" if word in found else demo.name
    return found | {demo.name: demo.name for demo in known}


def own_term(demo: str, terms: Iterable[str], of: Mapping[str, str]) -> str:
    """Return the first of some terms that names this demo and no other, as `owners` has it; empty if there is none.

    One that a command line would take for an option is passed over.
    """
    return next((term for term in terms if term[:1] != "-" and of.get(term.casefold().removesuffix("()")) == demo), "")


def nearest(known: Iterable[Demo], text: str) -> tuple[str, ...]:
    """Return up to three names and terms that are spelled most like a text."""
    import difflib  # noqa: PLC0415  (only a mistyped name pays for it)

    words = {word.casefold(): word for demo in known for word in (*all_terms(demo), demo.name)}
    return tuple(words[match] for match in difflib.get_close_matches(text.casefold(), words, n=3, cutoff=0.5))


def all_terms(demo: Demo) -> tuple[str, ...]:
    """Return every term of a demo once: those of its facts, then its further ones."""
    return tuple(dict.fromkeys([*(term for fact in demo.facts for term in fact.terms), *demo.terms]))
