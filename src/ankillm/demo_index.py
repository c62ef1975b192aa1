"""The index of the demos: what their sources declare, kept beside them, as reading all of them takes a quarter second.

`make regen` writes it. It holds the hash of the sources that it was made of; where they are others, they are read.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ankillm.demos import Demo, FactSpec, Misreading

FILE = "index.json"


def listed(folder: Path) -> tuple[Demo, ...]:
    """Return the demos of a folder, out of its index if that was made of these very sources.

    :raises Refusal: if there is no such index and a demo is not in order.
    """
    try:
        index = json.loads((folder / FILE).read_bytes())
        if index["sources"] == _sources(folder):
            return tuple(_demo(row) for row in index["demos"])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    from ankillm.declared import demos  # noqa: PLC0415  (only where the index is not up to date)

    return demos(folder)


def index_of(folder: Path) -> str:
    """Return the index of the demos of a folder as its file has it."""
    from ankillm.declared import demos  # noqa: PLC0415  (as above)

    rows = [asdict(demo) for demo in demos(folder)]
    return json.dumps({"sources": _sources(folder), "demos": rows}, ensure_ascii=False, indent=1) + "\n"


def _sources(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _demo(row: Mapping[str, Any]) -> Demo:
    """Return a demo from its JSON, whose tuples are lists."""
    facts = tuple(FactSpec(**{**fact, "terms": tuple(fact["terms"])}) for fact in row["facts"])
    misreadings = tuple(Misreading(**misreading) for misreading in row["misreadings"])
    return Demo(**{**row, "terms": tuple(row["terms"]), "facts": facts, "misreadings": misreadings})
