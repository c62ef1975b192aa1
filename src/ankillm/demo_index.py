"""The index of the demos: what their sources declare, kept beside them, as reading all of them takes a quarter second.

`make regen` writes it. It holds the hash of the sources that it was made of; where they are others, they are read.
"""

import hashlib
import json
from pathlib import Path

import msgspec

from ankillm.demos import Demo

FILE = "index.json"


def listed(folder: Path) -> tuple[Demo, ...]:
    """Return the demos of a folder, out of its index if that was made of these very sources.

    :raises Refusal: if there is no such index and a demo is not in order.
    """
    try:
        index = json.loads((folder / FILE).read_bytes())
        if index["sources"] == _sources(folder):
            return msgspec.convert(index["demos"], tuple[Demo, ...])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    from ankillm.declared import demos  # noqa: PLC0415  (only where the index is not up to date)

    return demos(folder)


def index_of(folder: Path) -> str:
    """Return the index of the demos of a folder as its file has it."""
    from ankillm.declared import demos  # noqa: PLC0415  (as above)

    rows = [msgspec.to_builtins(demo) for demo in demos(folder)]
    return json.dumps({"sources": _sources(folder), "demos": rows}, ensure_ascii=False, indent=1) + "\n"


def _sources(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
