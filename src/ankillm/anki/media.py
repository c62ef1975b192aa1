"""Pictures that cards show: found beside their note, only inside the notes' root, named by their content.

A note is untrusted: an address that leaves the root, by `..`, by being absolute or through a link, is refused, and so
is whatever is no regular file of a moderate size with the suffix of a picture.
"""

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from msgspec import Struct, field

from ankillm.cards.names import media_name
from ankillm.common.diagnostics import Diagnostic, Span
from ankillm.common.files import UnreadableError, files_below, read_file
from ankillm.common.patterns import regex

SUFFIXES = frozenset({".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"})
MAX_BYTES = 32 * 2**20
NAMED = regex(r".*-([0-9a-f]{16})\.[a-z]+")
"""What a medium is called: as its file was, with the start of the hash of its content."""
SHOWN = regex(r'<img [^>]*?src="([^"]+)"')


Picture: TypeAlias = tuple[str, str, str, str]
"""An image's address as written, its note's folder and root, and its media name, which tells its content."""


class Plots(Struct, frozen=True):
    """The pictures of demos: the media names of each demo's, their contents, and what could not be read."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    media: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()


class NoPicture(ValueError):  # noqa: N818  (a refusal, no fault of the program)
    """A picture that cannot go into a package; the text says why and what to do."""


class Album(Struct):
    """The pictures of a deck: media name → content; and a warning for each that is not to be had."""

    contents: dict[str, bytes] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    _known: dict[tuple[Path, str, Path], str] = field(default_factory=dict)

    def of_note(self, src: str, note: Path, root: Path, place: Span) -> str:
        """Return the media name of an image in a note; empty, with a warning, if there is none."""
        folder = note.parent
        if (folder, src, root) not in self._known:
            try:
                path = find(src, folder, root)
                self._known[folder, src, root] = self._keep(path)
            except NoPicture as error:
                self._known[folder, src, root] = ""
                self.warnings.append(
                    Diagnostic(place.file, _line(note, src, place), f"image {unquote(src)!r:.120} {error}")
                )
        return self._known[folder, src, root]

    def name_of(self, src: str, folder: Path, root: Path) -> str:
        """Return the media name of an image by its address and its note's folder; empty if there is none."""
        if (folder, src, root) not in self._known:
            try:
                self._known[folder, src, root] = self._keep(find(src, folder, root))
            except NoPicture:
                self._known[folder, src, root] = ""
        return self._known[folder, src, root]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Every image that notes asked for."""
        return tuple((src, str(folder), str(root), name) for (folder, src, root), name in self._known.items())

    def of_evidence(self, path: Path) -> str:
        """Return the media name of a demo's picture; empty, with a warning, if it cannot be read."""
        try:
            return self._keep(path)
        except NoPicture as error:
            self.warnings.append(Diagnostic(str(path), 0, f"the picture {error}"))
            return ""

    def _keep(self, path: Path) -> str:
        content = read(path)
        name = media_name(path.stem, hashlib.sha256(content).hexdigest(), path.suffix)
        self.contents[name] = content
        return name


def plots(pictures: Mapping[str, tuple[Path, ...]]) -> Plots:
    """Read the pictures of demos."""
    album = Album()
    names = {demo: tuple(filter(None, map(album.of_evidence, paths))) for demo, paths in pictures.items()}
    return Plots(names, album.contents, tuple(album.warnings))


def pictures_in(fields: Iterable[str]) -> set[str]:
    """Return the media names of the pictures that some fields show."""
    return {name for text in fields if "<img" in text for name in SHOWN.findall(text)}


def _line(note: Path, src: str, place: Span) -> int:
    """Return the line of a note that an image's address stands in, if it does as written, else that of its card."""
    if note.suffix.lower() == ".ipynb":  # the place is a line of a cell
        return place.line
    try:
        lines = read_file(note, MAX_BYTES).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return place.line
    return next((at for at, line in enumerate(lines, 1) if at >= place.line and src in line), place.line)


def is_bare(src: str) -> bool:
    """Whether an address is the name of a file alone, which Obsidian looks for in every folder."""
    return not any(sign in unquote(src) for sign in "/\\:")


def candidate(src: str, folder: str, root: str = "") -> str:
    """Return the path that an image's address means, from the folder of its note; empty for one on the web.

    What stands behind `?` or `#` is no part of it, unless a file has such a name. A bare name may be that of a file in
    any folder of the notes, as in Obsidian: of several, that with the shortest path.
    """
    if "://" in src or src.startswith(("//", "data:")):
        return ""
    plain, whole = (
        unquote(text).replace("\\", "/") for text in (src.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0], src)
    )
    if plain.startswith("//"):  # another machine's: Windows would log in there
        return ""
    place = _located(Path(folder), plain) or _located(Path(folder), whole)
    if not place and root and is_bare(src):
        named = unicodedata.normalize("NFC", plain)
        same = (path for path in files_below(Path(root)) if unicodedata.normalize("NFC", path.name) == named)
        place = min(same, key=lambda path: len(path.parts), default=None)
    return str(place) if place else os.path.join(folder, plain)  # noqa: PTH118  (an absolute address stays one)


def find(src: str, folder: Path, root: Path) -> Path:
    """Return the file that an image's address means, from the folder of its note.

    :raises NoPicture: if it lies on the web, outside the root, or does not exist.
    """
    address = candidate(src, str(folder), str(root))
    if not address:
        raise NoPicture("is not a file; save it beside the note to have it on the card")
    try:
        path = Path(address).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise NoPicture("is missing; cards do without it until it is there") from None
    if not path.is_relative_to(root.resolve()):
        raise NoPicture("lies outside the notes' folder and is refused; move it inside")
    if path.suffix.lower() not in SUFFIXES:
        raise NoPicture(f"is no picture by its name; known are {', '.join(sorted(SUFFIXES))}")
    return path


def _located(folder: Path, address: str) -> Path | None:
    """Return the file at an address; its name may be composed otherwise, as macOS writes `ü` in two characters."""
    place = folder / address.replace("\\", "/")
    try:
        if not place.exists() and not address.isascii():
            named = unicodedata.normalize("NFC", place.name)
            same = (entry for entry in place.parent.iterdir() if unicodedata.normalize("NFC", entry.name) == named)
            place = next(same, place)
        return place if place.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def read(path: Path) -> bytes:
    """Return the content of a picture: a regular file, never through a link, never waiting for one.

    :raises NoPicture: if it is no regular file, is too large, or cannot be read.
    """
    try:
        content = read_file(path, MAX_BYTES, linked=False)
    except UnreadableError as error:
        raise NoPicture(f"{error}; cards do without it") from None
    if not content:
        raise NoPicture("is empty; cards do without it")
    return content
