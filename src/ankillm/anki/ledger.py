"""The ledger: what was shipped before, as a text file that git can show; reading, checking and writing it.

The first line holds the schema's version. Every other line is an Anki note as it was shipped, a deck or a note type.
Sorted, so that a change of one card is a change of one line. The last line says that it is the last: a file that was
cut has none. Reading takes the lines in any order.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from json.encoder import encode_basestring
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import asdict, replace

from ankillm.anki.fields import Fields
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import LinkedOutError, MissingError, UnreadableError, read_file
from ankillm.common.patterns import regex

SCHEMA = 2
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: lambda row: row}
"""Schema version → what makes one of its lines a line of the next version; 2 knows `declined` and `gone`, and has
a line at the end."""
END = {"end": True}
ENDED = 2
"""The first version with such a line."""
MOST_BYTES = 128 * 2**20
GUID = regex(r"[a-z2-7]{16}")
NOTE = regex(r"(.+?\.(?:md|markdown))#", re.IGNORECASE)
"""A note's path at the start of a key; the path itself may hold a `#`."""
LINE = b'\n{"key":'
SEPARATORS = "\x85\u2028\u2029"
"""What ends a line for some readers, `str.splitlines` among them."""
Row = TypeVar("Row")
MAX_TIME = 2**34
"""Seconds; the year 2514. No clock is believed beyond `LATEST`, so that times still rise with every edit."""
LATEST = 2**33
SORTED_BY = attrgetter("key", "born", "guid")
ADVICE = "restore it from git; or remove it, and the deck starts anew"
Time: TypeAlias = Annotated[int, Meta(gt=0, le=MAX_TIME)]


class Line(Struct, frozen=True, omit_defaults=True):
    """An Anki note as shipped, its members in the order in which they are written; times in seconds."""

    key: Annotated[str, Meta(pattern="#[^#]*#[^#]*#")]
    """As `Card.key`; lines may share one."""
    guid: Annotated[str, Meta(pattern=r"\A[a-z2-7]{16}\Z")]
    type: Literal["basic", "cloze"]
    deck: str
    born: Time
    modified: Time
    hash: str
    state: Literal["live", "retired", "declined"]
    """Declined: its reader deleted it in Anki, and no package holds it until its answer changes."""
    fields: Fields
    tags: tuple[str, ...]
    id: str = ""
    gone: bool = False
    """Retired, and no longer in Anki, or let go of: nothing is left to be done about it."""

    @property
    def note(self) -> str:
        """The path of the note that it came from."""
        return note_of(self.key)

    @property
    def section(self) -> str:
        """The note's path and the section's."""
        return self.key.rsplit("#", 2)[0]

    @property
    def name(self) -> str:
        """The concept's own name."""
        return self.key.rsplit("#", 2)[1]


def note_of(key: str) -> str:
    """Return the path of the note that a card with this key comes from."""
    match = NOTE.match(key)
    return match[1] if match else key.split("#", 1)[0]


class Stamp(Struct, frozen=True):
    """A deck or a note type as shipped: when its content last changed."""

    hash: str
    modified: Time


class Ledger(Struct, frozen=True):
    """Everything that was shipped."""

    lines: tuple[Line, ...] = ()
    decks: Mapping[str, Stamp] = field(default_factory=dict)
    note_types: Mapping[str, Stamp] = field(default_factory=dict)


def read(path: Path) -> Ledger | None:
    """Read a ledger; None if there is none.

    :raises Refusal: if it is damaged, of a newer version, or cannot be read.
    """
    try:
        return _parsed(read_file(path, MOST_BYTES, inside=True), path)
    except MissingError:
        return None
    except LinkedOutError as error:
        raise Refusal(f"{path}: the ledger {error}") from None
    except UnreadableError as error:
        raise Refusal(f"{path}: the ledger {error}; {ADVICE}") from None
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: the ledger is not UTF-8 (byte {error.start}); {ADVICE}") from None


def live_lines(path: Path, notes: Collection[str]) -> Iterator[Line]:
    """Yield the live lines of some notes; none of a ledger that is not there, or not in order."""
    starts = tuple(f'{{"key":{encode_basestring(note)[:-1]}#'.encode("utf-8", "replace") for note in notes)
    try:
        for text in read_file(path, MOST_BYTES, inside=True).split(b"\n"):
            if text.startswith(starts) and b'"state":"live"' in text:
                yield _whole(json.loads(text), Line)
    except (OSError, ValueError, TypeError, RecursionError):
        return


