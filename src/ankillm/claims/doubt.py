"""A doubt: what an unmarked note says that surely contradicts a measured fact. No verdict: nobody claimed it."""

from typing import Any

from msgspec import Struct

from ankillm.evidence.schema import Measured


class Doubt(Struct, frozen=True):
    """A phrase or a line of code of a note, and the fact that it contradicts."""

    file: str
    line: int
    column: int
    phrase: str
    """What the note says: some words, or a line of code."""
    demo: str
    fact: str
    label: str
    """What the fact measures, in the note's language."""
    why: str
    """What is true instead, in the note's language."""
    measured: Measured
    device: str
    code: bool = False
    """Whether it is a line of code."""

    def as_json(self) -> dict[str, Any]:
        """Return it as every `--json` prints it."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "phrase": self.phrase,
            "demo": self.demo,
            "fact": self.fact,
            "label": self.label,
            "measured": self.measured.value,
            "unit": self.measured.unit,
            "device": self.device,
            "why": self.why,
        }
