"""Identity: each card of a build gets its GUID and its times from the ledger, so that no review is ever lost."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki.fields import Entry
from ankillm.anki.ledger import Ledger, Line, Stamp, note_of


class Plan(Struct, frozen=True):
    """What a build ships, in reading order, and what became of each line of the ledger."""

    shipped: tuple[Line, ...]
    kept: tuple[Line, ...]
    """Live lines of notes that this build did not read: shipped as last time."""
    ledger: Ledger
    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    moved: tuple[Line, ...]
    retired: tuple[Line, ...]
    unchanged: int


def new_guid(key: str, held: Callable[[str], bool]) -> str:
    """Return the GUID of a card born with a key: hash(key), or hash(key, n) where that is held already.

    Lower-case letters and digits only, so that `key:GUID` is a search in Anki as it stands.
    """
    number = 1
    while held(guid := _guid(key if number == 1 else f"{key}\x1f{number}")):
        number += 1
    return guid


def _guid(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode().lower()


def plan(
    entries: Sequence[Entry], ledger: Ledger, now: int, may_retire: Callable[[str], bool], birthplace: str = ""
) -> Plan:
    """Hold the cards of a build against the ledger.

    Cards of equal keys that are born in different decks of a project (`birthplace`: its label) are different cards.

    `may_retire(note)` tells whether the note of this path was read, or is gone; lines of other notes stay as they are
    and are shipped as last time.
    """
    free: list[Line] = []
    kept: list[Line] = []
    for line in ledger.lines:
        (free if may_retire(line.note) else kept).append(line)
    before, gone = matched(entries, free)
    guids = {line.guid for line in ledger.lines}
    shipped: list[Line] = []
    for entry, last in zip(entries, before, strict=True):
        if last:
            line = _line(entry, last.guid, last.born, _modified(entry, last, now))
        else:
            key = f"{birthplace}\x1f{entry.key}" if birthplace else entry.key
            line = _line(entry, new_guid(key, lambda guid: guid in guids or guid in ledger.standing), now, now)
        guids.add(line.guid)
        shipped.append(line)
    retired = [replace(line, state="retired") for line in gone]
    both = [(line, last) for line, last in zip(shipped, before, strict=True) if last]
    changed = tuple(line for line, last in both if line.hash != last.hash)
    moved = tuple(line for line, last in both if line.deck != last.deck)
    return Plan(
        shipped=tuple(shipped),
        kept=tuple(line for line in kept if line.state == "live"),
        ledger=Ledger((*shipped, *kept, *retired), ledger.decks, ledger.note_types),
        new=tuple(line for line, last in zip(shipped, before, strict=True) if not last),
        changed=changed,
        moved=moved,
        retired=tuple(new for new, last in zip(retired, gone, strict=True) if last.state == "live"),
        unchanged=len(both) - len({line.guid for line in (*changed, *moved)}),
    )


def matched(entries: Sequence[Entry], lines: Sequence[Line]) -> tuple[list[Line | None], list[Line]]:
    """Return for each card its line, if it has one, and the lines that no card has.

    Cards that are as they were are found at once, an author's id, key, content and deck being the same.
    """
    waiting: dict[tuple[str, ...], list[int]] = {}
    live_first = sorted(range(len(lines)), key=lambda at: lines[at].state != "live")
    for at in reversed(live_first):
        line = lines[at]
        waiting.setdefault((line.key, line.hash, line.deck, line.id), []).append(at)
    found: dict[int, int] = {}
    for at, entry in enumerate(entries):
        if same := waiting.get((entry.key, entry.digest, entry.deck, entry.id)):
            found[at] = same.pop()
    taken = set(found.values())
    cards = [at for at in range(len(entries)) if at not in found]
    free = [at for at in range(len(lines)) if at not in taken]
    if cards and free:
        pairs = _paired([entries[at] for at in cards], [lines[at] for at in free])
        found |= {cards[card]: free[line] for card, line in pairs.items()}
        taken |= set(found.values())
    before = [lines[found[at]] if at in found else None for at in range(len(entries))]
    return before, [line for at, line in enumerate(lines) if at not in taken]


def _line(entry: Entry, guid: str, born: int, modified: int) -> Line:
    key, kind, deck, fields, tags, digest, own = entry
    return Line(guid, key, kind, deck, born, modified, digest, "live", fields, tags, own)


def _modified(entry: Entry, last: Line, now: int) -> int:
    return last.modified if entry.digest == last.hash else max(now, last.modified + 1)


def _paired(entries: Sequence[Entry], lines: Sequence[Line]) -> Mapping[int, int]:
    """Return index of a card → index of its line, by what they say."""
    from ankillm.anki.renames import Item, pair  # noqa: PLC0415  (only where something changed)

    def of_entry(entry: Entry) -> Item:
        section, name, _ = entry.key.rsplit("#", 2)
        return Item(entry.kind, note_of(entry.key), section, name, entry.fields.front, entry.fields.back, entry.id)

    def of_line(line: Line) -> Item:
        live, fields = line.state == "live", line.fields
        return Item(line.type, line.note, line.section, line.name, fields.front, fields.back, line.id, live)

    return pair([*map(of_entry, entries)], [*map(of_line, lines)])


def stamped(before: Mapping[str, Stamp], hashes: Mapping[str, str], now: int) -> dict[str, Stamp]:
    """Return the stamps of decks or note types: the time moves only with the hash, and never back."""
    stamps = {}
    for name, digest in hashes.items():
        last = before.get(name)
        if last is None:
            stamps[name] = Stamp(digest, now)
        else:
            stamps[name] = last if last.hash == digest else Stamp(digest, max(now, last.modified + 1))
    return stamps


def told_apart(lines: Sequence[Line]) -> list[str]:
    """Return the keys of lines; equal ones are told apart as `key~2`, `key~3`."""
    seen: dict[str, int] = {}
    keys = []
    for line in lines:
        seen[line.key] = count = seen.get(line.key, 0) + 1
        keys.append(line.key if count == 1 else f"{line.key}~{count}")
    return keys
