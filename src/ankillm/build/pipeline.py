"""The steps in order: notes → concepts → cards → quality → links; pure but for the reading of files at the start."""

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from ankillm.build.forking import told
from ankillm.cards.card import Card
from ankillm.cards.demo_links import link
from ankillm.cards.quality import sift
from ankillm.cards.questions import ask
from ankillm.cards.tags import own_tags
from ankillm.claims.knowledge import Knowledge, know
from ankillm.claims.verdicts import Verdict
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.files import shown
from ankillm.common.project import DeckSpec, NoteFile, evidence_around, note_files, trainer_folder
from ankillm.extract import extract
from ankillm.markdown.note import Note, Source, UnreadableNote, parse, text_of

INDEX = frozenset({"index", "readme"})


class Collected(Struct, frozen=True):
    """What a deck's notes yield: the notes read, their cards (dropped ones marked), and what could not be read.

    The notes are without their tokens and sections.
    """

    name: str
    files: tuple[NoteFile, ...]
    notes: tuple[Note, ...]
    cards: tuple[Card, ...]
    unreadable: tuple[Diagnostic, ...]
    verdicts: tuple[Verdict, ...] = ()

    @property
    def kept(self) -> tuple[Card, ...]:
        """The cards that go into the deck."""
        return tuple(card for card in self.cards if not card.dropped)


def subdeck(name: str, path: str) -> str:
    """Return the deck of a note: folders and files below the deck's name; `index.md` stands for its folder."""
    pure = PurePosixPath(path)
    parts = [*pure.parts[:-1], *([] if pure.stem.lower() in INDEX else [pure.stem])]
    return "::".join([name, *parts])


def _inside(entry: NoteFile) -> bool:
    """Whether a link leads to a file inside the notes' folder; `realpath` takes loops as they are."""
    return Path(os.path.realpath(entry.file)).is_relative_to(os.path.realpath(entry.root))


def sources(files: Iterable[NoteFile], spec: DeckSpec) -> Iterator[Source | Diagnostic]:
    """Yield the text of each note, or the line that says why it could not be read."""
    for entry in files:
        place = shown(entry.file)
        if entry.file.is_symlink() and not _inside(entry):
            yield Diagnostic(place, 0, "is a link out of the notes' folder; put the note itself there")
            continue
        try:
            yield Source(unicodedata.normalize("NFC", entry.path), place, text_of(entry.file, place), spec.language)
        except UnreadableNote as error:
            yield error.message


def read_notes(files: Iterable[NoteFile], spec: DeckSpec) -> Iterator[Note | Diagnostic]:
    """Yield each note, or the line that says why it could not be read."""
    for found in sources(files, spec):
        yield found if isinstance(found, Diagnostic) else parse(found.text, found.path, found.file, found.language)


def all_cards(note: Note, deck: str, more: Iterable[Card] = ()) -> list[Card]:
    """Return the cards of one note, or of a part, in reading order; `more` are cards made otherwise."""
    made = [ask(concept, note, deck) for concept in extract(note)]
    for card in more:
        tags = (*card.tags, *own_tags(card.section, card.question, card.name))
        made.append(replace(card, deck=card.deck or deck, tags=tags))
    return sorted(made, key=lambda card: card.source.line)


def cards_of(note: Note, deck: str, more: Iterable[Card] = ()) -> Iterator[Card]:
    """Yield the cards of one note in reading order, dropped ones marked."""
    return sift(all_cards(note, deck, more))


def truths(note: Note, verdicts: tuple[Verdict, ...], knowledge: Knowledge) -> Iterable[Card]:
    """Return the cards that ask whether claims of a note are true."""
    if not verdicts:
        return ()
    from ankillm.cards.claim_cards import truth_cards  # noqa: PLC0415  (only notes with claims pay for it)

    return truth_cards(note, verdicts, knowledge.demos)


def linked(
    cards: Iterable[Card], verdicts: tuple[Verdict, ...], knowledge: Knowledge, *, facts: bool
) -> Iterator[Card]:
    """Yield cards with their demos, facts and verdicts; those that ask again what a claim's own card asks dropped."""
    found = link(cards, verdicts, knowledge.demos, knowledge.evidence)
    if not verdicts:
        return found
    from ankillm.cards.claim_cards import without_asked  # noqa: PLC0415  (likewise)

    return without_asked(found, knowledge.demos, facts=facts)


def deck_name(spec: DeckSpec, titles: Sequence[str]) -> str:
    """Return the deck's name: as told, else what a single note says (its front matter or heading), else the folder's.

    `titles` holds what each note would name it.
    """
    if spec.name:
        return spec.name
    first = spec.notes[0]
    if len(titles) == 1 and first.is_file():
        return titles[0]
    return (first.stem if first.is_file() else first.resolve().name) or "ankillm"


def known_here() -> Knowledge:
    """Read the demos and the evidence, of the project around the current folder first, then the shipped one."""
    return know(trainer_folder(), evidence_around(Path.cwd()))


def collect(
    spec: DeckSpec, knowledge: Knowledge | None = None, tell: Callable[[float], None] = lambda _part: None
) -> Collected:
    """Read a deck's notes, make their cards, and link them with what was measured; `tell` is told how much is done.

    :raises Refusal: if a place does not exist or two roots give one path.
    """
    knowledge = knowledge or known_here()
    files = note_files(spec.notes)
    notes: list[Note] = []
    judged: list[tuple[Verdict, ...]] = []
    unreadable: list[Diagnostic] = []
    for found in read_notes(files, spec):
        if isinstance(found, Diagnostic):
            unreadable.append(found)
        else:
            judged.append(knowledge.verdicts(found))
            notes.append(replace(found, tokens=()))  # read by no one from here on, and a third of the memory
    name = deck_name(spec, [note.meta.get("deck", "") or note.title for note in notes])
    lone = len(spec.notes) == 1 and spec.notes[0].is_file()
    cards: list[Card] = []
    for at, verdicts in enumerate(told(judged, tell)):
        note, notes[at] = notes[at], replace(notes[at], sections=())  # likewise
        deck = name if lone else subdeck(name, note.path)
        made = cards_of(note, deck, truths(note, verdicts, knowledge))
        cards += linked(made, verdicts, knowledge, facts=spec.facts)
    if spec.facts:
        from ankillm.cards.claim_cards import fact_cards  # noqa: PLC0415  (only who asks for them pays)

        facts = fact_cards(notes, chain.from_iterable(judged), knowledge.demos, knowledge.evidence)
        cards += (replace(card, deck=name) for card in facts)
    return Collected(name, files, tuple(notes), tuple(cards), tuple(unreadable), tuple(chain.from_iterable(judged)))
