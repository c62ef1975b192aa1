"""Results kept from build to build, one file a deck in the user's cache folder.

A file is written whole and renamed into place, and whatever is wrong with one, it counts as not there. It lies with
the user, not with the notes, so that nobody's repository can bring ready-made results along. It may be deleted at any
time, and several builds may share the folder.
"""

import contextlib
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ankillm.common.files import read_file
from ankillm.common.kept_patterns import KEPT

MOST_BYTES = 2**30
PATTERNS = "patterns"
MOST_FILES = 4096
"""More files than this, and the oldest go."""


def folder() -> Path | None:
    """Return the cache folder, made if need be; None if there can be none that is the user's alone."""
    told = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        place = (told if told.is_absolute() else Path.home() / ".cache") / "ankillm"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = place.lstat()
    except (OSError, RuntimeError):
        return None
    mine = not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return place if mine and stat.S_ISDIR(status.st_mode) else None


def load(output: Path) -> tuple[bytes, memoryview] | None:
    """Return the head and the body that were kept for an output; None if there is nothing whole."""
    return _loaded(_name(output))


def _loaded(name: str) -> tuple[bytes, memoryview] | None:
    place = folder()
    if place is None:
        return None
    try:
        content = read_file(place / name, MOST_BYTES)
        first = content.index(b"\n") + 1
        second = content.index(b"\n", first) + 1
    except (OSError, ValueError):
        return None
    kept = memoryview(content)  # of a large deck, a copy would take as long as its hash
    digest = hashlib.sha256(kept[first:]).hexdigest()
    return (content[first : second - 1], kept[second:]) if content[: first - 1] == digest.encode() else None


def save(output: Path, head: bytes, body: bytes) -> None:
    """Keep a head, which is one line, and a body for an output; where that cannot be, nothing is kept."""
    _save(_name(output), head, body)


def _save(name: str, head: bytes, body: bytes) -> None:
    place = folder()
    if place is None:
        return
    temporary = place / f".{name}.{os.getpid()}"
    digest = hashlib.sha256(head + b"\n")
    digest.update(body)
    with contextlib.suppress(OSError):
        try:
            with temporary.open("wb") as file:
                file.writelines((digest.hexdigest().encode(), b"\n", head, b"\n", body))
            temporary.replace(place / name)
        finally:
            temporary.unlink(missing_ok=True)
        _tidy(place)


def _name(output: Path) -> str:
    return f"deck-{hashlib.sha256(os.fsencode(output.absolute())).hexdigest()[:32]}"


@contextlib.contextmanager
def compiled_patterns() -> Iterator[None]:
    """Have the compiled patterns of this very program and Python at hand, and keep those that are new."""
    head = version().encode()
    kept = _loaded(PATTERNS)
    KEPT.opened(kept[1] if kept and kept[0] == head else b"")
    yield
    if content := KEPT.content():
        _save(PATTERNS, head, content)


@cache  # once a process: looking through the folder after each of many decks would cost more than they do
def _tidy(place: Path) -> None:
    for file in sorted(place.iterdir(), key=lambda file: file.stat().st_mtime)[:-MOST_FILES]:
        file.unlink()


@cache
def version() -> str:
    """Return a hash of what makes results: Python, the installed packages by name and version, and our own source."""
    digest = hashlib.sha256(sys.version.encode())
    for place in filter(os.path.isdir, sys.path):
        names = (entry.name for entry in os.scandir(place))
        digest.update(" ".join(sorted(name for name in names if name.endswith(".dist-info"))).encode())
    for here, folders, files in os.walk(Path(__file__).parents[1]):
        folders.sort()
        for name in sorted(name for name in files if not name.endswith(".pyc")):
            with open(f"{here}{os.sep}{name}", "rb") as source:  # noqa: PTH123  (twice as fast; a hundred files)
                digest.update(f"\n{name}\n".encode() + source.read())
    return digest.hexdigest()
