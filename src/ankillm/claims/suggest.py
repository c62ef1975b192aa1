"""Claims that could be made: misreadings, and sentences near a demo's term with a quantity or a word of degree.

Nothing here edits a note; every suggestion is a link to paste that `ankillm check` would accept. Only of misreadings is
it said that they are wrong: a number that differs from a measured one speaks of another setting more often than not.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from ankillm.claims.assertions import Assertion, assertions
from ankillm.claims.contradictions import contradictions
from ankillm.claims.degrees import Degree, expectation, find_degrees
from ankillm.claims.denial import asserts
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.phrases import claimable
from ankillm.claims.quantities import find_amounts
from ankillm.claims.suggest_code import beneath
from ankillm.claims.suggestion import FactTest, Suggestion, answer, is_valid
from ankillm.claims.verdicts import Verdict, choose
from ankillm.common.patterns import HAN, regex
from ankillm.evidence.demo import Demo, FactSpec, words_of
from ankillm.evidence.terms import Term, named, readable, terms
from ankillm.markdown.note import Note

CLAUSE_END = regex(r"[，,。！？!?；;：:\n（(]|\.(?=\s|$)|$")
OPAQUE = regex(r"`[^`]*`|\$[^$\n]*\$|\\\(.{0,200}?\\\)|https?://\S*|^\s*(?:\*\*)?\d{1,3}[.、)]")
"""Code, formulas, addresses and the number of an item: what stands in them is no statement of degree."""
WORDS = regex(rf"[A-Za-z]{{3,}}|{HAN}(?=({HAN}))")
COMPARED = regex(
    r"(?:相比(?:于|较)?|相较于?|比起)[^，,。]{1,20}[，,]?|(?:与|和|同)[^，,。]{1,20}相比|比[^，,。]{1,12}(?=[更多少大小高低])"
    r"|(?:compared (?:with|to)|unlike|than)\s[^,.]{1,40}",
    re.IGNORECASE,
)
COMMON = frozenset(
    "the and for with that this from which into over not are its than one use used all each after before when what "
    "model models training train step steps number value values data time small large first most same".split()
)
"""English words that stand in any two sentences about models."""
TitleOf: TypeAlias = Callable[[tuple[str, ...]], str]


def suggest(
    note: Note, known: Knowledge, title_of: TitleOf, verdicts: Iterable[Verdict] = ()
) -> tuple[Suggestion, ...]:
    """Return the claims that a note could make, in reading order; what is claimed already is left alone.

    `title_of` returns, of the titles above a sentence, the one that names what it is about.
    """
    claimed = {(verdict.claim.demo, verdict.claim.fact) for verdict in verdicts}
    found: dict[tuple[int, str, str], Suggestion] = {}
    misread = tuple(_misread(note, known))
    wrong = tuple(each for each in misread if not (each.holds or each.under))
    measurable = (each for each in _measurable(note, known, title_of) if not any(_overlaps(each, one) for one in wrong))
    for each in (*misread, *measurable):
        if (each.demo, each.fact.name) not in claimed:
            found.setdefault((each.line, each.demo, each.fact.name), replace(each, language=note.language))
    return tuple(sorted(found.values(), key=lambda suggestion: (suggestion.line, suggestion.column)))


def _overlaps(one: Suggestion, other: Suggestion) -> bool:
    """Whether two have words in common: what one fact answers is not held against another, which it may meet."""
    return (
        one.line == other.line
        and one.column < other.column + len(other.phrase)
        and other.column < one.column + len(one.phrase)
    )


def _misread(note: Note, known: Knowledge) -> Iterator[Suggestion]:
    """Yield what the demos' lists of misreadings say about sentences, and once a block about lines of code."""
    told: set[tuple[int, str]] = set()
    for found in contradictions(note, known.demos):
        test = answer(found.demo, found.misreading, known)
        if test is None or test.may_hold:
            continue
        if found.assertion.piece is None:
            if (found.assertion.end, found.misreading.fact) not in told and (below := beneath(note, found, test)):
                told.add((found.assertion.end, found.misreading.fact))
                yield below
        elif proposal := _proposal(note, found.assertion, (found.start, found.words), test):
            yield replace(proposal, why=found.misreading.zh if note.language == "zh" else found.misreading.en)


