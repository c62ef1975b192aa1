"""The typed concepts: what the rules find in a section, before anyone asks about it.

All texts are Markdown; `name` is the concept's own name, which goes into the card's key.
"""

from dataclasses import dataclass
from typing import TypeAlias

from ankillm.blocks import NO_STEER, Steer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a concept stands: the titles and labels above it, and its lines (1-based, inclusive)."""

    path: tuple[str, ...]
    line: int
    end: int
    steer: Steer = NO_STEER


@dataclass(frozen=True, slots=True)
class Definition:
    """A term with what it is; `owner` is what the term belongs to, such as the call that has the parameter."""

    place: Place
    term: str
    text: str
    owner: str = ""


FORMULA = "formula"
"""The label of a formula that stands without one: the same in every language, as it is part of a card's key."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A labelled attribute of a subject: one value or a list of them; `ordered` where the order is part of it."""

    place: Place
    subject: str
    label: str
    values: tuple[str, ...]
    ordered: bool = False
    asked: str = "attribute"


@dataclass(frozen=True, slots=True)
class Setting:
    """A cell of a table, or a pair of name and value: what the subject has for the label."""

    place: Place
    subject: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the note asks itself, with its answer."""

    place: Place
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """How two things differ; the two are named in `left` and `right`."""

    place: Place
    left: str
    right: str
    text: str
    part: int = 1
    parts: int = 1
    """Long differences are asked one by one: this is number `part` of `parts`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What to do, or what happens, when something holds; `asks` says which half the card asks for."""

    place: Place
    subject: str
    condition: str
    consequence: str
    asks_condition: bool = False


@dataclass(frozen=True, slots=True)
class CodeGap:
    """A token of code to recall: `code` with characters `start` to `end` hidden; `about` says what the code is for."""

    place: Place
    code: str
    start: int
    end: int
    language: str
    name: str
    about: str = ""
    asked: str = "code"


@dataclass(frozen=True, slots=True)
class Blank:
    """A cloze in prose: Markdown text with `{{c1::…}}` in it, an author's or a rule's."""

    place: Place
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its reference solution."""

    place: Place
    problem: str
    solution: str
    exercise: bool = False
    """Whether it is posed to be worked out, so that it stands as a question as it is."""


Concept: TypeAlias = Definition | Attribute | Setting | Question | Contrast | Condition | CodeGap | Blank | Problem
