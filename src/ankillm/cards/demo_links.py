"""What a card is linked with: the demo and the facts whose term it is about, and the verdicts of its claims."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards.card import Card, ShownFact
from ankillm.cards.field_of_study import counting
from ankillm.cards.plain import hidden
from ankillm.cards.quality import squeezed
from ankillm.claims.doubt import Doubt
from ankillm.claims.verdicts import FAILING, Verdict, choose
from ankillm.common.patterns import regex
from ankillm.evidence.demo import MOST_FACTS, Demo, FactSpec, own_term, owners
from ankillm.evidence.schema import Evidence
from ankillm.evidence.terms import Term, readable, terms, those_in
from ankillm.extract.scope import is_generic
from ankillm.markdown.inline import plain_text

DOUBT = "ankillm::doubt"
"""The tag of a card with a doubt."""
UNLIKE = regex(r"(?:不同于|区别于|有别于)[^，,。]{1,60}[，,]|\bunlike\s[^,.]{1,80},", re.IGNORECASE)
"""What a sentence says that its subject is not: no card is about that."""
CONDITION = regex(r"当|如果|若|(?:when|if)\b", re.IGNORECASE)
NAME, ANSWER, FRONT, REST, CONTEXT = range(5)
"""Where a term can stand in a card, in the order in which that says what the card is about: the name of what a basic
card asks for, what a cloze hides, the question or text, a basic card's answer or what stands below a cloze, the title
right above: titles further up cover too much."""


class Match(Struct, frozen=True):
    """A term and where it stands in a card."""

    term: Term
    place: int

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """Order by what a card is about: titles last, a fact's term before others, then place, then the longest."""
        aside = max(0, self.place - FRONT)
        return (aside, not self.term.facts, self.place, -self.term.width)


class _World(Struct, frozen=True):
    demos: Mapping[str, Demo]
    evidence: Sequence[Evidence]
    owners: Mapping[str, str]


def link(  # noqa: PLR0913, PLR0917  (all that a card can be linked with)
    cards: Iterable[Card],
    verdicts: Sequence[Verdict],
    demos: Sequence[Demo],
    evidence: Sequence[Evidence],
    note_text: str = "",
    doubts: Sequence[Doubt] = (),
) -> Iterator[Card]:
    """Yield every card with its demo, facts, verdicts and doubts; the note's text tells if ordinary words are terms.

    A term that only matches gives a demo and measured values; a verdict comes from a claim that an author
    wrote; a doubt from what surely contradicts a fact.
    """
    made = [(card, () if card.dropped else _texts(card)) for card in cards]
    whole = "\n".join(text for _, texts in made for text in texts)
    every = terms(tuple(demos))
    near = counting(every.near(whole), every, note_text or whole)
    world = _World({demo.name: demo for demo in demos}, evidence, owners(tuple(demos)))
    by_file: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_file.setdefault(verdict.claim.file, []).append(verdict)
    for card, texts in made:
        found: list[Match] = []
        if near:
            found = [Match(term, place) for place, text in enumerate(texts) for term in those_in(text, near)]
        own = _own(card, by_file) if verdicts and not card.dropped else ()
        shown = dict.fromkeys((*card.verdicts, *own))
        linked = _linked(card, tuple(_alone(found)), tuple(shown), world) if found or shown else card
        yield _doubted(linked, doubts, world) if doubts else linked


def _texts(card: Card) -> tuple[str, ...]:
    """Return the text at each place; a cloze's text has its gaps filled."""
    answer = hidden(card, "\n")
    name = "" if card.kind == "cloze" or card.name in plain_text(card.back) else card.name  # part of the answer
    front = card.front if card.code else UNLIKE.sub("", readable(card.front))
    return name, answer, front, readable(card.back), readable(titled(card.context))


@lru_cache(maxsize=1024)
def titled(context: tuple[str, ...]) -> str:
    """Return the title right above a card that names a thing: no aspect such as `作用`, no condition."""
    names = (title for title in reversed(context) if not is_generic(title) and not CONDITION.match(title))
    return next(names, "")


def _alone(found: Sequence[Match]) -> Iterator[Match]:
    """Yield the matches that count: a short term only beside a longer one of its demo."""
    sure = {match.term.demo.name for match in found if not match.term.short}
    for match in found:
        if match.term.demo.name in sure:
            yield match


