"""Ranking: how likely it is that what is proposed for a passage is the card that an expert wants of it.

How the card is worded, and whether it is made, is decided later (`cards/selection.py`).
"""

from collections.abc import Iterator, Sequence
from itertools import compress

from msgspec import Struct
from msgspec.structs import replace

from ankillm.extract.concepts import Question, Statement
from ankillm.extract.judge import features_of, worth_by
from ankillm.extract.linear import weights
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal
from ankillm.extract.rulebook import Rulebook
from ankillm.extract.untried import untried
from ankillm.markdown.list_lines import ANSWERED


class Ranked(Struct, frozen=True):
    """A proposal, the chance of its passage, and the sum that speaks for it."""

    proposal: Proposal
    worth: int
    total: int
    is_tried: bool = True
    """Whether a new card may be made of it; of any other only one that was shipped stays."""

    def wanted(self, form: str) -> int:
        """Return the chance of a thousand that an expert would want such a card, if it is asked in this form."""
        return self._wanted(weights().choice.features.get(f"form={form}", 0))

    @property
    def liked(self) -> int:
        """What speaks, by how it was found, for a reader's keeping a card of it: a sum in thousandths."""
        return weights().looks_of_proposal.total(self.proposal.features)

    @property
    def most_wanted(self) -> int:
        """The chance in the form that speaks for it most."""
        return self._wanted(weights().best_form)

    def _wanted(self, form: int) -> int:
        return self.worth * weights().chance(self.total + form) // 1000


class Choice(Struct, frozen=True):
    """A passage, the chance that it is worth a card, and what is proposed for it, the best first."""

    passage: Passage
    worth: int | None
    """Of a thousand; None where no rule has a use for the passage, and it is not judged."""
    proposals: tuple[Ranked, ...] = ()
    liked: int = 0
    """What speaks, by its structure, for a reader's keeping a card of it: a sum in thousandths."""


SHAPED = 240
"""The least chance of a passage that stands in a shape by which learners mark what they want to remember."""
CERTAIN = 1000
LEAST = 200
"""The least chance of a thousand that a passage is worth a card: no sentence is cut below it."""
LEAST_OF_SHIPPED = 60
"""The same where every proposal is asked for."""
LEAST_WANTED = 200
"""The least chance of a thousand that a card is wanted: what has less is not worded for a new one."""
SEVERAL = frozenset({"row", "code"})
"""Kinds of passages that make several statements: a row has one a cell."""
MOST_TRIED = 5
"""Proposals of any other passage that are worded, at most: those behind the best are seldom better."""


def choices(passages: Sequence[Passage], rules: Rulebook, *, every: bool = False) -> Iterator[Choice]:
    """Yield for each passage of a note what the rules propose for it; what its author asks for is certain.

    With `every` proposal also those come of which only a card that was shipped is kept.
    """
    for at, passage in enumerate(passages):
        shapes = rules.shapes(at)
        if not (shapes or rules.may_state(at)):
            yield Choice(passage, None)
            continue
        seen = features_of(passages, at)
        worth = worth_by(passage, seen)
        asked = bool(passage.directive.id) or "{{c" in passage.text
        proposals = [
            *shapes,
            *(rules.statements(at) if asked or worth >= (LEAST_OF_SHIPPED if every else LEAST) else ()),
        ]
        ranked = [
            _ranked(proposal, worth, certain=asked or bool(proposal.concept.place.directive.id))
            for proposal in proposals
        ]
        ranked.sort(key=lambda one: -one.total)
        withheld = untried(passage)
        tried = [
            (asked or not withheld.holds(one.proposal.concept)) and _is_tried(at, one, passage)
            for at, one in enumerate(ranked)
        ]
        found = map(_marked, ranked, tried) if every else compress(ranked, tried)
        yield Choice(passage, worth, tuple(found), weights().looks_of_passage.total(seen))


def _marked(ranked: Ranked, is_tried: bool) -> Ranked:  # noqa: FBT001  (mapped)
    return ranked if is_tried else replace(ranked, is_tried=False)


def _is_tried(at: int, ranked: Ranked, passage: Passage) -> bool:
    """Whether a new card may be made of a passage's proposal with a number."""
    if at >= MOST_TRIED and passage.kind not in SEVERAL:
        return _is_written(ranked.proposal, passage)
    return bool(ranked.proposal.least) or ranked.most_wanted >= LEAST_WANTED


def _is_written(proposal: Proposal, passage: Passage) -> bool:
    """Whether a title asks a question, or its answer is marked as one: what an author asks is never cut off."""
    return isinstance(proposal.concept, Question) and (proposal.rule == "section" or bool(ANSWERED.match(passage.text)))


def _ranked(proposal: Proposal, worth: int, *, certain: bool) -> Ranked:
    if certain:
        return Ranked(proposal, CERTAIN, CERTAIN * CERTAIN)
    own = worth if isinstance(proposal.concept, Statement) else max(worth, SHAPED)
    return Ranked(proposal, own, weights().choice.total(named(proposal)))


def named(proposal: Proposal) -> tuple[str, ...]:
    """Return the features of a proposal, with its rule among them."""
    return (*proposal.features, f"rule={proposal.rule}")
