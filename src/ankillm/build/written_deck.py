"""A deck that a language model writes for: its notes as they are read, what is written, what is still to be asked."""

import os
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from msgspec import Struct

from ankillm.build.inputs import NoteInput, decks_around, inputs_of, select
from ankillm.build.pipeline import note_of
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.project import DeckSpec, note_files
from ankillm.extract import extract
from ankillm.extract.rank import Choice
from ankillm.markdown.note import Note
from ankillm.writer.proposals import is_written, with_written
from ankillm.writer.requests import Request, requests_of
from ankillm.writer.written import WrittenCard, passage_key, read_written


class ReadNote(Struct, frozen=True):
    """A note with what is proposed for its passages, written cards among it."""

    note: Note
    choices: tuple[Choice, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its passages."""
        return frozenset(passage_key(choice.passage) for choice in self.choices)

    @property
    def standing(self) -> frozenset[str]:
        """The keys of the passages that have a written card which their note bears out."""
        return frozenset(passage_key(choice.passage) for choice in self.choices if is_written(choice))


class WrittenDeck(Struct, frozen=True):
    """A deck, those of its notes that are asked about, and its file of written cards as it was read."""

    spec: DeckSpec
    file: Path
    notes: tuple[ReadNote, ...]
    cards: tuple[WrittenCard, ...]
    unreadable: tuple[Diagnostic, ...] = ()

    def requests(self, model: str, prompt: int, *, everything: bool = False) -> Iterator[Request]:
        """Yield what to ask a model: what it was not asked before in these words, and has no written card."""
        before = {card.passage for card in self.cards if card.refused and (card.model, card.prompt) == (model, prompt)}
        for read in self.notes:
            done = read.standing | before
            yield from requests_of(read.note, read.choices, self.spec.density, done, everything=everything)

    def all_requests(self) -> Iterator[Request]:
        """Yield all that a model may be asked, whatever is written."""
        for read in self.notes:
            yield from requests_of(read.note, read.choices, self.spec.density, everything=True)


def written_decks(notes: tuple[Path, ...], output: Path | None = None) -> tuple[WrittenDeck, ...]:
    """Return the decks of the project, or those that hold the notes given; else one of these notes.

    :raises Refusal: if there are no notes, or a file of written cards is damaged.
    """
    return tuple(_read(spec, inputs) for spec, inputs in _inputs(notes, output))


def _inputs(notes: tuple[Path, ...], output: Path | None) -> list[tuple[DeckSpec, tuple[NoteInput, ...]]]:
    specs = select(notes, output)
    if not notes or output:
        return [(spec, inputs_of(spec)) for spec in specs]
    named = {os.path.realpath(entry.file) for place in notes for entry in note_files((place,))}
    found = []
    for deck in decks_around():
        if deck.notes[0].exists():
            own = tuple(note for note in inputs_of(deck) if os.path.realpath(note.entry.file) in named)
            found.append((deck, own))
    if named and named == {os.path.realpath(note.entry.file) for _, own in found for note in own}:
        return [(deck, own) for deck, own in found if own]
    return [(spec, inputs_of(spec)) for spec in specs]


def _read(spec: DeckSpec, inputs: Iterable[NoteInput]) -> WrittenDeck:
    notes, unreadable = [], []
    for given in inputs:
        note = note_of(given, spec)
        if isinstance(note, Diagnostic):
            unreadable.append(note)
        else:
            choices = tuple(extract(note))
            notes.append(ReadNote(note, tuple(with_written(choices, given.written, note))))
    file = next((deck.written for deck in decks_around() if spec.label and deck.label == spec.label), spec.written)
    return WrittenDeck(spec, file, tuple(notes), read_written(file), tuple(unreadable))


def merged(
    deck: WrittenDeck, cards: Iterable[WrittenCard], fresh: Iterable[WrittenCard], ended: Collection[str] = ()
) -> tuple[WrittenCard, ...]:
    """Return the cards of a deck's file with fresh ones.

    Of notes in `ended`, for which nothing is left to ask, cards go that the deck was read with and whose passage is no
    longer there, or no longer bears them out.
    """
    read = {one.note.path: one for one in deck.notes if one.note.path in ended}
    known = set(deck.cards)
    kept = [card for card in cards if card not in known or card.note not in read or _stands(card, read[card.note])]
    return tuple(chain(kept, fresh))


def _stands(card: WrittenCard, read: ReadNote) -> bool:
    return card.passage in (read.keys if card.refused else read.standing)
