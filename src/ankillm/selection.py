"""Which decks a command is about: the notes that it was given, or those of the project around."""

from dataclasses import replace
from pathlib import Path

from ankillm.files import refuse_folder
from ankillm.messages import Refusal
from ankillm.project import DeckSpec, load


def select(notes: tuple[Path, ...], output: Path | None = None, name: str = "") -> tuple[DeckSpec, ...]:
    """Return the decks to work on.

    :raises Refusal: if there are neither notes nor a project, or the project has no deck.
    """
    if output:
        refuse_folder(output)
    if notes:
        missing = [place for place in notes if not place.exists()]
        if missing:
            raise Refusal(f"{missing[0]}: no such file or folder")
        place = notes[0]
        label = name or (place.stem if place.is_file() else place.resolve().name) or "notes"
        label = label.replace("/", "-").replace("::", "-")
        return (DeckSpec(name, notes, output or Path(f"{label}.apkg")),)
    project = load(Path.cwd())
    if not project.decks:
        raise Refusal("no notes given, and no deck/deck.toml here or above; name a note, or run ankillm init")
    if output and len(project.decks) > 1:
        raise Refusal("-o is for one deck; this project has several: name the notes of one")
    if output or name:
        spec = project.decks[0]
        return (replace(spec, name=name or spec.name, output=output or spec.output),)
    return project.decks
