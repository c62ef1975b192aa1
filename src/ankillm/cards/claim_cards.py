"""Cards that measurements make: a claim asked as true or false, and a fact with a question of its own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards.card import Card, Drop
from ankillm.cards.demo_links import show
from ankillm.cards.field_of_study import counting
from ankillm.cards.quality import squeezed
from ankillm.cards.selection import unsure
from ankillm.claims.expectation import Expectation
from ankillm.claims.verdicts import FAILING, Kind, Verdict
from ankillm.common.diagnostics import Span
from ankillm.common.language import Language
from ankillm.common.patterns import regex
from ankillm.common.project import Density
from ankillm.evidence.demo import Demo, FactSpec, own_term, owners
from ankillm.evidence.schema import Evidence, Value
from ankillm.evidence.terms import Terms, named, readable, terms
from ankillm.evidence.values import spoken
from ankillm.extract.scope import subject_among, without_repeated
from ankillm.extract.title_names import body_of
from ankillm.markdown.blocks import Section
from ankillm.markdown.note import Note

TRUE_OR_FALSE = {
    "zh": ("对还是错？差多少？", "对还是错？"),
    "en": ("True or false, and by how much?", "True or false?"),
}
ANSWERED = {"zh": ("错", "对"), "en": ("False", "True")}
GOES_ON = regex(r"(?:但是?|而且?|并且?|同时|所以|因此|(?:but|and|so)\b)[，,\s]*", re.IGNORECASE)
SHORT = {"zh": 14, "en": 32}
"""Characters of a statement up to which it hardly has a subject."""
UNASKED = frozenset({*FAILING, Kind.MIXED})
"""Verdicts of which no card asks whether the claim is true."""
ASKED_APART = Drop("claimed", "a card about the claim or its fact asks for this")
MEASURED = {"zh": "{label}：实测 **{value}**", "en": "{label}: measured **{value}**"}

FACTS: dict[Density, int] = {"few": 350, "normal": 170, "many": 80}
"""The score of a thousand from which on a fact is asked for."""


def truth_cards(note: Note, verdicts: Iterable[Verdict], demos: Sequence[Demo]) -> Iterator[Card]:
    """Yield a true-or-false card for every claim marked `✗` that fails and every one marked `✓` that holds."""
    body = ""
    for verdict in verdicts:
        if verdict.claim.file != note.file or verdict.kind in UNASKED or verdict.measured is None:
            continue
        mark = Expectation.parse(verdict.claim.expectation).mark
        section = _section(note, verdict.claim.line)
        if mark and not section.directive.skip:
            body = body or body_of(note)
            yield _truth_card(note, body, section, verdict, _spec(demos, verdict))


def _spec(demos: Sequence[Demo], verdict: Verdict) -> FactSpec:
    found = (fact for demo in demos if demo.name == verdict.claim.demo for fact in demo.facts)
    return next(fact for fact in found if fact.name == verdict.claim.fact)


def _section(note: Note, line: int) -> Section:
    """Return the section that a line stands in."""
    return [section for section in note.sections if section.line <= line][-1]


def _truth_card(note: Note, body: str, section: Section, verdict: Verdict, spec: FactSpec) -> Card:
    claim, language = verdict.claim, note.language
    value: Value = verdict.measured.value if verdict.measured else ""
    measured = spoken(value, spec.unit, language)
    label = spec.zh if language == "zh" else spec.en
    statement = _standing_alone(claim.statement, subject_among(section.path, body, language)[0], language)
    answer = (
        ANSWERED[language][Expectation.parse(claim.expectation).mark == "✓"]
        + ("。" if language == "zh" else ". ")
        + claim.explanation
    )
    return Card(
        kind="basic",
        question="truth",
        front=f"{TRUE_OR_FALSE[language][isinstance(value, bool | str)]}\n\n{statement}",
        back=f"{answer.strip()}\n\n{MEASURED[language].format(label=label, value=measured)}",
        name=f"true or false: {claim.demo}#{claim.fact}",
        note=note.path,
        section=section.path,
        context=section.path,
        source=Span(note.file, claim.line, claim.line),
        deck=section.directive.deck,
        language=language,
        tags=(*section.directive.tags, f"ankillm::{verdict.kind}"),
        references=note.references,
        demo=claim.demo,
        verdicts=(verdict,),
    )


def _standing_alone(statement: str, about: str, language: Language) -> str:
    """Return a statement as it can be read alone: a short one, or the rest of another, gets its subject."""
    went_on = GOES_ON.match(statement)
    rest = statement[went_on.end() :] if went_on else statement
    subject = without_repeated(about, rest, language)
    told = subject.lower() in rest.lower() or not (went_on or len(rest) <= SHORT[language])
    return rest if told else f"{subject}{'：' if language == 'zh' else ': '}{rest}"


class Standing(IntEnum):
    """What a note says about a fact that it names; the more, the more a card of the fact is worth."""

    NAMED = 0
    SHARPENED = 1
    """The note says how much; the fact says it exactly."""
    CLAIMED = 2
    CONTRADICTED = 3


SCORES = {Standing.CONTRADICTED: 900, Standing.CLAIMED: 800, Standing.SHARPENED: 340, Standing.NAMED: 300}
"""Of a thousand, on a scale of their own: at normal density all are made, at few those of claims and doubts."""
ASIDE = 100
"""The score of a fact that no card of a note shows, and of a further fact of a concept that another card is about."""


class Mention(Struct, frozen=True, array_like=True):
    """A fact that a note names, or says something about: the first such place in it."""

    demo: str
    fact: str
    source: Span
    language: Language
    standing: Standing = Standing.NAMED

    @property
    def claimed(self) -> bool:
        """Whether a claim is about it, which stands in no name's place."""
        return self.standing is Standing.CLAIMED


