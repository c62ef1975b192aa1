"""Annotated notes: each passage with its role, its subject, its worth and the cards that an expert wants of it."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from ankillm.common.language import Language
from ankillm.markdown.note import Note, language_of, note_text, parse

ROOT = Path(__file__).parents[1]
ANNOTATIONS = ROOT / "evaluation" / "notes"
"""Our own annotations, one file a note; the notes are those that the rules are tested on."""
NOTES = ROOT / "tests" / "extract" / "gold" / "foreign"
OTHERS = ROOT.parent / "shared" / "annotated"
"""Notes by other authors in `zh` and `en`, each beside its annotations; they may lie beside a checkout."""
HELD_OUT = ROOT / "evaluation" / "held_out.tsv"
OWN = "own"
"""The author of our own notes."""


class Wanted(Struct, frozen=True):
    """A card that an expert wants; `quote` is what the note says of its answer, as written."""

    front: str
    back: str
    quote: str


class Annotation(Struct, frozen=True):
    """What an expert says of a passage; `lines` are its first and its last."""

    lines: tuple[int, int]
    role: str
    subject: str
    worth: Literal["must", "nice", "no"]
    cards: tuple[Wanted, ...]


class AnnotatedNote(Struct, frozen=True):
    """A note with its annotations in reading order, and the bytes of both."""

    name: str
    """Its folder and its file's name without suffix."""
    author: str
    language: Language
    text: str
    annotations: tuple[Annotation, ...]
    sha256: str

    @property
    def note(self) -> Note:
        """The note, parsed as `ankillm cards` does it for a file alone."""
        return parse(self.text, f"{self.name.split('/')[-1]}.md")

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())


def own_notes() -> Iterator[AnnotatedNote]:
    """Yield our own annotated notes, by name."""
    for path in sorted(ANNOTATIONS.glob("*.jsonl")):
        yield annotated_note(NOTES / f"{path.stem}.md", path, f"{OWN}/{path.stem}", OWN)


def other_notes() -> Iterator[AnnotatedNote]:
    """Yield the annotated notes by other authors, by name; none where they do not lie beside the checkout."""
    authors = {row["note"]: row["author"] for row in _table(OTHERS / "sources.tsv")}
    for path in sorted(OTHERS.glob("*/*.jsonl")):
        name = f"{path.parent.name}/{path.stem}"
        yield annotated_note(path.with_suffix(".md"), path, name, authors[name])


def held_out_authors() -> frozenset[str]:
    """Return the authors whose notes neither rules nor weights may be made from."""
    return frozenset(row["author"] for row in _table(HELD_OUT))


def annotated_note(markdown: Path, annotations: Path, name: str, author: str) -> AnnotatedNote:
    """Read a note and its annotations."""
    note, rows = markdown.read_bytes(), annotations.read_bytes()
    text = note_text(note, markdown.name, markdown.name)
    read = tuple(msgspec.json.decode(line, type=Annotation) for line in rows.splitlines() if line.strip())
    folder = name.split("/", maxsplit=1)[0]
    language: Language = "zh" if folder == "zh" else "en" if folder == "en" else language_of(text)
    return AnnotatedNote(name, author, language, text, read, hashlib.sha256(note + rows).hexdigest())


def _table(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
