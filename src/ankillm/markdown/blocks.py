"""Blocks: what a note is made of, as typed values with their lines (1-based, inclusive)."""

import re
from typing import TypeAlias

from msgspec import Struct


class Directive(Struct, frozen=True):
    """What an author's `<!-- anki: … -->` says about the block or section that follows it."""

    skip: bool = False
    id: str = ""
    tags: tuple[str, ...] = ()
    deck: str = ""

    def within(self, outer: "Directive") -> "Directive":
        """Return what holds for a block of its own steering inside of something steered; an id is not passed on."""
        if self is outer is NO_DIRECTIVE:
            return self
        tags = tuple(dict.fromkeys((*outer.tags, *self.tags)))
        return Directive(self.skip or outer.skip, self.id, tags, self.deck or outer.deck)


NO_DIRECTIVE = Directive()

TOGGLED = 7
"""The level of a heading that opens a section up to its `SectionEnd`: a toggle's, a container's or a flashcard's."""


class Heading(Struct, frozen=True):
    """A heading; `text` is Markdown."""

    text: str
    level: int
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE


class Paragraph(Struct, frozen=True):
    """A paragraph; `text` is Markdown, its soft line breaks kept."""

    text: str
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE


class CodeBlock(Struct, frozen=True):
    """A block of code, fenced or indented: `line` is that of the opening fence, `first` that of the first code line."""

    language: str
    code: str
    line: int
    end: int
    first: int
    directive: Directive = NO_DIRECTIVE


class Image(Struct, frozen=True):
    """A block that is nothing but an image, from Markdown or from an `<img>` in raw HTML."""

    src: str
    alt: str
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE

    @property
    def text(self) -> str:
        """The image in Markdown."""
        alt = re.sub(r"[\[\]\\\n]", " ", self.alt)
        return f"![{alt}](<{self.src}>)" if re.search(r"[\s()]", self.src) else f"![{alt}]({self.src})"


class Math(Struct, frozen=True):
    """A displayed formula in TeX."""

    tex: str
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE

    @property
    def text(self) -> str:
        """The formula in Markdown."""
        return f"$$\n{self.tex.strip()}\n$$"


class Table(Struct, frozen=True):
    """A table: Markdown cells, and the line of each row of the body."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE


class Item(Struct, frozen=True):
    """An item of a list: its blocks; the first is most often a paragraph."""

    blocks: tuple["Block", ...]
    line: int
    end: int
    number: int = 0
    directive: Directive = NO_DIRECTIVE

    @property
    def text(self) -> str:
        """The Markdown of its first paragraph, empty if it starts otherwise."""
        return self.blocks[0].text if self.blocks and isinstance(self.blocks[0], Paragraph) else ""

    @property
    def rest(self) -> tuple["Block", ...]:
        """What stands under its first paragraph."""
        return self.blocks[1:] if self.blocks and isinstance(self.blocks[0], Paragraph) else self.blocks


class List(Struct, frozen=True):
    """A bullet list, or a numbered one."""

    ordered: bool
    items: tuple[Item, ...]
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE


class Quote(Struct, frozen=True):
    """A block quote."""

    blocks: tuple["Block", ...]
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE


class ThematicBreak(Struct, frozen=True):
    """A horizontal rule: ends what a label above it covers."""

    line: int
    end: int
    directive: Directive = NO_DIRECTIVE


class SectionEnd(Struct, frozen=True):
    """Ends the section that a heading of the level `TOGGLED` opened; it stands in no section."""

    line: int
    end: int


Block: TypeAlias = Heading | Paragraph | CodeBlock | Image | Math | Table | List | Quote | ThematicBreak
AnyBlock: TypeAlias = Block | SectionEnd


class Section(Struct, frozen=True):
    """A title with its blocks; `path` holds the titles from the top, plain and without numbering, its own last."""

    title: str
    """Plain text without numbering; empty above the first heading."""
    level: int
    """1 to 6 for headings, 7 for pseudo-headings, 0 above the first."""
    path: tuple[str, ...]
    blocks: tuple[Block, ...]
    line: int
    directive: Directive = NO_DIRECTIVE
