"""The package that was built before: what it shipped, and its media for cards of notes that cannot be read.

It may have come with somebody's project: nothing of it is believed that was not checked, and nothing read that has no
end. Of what is not to be had, the rest of the build takes it that it is not there.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, TypeAlias

import msgspec
from msgspec import Meta

from ankillm.anki.ledger import GUID, MAX_TIME, Stamp
from ankillm.anki.media import MAX_BYTES, NAMED
from ankillm.anki.package import HASH, MEMORY
from ankillm.common.files import opened

MOST_BYTES = 4 * 2**30
MOST_TABLES = 64 * 2**20
"""Of each table in a package, in bytes."""
MOST_LISTED = 8 * 2**20
"""Of its list of files, in bytes."""
MOST_MEDIA = 512 * 2**20
"""Of all media together that are taken over."""
END, END_SIZE, FAR, FAR_SIZE = b"PK\x05\x06", 22, b"PK\x06\x07", 20
"""How the record at the end of a zip file starts, its size, and the same of what leads to one of a larger kind."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (OSError, ValueError, LookupError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged archive raises: RuntimeError stands for nesting without end and encrypted files too."""

Shipped: TypeAlias = tuple[Annotated[str, Meta(max_length=HASH)], Annotated[int, Meta(gt=0, le=MAX_TIME)]]


def packed_before(package: Path) -> dict[str, Stamp]:
    """Return the time and the hash's beginning of each card that a package, or one before it, shipped, by GUID."""
    try:
        with _archive(package) as archive:
            found = msgspec.json.decode(_content(archive, MEMORY, MOST_TABLES), type=dict[str, Shipped])
    except DAMAGED:
        return {}
    return {guid: Stamp(*shipped) for guid, shipped in found.items() if GUID.fullmatch(guid)}


def media_of(package: Path, names: Collection[str]) -> dict[str, bytes]:
    """Return media by their names; left out is what is not what its name says, which holds its content's hash."""
    found: dict[str, bytes] = {}
    if not names:
        return found
    try:
        with _archive(package) as archive:
            listed = msgspec.json.decode(_content(archive, "media", MOST_TABLES), type=dict[str, str])
            left = MOST_MEDIA
            for number, name in sorted(listed.items(), key=lambda entry: entry[1]):
                if name in names and name not in found and (content := _media(archive, number, name, left)):
                    found[name] = content
                    left -= len(content)
    except DAMAGED:
        return found
    return found


def _media(archive: zipfile.ZipFile, number: str, name: str, most: int) -> bytes:
    """Return a file of an archive; empty if it is not what its name says."""
    try:
        content = _content(archive, number, min(most, MAX_BYTES))
    except DAMAGED:
        return b""
    match = NAMED.fullmatch(name)
    return content if match and hashlib.sha256(content).hexdigest().startswith(match[1]) else b""


@contextmanager
def _archive(package: Path) -> Iterator[zipfile.ZipFile]:
    """Open a package, whose list of files is no longer than ours can be."""
    with opened(package, MOST_BYTES, inside=True) as file:
        _check_list(file)
        with zipfile.ZipFile(file) as archive:
            yield archive


def _check_list(file: IO[bytes]) -> None:
    """Make sure that a zip file ends as ours do, and that its list of files, which is read at once, is short enough."""
    file.seek(max(0, file.seek(0, 2) - END_SIZE - FAR_SIZE))
    before, end = (tail := file.read())[:-END_SIZE], tail[-END_SIZE:]
    if not end.startswith(END) or end[-2:] != b"\0\0" or before.startswith(FAR):
        raise zipfile.BadZipFile
    if int.from_bytes(end[12:16], "little") > MOST_LISTED:
        raise zipfile.BadZipFile


def _content(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return a file of an archive.

    :raises ValueError: if it is longer than `most`, or packed as we never pack.
    """
    entry = archive.getinfo(name)
    if entry.compress_type not in PLAIN:
        raise ValueError(name)
    with archive.open(entry) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(name)
    return content
