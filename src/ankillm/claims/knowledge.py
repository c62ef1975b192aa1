"""What is known about the world: the demos and what they measured; read once, and held against the notes."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from ankillm.claims.verdicts import Verdict, judge
from ankillm.common.diagnostics import Diagnostic
from ankillm.evidence.demo import Demo
from ankillm.evidence.index import listed
from ankillm.evidence.schema import Evidence
from ankillm.evidence.store import load
from ankillm.markdown.note import Note


class Knowledge(Struct, frozen=True):
    """The demos, their evidence, and what was wrong with files of evidence."""

    demos: tuple[Demo, ...]
    evidence: tuple[Evidence, ...]
    warnings: tuple[Diagnostic, ...] = ()

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
        if not note.tokens:
            return ()
        from ankillm.claims.claim import find_claims  # noqa: PLC0415  (only notes with claims pay for it)

        claims = find_claims(note.text, note.tokens, note.references, note.file)
        return tuple(judge(claim, self.evidence, self.demos) for claim in claims)


def know(trainer: Path, folders: Iterable[Path]) -> Knowledge:
    """Read the demos of a folder and the evidence of some folders, the first of which counts most."""
    evidence, warnings = load(folders)
    return Knowledge(listed(trainer), evidence, warnings)
