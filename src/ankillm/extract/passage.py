"""What a passage is, and what it shares with those beside it."""

from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import NO_DIRECTIVE, Block, Directive, Section
from ankillm.markdown.inline import plain_text

Kind: TypeAlias = Literal[
    "sentence",
    "item",
    "lead",
    "question",
    "list",
    "table",
    "row",
    "code",
    "comment",
    "formula",
    "heading",
    "image",
    "raw",
]

WORD = regex(r"\w")
TAG = regex(r"</?[a-zA-Z][^<>]*>|<!--|-->")


class Passage(Struct, frozen=True):
    """The smallest run of a note that makes one statement."""

    kind: Kind
    text: str
    """Markdown as written, without bullet and heading marks; lines of a wrapped paragraph are one."""
    first: int
    """1-based line of the note, as `last`."""
    last: int
    block: Block
    """What it was cut from; a heading's own block for headings."""
    section: Section
    titles: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    label: str = ""
    rest: str = ""
    depth: int = 0
    """How many items it is nested in."""
    order: int = 0
    """Which of its siblings it is, from 0: items of a list, rows of a table, blocks of a section, headings."""
    siblings: int = 1
    alike: bool = True
    """Whether its siblings are all of one form: all with a label, all questions, all links, or all without."""
    sentence: int = 0
    sentences: int = 1
    quoted: bool = False
    directive: Directive = NO_DIRECTIVE
    """What its author says of its block or item, or of what that stands in."""
    head: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    parts: tuple["Passage", ...] = ()

    @property
    def plain(self) -> str:
        """Its plain text; code and formulas as they are."""
        return self.text if self.kind in {"code", "formula", "raw"} else plain_text(self.text)


class Place(Struct, frozen=True):
    """Where blocks stand: what all passages under them share."""

    section: Section
    labels: tuple[str, ...] = ()
    depth: int = 0
    quoted: bool = False
    order: int = 0
    siblings: int = 1
    alike: bool = True
    directive: Directive = NO_DIRECTIVE

    def under(self, *labels: str) -> "Place":
        """Return the place below some labels; empty ones are none."""
        return replace(self, labels=(*self.labels, *filter(None, labels)))


def passage_at(kind: Kind, text: str, lines: tuple[int, int], block: Block, place: Place) -> Passage:
    """Return a passage of a kind that stands in a place."""
    return Passage(
        kind,
        text,
        *lines,
        block,
        place.section,
        place.section.path,
        place.labels,
        depth=place.depth,
        order=place.order,
        siblings=place.siblings,
        alike=place.alike,
        quoted=place.quoted,
        directive=place.directive.within(place.section.directive),
    )


def has_words(text: str) -> bool:
    """Whether a line holds more than signs and tags."""
    return bool(WORD.search(TAG.sub("", text)))
