"""Claims that could be made: sentences near a demo's term with a quantity or a word of degree, and misreadings.

Nothing here edits a note; every suggestion is a link to paste that `ankillm check` would accept.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ankillm.claims.degrees import Degree, expectation, find_degrees
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.quantities import find_amounts
from ankillm.claims.statement import is_claim
from ankillm.claims.suggest_code import of_code
from ankillm.claims.suggestion import FactTest, Suggestion, answer, is_valid, measured_value
from ankillm.common.patterns import HAN, regex
from ankillm.evidence.demo import Demo, FactSpec
from ankillm.evidence.terms import Term, named, readable, terms
from ankillm.markdown.note import Note, whole_tokens
from ankillm.markdown.positions import Prose, prose

SENTENCE = regex(r"(?:[^。！？!?；;\n.]|\.(?!\s|$))+")
CLAUSE_END = regex(r"[，,。！？!?；;：:\n（(]|\.(?=\s|$)|$")
LATIN = regex(r"[A-Za-z]*")
WORDS = regex(rf"[A-Za-z]{{3,}}|{HAN}(?=({HAN}))")
COMPARED = regex(
    r"(?:相比(?:于|较)?|相较于?|比起)[^，,。]{1,20}[，,]?|(?:与|和|同)[^，,。]{1,20}相比|比[^，,。]{1,12}(?=[更多少大小高低])"
    r"|(?:compared (?:with|to)|unlike|than)\s[^,.]{1,40}",
    re.IGNORECASE,
)
LONGEST = 500
"""Characters of a sentence; what is longer is none."""
TitleOf: TypeAlias = Callable[[tuple[str, ...]], str]
MARKUP = str.maketrans(dict.fromkeys("`*", ""))


def suggest(note: Note, known: Knowledge, title_of: TitleOf) -> tuple[Suggestion, ...]:
    """Return the claims that a note could make, in reading order; sentences with claims are left alone.

    `title_of` returns, of the titles above a sentence, the one that names what it is about.
    """
    found = [*_of_prose(note, known, title_of), *of_code(note, known)]
    told = (replace(suggestion, language=note.language) for suggestion in found)
    return tuple(sorted(told, key=lambda suggestion: (suggestion.line, suggestion.column)))


class _Sentence(Struct, frozen=True):
    piece: Prose
    start: int
    text: str
    title: str


def _sentences(note: Note, title_of: TitleOf) -> Iterator[_Sentence]:
    for piece in prose(note.text, whole_tokens(note)):
        if piece.heading:
            continue
        claims = [start for token, start, _ in piece.spans("link_open") if is_claim(token)]
        title = title_of(_path(note, piece.line))
        for match in SENTENCE.finditer(piece.content):
            claimed = any(match.start() <= start < match.end() for start in claims)
            if not claimed and len(match[0]) <= LONGEST:
                yield _Sentence(piece, match.start(), match[0], title)


def _path(note: Note, line: int) -> tuple[str, ...]:
    above = [section for section in note.sections if section.line <= line]
    return above[-1].path if above else ()


def _of_prose(note: Note, known: Knowledge, title_of: TitleOf) -> Iterator[Suggestion]:
    for sentence in _sentences(note, title_of):
        seen: set[tuple[str, str]] = set()
        for found in (*_misread(note, sentence, known), *_measurable(note, sentence, known)):
            if (found.demo, found.fact.name) not in seen:
                seen.add((found.demo, found.fact.name))
                yield found


def _misread(note: Note, sentence: _Sentence, known: Knowledge) -> Iterator[Suggestion]:
    """Yield what the demos' lists of misreadings say about a sentence."""
    plain = sentence.text.translate(MARKUP)
    for demo in known.demos:
        for misreading in demo.misreadings:
            pattern = re.compile(misreading.pattern, re.IGNORECASE)
            match = pattern.search(sentence.text) or pattern.search(plain)
            if match and (test := answer(demo, misreading, known)):
                start = max(sentence.text.find(match[0]), 0)
                whole = _to_word_end(sentence.text, start, match[0])
                why = misreading.zh if note.language == "zh" else misreading.en
                if found := _proposal(note, sentence, (start, whole), test):
                    yield replace(found, why=why)


