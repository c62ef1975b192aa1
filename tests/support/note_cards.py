"""The cards of a text, made the way that a build makes them, without demos, evidence or files."""

from pathlib import Path

from msgspec.structs import replace

from ankillm.anki.fields import RenderedCard, render
from ankillm.anki.media import Plots
from ankillm.build.inputs import NoteInput
from ankillm.build.pipeline import Context, finished_cards, note_result
from ankillm.cards.card import Card, Drop
from ankillm.cards.quality import REPEATED, judge_card, repeated, signature
from ankillm.cards.questions import ask
from ankillm.claims.knowledge import Knowledge
from ankillm.common.project import DeckSpec, NoteFile
from ankillm.extract import extract
from ankillm.extract.shapes import shaped
from ankillm.extract.turns import Turns
from ankillm.markdown.note import Note, parse

NOTE = "note.md"
CONTEXT = Context(DeckSpec("deck", (Path("notes"),), Path("deck.apkg")), Knowledge((), ()), Plots())


def rendered_cards(text: str) -> tuple[RenderedCard, ...]:
    """Return the cards of a text as a build renders them, dropped ones too."""
    entry = NoteFile(Path("notes", NOTE), NOTE, Path("notes"))
    return note_result(NoteInput(entry, NOTE, text.encode()), CONTEXT).cards


def shape_drafts(note: Note) -> list[Card]:
    """Return what the rules of shapes make of a note before it is rendered, whatever the judge says of it."""
    made = [judge_card(ask(concept, note, "deck")) for concept in Turns(note).all_told(shaped(note))]
    return sorted(made, key=lambda card: card.source.line)


def shape_cards(text: str) -> tuple[RenderedCard, ...]:
    """Return what the rules of shapes make of a text as a build renders it, dropped ones too."""
    cards = shape_drafts(parse(text, NOTE))
    rendered, _ = render(cards, {NOTE: NoteFile(Path("notes", NOTE), NOTE, Path("notes"))}, {})
    codes = repeated(signature(card) for card, one in zip(cards, rendered, strict=True) if not one.dropped)
    return tuple(
        replace(one, dropped=Drop(code, REPEATED[code])) if not one.dropped and (code := next(codes)) else one
        for one in rendered
    )


def cards_of(note: Note | str) -> tuple[Card, ...]:
    """Return the cards of a note or a text before they are rendered, dropped ones too."""
    read = parse(note, NOTE) if isinstance(note, str) else note
    return finished_cards(read, extract(read), (), CONTEXT)
