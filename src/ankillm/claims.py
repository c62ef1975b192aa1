"""Claims: phrases in a note, tied by a link to a fact and an expectation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A phrase in a note tied to a fact and an expectation; positions are 1-based, in characters."""

    file: str
    line: int
    column: int
    definition_line: int
    """The line of the reference definition; `line` itself for an inline link."""
    phrase: str
    demo: str
    fact: str
    expectation: str
    """The link's title, as written."""
    problem: str = ""
    """What makes it invalid on its own account, before any evidence; empty if nothing does."""
