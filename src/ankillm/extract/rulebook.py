"""All that the rules propose for the passages of a note; none takes a passage away from the others."""

import re
from collections.abc import Sequence

from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.concepts import Definition
from ankillm.extract.defining import defined, names_kind_alone, term_of
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal
from ankillm.extract.scope import is_generic
from ankillm.extract.shape_proposals import shape_proposals
from ankillm.extract.statement_proposals import KINDS, propose
from ankillm.extract.subject import subject_of
from ankillm.extract.title_names import SPELLED, body_of, names_thing
from ankillm.extract.told_of import is_known, told_of
from ankillm.extract.turns import Turns
from ankillm.markdown.note import Note

PRONOUN = regex(r"(?:its?|they|their)\b|它们?(?!的?[是为]否)|其(?![他它实余中次])", re.IGNORECASE)
SINGULAR = regex(r"its?\b", re.IGNORECASE)
PLURAL = regex(r"[a-z](?<![isu])s$")
"""How the name of several things ends, as `Optimizers`: what `It` never stands for."""
OPENS = regex(
    r"(?:the\s)?(?P<name>[A-Z][\w.+-]*(?:\s[A-Z\d][\w.+-]*){0,3})\s"
    r"(?:is|are|was|has|have|had|does|do|did|can|cannot|will|needs?|[a-z]+(?<!s)s)\s"
)
"""A name at the start of a sentence, and its verb."""


def _is_begun(passage: Passage) -> bool:
    """Whether a sentence says of which kind a thing is, and one behind it what sets it apart: half an answer."""
    if passage.sentence + 1 >= passage.sentences:
        return False
    pair = defined(passage.rest or passage.text)
    return names_kind_alone(pair[1] if pair else passage.rest)


def _opens_with(sentence: str) -> str:
    """Return the name, spelled as one, that a sentence in English begins with; empty where it begins otherwise."""
    match = OPENS.match(sentence)
    return match["name"] if match and SPELLED.search(match["name"]) else ""


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
        if _is_begun(passage) and self._is_defined(at):
            return []
        named = subject_of(passage, self._note, self._body)
        subject = self._turns.subject(named, passage.label, passage.first, passage.last)
        subject = self._antecedent(at, subject) if PRONOUN.match(passage.text) else subject
        is_lost = named and not subject and is_generic(passage.label)
        return [] if is_lost else list(propose(passage, subject))

    def proposals(self, at: int) -> list[Proposal]:
        """Return all that is proposed for a passage."""
        return [*self.shapes(at), *self.statements(at)]

    def _is_defined(self, at: int) -> bool:
        """Whether a sentence, or one behind it, gives a definition."""
        behind = range(at, at + self._passages[at].sentences)
        return any(isinstance(shape.concept, Definition) for near in behind for shape in self.shapes(near))

    def _antecedent(self, at: int, subject: str) -> str:
        """Return what a pronoun at the start of a passage stands for: what the sentences before it define, if they do.

        Else its subject; none where that is plural, and the pronoun is not.
        """
        passage = self._passages[at]
        for before in reversed(self._passages[max(0, at - passage.sentence) : at]):
            if before.block is not passage.block:
                break
            if PRONOUN.match(before.text):
                continue
            text = before.rest or before.text
            if named := term_of(text) or told_of(text, (subject,)) or _opens_with(text):
                return subject if subject and is_known(named, (subject,)) else named
            if subject and not (CHINESE.search(subject) or names_thing(subject, self._body)):
                return ""
            break
        return "" if SINGULAR.match(passage.text) and PLURAL.search(subject) else subject