def mentions(
    note: Note, verdicts: Iterable[Verdict], demos: Sequence[Demo], said: Mapping[tuple[str, str], Standing]
) -> Iterator[Mention]:
    """Yield each fact of which the note names a term, and each that a claim in it is about, in that order.

    `said` is what the note says about a fact, by demo and fact, without claiming it.
    """
    every = terms(tuple(demos))
    near = counting(every.near(note.text), every, note.text)
    known = Terms(term for term in near if term.facts and not term.short)
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(note.text.split("\n"), start=1):
        for term in named("" if _is_definition(line) else readable(line), known):
            for spec in term.facts:
                if (term.demo.name, spec.name) not in seen:
                    seen.add((term.demo.name, spec.name))
                    standing = said.get((term.demo.name, spec.name), Standing.NAMED)
                    yield Mention(term.demo.name, spec.name, Span(note.file, number, number), note.language, standing)
    for claim in {
        (verdict.claim.demo, verdict.claim.fact): verdict.claim for verdict in reversed([*verdicts])
    }.values():
        yield Mention(claim.demo, claim.fact, Span(claim.file, claim.line, claim.line), note.language, Standing.CLAIMED)


class Beside(Struct, frozen=True):
    """What the cards of facts stand beside: the deck's density, the facts that other cards show, the keys shipped."""

    density: Density
    shown: frozenset[tuple[str, str]] = frozenset()
    """By demo and name."""
    live: frozenset[str] = frozenset()


EVERYTHING = Beside("many")


