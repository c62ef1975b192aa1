"""What a command is about: the decks that it was given, or those of the project around, and their notes as bytes."""

import os
import unicodedata
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NoReturn, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.file_names import name_of_file
from ankillm.common.files import UnreadableError, is_inside, read_file, refuse_folder, require_place, shown
from ankillm.common.project import LEDGER, SUFFIX, DeckSpec, Density, NoteFile, load, note_files
from ankillm.writer.written import WrittenCard, by_note, read_written

MOST_BYTES = 10 * 2**20
"""Of a note; the longest public ones have a hundredth of it."""


Live: TypeAlias = frozenset[tuple[str, str, str]]
"""The cards of a note that were shipped: key, and the letters of what is asked and answered."""


class NoteInput(Struct, frozen=True):
    """A note to read: its file, its path as messages show it, its content, or what is wrong with it, its live cards."""

    entry: NoteFile
    place: str
    data: bytes = b""
    problem: Diagnostic | None = None
    live: Live = frozenset()
    written: tuple[WrittenCard, ...] = ()
    """Cards that a language model wrote for it."""

    @property
    def path(self) -> str:
        """The note's path from its root, in the one form of Unicode that keys have."""
        return unicodedata.normalize("NFC", self.entry.path)


def note_inputs(files: tuple[NoteFile, ...]) -> Iterator[NoteInput]:
    """Yield each note with its content; what cannot be read has a diagnostic in its place."""
    for entry in files:
        place, data, fault = shown(entry.file), b"", ""
        if entry.problem:
            fault = f"{entry.problem}: its cards stay as they are; check it and its rights"
        elif os.path.islink(entry.file) and not is_inside(entry.file, entry.root):  # noqa: PTH114  (no error if unseen)
            fault = "is a link out of the notes' folder; put the note itself there"
        else:
            try:
                data = read_file(entry.file, MOST_BYTES)
            except UnreadableError as error:
                fault = f"{error}; check it and its rights"
        yield NoteInput(entry, place, data, Diagnostic(place, 0, fault) if fault else None)


def select(notes: tuple[Path, ...], output: Path | None = None, name: str = "") -> tuple[DeckSpec, ...]:
    """Return the decks to work on.

    :raises Refusal: if there are neither notes nor a project, the project has no deck, or the package is no `.apkg`.
    """
    if output:
        refuse_folder(output)
        if output.suffix.lower() != SUFFIX:
            raise Refusal(f"{output}: an Anki package ends in {SUFFIX}; write -o {output.with_suffix(SUFFIX)}")
    if notes:
        for place in notes:
            require_place(place)
        return (DeckSpec(name, notes, output or _package(name, notes)),)
    decks = _of_project()
    if name:
        decks = tuple(deck for deck in decks if name in {deck.name, deck.label}) or _refuse_name(name, decks)
    if output and len(decks) > 1:
        raise Refusal("-o is for one deck, and this project has several: choose one with --deck, or name its notes")
    return (replace(decks[0], output=output),) if output else decks


def _package(name: str, notes: tuple[Path, ...]) -> Path:
    """Return the package of a deck of this name, or of these notes; what an earlier version named keeps its name."""
    label = name.replace("::", "-") or name_of_places(notes) or "notes"
    earlier = Path(f"{label.replace('/', '-')}{SUFFIX}")
    return earlier if not name or earlier.with_suffix(LEDGER).exists() else Path(f"{name_of_file(label)}{SUFFIX}")


def _refuse_name(name: str, decks: tuple[DeckSpec, ...]) -> NoReturn:
    """Refuse to give a deck of a project another name: all its cards would move.

    :raises Refusal: always.
    """
    known = ", ".join(deck.name for deck in decks)
    raise Refusal(f"no deck of this project is called {name}; there is {known}. Name notes to build a deck of them")


def name_of_places(places: tuple[Path, ...]) -> str:
    """Return what notes have in common: a file's name, or that of the folder which they lie in."""
    if len(places) == 1 and places[0].is_file():
        return places[0].stem
    folders = [place if place.is_dir() else place.parent for place in places]
    return Path(os.path.commonpath([place.resolve() for place in folders])).name


def _of_project() -> tuple[DeckSpec, ...]:
    """Return the decks of the project around, whose notes are there."""
    project = load(Path.cwd())
    if project.config is None:
        raise Refusal("no notes given, and no deck/deck.toml here or above; name a note, or run ankillm init")
    config = shown(project.config)
    if not project.decks:
        raise Refusal(f'{config}: names no deck; add [decks.NAME] with notes = "FOLDER"')
    for deck in project.decks:
        if missing := [place for place in deck.notes if not os.path.exists(place)]:  # noqa: PTH110  (no error if unseen)
            raise Refusal(f"{config}: [decks.{deck.label}] notes: {shown(missing[0])} is not there")
    return project.decks


def at_density(spec: DeckSpec, density: Density | None) -> DeckSpec:
    """Return a deck with another density, if one is given."""
    return replace(spec, density=density) if density else spec


def inputs_of(spec: DeckSpec, left_out: list[Diagnostic] | None = None) -> tuple[NoteInput, ...]:
    """Return the notes of a deck, sorted by path; what is passed over is told in `left_out`.

    :raises Refusal: if a place does not exist, two roots give one path, or there is no note.
    """
    files = note_files(spec.notes, left_out, spec.exclude, spec.root)
    if not files:
        places = ", ".join(map(shown, spec.notes))
        raise Refusal(f"{places}: no notes there; name a folder with Markdown files")
    inputs = tuple(note_inputs(tuple(replace(entry, shared=_shared(entry, spec.project)) for entry in files)))
    cards = tuple(chain.from_iterable(map(read_written, written_files(spec))))
    found = by_note(cards, [note.path for note in inputs]) if cards else {}
    return tuple(replace(note, written=found.get(note.path, ())) for note in inputs) if found else inputs


def written_files(spec: DeckSpec) -> tuple[Path, ...]:
    """Return the files of written cards that a deck is made with: its own, wherever its package goes.

    Notes that are named in place of a deck have those of the project around.
    """
    own = (deck.written for deck in decks_around() if spec.label in {"", deck.label})
    return tuple(dict.fromkeys((spec.written, *own)))


def decks_around() -> tuple[DeckSpec, ...]:
    """Return the decks of the project around; none of one whose settings cannot be read."""
    try:
        return load(Path.cwd()).decks
    except Refusal:  # a damaged deck.toml is told where the project is asked for
        return ()


def _shared(entry: NoteFile, project: Path | None) -> str:
    """Return a note's path from its project's folder; empty where there is none around it."""
    if project is None or not entry.file.is_relative_to(project):
        return ""
    return entry.file.relative_to(project).as_posix()