def _parsed(content: bytes, path: Path) -> Ledger:
    """Return the ledger that a file holds.

    :raises Refusal: as `read`.
    :raises UnicodeDecodeError: if it is no text.
    """
    number = 0
    try:
        lines, rows = _at_once(content)
        if not rows:
            text = content.decode("utf-8")
            for number, line in enumerate(text.splitlines(), 1):  # noqa: B007  (the number tells where it is damaged)
                rows.append(json.loads(line))
        number = 1
        decks: dict[str, Stamp] = {}
        note_types: dict[str, Stamp] = {}
        for number, row in enumerate(_migrated(rows, path), 2):  # noqa: B007  (likewise)
            if "guid" in row:
                lines.append(_whole(row, Line))
            else:
                place, name = (decks, "deck") if "deck" in row else (note_types, "note_type")
                place[_whole(row[name], str)] = _whole(row, Stamp)
        ledger = Ledger(tuple(sorted(lines, key=SORTED_BY)), decks, note_types)
        _require(len({line.guid for line in lines}) == len(lines))
    except UnicodeDecodeError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, StopIteration):
        raise Refusal(f"{path}:{number}: the ledger is damaged; {ADVICE}") from None
    return ledger


def marked(before: Ledger, declined: Collection[str], gone: Collection[str]) -> Ledger:
    """Return a ledger in which the live lines of some GUIDs are declined, and retired ones of others are gone."""
    if not (declined or gone):
        return before

    def of(line: Line) -> Line:
        if line.guid in declined and line.state == "live":
            return replace(line, state="declined")
        return replace(line, gone=True) if line.guid in gone and line.state == "retired" else line

    return Ledger(tuple(map(of, before.lines)), before.decks, before.note_types)


def _at_once(content: bytes) -> tuple[list[Line], list[dict[str, Any]]]:
    """Return the lines of a ledger of this version, and its other rows, all read at once, in a fifth of the time.

    Neither if one of them is not in order, or other rows stand among the lines.
    """
    first, last = content.find(LINE) + 1, content.rfind(LINE) + 1
    end = content.find(b"\n", last) + 1
    start, rest = content[:first], content[end:]
    parted = b"\\u001f" in content or b"\\u001F" in content
    if parted or not (first and end and f'{{"schema":{SCHEMA}}}\n'.encode() in start):
        return [], []
    try:
        lines = msgspec.json.Decoder(Line).decode_lines(memoryview(content)[first:end])
        return lines, msgspec.json.Decoder(dict[str, Any]).decode_lines(start + rest)
    except (ValueError, RecursionError):
        return [], []


def _migrated(rows: list[dict[str, Any]], path: Path) -> list[dict[str, Any]]:
    """Return the rows of cards, decks and note types, made into the present version's."""
    first = next(row for row in rows if "schema" in row)
    version = first["schema"]
    _require(type(version) is int and version >= min([SCHEMA, *MIGRATIONS]))
    if version > SCHEMA:
        raise Refusal(f"{path}: written by a newer ankillm (schema {version}, known is {SCHEMA}); update ankillm")
    if version >= ENDED and END not in rows:
        raise Refusal(f"{path}:{len(rows)}: the ledger was cut off, its last line is missing; {ADVICE}")
    _require(rows.count(END) <= 1)
    rows = [row for row in rows if row is not first and row != END]
    for step in range(version, SCHEMA):
        rows = [MIGRATIONS[step](row) for row in rows]
    return rows


def _require(holds: bool) -> None:  # noqa: FBT001  (reads as a sentence)
    if not holds:
        raise ValueError


def _whole(row: Any, kind: type[Row]) -> Row:  # noqa: ANN401  (whatever JSON holds)
    """Return a row as a line, a stamp or a text; half a character, or what parts Anki's fields, stands in none."""
    found = msgspec.convert(row, kind)
    _require(rb"\u001f" not in msgspec.json.encode(found).replace(rb"\\", b""))
    return found


def dump(ledger: Ledger) -> bytes:
    """Return a ledger as the text of its file."""
    rows: list[Mapping[str, Any] | Line] = [{"schema": SCHEMA}]
    rows += [{"note_type": name, **asdict(stamp)} for name, stamp in sorted(ledger.note_types.items())]
    rows += [{"deck": name, **asdict(stamp)} for name, stamp in sorted(ledger.decks.items())]
    rows += [*sorted(ledger.lines, key=SORTED_BY), END]
    text = msgspec.json.Encoder().encode_lines(rows)
    for sign in SEPARATORS:
        text = text.replace(sign.encode(), f"\\u{ord(sign):04x}".encode())
    return text