def _to_word_end(text: str, start: int, words: str) -> str:
    """Return the words with the rest of a Latin word that they end in; all of the text where they are not as written.

    A pattern may stop at `param`; a claim's phrase may not.
    """
    if words not in text:
        return text.strip()
    end = start + len(words)
    rest = LATIN.match(text, end) if words[-1:].isascii() else None
    return text[start : rest.end() if rest else end]


def _measurable(note: Note, sentence: _Sentence, known: Knowledge) -> Iterator[Suggestion]:
    """Yield, for each quantity or word of degree, the fact of a term nearby that could test it."""
    text = re.sub(r"`[^`]*`", lambda code: " " * len(code[0]), sentence.text)
    for degree in find_degrees(text):
        for near in _near(sentence, known, only_own=degree.kind == "="):
            tests = [test for demo, spec in near if (test := _test(demo, spec, degree, known))]
            if tests:
                about = _pairs(f"{sentence.title} {sentence.text}")
                best = max(tests, key=lambda test: len(about & _pairs(f"{test.spec.zh} {test.spec.en}")))
                end = _clause_end(sentence.text, degree.end)
                found = _proposal(note, sentence, (degree.start, sentence.text[degree.start : end].strip()), best)
                if found:
                    yield found
                break


def _test(demo: Demo, spec: FactSpec, degree: Degree, known: Knowledge) -> FactTest | None:
    measured = measured_value(demo, spec, known)
    title = expectation(degree, spec, measured) if measured else ""
    return FactTest(demo, spec, measured, title) if measured and title else None


def _near(sentence: _Sentence, known: Knowledge, *, only_own: bool) -> Iterator[list[tuple[Demo, FactSpec]]]:
    """Yield the facts that a statement could be about, in groups, the likeliest first.

    Those whose terms the sentence names, longest term first; those of demos that it names otherwise; the title's.
    What something is compared with is no term.
    """
    own = _terms(COMPARED.sub(" ", readable(sentence.text)), known)
    yield _facts(own)
    yield [(demo, spec) for demo in dict.fromkeys(term.demo for term in own if not term.facts) for spec in demo.facts]
    if not only_own:
        yield _facts(_terms(sentence.title, known))


def _facts(found: Sequence[Term]) -> list[tuple[Demo, FactSpec]]:
    ranked = sorted(found, key=lambda term: -term.width)
    return list(dict.fromkeys((term.demo, spec) for term in ranked for spec in term.facts))


def _terms(text: str, known: Knowledge) -> list[Term]:
    """Return the terms that a text names, a short one only beside a longer one of its demo."""
    found = list(named(text, terms(known.demos)))
    sure = {term.demo.name for term in found if not term.short}
    return [term for term in found if term.demo.name in sure]


def _pairs(text: str) -> set[str]:
    return {(match[0] + (match[1] or "")).casefold() for match in WORDS.finditer(text)}


def _clause_end(text: str, start: int) -> int:
    match = CLAUSE_END.search(text, start)
    return match.start() if match else len(text)


def _proposal(note: Note, sentence: _Sentence, words: tuple[int, str], test: FactTest) -> Suggestion | None:
    """Return a suggestion with the longest stretch of the words that makes a valid claim; None if there is none."""
    start, whole = words
    for offset, phrase in _stretches(whole):
        paste = f'[{phrase}](demo:{test.demo.name}#{test.spec.name} "{test.marked}")'
        if is_valid(paste, test):
            line, column = sentence.piece.place(sentence.start + start + offset)
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
        phrase = whole[start:end].strip()
        if phrase and not re.search(r"[\[\]]", phrase):
            yield start + len(whole[start:end]) - len(whole[start:end].lstrip()), phrase
