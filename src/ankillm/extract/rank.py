"""Ranking: how sure it is that what is proposed for a passage is the card for it."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ankillm.extract.concepts import Statement
from ankillm.extract.judge import worth_of
from ankillm.extract.linear import weights
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal
from ankillm.extract.rulebook import Rulebook


class Ranked(Struct, frozen=True):
    """A proposal, the chance of its passage, and the sum that speaks for it."""

    proposal: Proposal
    worth: int
    total: int

    def score(self, form: str = "") -> int:
        """Return the chance of a thousand that an expert would want such a card, if it is asked in this form."""
        model = weights()
        chance = model.chance(self.total + model.choice.features.get(f"form={form}", 0))
        return max(self.worth * chance // 1000, self.proposal.least)

    @property
    def most(self) -> int:
        """The score in the form that speaks for it most."""
        return max(self.worth * weights().chance(self.total + weights().best_form) // 1000, self.proposal.least)


class Choice(Struct, frozen=True):
    """A passage, the chance that it is worth a card, and what is proposed for it, the best first."""

    passage: Passage
    worth: int | None
    """Of a thousand; None where no rule has a use for the passage, and it is not judged."""
    proposals: tuple[Ranked, ...] = ()


SHAPED = 240
"""The least chance of a passage that stands in a shape by which learners mark what they want to remember."""
CERTAIN = 1000
LEAST_WORTH = 60
"""Below this chance of a thousand the words of a passage are not looked at any further."""
SEVERAL = frozenset({"row", "code"})
"""Kinds of passages that make several statements: a row has one a cell."""
MOST_TRIED = 5
"""Proposals of any other passage that are worded, at most: those behind the best are seldom better."""


def choices(passages: Sequence[Passage], rules: Rulebook, least: int = 0) -> Iterator[Choice]:
    """Yield for each passage of a note what the rules propose for it; what its author asks for is certain.

    With a `least` score, what is left out cannot reach it.
    """
    for at, passage in enumerate(passages):
        shapes = rules.shapes(at)
        if not (shapes or rules.may_state(at)):
            yield Choice(passage, None)
            continue
        worth = worth_of(passages, at)
        asked = bool(passage.directive.id) or "{{c" in passage.text
        found = [*shapes, *(rules.statements(at) if asked or worth >= max(least, LEAST_WORTH) else ())]
        ranked = [
            _ranked(proposal, worth, certain=asked or bool(proposal.concept.place.directive.id)) for proposal in found
        ]
        ranked.sort(key=lambda one: -one.total)
        tried = ranked if passage.kind in SEVERAL or not least else ranked[:MOST_TRIED]
        yield Choice(passage, worth, tuple(one for one in tried if one.most >= least))


def _ranked(proposal: Proposal, worth: int, *, certain: bool) -> Ranked:
    if certain:
        return Ranked(proposal, CERTAIN, CERTAIN * CERTAIN)
    own = worth if isinstance(proposal.concept, Statement) else max(worth, SHAPED)
    return Ranked(proposal, own, weights().choice.total(named(proposal)))


def named(proposal: Proposal) -> tuple[str, ...]:
    """Return the features of a proposal, with its rule among them."""
    return (*proposal.features, f"rule={proposal.rule}")
