"""An `.apkg`: a collection in SQLite and the media, zipped; the same notes give the same bytes.

Rows are inserted in bulk into a database in memory; genanki, note by note, takes twice as long, and a time that grows
with the square of the number of decks. Every time comes from the ledger.
"""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from ankillm import deck
from ankillm.ledger import Ledger, Line
from ankillm.patterns import regex

NOTE = "INSERT INTO notes VALUES(?,?,?,?,-1,?,?,?,0,0,'')"
CARD = "INSERT INTO cards VALUES(?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')"
GAP = regex(r"\{\{c(\d+)::")
SPARES = ("", "", "")
LEVEL = 1
"""Of DEFLATE: 6 takes three times as long, for a twentieth of the size of a large deck."""
DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file knows."""
UNIX, REGULAR_FILE = 3, 0o100644 << 16


def pack(lines: Sequence[Line], ledger: Ledger, look: Mapping[str, str], media: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a package with these notes, in reading order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        archive.writestr(_entry("collection.anki2"), collection(lines, ledger, look))
        archive.writestr(_entry("media"), json.dumps(dict(enumerate(media)), ensure_ascii=False))
        for number, name in enumerate(media):
            archive.writestr(_entry(str(number)), media[name])
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system, entry.external_attr, entry.compress_type = UNIX, REGULAR_FILE, zipfile.ZIP_DEFLATED
    return entry


def collection(lines: Sequence[Line], ledger: Ledger, look: Mapping[str, str]) -> bytes:
    """Return the bytes of the collection."""
    with closing(sqlite3.connect(":memory:")) as database:
        tables, indexes = deck.schema()
        database.executescript(tables)
        ids = deck.deck_ids(line.deck for line in lines)
        default = json.loads(database.execute("SELECT decks FROM col").fetchone()[0])
        database.execute(
            "UPDATE col SET mod = ?, models = ?, decks = ?",
            (
                max((line.modified for line in lines), default=0) * 1000,
                deck.models_json(look, ledger.note_types),
                deck.decks_json(ids, ledger.decks, default),
            ),
        )
        numbers = note_ids(lines)
        database.executemany(NOTE, _notes(lines, numbers))
        database.executemany(CARD, _cards(lines, numbers, ids))
        database.executescript(indexes)  # and commit
        return database.serialize()


def note_ids(lines: Sequence[Line]) -> list[int]:
    """Return an id for each note, rising with its birth (milliseconds), then its place: Anki shows it as its date."""
    ids = [0] * len(lines)
    last = 0
    for at in sorted(range(len(lines)), key=lambda at: lines[at].born):
        ids[at] = last = max(last + 1, lines[at].born * 1000)
    return ids


def _notes(lines: Sequence[Line], numbers: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for line, number in zip(lines, numbers, strict=True):
        fields = "\x1f".join((*line.fields, line.guid, *SPARES))
        tags = f" {' '.join(line.tags)} " if line.tags else ""
        yield number, line.guid, deck.MODEL_IDS[line.type], line.modified, tags, fields, line.fields.front


def _cards(lines: Sequence[Line], numbers: Sequence[int], ids: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    """Yield the cards: one a note, or one a number of a cloze's gaps; new cards come in reading order."""
    extra = max(numbers, default=0)
    for due, (line, number) in enumerate(zip(lines, numbers, strict=True), 1):
        gaps = sorted({int(gap) for gap in GAP.findall(line.fields.front)}) if line.type == "cloze" else [1]
        for gap in gaps:
            extra += gap != gaps[0]
            yield number if gap == gaps[0] else extra, number, ids[line.deck], gap - 1, line.modified, due


def media_of(package: Path, names: set[str]) -> dict[str, bytes]:
    """Return media out of a package that was built before; whatever is not to be had is left out."""
    if not names:
        return {}
    try:
        with zipfile.ZipFile(package) as archive:
            numbers = {name: number for number, name in json.loads(archive.read("media")).items() if name in names}
            return {name: archive.read(str(number)) for name, number in sorted(numbers.items())}
    except (OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile):
        return {}
