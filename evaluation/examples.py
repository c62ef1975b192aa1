"""Examples: a note as the features that the weights are for, with what an expert wants as labels."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import starmap

from annotations import AnnotatedNote
from generators import scored_card
from msgspec import Struct
from score import ScoredCard, meets

from ankillm.cards.quality import judge_card
from ankillm.cards.questions import ask
from ankillm.extract.judge import features
from ankillm.extract.linear import grams_of
from ankillm.extract.passage import Passage
from ankillm.extract.passages import passages
from ankillm.extract.rank import named
from ankillm.extract.rulebook import Rulebook

NOT_WANTED, NICE, MUST = range(3)


class ProposalExample(Struct, frozen=True):
    """A proposal that makes a card: the features that the ranking looks at, and how much the card is wanted."""

    features: tuple[str, ...]
    card: ScoredCard
    wanted: int


class PassageExample(Struct, frozen=True):
    """A passage: its features, its n-grams, and what is proposed for it."""

    features: tuple[str, ...]
    grams: frozenset[str]
    proposals: tuple[ProposalExample, ...]

    @property
    def wanted(self) -> int:
        """How much the most wanted card of its proposals is wanted."""
        return max((proposal.wanted for proposal in self.proposals), default=NOT_WANTED)


@cache
def examples_of(annotated: AnnotatedNote) -> tuple[PassageExample, ...]:
    """Return a note as one example a passage."""
    note = annotated.note
    found = passages(note)
    rules = Rulebook(note, found)

    def proposals(at: int) -> Iterator[ProposalExample]:
        for proposal in rules.proposals(at):
            card = judge_card(ask(proposal.concept, note, ""))
            scored = scored_card(card)
            if not card.dropped and scored.front and scored.back.strip():
                seen = (*named(proposal), f"form={card.question}")
                yield ProposalExample(seen, scored, wanted(scored, annotated))

    def example(at: int, passage: Passage) -> PassageExample:
        before, after = _at(found, at - 1), _at(found, at + 1)
        seen = tuple(features(passage, at, len(found), before, after))
        return PassageExample(seen, frozenset(grams_of(passage.plain)), tuple(proposals(at)))

    return tuple(starmap(example, enumerate(found)))


def proposed_cards(annotated: AnnotatedNote) -> list[ScoredCard]:
    """Return every card that the rules propose: how much of what is wanted is among it at all."""
    return [proposal.card for passage in examples_of(annotated) for proposal in passage.proposals]


def best_cards(annotated: AnnotatedNote) -> list[ScoredCard]:
    """Return for each passage the card that an expert wants most, if any: what the best choice would reach."""
    best = (max(passage.proposals, key=_wanted, default=None) for passage in examples_of(annotated))
    return [proposal.card for proposal in best if proposal and proposal.wanted]


def wanted(card: ScoredCard, annotated: AnnotatedNote) -> int:
    """Return how much an expert wants a card: the worth of the best passage that it meets a card of."""
    worths = (
        MUST if annotation.worth == "must" else NICE
        for annotation in annotated.annotations
        if any(meets(card, annotation, one) for one in annotation.cards)
    )
    return max(worths, default=NOT_WANTED)


def _wanted(proposal: ProposalExample) -> int:
    return proposal.wanted


def _at(found: Sequence[Passage], at: int) -> Passage | None:
    return found[at] if 0 <= at < len(found) else None