def fact_cards(
    found: Iterable[Mention],
    demos: Sequence[Demo],
    evidence: Sequence[Evidence],
    beside: Beside = EVERYTHING,
) -> Iterator[Card]:
    """Yield a card for every measured fact with a question of which a note names a term; once, for the first.

    Its source is a claim about the fact, if there is one, else that term. Its key is the demo and the fact in place of
    note and section, so that it survives any change of the notes. A fact that is only named, and that no other card
    shows, is worth less. Facts that have a term in common are of one concept: the one of which the notes say most comes
    first, and the others are worth less. What is not worth a card is dropped, unless its key was shipped.
    """
    known = {(demo.name, spec.name): (demo, spec) for demo in demos for spec in demo.facts}
    of = owners(tuple(demos))
    everywhere = list(found)
    claimed = {(one.demo, one.fact): one.source for one in reversed(everywhere) if one.claimed}
    first: dict[tuple[str, str], Mention] = {}
    for one in everywhere:
        if not one.claimed:
            first.setdefault((one.demo, one.fact), one)
    standings: dict[tuple[str, str], Standing] = {}
    for one in everywhere:
        name = one.demo, one.fact
        standings[name] = max(one.standing, standings.get(name, Standing.NAMED))
    cards = {
        name: card
        for name, one in first.items()
        for card in _fact_card(one.language, claimed.get(name, one.source), *known[name], evidence)
    }
    aside = {name for name in cards if name not in beside.shown and standings[name] is Standing.NAMED}
    asked = {name: standings[name] for name in cards if name not in aside}
    scores = dict.fromkeys(aside, ASIDE) | _scores(asked, {name: known[name][1].terms for name in asked})
    for name, card in cards.items():
        sure = scores[name] >= FACTS[beside.density] or card.key in beside.live
        term = own_term(known[name][0], name[1], of, card.language)
        dropped = None if sure else unsure(scores[name], beside.density, FACTS[beside.density])
        yield replace(card, term=term, score=scores[name], dropped=dropped)


def _scores(
    standings: Mapping[tuple[str, str], Standing], named_by: Mapping[tuple[str, str], Sequence[str]]
) -> dict[tuple[str, str], int]:
    """Return the score of each fact; those of a concept that another, about which more is said, is about have less."""
    scores: dict[tuple[str, str], int] = {}
    taken: set[tuple[str, str]] = set()
    for name in sorted(standings, key=lambda name: -standings[name]):
        own = {(name[0], term) for term in named_by[name]}
        alone = standings[name] >= Standing.CLAIMED or not own & taken
        scores[name] = SCORES[standings[name]] if alone else ASIDE
        taken |= own if alone else set()
    return scores


def without_asked(cards: Iterable[Card], demos: Sequence[Demo], *, facts: bool) -> Iterator[Card]:
    """Yield cards, dropping gaps for what a claim says that has a card of its own.

    That is a true-or-false card, or the card of its fact where there are such: `facts`.
    """
    questions = {(demo.name, fact.name): bool(fact.question_en) for demo in demos if facts for fact in demo.facts}
    for card in cards:
        hidden = [squeezed(readable(card.front[gap.start : gap.end])) for gap in card.gaps]
        asked = any(
            Expectation.parse(claim.expectation).mark or questions.get((claim.demo, claim.fact))
            for claim in (verdict.claim for verdict in card.verdicts if verdict.kind not in UNASKED)
            if any(words in squeezed(readable(claim.phrase)) for words in hidden)
        )
        yield replace(card, dropped=ASKED_APART) if asked and not card.dropped else card


def _is_definition(line: str) -> bool:
    return "]: demo:" in line


def _fact_card(
    language: Language, source: Span, demo: Demo, spec: FactSpec, evidence: Sequence[Evidence]
) -> Iterator[Card]:
    question = spec.question_zh if language == "zh" else spec.question_en
    shown = show(demo, spec, language, evidence)
    if question and shown:
        yield Card(
            kind="basic",
            question="fact",
            front=question,
            back=f"**{spoken(shown.measured.value, shown.measured.unit, language)}**",
            name="fact",
            note=demo.name,
            section=(spec.name,),
            context=(),
            source=source,
            deck="",
            language=language,
            tags=(f"ankillm::{Kind.STALE}",) if shown.stale else (),
            demo=demo.name,
            facts=(shown,),
        )
