"""What a note asserts that a demo's list of misreadings knows to be wrong, and the doubts that come of it."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache

from msgspec import Struct

from ankillm.claims.assertions import Assertion, assertions, rows, unmarked
from ankillm.claims.denial import asserts, turns
from ankillm.claims.doubt import Doubt
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.suggestion import answer
from ankillm.claims.verdicts import Verdict
from ankillm.common.patterns import regex
from ankillm.evidence.demo import Demo, Misreading
from ankillm.evidence.misreadings import compiled, naming
from ankillm.markdown.note import Note

LATIN = regex(r"[A-Za-z]*")
PIPE = r"\|"
"""What a pattern that goes from cell to cell of a row names."""
CELL = regex(r".*(?<!\\)\|\s*", re.DOTALL)
BRACKETS = (("（", "）"), ("(", ")"), ("[", "]"), ("“", "”"))


class Contradiction(Struct, frozen=True):
    """A misreading in a note: what asserts it, and the words from `start` to `end` of its text."""

    assertion: Assertion
    demo: Demo
    misreading: Misreading
    start: int
    end: int

    @property
    def words(self) -> str:
        """The words that say it: a pattern may stop inside of a word, of brackets or of code, a phrase may not."""
        text = self.assertion.text
        rest = LATIN.match(text, self.end) if text[self.end - 1].isascii() else None
        words = text[self.start : rest.end() if rest else self.end]
        for opening, closing in BRACKETS:
            if words.count(opening) > words.count(closing):
                goes_on = text.startswith(closing, self.start + len(words))
                words = words + closing if goes_on else words[: words.rindex(opening)].rstrip()
        goes_on = bool(words.count("`") % 2) and text.startswith("`", self.start + len(words))
        return words + "`" if goes_on else words


def contradictions(note: Note, demos: Sequence[Demo], *, sure: bool = False) -> Iterator[Contradiction]:
    """Yield the misreadings that a note asserts (`sure`: the sure ones), in reading order, each fact once a sentence.

    Most notes name nothing that a misreading is about, and of the others most hold none of its words: they are not
    parsed again.
    """
    lowered, plain = note.text.casefold(), unmarked(note.text)
    words = f"{plain.casefold()}\n{lowered}"
    lines = [
        (f"{line}\n{source}" if line != source else line)  # what is a sign in prose may be none in code
        for line, source in zip(plain.split("\n"), note.text.split("\n"), strict=True)
    ]
    folded = [(line, line.casefold()) for line in lines]

    def may_say(misreading: Misreading) -> bool:
        """Whether a pattern finds something on a line that has one of the words that it needs."""
        needed = misreading.needed
        if needed and not any(map(words.__contains__, needed)):
            return False
        near = [line for line, low in folded if any(map(low.__contains__, needed))] if needed else lines
        return any(pattern.search(line) for pattern in _patterns(misreading) for line in near)

    likely = [
        (demo, misreading)
        for demo in demos
        for misreading in demo.misreadings
        if (misreading.sure or not sure)
        and (not misreading.about or any(map(lowered.__contains__, _folded(misreading.about))))
        and may_say(misreading)
    ]
    named = {each for _, each in likely if not each.about or naming(each.about).search(note.text)}
    across = [each for each in likely if PIPE in each[1].pattern]
    told: set[tuple[int, str, str]] = set()
    for assertion in assertions(note) if likely else ():
        for found in _found(assertion, likely, named):
            told.add((assertion.line, found.demo.name, found.misreading.fact))
            yield found
    for row in rows(note) if across else ():
        for found in _found(row, across, named):
            if (row.line, found.demo.name, found.misreading.fact) not in told:
                yield found


def _found(
    assertion: Assertion, likely: Sequence[tuple[Demo, Misreading]], named: Container[Misreading]
) -> Iterator[Contradiction]:
    """Yield the misreadings that an assertion says, each fact once."""
    said: set[tuple[str, str]] = set()
    for demo, misreading in likely:
        found = _match(assertion, misreading, in_note=misreading in named)
        if found and (demo.name, misreading.fact) not in said:
            said.add((demo.name, misreading.fact))
            yield Contradiction(assertion, demo, misreading, *found)


def _patterns(misreading: Misreading) -> Iterator["re.Pattern[str]"]:
    yield compiled(misreading.pattern)
    if misreading.code:
        yield compiled(misreading.code)


@cache
def _folded(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.casefold() for name in names)


def _match(assertion: Assertion, misreading: Misreading, *, in_note: bool) -> tuple[int, int] | None:
    """Return where in its text an assertion says a misreading of what it is about; None if it does not.

    `in_note`: whether the note names what it is about, anywhere. That is enough for code.
    """
    text, places = assertion.plain
    near = "\n".join((assertion.around, *assertion.above))
    match = compiled(misreading.pattern).search(text) if in_note else None
    if match and misreading.unless and compiled(misreading.unless).search(near):
        match = None
    if not match and in_note and misreading.code and assertion.piece is None:
        match = compiled(misreading.code).search(text)
    about = naming(misreading.about) if misreading.about else None
    if not match or not asserts(assertion, text, match.start(), match.end(), about=about):
        return None
    if match.re is compiled(misreading.pattern) and turns(match[0], misreading.pattern):
        return None
    if assertion.piece and about and not about.search("\n".join((near, *assertion.titles))):
        return None
    before = CELL.match(match[0].rstrip(" |"))  # of a row, the words of the last cell
    start = match.start() + (before.end() if before else 0)
    return places[start], places[match.end() - 1] + 1


def doubts(note: Note, known: Knowledge, verdicts: Iterable[Verdict] = ()) -> tuple[Doubt, ...]:
    """Return the doubts about a note, in reading order; where it has a claim about a fact, its author knows that."""
    claimed = {(verdict.claim.demo, verdict.claim.fact) for verdict in verdicts}
    found = (doubt for each in contradictions(note, known.demos, sure=True) for doubt in _doubts(note, each, known))
    wanted = [doubt for doubt in found if (doubt.demo, doubt.fact) not in claimed]
    return tuple(sorted(wanted, key=lambda doubt: (doubt.line, doubt.column)))


def _doubts(note: Note, found: Contradiction, known: Knowledge) -> Iterator[Doubt]:
    """Yield a contradiction as a doubt, if nothing that was measured meets it."""
    test = answer(found.demo, found.misreading, known)
    if test and not test.may_hold:
        line, column = found.assertion.place(found.start)
        zh = note.language == "zh"
        yield Doubt(
            file=note.file,
            line=line,
            column=column,
            phrase=found.words if found.assertion.piece else found.assertion.text,
            demo=test.demo.name,
            fact=test.spec.name,
            label=test.spec.zh if zh else test.spec.en,
            why=found.misreading.zh if zh else found.misreading.en,
            measured=test.measured,
            device=test.device,
            code=found.assertion.piece is None,
        )
