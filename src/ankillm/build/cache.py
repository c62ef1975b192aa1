"""Results kept from build to build, in the user's cache folder; whatever is wrong with one, it counts as not there.

JSON only, under a name that tells what it was made from and a hash that tells damage. It may be deleted at any time,
and several builds may share it: a file is written whole and renamed into place. It lies with the user, not with the
notes, so that nobody's repository can bring ready-made results along.
"""

import contextlib
import hashlib
import json
import os
import stat
import sys
from functools import cache
from pathlib import Path
from typing import Any

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


def load(name: str) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """Return what was kept under a name; None if there is nothing whole."""
    place = folder()
    if place is None:
        return None
    try:
        digest, _, body = (place / f"{name}.json").read_bytes().partition(b"\n")
        return json.loads(body) if digest.decode() == _hash(body) else None
    except (OSError, ValueError, RecursionError):
        return None


def save(name: str, data: object) -> None:
    """Keep what JSON can hold under a name; where that cannot be, nothing is kept."""
    place = folder()
    if place is None:
        return
    body = json.dumps(data, separators=(",", ":")).encode()  # ASCII: a file's name may be no text
    temporary = place / f".{name}.{os.getpid()}"
    with contextlib.suppress(OSError):
        try:
            temporary.write_bytes(_hash(body).encode() + b"\n" + body)
            temporary.replace(place / f"{name}.json")
        finally:
            temporary.unlink(missing_ok=True)
        _tidy(place)


@cache  # once a process: looking through the folder after each of many decks would cost more than they do
def _tidy(place: Path) -> None:
    for file in sorted(place.iterdir(), key=lambda file: file.stat().st_mtime)[:-MOST_FILES]:
        file.unlink()


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@cache
def version() -> str:
    """Return a hash of what makes results: Python, the installed packages by name and version, and our own source."""
    digest = hashlib.sha256(sys.version.encode())
    for place in filter(os.path.isdir, sys.path):
        names = (entry.name for entry in os.scandir(place))
        digest.update(" ".join(sorted(name for name in names if name.endswith(".dist-info"))).encode())
    for here, folders, files in os.walk(Path(__file__).parents[1]):
        folders.sort()
        for name in sorted(name for name in files if name.endswith(".py")):
            with open(f"{here}{os.sep}{name}", "rb") as source:  # noqa: PTH123  (twice as fast; a hundred files)
                digest.update(f"\n{name}\n".encode() + source.read())
    return digest.hexdigest()
