"""Has anything changed since a deck was built? If not, there is nothing to do, and nothing more to import.

The next build compares contents, never times or sizes: of all that is read by the hashes of the notes' keys and of the
images, of all that was written by the hashes of the files.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from ankillm.build import user_cache
from ankillm.build.inputs import NoteInput
from ankillm.build.report import Mode, Report
from ankillm.common.files import UnreadableError, files_below, files_in, read_file
from ankillm.common.project import WEIGHTS_FROM, DeckSpec, evidence_around, resource, trainer_folder

MOST_BYTES = 64 * 2**20
"""Of a file beside the notes, a picture or a demo, that is looked at for changes."""
MOST_OUTPUT = 2**32


class Seen(Struct, frozen=True, array_like=True):
    """A file that an image's address meant: its path, where that led to, and the hash of its content."""

    path: str
    real: str
    hash: str


class Stamp(Struct, frozen=True):
    """What was read and written by the last build, by hashes, and what it told."""

    keys: str
    images: tuple[Seen, ...]
    outputs: Mapping[str, str]
    report: Report

    def holds(self, keys: Iterable[str], written: Mapping[str, str]) -> bool:
        """Whether all is as it was."""
        return (
            self.keys == joined_hash(keys)
            and self.outputs == written
            and all(image == seen(image.path) for image in self.images)
        )


def surroundings() -> str:
    """Return a hash of what every deck here is built with: this program, the demos, the evidence, the templates."""
    digest = hashlib.sha256(os.fsencode(f"{user_cache.version()}\n{Path.cwd()}"))
    if other := os.environ.get(WEIGHTS_FROM):
        digest.update(os.fsencode(f"\n{seen(other).hash}"))
    for folder in (*evidence_around(Path.cwd()), resource("templates"), trainer_folder()):
        digest.update(os.fsencode(f"\n{folder}"))
        for file in _listed(folder):
            digest.update(os.fsencode(f"\n{file.name}\n{seen(str(file)).hash}"))
    return digest.hexdigest()


def _listed(folder: Path) -> list[Path]:
    """Return the files of a folder; none of one that cannot be looked into, which is told where it is read."""
    try:
        return files_in(folder)
    except UnreadableError:
        return []


def key_of(note: NoteInput, around: str) -> str:
    """Return the key of a note: the hash of all that its cards come of, but for the images that it shows."""
    entry = note.entry
    about = (around, note.path, note.place, entry.root, entry.link, entry.shared, note.problem, note.written)
    said = "\n".join(map(str, about))
    return hashlib.sha256(f"{said}\n".encode("utf-8", "surrogateescape") + note.data).hexdigest()


def around(spec: DeckSpec, surrounding: str) -> str:
    """Return the hash of what every note of a deck is made into cards with."""
    return hashlib.sha256(os.fsencode(f"{surrounding}\n{spec!r}")).hexdigest()


def joined_hash(keys: Iterable[str]) -> str:
    """Return one hash of several."""
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def seen(path: str) -> Seen:
    """Return a file as it is now, without a hash where there is none to read; of a folder, which files it has."""
    if os.path.isdir(path):  # noqa: PTH112  (a string all the way)
        names = "\n".join(map(str, files_below(Path(path))))
        return Seen(path, "", hashlib.sha256(os.fsencode(names)).hexdigest())
    try:
        content = hashlib.sha256(read_file(Path(path), MOST_BYTES)).hexdigest()
    except UnreadableError:
        return Seen(path, "", "")
    return Seen(path, os.path.realpath(path), content)


def written(spec: DeckSpec, mode: Mode) -> dict[str, str]:
    """Return the hashes of the files that a build writes, by their names; empty where there is none."""
    found = {}
    for file in (spec.output, spec.ledger, *((spec.listing,) if mode.listing else ())):
        try:
            found[file.name] = hashlib.sha256(read_file(file, MOST_OUTPUT)).hexdigest()
        except UnreadableError:
            found[file.name] = ""
    return found


def decoded(head: bytes) -> Stamp | None:
    """Return the stamp in the head of a cache file; None if it is none of this version."""
    try:
        return msgspec.json.decode(head, type=Stamp)
    except (ValueError, RecursionError):
        return None
