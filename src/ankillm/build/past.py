"""What the last build of a deck left: the parts of its notes with their cards, and the files that it wrote.

It lies in the cache and is good only for the files that it was written with: their hashes are held against those on
the disk. A card there is no more than its GUID; what it says is in the ledger and in the package.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ankillm.build import cache
from ankillm.build.stamp import Built, Mode, hashed, outputs, same_pictures
from ankillm.common.project import DeckSpec
from ankillm.markdown.blocks import Directive
from ankillm.markdown.passages import State

if TYPE_CHECKING:
    from ankillm.anki.media import Picture

WIDTH = 16
"""Characters of a GUID."""


class Leaf(Struct, frozen=True):
    """A part of a note in the last build: what it hands on, what it would name its note, its cards, their listing."""

    after: State
    title: str
    guids: str
    """The GUIDs of its cards, in order, one after the other."""
    asked: str
    """A hash of what each of its cards asks, those too that were left out because they repeat another."""
    listing: str


def hash_of(asked: str) -> str:
    """Return the hash of what a card asks, as a leaf holds it."""
    return f" {hashlib.blake2b(asked.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


class Past(Struct, frozen=True):
    """The last build of a deck."""

    name: str
    leaves: Mapping[str, Leaf]
    """By the hashes of their parts, in reading order."""
    ledger: str
    package: bytes
    pictures: "tuple[Picture, ...]"

    @property
    def guids(self) -> str:
        """The GUIDs of the cards that it shipped, in reading order, one after the other."""
        return "".join(leaf.guids for leaf in self.leaves.values())


def load(spec: DeckSpec, around: str, mode: Mode) -> Past | None:
    """Return the last build of a deck, if it was with the same program, demos and settings and its files are there.

    `around` is the hash of what every deck here is built with.
    """
    record = cache.load(_name(spec))
    try:
        files = outputs(spec, mode)
        if record["around"] != _around(spec, around) or record["files"] != hashed(files):
            return None
        if not same_pictures(record["pictures"]):
            return None
        listing = files[spec.listing.name].decode() if mode.listing else ""
        leaves = dict(_leaves(record["leaves"], listing))
        pictures = tuple(map(tuple, record["pictures"]))
        return Past(str(record["name"]), leaves, files[spec.ledger.name].decode(), files[spec.output.name], pictures)
    except (LookupError, TypeError, ValueError):
        return None


def save(spec: DeckSpec, around: str, built: Built, files: Mapping[str, str]) -> None:
    """Keep a build that wrote files with these hashes."""
    record = {
        "around": _around(spec, around),
        "files": files,
        "name": built.told["name"],
        "pictures": built.pictures,
        "leaves": [(key, *_row(leaf)) for key, leaf in built.leaves.items()],
    }
    cache.save(_name(spec), record)


def _name(spec: DeckSpec) -> str:
    return "parts-" + hashlib.sha256(os.fsencode(spec.output.absolute())).hexdigest()[:32]


def _around(spec: DeckSpec, around: str) -> str:
    return hashlib.sha256(os.fsencode(f"{around}\n{spec!r}")).hexdigest()


def _row(leaf: Leaf) -> tuple[Any, ...]:
    above = [(level, title, _steer(directive)) for level, title, directive in leaf.after.above]
    return above, _steer(leaf.after.directive), leaf.title, leaf.guids, leaf.asked, len(leaf.listing)


def _steer(directive: Directive) -> tuple[Any, ...]:
    return directive.skip, directive.id, directive.tags, directive.deck


def _leaves(rows: Sequence[Any], listing: str) -> Iterator[tuple[str, Leaf]]:
    at = 0
    for key, above, directive, title, guids, asked, length in rows:
        titles = tuple((level, text, _steered(words)) for level, text, words in above)
        yield key, Leaf(State(titles, _steered(directive)), title, guids, asked, listing[at : at + length])
        at += length + (length > 0)  # and the line break between the lists of two parts


def _steered(words: Sequence[Any]) -> Directive:
    skip, own, tags, deck = words
    return Directive(skip, own, tuple(tags), deck)
