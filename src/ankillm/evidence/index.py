"""The index of the demos: what their sources declare, kept beside them, as reading all of them takes a quarter second.

`make regen` writes it. It holds the hash of the sources that it was made of; where they are others, they are read.
"""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from ankillm.evidence.demo import Demo

FILE = "index.json"


class Index(Struct, frozen=True, forbid_unknown_fields=True):
    """The demos, and the hash of the sources that declare them."""

    sources: str
    demos: tuple[Demo, ...]


def listed(folder: Path) -> tuple[Demo, ...]:
    """Return the demos of a folder, out of its index if that was made of these very sources.

    :raises Refusal: if there is no such index and a demo is not in order.
    """
    try:
        index = msgspec.json.decode((folder / FILE).read_bytes(), type=Index)
        if index.sources == _sources(folder):
            return index.demos
    except (OSError, ValueError):
        pass
    from ankillm.evidence.source import demos  # noqa: PLC0415  (only where the index is not up to date)

    return demos(folder)


def index_of(folder: Path) -> str:
    """Return the index of the demos of a folder as its file has it."""
    from ankillm.evidence.source import demos  # noqa: PLC0415  (as above)

    text = msgspec.json.encode(Index(_sources(folder), demos(folder)))
    return msgspec.json.format(text, indent=1).decode() + "\n"


def _sources(folder: Path) -> str:
    """Return a hash of the demos and of all that they may import."""
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
