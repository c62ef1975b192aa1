"""Claims that could be made: sentences near a demo's term with a quantity or a word of degree, and misreadings.

Nothing here edits a note; every suggestion is a link to paste that `ankillm check` would accept.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards.demo_links import titled
from ankillm.claims.degrees import Degree, expectation, find_degrees
from ankillm.claims.expectation import Expectation
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.quantities import find_amounts
from ankillm.claims.statement import is_claim
from ankillm.claims.verdicts import Kind, choose
from ankillm.common.patterns import HAN, regex
from ankillm.evidence.demo import Demo, FactSpec, Misreading
from ankillm.evidence.schema import Measured
from ankillm.evidence.terms import Term, named, readable, terms
from ankillm.evidence.values import confirming, spoken
from ankillm.markdown.note import Note, parse, whole_tokens
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
MARKUP = str.maketrans(dict.fromkeys("`*", ""))


class Suggestion(Struct, frozen=True):
    """A claim that an author could make, ready to paste."""

    file: str
    line: int
    column: int
    phrase: str
    """What the note says: the words to replace, or the line of code."""
    demo: str
    fact: FactSpec
    measured: Measured
    expectation: str
    holds: bool
    paste: str
    """The Markdown to put in place of the phrase, or, for code, under the block."""
    under: int = 0
    """For code, the last line of the block to paste under; 0 for prose."""
    why: str = ""
    """For a misreading, what is true instead."""
    language: str = "zh"

    @property
    def label(self) -> str:
        """What the fact measures, in the note's language."""
        return self.fact.zh if self.language == "zh" else self.fact.en


def suggest(note: Note, known: Knowledge) -> tuple[Suggestion, ...]:
    """Return the claims that a note could make, in reading order; sentences with claims are left alone."""
    found = [*_of_prose(note, known), *_of_code(note, known)]
    told = (replace(suggestion, language=note.language) for suggestion in found)
    return tuple(sorted(told, key=lambda suggestion: (suggestion.line, suggestion.column)))


class _Test(Struct, frozen=True):
    """A fact that could test a statement, and the title that says what the statement would mean of it."""

    demo: Demo
    spec: FactSpec
    measured: Measured
    title: str

    @property
    def holds(self) -> bool:
        return Expectation.parse(self.title).holds(self.measured.value, self.measured.unit)

    @property
    def marked(self) -> str:
        """The title, with `✗` if the measured value fails it."""
        return self.title if self.holds or Expectation.parse(self.title).mark else f"{self.title} ✗"


class _Sentence(Struct, frozen=True):
    piece: Prose
    start: int
    text: str
    title: str


def _sentences(note: Note) -> Iterator[_Sentence]:
    for piece in prose(note.text, whole_tokens(note)):
        if piece.heading:
            continue
        claims = [start for token, start, _ in piece.spans("link_open") if is_claim(token)]
        title = titled(_path(note, piece.line))
        for match in SENTENCE.finditer(piece.content):
            claimed = any(match.start() <= start < match.end() for start in claims)
            if not claimed and len(match[0]) <= LONGEST:
                yield _Sentence(piece, match.start(), match[0], title)


def _path(note: Note, line: int) -> tuple[str, ...]:
    above = [section for section in note.sections if section.line <= line]
    return above[-1].path if above else ()


def _of_prose(note: Note, known: Knowledge) -> Iterator[Suggestion]:
    for sentence in _sentences(note):
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
            if match and (test := _answer(demo, misreading, known)):
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


def _answer(demo: Demo, misreading: Misreading, known: Knowledge) -> _Test | None:
    """Return the fact that answers a misreading, with the title that says what it would have meant."""
    spec = next(fact for fact in demo.facts if fact.name == misreading.fact)
    measured = _measured(demo, spec, known)
    title = misreading.expectation
    if spec.varies and title.startswith("="):
        title = re.sub(r"^=\s*([^✗✓]+?)\s*(?=[✗✓]|$)", rf"≈ \1 ± {spec.tolerance:g} ", title).strip()
    return _Test(demo, spec, measured, title) if measured else None


def _measured(demo: Demo, spec: FactSpec, known: Knowledge) -> Measured | None:
    found = choose(known.evidence, demo.name, spec.name, varies=spec.varies)
    return found.facts[spec.name] if found else None


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


def _test(demo: Demo, spec: FactSpec, degree: Degree, known: Knowledge) -> _Test | None:
    measured = _measured(demo, spec, known)
    title = expectation(degree, spec, measured) if measured else ""
    return _Test(demo, spec, measured, title) if measured and title else None


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


def _proposal(note: Note, sentence: _Sentence, words: tuple[int, str], test: _Test) -> Suggestion | None:
    """Return a suggestion with the longest stretch of the words that makes a valid claim; None if there is none."""
    start, whole = words
    for offset, phrase in _stretches(whole):
        paste = f'[{phrase}](demo:{test.demo.name}#{test.spec.name} "{test.marked}")'
        if _valid(paste, test):
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


def _valid(paste: str, test: _Test) -> bool:
    """Whether a link is read as one claim, and as one without fault."""
    note = parse(f"{paste}\n", "suggestion")
    verdicts = Knowledge((test.demo,), ()).verdicts(note)
    if len(verdicts) != 1 or verdicts[0].kind is Kind.INVALID:
        return False
    written = Expectation.parse(verdicts[0].claim.expectation)
    return not written.objection(test.measured.unit, varies=test.measured.varies, value=test.measured.value)


def _of_code(note: Note, known: Knowledge) -> Iterator[Suggestion]:
    """Yield what the lists of misreadings say about lines of code: once a block, a sentence to add under it."""
    lines = note.text.split("\n")
    for token in whole_tokens(note):
        if token.type not in {"fence", "code_block"} or not token.map:
            continue
        said: set[Misreading] = set()
        first = token.map[0] + (2 if token.type == "fence" else 1)
        for number, code in enumerate(token.content.split("\n"), start=first):
            for demo, misreading in _misread_code(code, known):
                column = len(lines[number - 1]) - len(lines[number - 1].lstrip()) + 1
                place = number, column, token.map[1]
                if not any(misreading.fact == other.fact for other in said):
                    said.add(misreading)
                    yield from _beneath(note, place, code.strip(), misreading, _answer(demo, misreading, known))


def _misread_code(code: str, known: Knowledge) -> Iterator[tuple[Demo, Misreading]]:
    for demo in known.demos:
        for misreading in demo.misreadings:
            if code.strip() and re.search(misreading.pattern, code, re.IGNORECASE):
                yield demo, misreading


def _beneath(
    note: Note, place: tuple[int, int, int], code: str, misreading: Misreading, test: _Test | None
) -> Iterator[Suggestion]:
    """Yield what is true instead, tied to the measured value, to stand under a block of code."""
    if test is None or test.holds:
        return
    zh, spec, measured = note.language == "zh", test.spec, test.measured
    title = confirming(measured, spec.tolerance)
    said, label = (misreading.zh, spec.zh) if zh else (misreading.en, spec.en)
    value = spoken(measured.value, measured.unit, note.language)
    link = f'[{label}{"：" if zh else ": "}{value}](demo:{test.demo.name}#{spec.name} "{title}")'
    if _valid(link, replace(test, title=title)):
        paste = f"{said}{'。' if zh else '. '}{link}{'。' if zh else '.'}"
        line, column, end = place
        yield Suggestion(
            note.file, line, column, code, test.demo.name, spec, measured, title, test.holds, paste, end, said
        )
