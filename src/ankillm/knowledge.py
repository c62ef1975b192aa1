"""What is known about the world: the demos and what they measured; read once, and held against the notes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ankillm import cache
from ankillm.claims import find_claims
from ankillm.demos import Demo, FactSpec, Misreading, demos
from ankillm.evidence import Evidence, load
from ankillm.messages import Message
from ankillm.notes import Note
from ankillm.verdicts import Verdict, judge


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The demos, their evidence, and what was wrong with files of evidence."""

    demos: tuple[Demo, ...]
    evidence: tuple[Evidence, ...]
    warnings: tuple[Message, ...] = ()

    @property
    def pictures(self) -> Mapping[str, tuple[Path, ...]]:
        """The pictures of each demo: those of its CUDA evidence if there is any, else of another device."""
        ranked = sorted(self.evidence, key=lambda evidence: evidence.device == "cuda")
        return {
            evidence.demo: tuple(Path(evidence.folder) / name for name in evidence.pictures)
            for evidence in ranked
            if evidence.pictures
        }

    def verdicts(self, note: Note) -> tuple[Verdict, ...]:
        """Judge every claim of a note, in reading order."""
        claims = find_claims(note.text, note.tokens, note.references, note.file)
        return tuple(judge(claim, self.evidence, self.demos) for claim in claims)


def know(trainer: Path, folders: Iterable[Path], *, cached: bool = True) -> Knowledge:
    """Read the demos of a folder and the evidence of some folders, the first of which counts most."""
    evidence, warnings = load(folders)
    return Knowledge(_demos_once(trainer) if cached else demos(trainer), evidence, warnings)


def _demos_once(trainer: Path) -> tuple[Demo, ...]:
    """Return the demos of a folder as they were read from the same source before: parsing 33 modules takes 0.2 s."""
    digest = hashlib.sha256(cache.version().encode())
    for path in sorted(trainer.glob("*.py")):
        digest.update(f"\n{path.name}\n".encode() + path.read_bytes())
    name = f"demos-{digest.hexdigest()[:32]}"
    try:
        return tuple(_demo(row) for row in cache.load(name))
    except (LookupError, TypeError):
        found = demos(trainer)
        cache.save(name, [asdict(demo) for demo in found])
        return found


def _demo(row: dict[str, Any]) -> Demo:
    """Return a demo from its JSON, whose tuples are lists."""
    facts = tuple(FactSpec(**(fact | {"terms": tuple(fact["terms"])})) for fact in row["facts"])
    misreadings = tuple(Misreading(**misreading) for misreading in row["misreadings"])
    return Demo(**(row | {"terms": tuple(row["terms"]), "facts": facts, "misreadings": misreadings}))