def _measurable(note: Note, known: Knowledge, title_of: TitleOf) -> Iterator[Suggestion]:
    """Yield, for each quantity or word of degree, the fact of a term nearby that could test it, and that it meets."""
    for sentence in assertions(note):
        if sentence.piece is None:
            continue
        text = OPAQUE.sub(lambda match: " " * len(match[0]), sentence.text)
        title = title_of(sentence.titles)
        for degree in find_degrees(text):
            best = _best(sentence, title, degree, known)
            if best and asserts(sentence, text, degree.start, degree.end):
                end = _clause_end(sentence.text, degree.end)
                words = degree.start, sentence.text[degree.start : end].strip()
                if found := _proposal(note, sentence, words, best):
                    yield found


def _best(sentence: Assertion, title: str, degree: Degree, known: Knowledge) -> FactTest | None:
    """Return the test of a degree by the fact whose label shares most words with the sentence, and some at least."""
    about = _words(f"{title} {sentence.text}")
    for near in _near(sentence, title, known, only_own=degree.kind == "="):
        tests = [test for demo, spec in near if (test := _test(demo, spec, degree, known)) and test.holds]
        shared = {id(test): len(about & _content(test)) for test in tests}
        best = max(tests, key=lambda test: shared[id(test)], default=None)
        if best:
            return best if shared[id(best)] else None
    return None


def _content(test: FactTest) -> set[str]:
    """Return the words of a fact's label, but for its terms': they name the thing, and not what is said of it."""
    return _words(f"{test.spec.zh} {test.spec.en}") - _words(words_of(" ".join(test.spec.terms))) - COMMON


def _test(demo: Demo, spec: FactSpec, degree: Degree, known: Knowledge) -> FactTest | None:
    found = choose(known.evidence, demo.name, spec.name, varies=spec.varies)
    measured = found.facts[spec.name] if found else None
    title = expectation(degree, spec, measured) if measured else ""
    return FactTest(demo, spec, measured, title) if measured and title else None


def _near(
    sentence: Assertion, title: str, known: Knowledge, *, only_own: bool
) -> Iterator[list[tuple[Demo, FactSpec]]]:
    """Yield the facts that a statement could be about, in groups, the likeliest first.

    Those whose terms the sentence names, longest term first; those of demos that it names otherwise; the title's.
    What something is compared with is no term.
    """
    own = _terms(COMPARED.sub(" ", readable(sentence.text)), known)
    yield _facts(own)
    yield [(demo, spec) for demo in dict.fromkeys(term.demo for term in own if not term.facts) for spec in demo.facts]
    if not only_own:
        yield _facts(_terms(title, known))


def _facts(found: Sequence[Term]) -> list[tuple[Demo, FactSpec]]:
    ranked = sorted(found, key=lambda term: -term.width)
    return list(dict.fromkeys((term.demo, spec) for term in ranked for spec in term.facts))


def _terms(text: str, known: Knowledge) -> list[Term]:
    """Return the terms that a text names, a short one only beside a longer one of its demo."""
    found = list(named(text, terms(known.demos)))
    sure = {term.demo.name for term in found if not term.short}
    return [term for term in found if term.demo.name in sure]


def _words(text: str) -> set[str]:
    """Return the words of a text, of Chinese each two characters that stand together."""
    return {(match[0] + (match[1] or "")).casefold() for match in WORDS.finditer(text)}


def _clause_end(text: str, start: int) -> int:
    match = CLAUSE_END.search(text, start)
    return match.start() if match else len(text)


def _proposal(note: Note, sentence: Assertion, words: tuple[int, str], test: FactTest) -> Suggestion | None:
    """Return a suggestion with the longest stretch of the words that makes a valid claim; None if there is none."""
    if sentence.piece is None:
        return None
    for start, whole in _stretches(words[1]):
        first = words[0] + start
        for at, phrase in claimable(sentence.piece.content, *sentence.span(first, first + len(whole))):
            paste = f'[{phrase}](demo:{test.demo.name}#{test.spec.name} "{test.marked}")'
            if is_valid(paste, test):
                line, column = sentence.piece.place(at)
                return Suggestion(
                    note.file,
                    line,
                    column,
                    phrase,
                    test.demo.name,
                    test.spec,
                    test.measured,
                    test.marked,
                    test.holds,
                    paste,
                )
    return None


def _stretches(whole: str) -> Iterator[tuple[int, str]]:
    """Yield a phrase, then its parts around its numbers, which may be settings: each with where it starts."""
    amounts = [amount for amount in find_amounts(whole) if not amount.name]
    ends = [
        (0, len(whole)),
        *((0, amount.start) for amount in amounts[:1]),
        *((a.end, len(whole)) for a in amounts[-1:]),
    ]
    for start, end in ends:
        if part := whole[start:end].strip():
            yield start + whole[start:end].index(part), part
