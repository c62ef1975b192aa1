"""Cards → what goes into a package: fields, and the pictures that notes and demos show."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from ankillm.cards import Card
from ankillm.media import Album, Picture
from ankillm.messages import Message
from ankillm.project import NoteFile
from ankillm.render import Draft, Entry, Unrenderable, draft


class Shipment(Struct, frozen=True):
    """Cards ready to be shipped, the media that they may show, and what there is to warn of."""

    entries: tuple[Entry, ...]
    media: Mapping[str, bytes]
    warnings: tuple[Message, ...]
    pictures: tuple[Picture, ...] = ()


class Plots(Struct, frozen=True):
    """The pictures of demos: the media names of each demo's, their contents, and what could not be read."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    media: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Message, ...] = ()


def plots(pictures: Mapping[str, tuple[Path, ...]]) -> Plots:
    """Read the pictures of demos."""
    album = Album()
    names = {demo: tuple(filter(None, map(album.of_evidence, paths))) for demo, paths in pictures.items()}
    return Plots(names, album.contents, tuple(album.warnings))


class Rendered(Struct, frozen=True):
    """Cards as drafts, the pictures of notes that they show, and a warning for each picture or card left out."""

    drafts: tuple[Draft, ...]
    media: Mapping[str, bytes]
    warnings: tuple[Message, ...]
    pictures: tuple[Picture, ...] = ()

    def shipment(self, shown: Plots) -> Shipment:
        """Return the same ready to be shipped, with the pictures of demos."""
        entries = tuple(draft.entry for draft in self.drafts)
        return Shipment(entries, {**shown.media, **self.media}, (*shown.warnings, *self.warnings), self.pictures)


def render(cards: Iterable[Card], files: Mapping[str, NoteFile], shown: Plots) -> Rendered:
    """Render cards, with the pictures that their notes show and those of their demos; `files` are found by path."""
    album = Album()
    drafts, warnings = [], []
    for card in cards:

        def found(src: str, card: Card = card) -> str:
            entry = files.get(card.note)
            return album.of_note(src, entry.file, entry.root, card.source) if entry else ""

        try:
            drafts.append(draft(card, found, shown.names.get(card.demo, ()) if card.facts else ()))
        except Unrenderable as error:
            warnings.append(Message(card.source.file, card.source.line, f"a card is left out: {error}"))
    return Rendered(tuple(drafts), album.contents, (*album.warnings, *warnings), album.pictures)
