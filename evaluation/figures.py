"""Figures: tallies of many notes as tables in Markdown, with their spread over authors."""

import random
from collections.abc import Iterable, Mapping, Sequence
from statistics import stdev

from annotations import OWN, AnnotatedNote
from msgspec import Struct
from score import ScoredCard, Tally, met, tally

DRAWS = 200
"""Times that authors are drawn anew, with repetition, for the spread."""


class ScoredNote(Struct, frozen=True):
    """A note, and its cards as they are scored."""

    annotated: AnnotatedNote
    cards: Sequence[ScoredCard]

    @property
    def tally(self) -> Tally:
        """Its cards held against its annotations."""
        return tally(self.cards, self.annotated.annotations, self.annotated.lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Return a table in Markdown; its first columns hold words, the others numbers."""
    lines = [head, [*["---"] * words, *["---:"] * (len(head) - words)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def total(notes: Iterable[ScoredNote]) -> Tally:
    """Return the sum of the tallies of notes."""
    return sum((one.tally for one in notes), Tally())


def figures(notes: Sequence[ScoredNote], *, spread: bool = False) -> list[str]:
    """Return must, any, fit and cards for 100 lines as text; with the spread that other authors would give."""
    shares = total(notes).shares
    if not spread:
        return [f"{share:.1f}" for share in shares]
    return [
        f"{share:.1f} ± {stdev(drawn):.1f}"
        for share, drawn in zip(shares, zip(*_drawn(notes), strict=True), strict=True)
    ]


def by_role(notes: Iterable[ScoredNote]) -> list[list[str]]:
    """Return for each role how many passages are marked must, and how many of them have a card."""
    must: dict[str, list[bool]] = {}
    for one in notes:
        reached = {id(annotation) for annotation in met(one.cards, one.annotated.annotations).values()}
        for annotation in one.annotated.annotations:
            if annotation.worth == "must":
                must.setdefault(annotation.role, []).append(id(annotation) in reached)
    return _shares(must)


def by_rule(notes: Iterable[ScoredNote]) -> list[list[str]]:
    """Return for each rule how many cards it made, and how many of them are wanted."""
    cards: dict[str, list[bool]] = {}
    for one in notes:
        reached = met(one.cards, one.annotated.annotations)
        for at, card in enumerate(one.cards):
            cards.setdefault(card.rule, []).append(at in reached)
    return _shares(cards)


def _shares(found: Mapping[str, Sequence[bool]]) -> list[list[str]]:
    ranked = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [[name, str(len(all_)), str(sum(all_)), f"{100 * sum(all_) / len(all_):.0f}"] for name, all_ in ranked]


def _drawn(notes: Sequence[ScoredNote]) -> list[tuple[float, float, float, float]]:
    """Return the shares of authors drawn with repetition, as many as there are; our own notes count as one each."""
    tallies: dict[str, Tally] = {}
    for one in notes:
        unit = one.annotated.name if one.annotated.author == OWN else one.annotated.author
        tallies[unit] = tallies.get(unit, Tally()) + one.tally
    chance = random.Random(17)
    units = list(tallies.values())
    return [sum(chance.choices(units, k=len(units)), Tally()).shares for _ in range(DRAWS)]
