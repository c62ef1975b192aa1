"""Sections: a heading, or a pseudo-heading, with the blocks that stand under it."""

from msgspec import Struct

from ankillm.blocks import NO_STEER, Block, Steer


class Section(Struct, frozen=True):
    """A title with its blocks; `path` holds the titles from the top, plain and without numbering, its own last."""

    title: str
    """Plain text without numbering; empty above the first heading."""
    level: int
    """1 to 6 for headings, 7 for pseudo-headings, 0 above the first."""
    path: tuple[str, ...]
    blocks: tuple[Block, ...]
    line: int
    steer: Steer = NO_STEER
