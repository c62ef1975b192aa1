"""The cards of a text, made the way that a build makes them, without demos, evidence or files."""

from pathlib import Path

from ankillm.anki.fields import RenderedCard
from ankillm.anki.media import Plots
from ankillm.build.inputs import NoteInput
from ankillm.build.pipeline import Context, finished_cards, note_result
from ankillm.cards.card import Card
from ankillm.claims.knowledge import Knowledge
from ankillm.common.project import DeckSpec, NoteFile
from ankillm.markdown.note import Note, parse

NOTE = "note.md"
CONTEXT = Context(DeckSpec("deck", (Path("notes"),), Path("deck.apkg")), Knowledge((), ()), Plots())


def rendered_cards(text: str) -> tuple[RenderedCard, ...]:
    """Return the cards of a text as a build renders them, dropped ones too."""
    entry = NoteFile(Path("notes", NOTE), NOTE, Path("notes"))
    return note_result(NoteInput(entry, NOTE, text.encode()), CONTEXT).cards


def cards_of(note: Note | str) -> tuple[Card, ...]:
    """Return the cards of a note or a text before they are rendered, dropped ones too."""
    return finished_cards(parse(note, NOTE) if isinstance(note, str) else note, (), CONTEXT)
