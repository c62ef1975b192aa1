"""Written cards as proposals beside those of the rules; each is held against its note anew."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ankillm.cards.score import WRITTEN
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal
from ankillm.extract.rank import Choice, Ranked
from ankillm.markdown.note import Note
from ankillm.writer.offer import Offer
from ankillm.writer.verifier import verified
from ankillm.writer.written import WrittenCard, passage_key

SCORE = 650
"""The score of a thousand of a written card: enough at every density, as its reader asked for it. A card of the rules
for the same statement stays where it is surer."""
UNTOLD = -(10**9)
"""The sum of a proposal for which no feature speaks."""


def with_written(choices: Iterable[Choice], written: Sequence[WrittenCard], note: Note) -> Iterator[Choice]:
    """Yield the choices of a note, each with the cards that were written for its passage and still hold."""
    waiting: dict[str, list[WrittenCard]] = {}
    for card in written:
        waiting.setdefault(card.passage, []).append(card)
    for choice in choices:
        found = waiting.get(passage_key(choice.passage), []) if waiting else []
        made = tuple(filter(None, (_ranked(card, choice.passage, note) for card in found)))
        yield replace(choice, proposals=(*made, *choice.proposals)) if made else choice


def _ranked(card: WrittenCard, passage: Passage, note: Note) -> Ranked | None:
    offer = Offer(card.passage, card.form, card.question, card.quote, card.subject)
    concept = verified(offer, passage, note)
    if isinstance(concept, str) or passage.directive.skip:
        return None
    return Ranked(Proposal(WRITTEN, concept, (), SCORE), SCORE, UNTOLD)


def is_written(choice: Choice) -> bool:
    """Whether a passage has a written card that its note bears out."""
    return any(ranked.proposal.rule == WRITTEN for ranked in choice.proposals)


def stale(choices: Iterable[Choice], written: Sequence[WrittenCard], path: str) -> int:
    """Return how many cards that were written for a note have no passage any more that bears them out."""
    standing = {passage_key(choice.passage) for choice in choices if is_written(choice)}
    return sum(card.note == path and card.passage not in standing for card in written)
