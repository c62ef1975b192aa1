"""A deck's notes → its cards, in reading order: drawn anew, or as the last build left them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki.fields import Entry, Plots, Shipment, plots
from ankillm.build.drawing import Desk, Drawing, Job
from ankillm.build.past import Leaf
from ankillm.build.pipeline import deck_name, sources, subdeck
from ankillm.build.sheets import Fresh, Sheet, Standing, Unsettled, settled
from ankillm.claims.knowledge import Knowledge
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.project import DeckSpec, NoteFile, note_files
from ankillm.markdown.note import Note, Source
from ankillm.markdown.parts import Part, parts

WORTH_KNOWING = 50_000
"""Characters of notes to draw, up to which a deck is amended: the work is lost where it then cannot be."""


class Composed(Struct, frozen=True):
    """A deck ready to be shipped: its name, its notes, their cards, and what could not be read."""

    name: str
    files: tuple[NoteFile, ...]
    read: tuple[str, ...]
    """The paths of the notes that were read."""
    unreadable: tuple[Diagnostic, ...]
    sheets: tuple[Sheet, ...]
    more: Shipment
    """What else there is to ship: the cards of facts, all media, what there is to warn of."""
    listed: str
    """The cards of facts as text, if that was asked for."""

    @property
    def shipment(self) -> Shipment:
        """What there is to ship, if no card stands."""
        rows = (row for sheet in self.sheets if isinstance(sheet, Fresh) for row in sheet.shipped)
        return replace(self.more, entries=(*(row.entry for row in rows), *self.more.entries))

    @property
    def listing(self) -> str:
        """Every card as text, if that was asked for."""
        return "\n".join(filter(None, (*(sheet.listing for sheet in self.sheets), self.listed)))


class _Parted(Struct, frozen=True):
    """A note and its parts."""

    source: Source
    parts: Sequence[Part]

    @property
    def title(self) -> str:
        """What the note would name a deck."""
        return next(filter(None, (part.title for part in self.parts)), Path(self.source.path).stem)


def compose(
    spec: DeckSpec, knowledge: Knowledge, known: Mapping[str, Leaf], tell: Callable[[float], None], *, listed: bool
) -> Composed:
    """Read a deck's notes and draw the cards of those parts that are not known; with their listing if asked for.

    :raises Refusal: if a place does not exist or two roots give one path.
    :raises Unsettled: if much is not known, so that it is better drawn without looking at the last build.
    """
    files = note_files(spec.notes)
    found = list(sources(files, spec))
    notes = [_Parted(source, parts(source, known)) for source in found if isinstance(source, Source)]
    name = deck_name(spec, [note.title for note in notes])
    lone = len(spec.notes) == 1 and spec.notes[0].is_file()
    desk = Desk(knowledge, {entry.path: entry for entry in files}, plots(knowledge.pictures), listed, spec.facts)
    jobs = [
        Job(part.note, name if lone else subdeck(name, note.source.path))
        for note in notes
        for part in note.parts
        if part.note
    ]
    if known and sum(len(job.note.text) for job in jobs) > WORTH_KNOWING:
        raise Unsettled
    drawings = desk.draw_all(jobs, tell)
    following = iter(drawings)
    sheets = chain.from_iterable(settled(_sheets(note, known, following)) for note in notes)
    facts = _facts(notes, name, desk) if spec.facts else Drawing()
    return Composed(
        name=name,
        files=files,
        read=tuple(note.source.path for note in notes),
        unreadable=tuple(message for message in found if isinstance(message, Diagnostic)),
        sheets=tuple(sheets),
        more=_more([*drawings, facts], tuple(row.entry for row in facts.rows), desk.plots),
        listed="\n".join(row.listed for row in facts.rows),
    )


def _sheets(note: _Parted, known: Mapping[str, Leaf], drawings: Iterator[Drawing]) -> list[Sheet]:
    return [Fresh(part, next(drawings).rows) if part.note else Standing(part, known[part.key]) for part in note.parts]


def _facts(notes: Sequence[_Parted], deck: str, desk: Desk) -> Drawing:
    """Draw the cards of facts whose terms the notes name, all of which were read."""
    from ankillm.cards.claim_cards import fact_cards  # noqa: PLC0415  (only who asks for them pays)

    whole: list[Note] = [replace(part.note, text=note.source.text) for note in notes if (part := note.parts[0]).note]
    known = desk.knowledge
    cards = fact_cards(whole, chain.from_iterable(map(known.verdicts, whole)), known.demos, known.evidence)
    return desk.rendered(replace(card, deck=deck) for card in cards)


def _more(drawings: Sequence[Drawing], entries: tuple[Entry, ...], shown: Plots) -> Shipment:
    media = dict(shown.media)
    warnings: dict[Diagnostic, None] = {}
    for drawing in drawings:
        media |= drawing.media
        warnings |= dict.fromkeys(drawing.warnings)
    pictures = dict.fromkeys(picture for drawing in drawings for picture in drawing.pictures)
    return Shipment(entries, media, (*shown.warnings, *warnings), tuple(pictures))
