"""All that the rules propose for the passages of a note; none takes a passage away from the others."""

from collections.abc import Sequence

from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal
from ankillm.extract.scope import is_generic
from ankillm.extract.shape_proposals import shape_proposals
from ankillm.extract.statement_proposals import KINDS, propose
from ankillm.extract.subject import subject_of
from ankillm.extract.title_names import body_of
from ankillm.extract.turns import Turns
from ankillm.markdown.note import Note


class Rulebook:
    """The rules over one note: what they propose for a passage, by its number. What an author skips gives nothing."""

    def __init__(self, note: Note, passages: Sequence[Passage]) -> None:
        self._note, self._passages, self._body = note, passages, body_of(note)
        self._turns = Turns(note)
        self._shapes: dict[int, list[Proposal]] = {}
        for at, proposal in shape_proposals(note, passages, self._turns):
            if not passages[at].directive.skip:
                self._shapes.setdefault(at, []).append(proposal)

    def shapes(self, at: int) -> list[Proposal]:
        """Return what the shape of a passage gives."""
        return self._shapes.get(at, [])

    def may_state(self, at: int) -> bool:
        """Whether a passage is of a kind that can be a statement."""
        return self._passages[at].kind in KINDS and not self._passages[at].directive.skip

    def statements(self, at: int) -> list[Proposal]:
        """Return what can be asked for in the words of a passage."""
        if not self.may_state(at):
            return []
        passage = self._passages[at]
        named = subject_of(passage, self._note, self._body)
        subject = self._turns.subject(named, passage.label, passage.first, passage.last)
        is_lost = named and not subject and is_generic(passage.label)
        return [] if is_lost else list(propose(passage, subject))

    def proposals(self, at: int) -> list[Proposal]:
        """Return all that is proposed for a passage."""
        return [*self.shapes(at), *self.statements(at)]
