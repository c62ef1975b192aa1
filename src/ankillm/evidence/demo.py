"""The demos as data: what each explains and measures, and how they are found by name and term."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain

from msgspec import Struct

from ankillm.common.language import Language
from ankillm.common.patterns import CHINESE, regex

ASIDE = regex(r"\[[^\[\]]*\]")


class FactSpec(Struct, frozen=True):
    """A fact as its demo declares it."""

    name: str
    zh: str
    en: str
    unit: str = ""
    terms: tuple[str, ...] = ()
    """As the demo writes them; `name_of` and `words_of` read them."""
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
    code: str = ""
    """Searched in a line of code too, where a comment says it of what stands beside it: whatever is around."""
    sure: bool = False
    """Whether a note that says so is surely wrong: a doubt; else only `ankillm check --suggest` tells of it."""
    needed: tuple[str, ...] = ()
    """Words, case aside, of which one stands in all that the pattern finds; not known where there are none."""


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


def name_of(term: str) -> str:
    """Return a term's name: `KV cache[ grows]` is KV cache, if that verb follows; `[it grows]` has no name."""
    return ASIDE.sub("", term).strip()


def words_of(term: str) -> str:
    """Return what has to stand in a text for a term to be named there."""
    return term.replace("[", "").replace("]", "").strip()


def key_of(term: str) -> str:
    """Return a term as it is looked up: case aside, and a call like its name."""
    return term.casefold().removesuffix("()")


def find(known: Iterable[Demo], text: str) -> tuple[Demo, ...]:
    """Return the demo of that name, else those that have it as a term (case aside): none, one or several.

    A term that is called so wherever it stands comes before one that is only beside other words.
    """
    known = tuple(known)
    word = key_of(text)
    named = tuple(demo for demo in known if demo.name == word)
    sure = named or tuple(demo for demo in known if word in _keys(demo, name_of, aside=False))
    return sure or tuple(demo for demo in known if word in _keys(demo, name_of) | _keys(demo, words_of))


def _keys(demo: Demo, reading: Callable[[str], str], *, aside: bool = True) -> set[str]:
    """Return how a demo's terms are looked up, in one of their readings; without those with something aside."""
    return {key_of(reading(term)) for term in written_terms(demo) if aside or "[" not in term} - {""}


@lru_cache(maxsize=4)
def owners(known: tuple[Demo, ...]) -> Mapping[str, str]:
    """Return which demo each name and term is of, case aside; none for a term of several. A name beats terms."""
    found: dict[str, str] = {}
    for aside in (False, True):
        sure = frozenset(found)
        for demo in known:
            for word in _keys(demo, name_of, aside=aside) - sure:
                found[word] = "" if word in found else demo.name
    return found | {demo.name: demo.name for demo in known}


def own_term(
    demo: str, terms: Iterable[str], of: Mapping[str, str], language: Language, own: Iterable[str] = ()
) -> str:
    """Return what the first of some terms is called that names this demo and no other; empty if there is none.

    That is told by `owners`. `own` are those that a card names itself: they come before the others. One of another
    language comes last, one that a command line would take for an option not at all.
    """
    words = [(name_of(term), True) for term in own] + [(name_of(term), False) for term in terms]
    names = [pair for pair in words if pair[0] and pair[0][:1] != "-" and of.get(key_of(pair[0])) == demo]
    spoken = (name for name, said in names if _is_spoken(name, language, said=said))
    return next(chain(spoken, (name for name, _ in names)), "")


def _is_spoken(name: str, language: Language, *, said: bool) -> bool:
    """Whether a name is of a language: of Chinese also what its note says, and a single word such as code."""
    chinese = bool(CHINESE.search(name))
    return not chinese if language == "en" else chinese or said or " " not in name


def nearest(known: Iterable[Demo], text: str) -> tuple[str, ...]:
    """Return up to three names and terms that are spelled most like a text."""
    import difflib  # noqa: PLC0415  (only a mistyped name pays for it)

    words = {word.casefold(): word for demo in known for word in (*all_terms(demo), demo.name)}
    return tuple(words[match] for match in difflib.get_close_matches(text.casefold(), words, n=3, cutoff=0.5))


def all_terms(demo: Demo) -> tuple[str, ...]:
    """Return what every term of a demo is called, once: those of its facts, then its further ones."""
    return tuple(dict.fromkeys(name for term in written_terms(demo) if (name := name_of(term))))


def written_terms(demo: Demo) -> tuple[str, ...]:
    """Return every term of a demo once, as it is written there."""
    return tuple(dict.fromkeys([*(term for fact in demo.facts for term in fact.terms), *demo.terms]))
