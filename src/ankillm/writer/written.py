"""Cards that a language model wrote, as a file keeps them: a line a card, accepted or refused, sorted, made for git.

The file comes with a project from others: it is read by a schema, and what it says counts only as far as the note
bears it out, each time anew.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ankillm.common.diagnostics import Refusal
from ankillm.common.files import UnreadableError, put, read_file, shown

if TYPE_CHECKING:  # a build with nothing to do imports none of it
    from ankillm.extract.passage import Passage

SCHEMA = 1
MOST_BYTES = 64 * 2**20
LONGEST = 2000
"""Characters that a line keeps of each thing a model said."""
SILENT = "silent"
"""The code of a passage for which a model proposed nothing."""

Text = Annotated[str, Meta(max_length=LONGEST)]
Form = Literal["question", "gap"]


class WrittenCard(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A card that a model proposed for a passage, and why it was refused, if it was."""

    note: str
    """The path of the note, from the root of the notes."""
    passage: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    """The key of the passage's content."""
    form: Form
    question: Text
    quote: Text
    subject: Text
    model: Annotated[str, Meta(max_length=200)]
    prompt: int
    """The version of the prompt."""
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    refused: Annotated[str, Meta(max_length=40)] = ""
    """The code of the reason; empty for a card that was accepted."""
    checked: bool = False
    """Whether the model, asked a second time, pointed to the same words."""


class _Head(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    schema: int


def passage_key(passage: "Passage") -> str:
    """Return the key of a passage's content: a hash of its words, for a row of those of its head too."""
    said = " ".join((" | ".join(passage.head) + "\n" + passage.text).split())
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def read_written(path: Path) -> tuple[WrittenCard, ...]:
    """Return the cards of a file in its order; none where there is no file.

    :raises Refusal: if it is damaged, of a newer version, or cannot be read.
    """
    if not path.exists():
        return ()
    try:
        data = read_file(path, MOST_BYTES, inside=True)
    except UnreadableError as error:
        raise Refusal(f"{shown(path)}: {error}; check it and its rights") from None
    first, *lines = data.split(b"\n")
    _check_head(first, path)
    return tuple(_card(line, f"{shown(path)}:{number}") for number, line in enumerate(lines, 2) if line.strip())


def _check_head(line: bytes, path: Path) -> None:
    try:
        schema = msgspec.json.decode(line, type=_Head).schema
    except (ValueError, RecursionError):
        raise Refusal(f"{shown(path)}:1: is no file of written cards; take it back out of git, or delete it") from None
    if schema > SCHEMA:
        said = f"written by a newer ankillm (schema {schema}, known is {SCHEMA})"
        raise Refusal(f"{shown(path)}: {said}; update ankillm")
    if schema < 1:
        raise Refusal(f"{shown(path)}:1: has no schema that there ever was; take the file back out of git")


def _card(line: bytes, place: str) -> WrittenCard:
    try:
        return msgspec.json.decode(line, type=WrittenCard)
    except (ValueError, RecursionError):
        raise Refusal(f"{place}: is no written card; take the line back out of git, or delete it") from None


def dump_written(cards: Iterable[WrittenCard]) -> bytes:
    """Return the text of a file: each card once, sorted by note, passage and what was asked."""
    lines = sorted({msgspec.json.encode(card): _order(card) for card in cards}.items(), key=lambda pair: pair[1])
    return b"\n".join([msgspec.json.encode(_Head(SCHEMA)), *(line for line, _ in lines)]) + b"\n"


def _order(card: WrittenCard) -> tuple[str, ...]:
    return card.note, card.passage, card.refused, card.question, card.quote, card.form, card.model, card.date


def save_written(path: Path, cards: Iterable[WrittenCard]) -> None:
    """Write a file whole.

    :raises Refusal: if it cannot be written.
    """
    put({path: dump_written(cards)})


def by_note(cards: Iterable[WrittenCard], notes: Iterable[str]) -> Mapping[str, tuple[WrittenCard, ...]]:
    """Return by the paths of notes the cards for them; those of a note that is gone are offered to every note.

    A note that was moved so keeps its cards: what a card is for is told by the words of its passage.
    """
    found: dict[str, list[WrittenCard]] = {note: [] for note in notes}
    gone: list[WrittenCard] = []
    for card in cards:
        if not card.refused:
            found.get(card.note, gone).append(card)
    return {note: (*own, *gone) for note, own in found.items() if own or gone}
