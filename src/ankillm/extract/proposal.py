"""What a rule proposes: a concept for a passage, with what the ranking looks at."""

from msgspec import Struct

from ankillm.extract.concepts import Concept, Place
from ankillm.extract.passage import Passage

STEPS = tuple(int(2.9 * bits / 2) for bits in range(11))


class Proposal(Struct, frozen=True):
    """A concept that a rule found in a passage; `features` name what speaks for and against it."""

    rule: str
    concept: Concept
    features: tuple[str, ...]
    least: int = 0
    """The least score of a thousand that it has by what it is."""


def place_of(passage: Passage) -> Place:
    """Return where the concepts of a passage stand."""
    return Place(passage.titles, passage.first, passage.last, passage.directive, passage.labels)


def size(number: int) -> int:
    """Return how large a number is, in steps of a third more."""
    return STEPS[min(number.bit_length(), len(STEPS) - 1)] if number > 0 else 0
