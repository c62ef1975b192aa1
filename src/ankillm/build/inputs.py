"""Which decks a command is about: the notes that it was given, or those of the project around."""

from pathlib import Path

from msgspec.structs import replace

from ankillm.common.diagnostics import Refusal
from ankillm.common.files import refuse_folder, shown
from ankillm.common.project import DeckSpec, load

SUFFIX = ".apkg"


def select(notes: tuple[Path, ...], output: Path | None = None, name: str = "") -> tuple[DeckSpec, ...]:
    """Return the decks to work on.

    :raises Refusal: if there are neither notes nor a project, the project has no deck, or the package is no `.apkg`.
    """
    if output:
        refuse_folder(output)
        if output.suffix.lower() != SUFFIX:
            raise Refusal(f"{output}: an Anki package ends in {SUFFIX}; write -o {output.with_suffix(SUFFIX)}")
    if notes:
        missing = [place for place in notes if not place.exists()]
        if missing:
            raise Refusal(f"{missing[0]}: no such file or folder")
        place = notes[0]
        label = name or (place.stem if place.is_file() else place.resolve().name) or "notes"
        label = label.replace("/", "-").replace("::", "-")
        return (DeckSpec(name, notes, output or Path(f"{label}.apkg")),)
    decks = _of_project()
    if output and len(decks) > 1:
        raise Refusal("-o is for one deck; this project has several: name the notes of one")
    if output or name:
        return (replace(decks[0], name=name or decks[0].name, output=output or decks[0].output),)
    return decks


def _of_project() -> tuple[DeckSpec, ...]:
    """Return the decks of the project around, whose notes are there."""
    project = load(Path.cwd())
    if project.config is None:
        raise Refusal("no notes given, and no deck/deck.toml here or above; name a note, or run ankillm init")
    config = shown(project.config)
    if not project.decks:
        raise Refusal(f'{config}: names no deck; add [decks.NAME] with notes = "FOLDER"')
    for deck in project.decks:
        if not deck.notes[0].exists():
            raise Refusal(f"{config}: [decks.{deck.label}] notes: {shown(deck.notes[0])} is not there")
    return project.decks