def _own(card: Card, by_file: dict[str, list[Verdict]]) -> Iterator[Verdict]:
    """Yield the verdicts of the claims whose phrase the card shows and whose line its source covers."""
    near = [
        verdict
        for verdict in by_file.get(card.source.file, ())
        if card.source.line <= verdict.claim.line <= card.source.end
    ]
    text = squeezed(readable(f"{card.front}\n{card.back}")) if near else ""
    for verdict in near:
        phrase = squeezed(verdict.claim.phrase)
        if phrase and phrase in text:
            yield verdict


def _linked(card: Card, found: Sequence[Match], verdicts: tuple[Verdict, ...], world: _World) -> Card:
    """Return a card with all that it is linked with; facts that a claim names come before those that only match."""
    judged = [verdict.claim for verdict in verdicts if verdict.kind not in FAILING]
    demo = world.demos.get(card.demo or (judged[0].demo if judged else "") or _demo(found))
    tags = dict.fromkeys((*card.tags, *(f"ankillm::{verdict.kind}" for verdict in verdicts)))
    if demo is None:
        return replace(card, verdicts=verdicts, tags=tuple(tags)) if verdicts else card
    claimed = [spec for claim in judged for spec in demo.facts if (claim.demo, claim.fact) == (demo.name, spec.name)]
    matched = [] if card.verdicts else _facts([match for match in found if match.term.demo.name == demo.name])
    shown = (show(demo, spec, card.language, world.evidence) for spec in dict.fromkeys([*claimed, *matched]))
    facts = tuple(fact for fact in shown if fact)[:MOST_FACTS]
    about = [] if claimed or card.verdicts else [match.term for match in sorted(found, key=lambda match: match.rank)]
    first = [term.name for term in about if not facts or facts[0].name in {spec.name for spec in term.facts}]
    term = own_term(demo, facts[0].name if facts else "", world.owners, card.language, first)
    return replace(card, demo=demo.name, term=term, facts=card.facts or facts, verdicts=verdicts, tags=tuple(tags))


def _doubted(card: Card, doubts: Sequence[Doubt], world: _World) -> Card:
    """Return a card with the doubts about what it shows, their demo and their facts first."""
    own = tuple(doubt for doubt in doubts if _shows(card, doubt))
    if not own:
        return card
    demo = world.demos[own[0].demo]
    doubted = [spec for doubt in own for spec in demo.facts if (doubt.demo, doubt.fact) == (demo.name, spec.name)]
    facts = [fact for spec in dict.fromkeys(doubted) if (fact := show(demo, spec, card.language, world.evidence))]
    facts += [fact for fact in card.facts if fact.demo == demo.name and fact not in facts]
    kept = [card.term] if card.facts[:1] == tuple(facts[:1]) else []
    return replace(
        card,
        demo=demo.name,
        term=own_term(demo, facts[0].name if facts else "", world.owners, card.language, kept),
        doubts=own,
        facts=tuple(facts[:MOST_FACTS]),
        tags=tuple(dict.fromkeys((*card.tags, DOUBT))),
    )


def _shows(card: Card, doubt: Doubt) -> bool:
    """Whether a card shows what a doubt is about: the words, or that very line of code."""
    source = card.source
    if source.file != doubt.file or not source.line <= doubt.line <= source.end:
        return False
    alone = doubt.code and source.line == source.end
    return alone or squeezed(doubt.phrase) in squeezed(readable(f"{card.front}\n{card.back}"))


def _demo(found: Sequence[Match]) -> str:
    """Return the demo of the best match; of several as good, the one with the most terms in the card."""
    best = min((match.rank for match in found), default=None)
    count = Counter(match.term.demo.name for match in found)
    return max(
        (match.term.demo.name for match in found if match.rank == best), key=lambda demo: count[demo], default=""
    )


def _facts(found: Sequence[Match]) -> list[FactSpec]:
    """Return the facts of the first place that names any: of its longest term, or of all that a cloze hides."""
    ranked = sorted((match for match in found if match.term.facts), key=lambda match: match.rank)
    best = [match for match in ranked if match.place == ANSWER or match.rank == ranked[0].rank]
    wanted = [match for match in best if match.place == ranked[0].place]
    return list(dict.fromkeys(fact for match in wanted for fact in match.term.facts))


def show(demo: Demo, spec: FactSpec, language: str, evidence: Iterable[Evidence]) -> ShownFact | None:
    """Return a fact as a card shows it, or None where nothing was measured."""
    found = choose(evidence, demo.name, spec.name, varies=spec.varies)
    if found is None:
        return None
    label = spec.zh if language == "zh" else spec.en
    stale = found.source != demo.source
    return ShownFact(demo.name, spec.name, label, found.facts[spec.name], found.device, found.versions, stale)
