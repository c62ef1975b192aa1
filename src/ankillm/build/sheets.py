"""The cards of a part of a note: drawn anew, or standing as the last build left them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ankillm.build.drawing import Row
from ankillm.build.past import Leaf, hash_of
from ankillm.cards.quality import repeated
from ankillm.markdown.parts import Part


class Unsettled(Exception):  # noqa: N818  (nothing is wrong: only all has to be drawn)
    """A deck is not to be amended: much changed, or what stands may repeat what is new, or the other way round."""


class Fresh(Struct, frozen=True):
    """A part that was drawn; `codes` tells of each card what it repeats, empty for nothing."""

    part: Part
    rows: Sequence[Row]
    codes: Sequence[str] = ()

    @property
    def shipped(self) -> list[Row]:
        """The cards that repeat no other."""
        return [row for row, code in zip(self.rows, self.codes, strict=True) if not code]

    @property
    def listing(self) -> str:
        """Its cards as text, empty if that was not asked for."""
        return "\n".join(row.listed for row in self.shipped)

    def leaf(self, guids: Iterator[str]) -> Leaf:
        """Return it for the next build; `guids` gives those of its cards, in order."""
        own = "".join(islice(guids, len(self.shipped)))
        return Leaf(self.part.after, self.part.title, own, _asked(self), self.listing)


class Standing(Struct, frozen=True):
    """A part that is as it was, with its cards."""

    part: Part
    last: Leaf

    @property
    def listing(self) -> str:
        """Its cards as text."""
        return self.last.listing

    def leaf(self, guids: Iterator[str]) -> Leaf:  # noqa: ARG002  (as of a fresh one)
        """Return it for the next build."""
        return self.last


Sheet: TypeAlias = Fresh | Standing


def settled(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets of a note in reading order, knowing which of the drawn cards repeat one above."""
    fresh = [sheet for sheet in sheets if isinstance(sheet, Fresh)]
    codes = repeated(chain.from_iterable((row.signature for row in sheet.rows) for sheet in fresh))
    known = {sheet.part.key: replace(sheet, codes=list(islice(codes, len(sheet.rows)))) for sheet in fresh}
    return [known.get(sheet.part.key, sheet) for sheet in sheets]


def refuse_doubt(sheets: Sequence[Sheet], last: Mapping[str, Leaf]) -> None:
    """Make sure that what was drawn, and what is gone, asks nothing that a standing card asks.

    Then no card that stands can have become a repetition, or ceased to be one.

    :raises Unsettled: else.
    """
    present = {sheet.part.key for sheet in sheets}
    gone = [leaf.asked for key, leaf in last.items() if key not in present]
    drawn = [_asked(sheet) for sheet in sheets if isinstance(sheet, Fresh)]
    standing = "".join(sheet.last.asked for sheet in sheets if isinstance(sheet, Standing))
    if not {*standing.split()}.isdisjoint("".join([*gone, *drawn]).split()):
        raise Unsettled


def _asked(sheet: Fresh) -> str:
    return "".join(hash_of(row.signature.asked) for row in sheet.rows)
