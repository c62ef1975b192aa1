"""A deck's notes → what is shipped of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ankillm.drawing import Desk, Drawing, Job, Row
from ankillm.knowledge import Knowledge
from ankillm.messages import Message
from ankillm.notes import Note, Source
from ankillm.parts import Part, parts
from ankillm.pipeline import deck_name, sources, subdeck
from ankillm.project import DeckSpec, NoteFile, note_files
from ankillm.quality import repeated
from ankillm.rendering import Plots, Shipment, plots


@dataclass(frozen=True, slots=True)
class Composed:
    """A deck ready to be shipped: its name, its notes, and what could not be read."""

    name: str
    files: tuple[NoteFile, ...]
    read: tuple[str, ...]
    """The paths of the notes that were read."""
    unreadable: tuple[Message, ...]
    shipment: Shipment
    listing: str
    """Every card as text, if that was asked for."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A note with its parts."""

    source: Source
    parts: Sequence[Part]

    @property
    def note(self) -> Note:
        """The note as if it had been read at once."""
        notes = [part.note for part in self.parts if part.note]
        return replace(
            notes[0], text=self.source.text, sections=tuple(chain.from_iterable(note.sections for note in notes))
        )


def compose(spec: DeckSpec, knowledge: Knowledge, *, listed: bool, tell: Callable[[float], None]) -> Composed:
    """Read a deck's notes and draw their cards; with their listing if it is asked for.

    :raises Refusal: if a place does not exist or two roots give one path.
    """
    files = note_files(spec.notes)
    found = list(sources(files, spec))
    leaves = [_Leaf(source, parts(source, {})) for source in found if isinstance(source, Source)]
    lone = len(spec.notes) == 1 and spec.notes[0].is_file()
    name = deck_name(spec, [leaf.note for leaf in leaves] if lone else [])
    desk = Desk(knowledge, {entry.path: entry for entry in files}, plots(knowledge.pictures), listed)
    decks = [name if lone else subdeck(name, leaf.source.path) for leaf in leaves]
    jobs = [Job(part.note, deck) for leaf, deck in zip(leaves, decks, strict=True) for part in leaf.parts if part.note]
    drawings = desk.draw_all(jobs, tell)
    rows = list(_unique(leaves, drawings))
    if spec.facts:
        facts = _facts([leaf.note for leaf in leaves], name, desk)
        rows += facts.rows
        drawings.append(facts)
    return Composed(
        name=name,
        files=files,
        read=tuple(leaf.source.path for leaf in leaves),
        unreadable=tuple(message for message in found if isinstance(message, Message)),
        shipment=_shipment(rows, drawings, desk.plots),
        listing="\n".join(row.listed for row in rows),
    )


def _unique(leaves: Sequence[_Leaf], drawings: Sequence[Drawing]) -> Iterator[Row]:
    """Yield the cards of every note without those that repeat one above."""
    following = iter(drawings)
    for leaf in leaves:
        rows = [row for _, drawing in zip(leaf.parts, following, strict=False) for row in drawing.rows]
        for row, code in zip(rows, repeated(row.signature for row in rows), strict=True):
            if not code:
                yield row


def _facts(notes: Sequence[Note], deck: str, desk: Desk) -> Drawing:
    from ankillm.claim_cards import fact_cards  # noqa: PLC0415  (only who asks for them pays)

    cards = fact_cards(notes, desk.knowledge.demos, desk.knowledge.evidence)
    return desk.rendered(replace(card, deck=deck) for card in cards)


def _shipment(rows: Sequence[Row], drawings: Sequence[Drawing], shown: Plots) -> Shipment:
    media = dict(shown.media)
    warnings: dict[tuple[str, str], Message] = {}  # one for a picture that several parts of a note miss
    for drawing in drawings:
        media |= drawing.media
        for message in drawing.warnings:
            warnings.setdefault((message.file, message.text), message)
    pictures = dict.fromkeys(picture for drawing in drawings for picture in drawing.pictures)
    entries = tuple(row.entry for row in rows)
    return Shipment(entries, media, (*shown.warnings, *warnings.values()), tuple(pictures))
