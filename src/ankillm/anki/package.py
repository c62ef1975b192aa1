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

from ankillm.anki import note_types
from ankillm.anki.gaps import numbers_of
from ankillm.anki.ledger import Ledger, Line, Stamp

NOTE = "INSERT INTO notes VALUES(?,?,?,?,-1,?,?,?,0,0,'')"
CARD = "INSERT INTO cards VALUES(?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')"
SPARES = ("", "", "")
COLLECTION = "collection.anki2"
MEMORY = "ankillm.json"
"""Beside the collection, for the next build; Anki passes it over."""
HASH = 8
"""How many signs of a hash a package remembers."""
HISTORY = {24: 1, 40: 1, 92: 1, 96: 0}
"""What a database's header says in place of what it had been through: where, in four bytes each, and what.

Changes of its content, of its tables, of its content again, and the SQLite that changed it last.
"""
LEVEL = 1
"""Of DEFLATE: 6 takes three times as long, for a twentieth of the size of a large deck."""
DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file knows."""
UNIX, REGULAR_FILE = 3, 0o100644 << 16


def pack(
    lines: Sequence[Line],
    ledger: Ledger,
    look: Mapping[str, str],
    media: Mapping[str, bytes],
    memory: Mapping[str, Stamp] | None = None,
) -> bytes:
    """Return the bytes of a package with these notes, in reading order; `memory` is what was ever shipped, by GUID."""
    return zipped(collection(lines, ledger, look), media, memory)


def remembered(before: Mapping[str, Stamp], ledger: Ledger) -> dict[str, Stamp]:
    """Return what was ever shipped: what earlier packages remember, and what the ledger has now."""
    now = {line.guid: Stamp(line.hash[:HASH], line.modified) for line in ledger.lines}
    later = {guid: last for guid, last in before.items() if guid not in now or last.modified > now[guid].modified}
    return now | later


def zipped(content: bytes, media: Mapping[str, bytes], memory: Mapping[str, Stamp] | None = None) -> bytes:
    """Return the bytes of a package with this collection."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        files: dict[str, str | bytes] = {
            COLLECTION: content,
            "media": json.dumps(dict(enumerate(media)), ensure_ascii=False),
            MEMORY: json.dumps(
                {guid: [stamp.hash, stamp.modified] for guid, stamp in sorted((memory or {}).items())},
                separators=(",", ":"),
            ),
        }
        files |= {str(number): media[name] for number, name in enumerate(media)}
        for name, data in files.items():
            archive.writestr(_entry(name), data, compresslevel=LEVEL)  # an entry has a level of its own
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system, entry.external_attr, entry.compress_type = UNIX, REGULAR_FILE, zipfile.ZIP_DEFLATED
    return entry


def collection(lines: Sequence[Line], ledger: Ledger, look: Mapping[str, str]) -> bytes:
    """Return the bytes of the collection."""
    with closing(sqlite3.connect(":memory:")) as database:
        tables, indexes = note_types.schema()
        database.executescript(tables)
        ids = note_types.deck_ids(line.deck for line in lines)
        default = json.loads(database.execute("SELECT decks FROM col").fetchone()[0])
        database.execute(
            "UPDATE col SET mod = ?, models = ?, decks = ?",
            (
                max((line.modified for line in lines), default=0) * 1000,
                note_types.models_json(look, ledger.note_types),
                note_types.decks_json(ids, ledger.decks, default),
            ),
        )
        numbers = note_ids(lines)
        database.executemany(NOTE, map(note_row, lines, numbers))
        database.executemany(CARD, _cards(lines, numbers, ids))
        database.executescript(indexes)
        return settled(database)


def settled(database: sqlite3.Connection) -> bytes:
    """Return the bytes of a database as its content alone makes them, whatever was done to it before.

    SQLite's VACUUM writes tables and indexes anew, row by row; what it leaves of the past stands in the file's header
    (https://www.sqlite.org/fileformat.html).
    """
    database.commit()
    database.execute("VACUUM")
    content = bytearray(database.serialize())
    for place, number in HISTORY.items():
        content[place : place + 4] = number.to_bytes(4, "big")
    return bytes(content)


def note_ids(lines: Sequence[Line]) -> list[int]:
    """Return an id for each note, rising with its birth (milliseconds), then its place: Anki shows it as its date."""
    ids = [0] * len(lines)
    last = 0
    for at in sorted(range(len(lines)), key=lambda at: lines[at].born):
        ids[at] = last = max(last + 1, lines[at].born * 1000)
    return ids


def note_row(line: Line, number: int) -> tuple[object, ...]:
    """Return the row of an Anki note with this id."""
    fields = "\x1f".join((*line.fields, line.guid, *SPARES))
    tags = f" {' '.join(line.tags)} " if line.tags else ""
    return number, line.guid, note_types.MODEL_IDS[line.type], line.modified, tags, fields, line.fields.front


def _cards(lines: Sequence[Line], numbers: Sequence[int], ids: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    """Yield the cards: one a note, or one a number of a cloze's gaps; new cards come in reading order."""
    extra = max(numbers, default=0)
    for due, (line, number) in enumerate(zip(lines, numbers, strict=True), 1):
        gaps = numbers_of(line.fields.front) if line.type == "cloze" else [1]
        for gap in gaps:
            extra += gap != gaps[0]
            yield number if gap == gaps[0] else extra, number, ids[line.deck], gap - 1, line.modified, due
