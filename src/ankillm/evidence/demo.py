"""The demos as data: what each explains and measures, and how they are found by name and term."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from msgspec import Struct

from ankillm.common.language import Language
from ankillm.common.patterns import CHINESE, regex

MOST_FACTS = 3
"""As many as a card shows, and a term is answered with."""
FACT = "#"
"""What stands between a demo's name and its fact's."""
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

    A term that is called so wherever it stands comes before one that is only beside other words. `lora#scaling` names a
    fact of a demo.
    """
    known = tuple(known)
    word = key_of(text)
    named = tuple(demo for demo in known if demo.name == word or (FACT in word and facts_of(demo, text)))
    sure = named or tuple(demo for demo in known if word in _keys(demo, name_of, aside=False))
    return sure or tuple(demo for demo in known if word in _keys(demo, name_of) | _keys(demo, words_of))


def facts_of(demo: Demo, text: str) -> tuple[FactSpec, ...]:
    """Return the facts that a term of a demo asks for, those first that are most about it: it is among their first.

    Of those alike, the ones with a question come first; what takes a GPU comes last. `lora#scaling` asks for that fact,
    a further term of the demo for the facts with a question.
    """
    word = key_of(text)
    if FACT in word and (exact := tuple(spec for spec in demo.facts if f"{demo.name}{FACT}{spec.name}" == word)):
        return exact
    places = {spec.name: _place(word, spec.terms) for spec in demo.facts}
    found = [spec for spec in demo.facts if places[spec.name] is not None]
    if not found and word in _keys(demo, name_of) | _keys(demo, words_of):
        found = [spec for spec in demo.facts if spec.question_en]
    ranks = {spec.name: (spec.en.startswith("GPU"), places[spec.name] or 0, not spec.question_en) for spec in found}
    return tuple(sorted(found, key=lambda spec: ranks[spec.name]))


def _place(word: str, terms: Sequence[str]) -> int | None:
    """Return which of some terms is a word as it is looked up; those that only count beside other words are last."""
    found = (at for at, term in enumerate(terms) if word in {key_of(name_of(term)), key_of(words_of(term))})
    return min((at + len(terms) * ("[" in terms[at]) for at in found), default=None)


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


def own_term(demo: Demo, fact: str, of: Mapping[str, str], language: Language, own: Sequence[str] = ()) -> str:
    """Return what a card asks its demo for, so that its first fact is among the first that it is answered with.

    One of the card's `own` terms, or where it has none, of the fact's, in the card's language if there is one. It names
    this demo and no other by `owners`. Where none leads to the fact, `lora#scaling`; without a fact, nothing. What a
    command line takes for an option, or for the whole demo, leads nowhere.
    """
    said = {name for term in own if _asks_for(name := name_of(term), demo, of)}
    terms = next((spec.terms for spec in demo.facts if spec.name == fact), ())
    names = [name for term in (own if said else terms) if _asks_for(name := name_of(term), demo, of)]
    leading = [name for name in names if not fact or fact in [spec.name for spec in facts_of(demo, name)[:MOST_FACTS]]]
    spoken = (name for name in leading if _is_spoken(name, language, said=name in said))
    return next(chain(spoken, leading), f"{demo.name}{FACT}{fact}" if fact else "")


def _asks_for(name: str, demo: Demo, of: Mapping[str, str]) -> bool:
    """Whether a command line takes a name for a term of this demo and of no other."""
    return bool(name) and name[:1] != "-" and name != demo.name and of.get(key_of(name)) == demo.name


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
