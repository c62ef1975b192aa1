"""Whether a deck stands as it was built: then there is nothing to do, and nothing more to import.

A build leaves a record of the hashes of all that it read and wrote. The next one compares contents, never times or
sizes. A build that warned, or that shipped cards of notes which it did not read, leaves none: it is always done anew.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ankillm.build import cache
from ankillm.cli.console import counted, done
from ankillm.common.files import shown
from ankillm.common.project import DeckSpec, evidence_around, note_files, resource, trainer_folder

if TYPE_CHECKING:
    from ankillm.anki.media import Picture
    from ankillm.build.past import Leaf

Told = Mapping[str, Any]
"""What the outcome line says: `name`, and the counts `notes`, `cards` and `media`."""


def surroundings() -> str:
    """Return a hash of what every deck here is built with: this program, the demos, the evidence, the templates."""
    digest = hashlib.sha256(os.fsencode(f"{cache.version()}\n{Path.cwd()}"))
    for folder in (*evidence_around(Path.cwd()), resource("templates"), trainer_folder()):
        digest.update(os.fsencode(f"\n{folder}"))
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.is_file():
                _add(digest, file.name, file)
    return digest.hexdigest()


def inputs(spec: DeckSpec, around: str) -> str:
    """Return a hash of all that a build of this deck reads, but for pictures in notes and what it wrote itself.

    :raises Refusal: if there are no such notes.
    """
    digest = hashlib.sha256(os.fsencode(f"{around}\n{spec!r}"))
    for entry in note_files(spec.notes):
        _add(digest, entry.path, entry.file)
    return digest.hexdigest()


def _add(digest: Any, name: str, file: Path) -> None:  # noqa: ANN401  (hashlib names no public type)
    link = file.readlink() if file.is_symlink() else ""
    content = _content(file)
    digest.update(os.fsencode(f"\n{name}\n{link}\n{len(content)}\n") + content)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


class Mode(Struct, frozen=True):
    """How a build goes: with the listing of every card beside the package, only telling what would be, in silence."""

    listing: bool = False
    dry_run: bool = False
    quiet: bool = False


class Built(Struct, frozen=True):
    """A deck as it was built: the report as JSON has it, the exit code, and what a later build must find unchanged."""

    report: Mapping[str, Any]
    code: int
    told: Told
    pictures: "tuple[Picture, ...]"
    repeatable: bool
    """Whether the same inputs would tell the same: nothing to warn of, and no card of a note that was not read."""
    leaves: "Mapping[str, Leaf]"
    """The parts of its notes with their cards, for the next build."""


def stands(spec: DeckSpec, now: str, mode: Mode) -> Told | None:
    """Return what was told of the deck when it was built, if neither inputs nor outputs have changed since."""
    record = cache.load(_name(spec))
    try:
        same = (
            record is not None
            and record["inputs"] == now
            and record["outputs"] == hashed(outputs(spec, mode))
            and same_pictures(record["pictures"])
        )
        return dict(record["told"]) if same else None
    except (LookupError, TypeError, ValueError):
        return None


def keep(spec: DeckSpec, now: str, built: Built, outputs: Mapping[str, str]) -> None:
    """Leave the record of a build with these inputs, which wrote files with these hashes."""
    cache.save(_name(spec), {"inputs": now, "outputs": outputs, "pictures": built.pictures, "told": built.told})


def _name(spec: DeckSpec) -> str:
    return "deck-" + hashlib.sha256(os.fsencode(spec.output.absolute())).hexdigest()[:32]


def outputs(spec: DeckSpec, mode: Mode) -> dict[str, bytes]:
    """Return the files that a build writes, by their names; empty where there is none."""
    files = (spec.output, spec.ledger, *((spec.listing,) if mode.listing else ()))
    return {file.name: _content(file) for file in files}


def hashed(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the hashes of files by their names."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def same_pictures(pictures: "Sequence[Picture]") -> bool:
    """Whether images in notes are those that they were."""
    if not pictures:
        return True
    from ankillm.anki.media import Album  # noqa: PLC0415  (only a deck with pictures pays for it)
    from ankillm.common.diagnostics import Span  # noqa: PLC0415

    album, place, note = Album(), Span("", 0, 0), "note.md"
    return all(
        album.of_note(src, Path(folder, note), Path(root), place) == name for src, folder, root, name in pictures
    )


def tell(spec: DeckSpec, told: Told, mode: Mode) -> dict[str, Any]:
    """Tell of a deck that stands; returns its report as JSON has it."""
    counts = {name: int(told[name]) for name in ("notes", "cards", "media")}
    if not mode.quiet:
        tell_outcome(spec, told, "nothing changed", mode)
    nothing: dict[str, Any] = {name: [] for name in ("warnings", "new", "changed", "moved", "retired")}
    places = {"output": shown(spec.output), "ledger": shown(spec.ledger)}
    return {**places, **counts, **nothing, "unchanged": counts["cards"]}


def tell_outcome(spec: DeckSpec, told: Told, changes: str, mode: Mode) -> None:
    """Print the outcome line of a deck."""
    made = f"{counted(told['cards'], 'card')} of {counted(told['notes'], 'note')}"
    done(f"{told['name']}: {made} {'would go into' if mode.dry_run else '→'} {shown(spec.output)} ({changes})")
