"""All that the rules propose for the passages of a note; none takes a passage away from the others."""

from collections.abc import Callable, Sequence

from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal
from ankillm.extract.rules.shape import shape_proposals
from ankillm.extract.rules.statement import propose
from ankillm.extract.subject import subject_of
from ankillm.markdown.note import Note


def proposer(note: Note, passages: Sequence[Passage]) -> Callable[[int], list[Proposal]]:
    """Return what tells the proposals for a passage by its number; what its author skips gives nothing."""
    shapes: dict[int, list[Proposal]] = {}
    for at, proposal in shape_proposals(note, passages):
        shapes.setdefault(at, []).append(proposal)

    def proposals(at: int) -> list[Proposal]:
        passage = passages[at]
        if passage.directive.skip:
            return []
        return [*shapes.get(at, ()), *propose(passage, subject_of(passage, note.title))]

    return proposals
