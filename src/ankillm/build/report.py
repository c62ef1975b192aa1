"""What a build tells: counts, what became of each card, and what there is to say of single files."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from ankillm.claims.doubt import Doubt
from ankillm.common.diagnostics import Diagnostic


class Search(Struct, frozen=True):
    """A search that finds cards in Anki, for the reader to move or delete; `deck` is where moved ones belong."""

    text: str
    cards: int
    deck: str = ""


Searches: TypeAlias = tuple[tuple[str, Search], ...]
"""`moved` or `retired`, and the search that finds those cards."""


class Change(Struct, frozen=True):
    """What became of a card: of which, by its key (equal ones told apart as `key~2`), what it asks, and where."""

    key: str
    question: str
    place: str


class Report(Struct, frozen=True):
    """What a build did."""

    name: str
    notes: int
    cards: int
    media: int
    unreadable: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    retired: tuple[Change, ...] = ()
    """All that are retired and may still be in Anki."""
    retiring: tuple[Change, ...] = ()
    """Those of them that retired with this build."""
    unchanged: int = 0
    left_out: tuple[Diagnostic, ...] = ()
    """What the folders hold that is no note."""
    doubts: tuple[Doubt, ...] = ()
    """What its notes say that surely contradicts a measured fact."""
    searches: Searches = ()
    """What finds in Anki the cards that moved or are retired, until a sync has dealt with them."""


class Crossing(Struct, frozen=True):
    """Cards that retired in one deck of a project while another got new ones of the same questions."""

    left: str
    reached: str
    cards: int


def crossings(reports: Sequence[Report]) -> tuple[Crossing, ...]:
    """Return what went from one deck of a project to another with its note: there it starts anew."""
    found: list[Crossing] = []
    for left in reports:
        gone = Counter(change.question for change in left.retiring)
        for reached in reports if gone else ():
            both = gone & Counter(change.question for change in reached.new)
            if reached is not left and both:
                found.append(Crossing(left.name, reached.name, both.total()))
    return tuple(found)


class Mode(Struct, frozen=True):
    """How a build goes: with the listing of every card beside the package, only telling what would be, uncached."""

    listing: bool = False
    dry_run: bool = False
    cached: bool = True
    declined: frozenset[str] = frozenset()
    """GUIDs of what its reader deleted in Anki."""
    gone: frozenset[str] = frozenset()
    """GUIDs of what retired and is no longer in Anki."""
    settled: bool = False
    """Whether a sync is about to put in its deck what moved."""
