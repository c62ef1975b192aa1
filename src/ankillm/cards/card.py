"""Cards: one question with one answer, made from one concept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from ankillm.claims.doubt import Doubt
from ankillm.common.diagnostics import Span
from ankillm.evidence.schema import Measured

if TYPE_CHECKING:  # what only notes with claims need is imported for them alone
    from ankillm.claims.verdicts import Verdict


class Gap(Struct, frozen=True):
    """What a cloze hides: characters `start` to `end` of the card's front."""

    start: int
    end: int
    number: int = 1
    hint: str = ""


class Drop(Struct, frozen=True):
    """Why a card was dropped: the code of the quality rule, and a sentence."""

    code: str
    reason: str


class ShownFact(Struct, frozen=True):
    """A fact shown on a card because its term is what the card is about."""

    demo: str
    name: str
    label: str
    measured: Measured
    device: str
    versions: Mapping[str, str]
    stale: bool


class Card(Struct, frozen=True):
    """One question with one answer. `front` and `back` are Markdown; a cloze is its text with the gaps filled."""

    kind: Literal["basic", "cloze"]
    question: str
    """How the concept is asked: `definition`, `attribute`, `value`, `order`, `code`, `contrast`, …"""
    front: str
    back: str
    """A cloze's back is what stands below the text once the gap is filled; often empty."""
    name: str
    """The concept's own name: part of the key, never the wording of the question."""
    note: str
    """The note's path from the root of the notes, POSIX and NFC."""
    section: tuple[str, ...]
    """The section path, for the key: titles as plain text without their numbering."""
    context: tuple[str, ...]
    """The section path as the reader sees it above the question."""
    source: Span
    deck: str
    language: Literal["zh", "en"]
    gaps: tuple[Gap, ...] = ()
    code: str = ""
    """For a cloze in code: the code's language (`text` if none); empty when `front` is Markdown."""
    tags: tuple[str, ...] = ()
    id: str = ""
    """An author's `<!-- anki: id=… -->`."""
    references: Mapping[str, Any] = field(default_factory=dict)
    """The note's link definitions, as markdown-it's environment holds them."""
    demo: str = ""
    term: str = ""
    """What `ankillm demo` is asked for: a term of the demo that the card is about; empty for its name."""
    facts: tuple[ShownFact, ...] = ()
    verdicts: "tuple[Verdict, ...]" = ()
    doubts: tuple[Doubt, ...] = ()
    """What it says that surely contradicts a fact, though its note claims nothing."""
    dropped: Drop | None = None
    rule: str = ""
    """The rule that proposed it."""
    score: int = 0
    """The chance of a thousand that it is wanted, and that of its passage (`worth`)."""
    worth: int = 0

    @property
    def key(self) -> str:
        """Note path, section path, name and Anki note type: never a position, never the wording."""
        return f"{self.note}#{'/'.join(self.section)}#{self.name}#{self.kind}"
