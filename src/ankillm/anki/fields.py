"""Card → the fields of its Anki note."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct, field

from ankillm.anki.cloze import BadGap, cloze_html
from ankillm.anki.footer import context_html, demo_html, essence, evidence_html
from ankillm.anki.html import Pictures, escape, field_html, no_pictures
from ankillm.anki.media import Album, Picture
from ankillm.cards.card import Card
from ankillm.cards.names import clean, deck_name, tags
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.patterns import regex
from ankillm.common.project import NoteFile

ONLY_PICTURES = regex(r"^(?:!\[[^\]]*\]\([^()]*\)\s*)+$")
VERDICT_TAGS = "ankillm::"
"""Tags that tell of a verdict: what counts of it as content is in the essence, and staleness does not."""


class Fields(NamedTuple):
    """The fields of an Anki note, HTML, in their order; `front` is a cloze's text. The key and the spares follow."""

    front: str
    back: str
    context: str
    source: str
    demo: str
    evidence: str


class Entry(NamedTuple):
    """A card as it is shipped, but for what the ledger knows of it: its identity and its times."""

    key: str
    """The card's key as the ledger can hold it."""
    kind: Literal["basic", "cloze"]
    deck: str
    fields: Fields
    tags: tuple[str, ...]
    digest: str
    """The hash of what counts as content."""
    id: str


class Draft(Struct, frozen=True):
    """A card as it would be shipped: everything but its identity."""

    card: Card
    fields: Fields
    deck: str
    tags: tuple[str, ...]
    essence: tuple[str, ...]
    """What counts as content: a change of it, and only that, reaches the reader as an update."""

    @property
    def entry(self) -> Entry:
        """What is shipped of it."""
        content = f"[{', '.join(map(encode_basestring, self.essence))}]"
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        return Entry(clean(self.card.key), self.card.kind, self.deck, self.fields, self.tags, digest, self.card.id)


class Unrenderable(ValueError):  # noqa: N818  (the card is at fault, not the program)
    """A card that Anki would not show; the text says why."""


def fields(card: Card, pictures: Pictures = no_pictures, plots: Sequence[str] = ()) -> Fields:
    """Return the fields of a card; `plots` are the media names of its demo's pictures.

    :raises Unrenderable: if the front would be empty, a gap cannot be shown, or no picture is left of an answer.
    """
    try:
        front = (
            cloze_html(card, pictures)
            if card.kind == "cloze"
            else field_html(clean(card.front), card.references, pictures)
        )
    except BadGap as error:
        raise Unrenderable(str(error)) from None
    if not front:
        raise Unrenderable("nothing is left of its question to show")
    back = field_html(clean(card.back), card.references, pictures) if card.back else ""
    if card.back.startswith("![") and ONLY_PICTURES.match(card.back) and "<img" not in back:
        raise Unrenderable("its answer is a picture that is not to be had")
    return Fields(
        front,
        back,
        context_html(card.context, card.note),
        escape(clean(f"{card.source.file}:{card.source.line}")),
        demo_html(card.demo),
        clean(evidence_html(card, plots)),
    )


def draft(card: Card, pictures: Pictures = no_pictures, plots: Sequence[str] = ()) -> Draft:
    """Return a card as it would be shipped.

    :raises Unrenderable: as `fields`.
    """
    made = fields(card, pictures, plots)
    slugs = tags(card.tags)
    lasting = "\x1f".join(slug for slug in slugs if not slug.startswith(VERDICT_TAGS))
    content = (card.kind, made.front, made.back, made.context, *plots, lasting, *essence(card))
    return Draft(card, made, deck_name(card.deck), slugs, content)


class Shipment(Struct, frozen=True):
    """Cards ready to be shipped, the media that they may show, and what there is to warn of."""

    entries: tuple[Entry, ...]
    media: Mapping[str, bytes]
    warnings: tuple[Diagnostic, ...]
    pictures: tuple[Picture, ...] = ()


class Plots(Struct, frozen=True):
    """The pictures of demos: the media names of each demo's, their contents, and what could not be read."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    media: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()


def plots(pictures: Mapping[str, tuple[Path, ...]]) -> Plots:
    """Read the pictures of demos."""
    album = Album()
    names = {demo: tuple(filter(None, map(album.of_evidence, paths))) for demo, paths in pictures.items()}
    return Plots(names, album.contents, tuple(album.warnings))


class Rendered(Struct, frozen=True):
    """Cards as drafts, the pictures of notes that they show, and a warning for each picture or card left out."""

    drafts: tuple[Draft, ...]
    media: Mapping[str, bytes]
    warnings: tuple[Diagnostic, ...]
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
            warnings.append(Diagnostic(card.source.file, card.source.line, f"a card is left out: {error}"))
    return Rendered(tuple(drafts), album.contents, (*album.warnings, *warnings), album.pictures)
