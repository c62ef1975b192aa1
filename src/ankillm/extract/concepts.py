"""The typed concepts: what the rules find in a section, before anyone asks about it.

All texts are Markdown; `name` is the concept's own name, which goes into the card's key.
"""

from typing import TypeAlias

from msgspec import Struct

from ankillm.markdown.blocks import NO_DIRECTIVE, Directive


class Place(Struct, frozen=True):
    """Where a concept stands: the titles and labels above it, and its lines (1-based, inclusive)."""

    path: tuple[str, ...]
    line: int
    end: int
    directive: Directive = NO_DIRECTIVE
    labels: tuple[str, ...] = ()
    """What announces it inside of its section, outermost first."""
    rule: str = ""
    """The rule that found it."""


class Definition(Struct, frozen=True):
    """A term with what it is; `owner` is what the term belongs to, such as the call that has the parameter."""

    place: Place
    term: str
    text: str
    owner: str = ""
    acts: bool = False
    """Whether the text begins with a verb, of which the term is the subject: `PagedAttention borrows …`."""


class Statement(Struct, frozen=True):
    """A statement with what is asked of it: a bare text, characters `start` to `end` of it, and the cue before them."""

    place: Place
    text: str
    start: int
    end: int
    cue: str
    subject: str
    label: str = ""
    """What stands in front of it, if that is all that the cut leaves."""


FORMULA = "formula"
"""The label of a formula that stands without one: the same in every language, as it is part of a card's key."""


class Attribute(Struct, frozen=True):
    """A labelled attribute of a subject: one value or a list of them; `ordered` where the order is part of it."""

    place: Place
    subject: str
    label: str
    values: tuple[str, ...]
    ordered: bool = False
    asked: str = "attribute"


class Setting(Struct, frozen=True):
    """A cell of a table, or a pair of name and value: what the subject has for the label."""

    place: Place
    subject: str
    label: str
    value: str


class Question(Struct, frozen=True):
    """A question that the note asks itself, with its answer."""

    place: Place
    question: str
    answer: str
    name: str = ""
    """What it is about, where a rule words the question; the note's own question names itself."""
    code: str = ""
    """The code that it is asked of."""


class Contrast(Struct, frozen=True):
    """How two things differ; the two are named in `left` and `right`."""

    place: Place
    left: str
    right: str
    text: str
    part: int = 1
    parts: int = 1
    """Long differences are asked one by one: this is number `part` of `parts`."""


class Condition(Struct, frozen=True):
    """What to do, or what happens, when something holds; `asks` says which half the card asks for."""

    place: Place
    subject: str
    condition: str
    consequence: str
    asks_condition: bool = False


class CodeGap(Struct, frozen=True):
    """A token of code to recall: `code` with characters `start` to `end` hidden; `about` says what the code is for."""

    place: Place
    code: str
    start: int
    end: int
    language: str
    name: str
    about: str = ""
    asked: str = "code"


class Blank(Struct, frozen=True):
    """A cloze in prose: Markdown text with `{{c1::…}}` in it, an author's or a rule's."""

    place: Place
    text: str
    name: str = ""


class Problem(Struct, frozen=True):
    """A problem with its reference solution."""

    place: Place
    problem: str
    solution: str
    exercise: bool = False
    """Whether it is posed to be worked out, so that it stands as a question as it is."""


Concept: TypeAlias = (
    Statement | Definition | Attribute | Setting | Question | Contrast | Condition | CodeGap | Blank | Problem
)
