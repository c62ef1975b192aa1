"""A note → for each of its passages the concepts that it gives, each with its chance.

What is asked of a concept is not decided here, nor which of them become cards.
"""

from collections.abc import Iterator

from ankillm.extract.passages import passages
from ankillm.extract.rank import Choice, choices
from ankillm.extract.rulebook import Rulebook
from ankillm.markdown.note import Note


def extract(note: Note, *, every: bool = False) -> Iterator[Choice]:
    """Yield for each passage of a note, in reading order, what the rules propose, the best first.

    With `every` proposal also those come of which only a card that was shipped is kept.
    """
    found = passages(note)
    yield from choices(found, Rulebook(note, found), every=every)
