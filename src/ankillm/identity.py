"""Identity: each card of a build gets its GUID and its times from the ledger, so that no review is ever lost."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ankillm.ledger import Ledger, Line, Stamp
from ankillm.names import clean
from ankillm.renames import Item, pair
from ankillm.render import Draft


@dataclass(frozen=True, slots=True)
class Plan:
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
    drafts: Sequence[Draft], ledger: Ledger, now: int, may_retire: Callable[[str], bool], birthplace: str = ""
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
    pairs = pair([_item_of_draft(draft) for draft in drafts], [_item_of_line(line) for line in free])
    guids = {line.guid for line in ledger.lines}
    before = [free[pairs[at]] if at in pairs else None for at in range(len(drafts))]
    shipped: list[Line] = []
    for draft, last in zip(drafts, before, strict=True):
        if last:
            line = _line(draft, last.guid, last.born, _modified(draft, last, now))
        else:
            key = f"{birthplace}\x1f{draft.key}" if birthplace else draft.key
            line = _line(draft, new_guid(key, guids.__contains__), now, now)
        guids.add(line.guid)
        shipped.append(line)
    matched = set(pairs.values())
    gone = [line for at, line in enumerate(free) if at not in matched]
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


def _line(draft: Draft, guid: str, born: int, modified: int) -> Line:
    card, digest = draft.card, draft.digest
    fields, tags = draft.fields, draft.tags
    return Line(guid, draft.key, card.kind, draft.deck, born, modified, digest, "live", fields, tags, card.id)


def _modified(draft: Draft, last: Line, now: int) -> int:
    return last.modified if draft.digest == last.hash else max(now, last.modified + 1)


def _item_of_draft(draft: Draft) -> Item:
    card, fields = draft.card, draft.fields
    digest = f"{draft.digest} {draft.deck}"
    section, name, _ = draft.key.rsplit("#", 2)
    return Item(card.kind, clean(card.note), section, name, fields.front, fields.back, card.id, digest=digest)


def _item_of_line(line: Line) -> Item:
    live = line.state == "live"
    front, back = line.fields.front, line.fields.back
    digest = f"{line.hash} {line.deck}"
    return Item(line.type, line.note, line.section, line.name, front, back, line.id, live, digest)


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
