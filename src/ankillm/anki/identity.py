"""Identity: each card of a build gets its GUID and its times from the ledger, so that no review is ever lost.

A ledger goes back in time where git puts an older one back; Anki does not. So what the last package shipped counts too:
a card that differs from it is newer than it.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki.fields import RenderedCard
from ankillm.anki.ledger import MAX_TIME, Ledger, Line, Stamp, note_of


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
    """Those that retire with this build."""
    waiting: tuple[Line, ...]
    """All that are retired and not known to be gone from Anki."""
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


def plan(  # noqa: PLR0913  (all that identity hangs on)
    cards: Sequence[RenderedCard],
    ledger: Ledger,
    now: int,
    may_retire: Callable[[str], bool],
    birthplace: str = "",
    *,
    packed: Mapping[str, Stamp] | None = None,
    is_away: Callable[[str], bool] = lambda _note: False,
) -> Plan:
    """Hold the cards of a build against the ledger.

    Cards of equal keys that are born in different decks of a project (`birthplace`: its label) are different cards.

    `may_retire(note)` tells whether the note of this path was read, or is gone; lines of other notes stay as they are
    and are shipped as last time, but for those that moved: `is_away(note)` tells of which notes nothing is there but an
    empty folder. `packed` holds what earlier packages shipped, by GUID.
    """
    packed = packed or {}
    free: list[Line] = []
    kept: list[Line] = []
    for line in ledger.lines:
        (free if may_retire(line.note) else kept).append(line)
    before, gone = matched(cards, free)
    if elsewhere := dict(_moved_on(cards, before, kept, is_away)):
        before = [elsewhere.get(at, line) for at, line in enumerate(before)]
        there = {line.guid for line in elsewhere.values()}
        kept = [line for line in kept if line.guid not in there]
    births = _births(cards, before, {line.guid for line in ledger.lines}, birthplace)
    shipped: list[Line] = []
    declined: list[Line] = []
    former: list[Line | None] = []
    for at, (card, last) in enumerate(zip(cards, before, strict=True)):
        if last and last.state == "declined" and _answers_alike(card, last):
            declined.append(replace(_line(card, last.guid, last.born, last.modified), state="declined"))
            continue
        guid, born = (last.guid, last.born) if last else (births[at], now)
        shipped.append(_line(card, guid, born, _modified(card.hash, last, packed.get(guid), now)))
        former.append(last)
    kept = [_newer(line, packed.get(line.guid), now) if line.state == "live" else line for line in kept]
    retired = [line if line.state == "declined" else replace(line, state="retired") for line in gone]
    both = [(line, last) for line, last in zip(shipped, former, strict=True) if last]
    changed = tuple(line for line, last in both if line.hash != last.hash or _is_put_back(line, last, packed))
    moved = tuple(line for line, last in both if line.deck != last.deck)
    lines = (*shipped, *kept, *retired, *declined)
    return Plan(
        shipped=tuple(shipped),
        kept=tuple(line for line in kept if line.state == "live"),
        ledger=Ledger(lines, ledger.decks, ledger.note_types),
        new=tuple(line for line, last in zip(shipped, former, strict=True) if not last),
        changed=changed,
        moved=moved,
        retired=tuple(new for new, last in zip(retired, gone, strict=True) if last.state == "live"),
        waiting=tuple(line for line in lines if line.state == "retired" and not line.gone),
        unchanged=len(both) - len({line.guid for line in (*changed, *moved)}),
    )


def _moved_on(
    cards: Sequence[RenderedCard], before: Sequence[Line | None], kept: Iterable[Line], is_away: Callable[[str], bool]
) -> Iterator[tuple[int, Line]]:
    """Yield the new cards that ask and answer what a card of a note did that is away, each with its line."""
    there: dict[tuple[str, str, str], list[Line]] = {}
    for line in kept:
        if line.state == "live" and is_away(line.note):
            there.setdefault((line.type, line.fields.front, line.fields.back), []).append(line)
    for at, card in enumerate(cards if there else ()):
        lines = there.get((card.kind, card.fields.front, card.fields.back))
        if lines and before[at] is None:
            yield at, lines.pop(0)


def matched(cards: Sequence[RenderedCard], lines: Sequence[Line]) -> tuple[list[Line | None], list[Line]]:
    """Return for each card its line, if it has one, and the lines that no card has.

    Live cards that are as they were are found at once, an author's id, key, content and deck being the same.
    """
    waiting: dict[tuple[str, ...], list[int]] = {}
    for at in reversed(range(len(lines))):
        if (line := lines[at]).state == "live":
            waiting.setdefault((line.key, line.hash, line.deck, line.id), []).append(at)
    found: dict[int, int] = {}
    for at, card in enumerate(cards):
        if same := waiting.get((card.key, card.hash, card.deck, card.id)):
            found[at] = same.pop()
    taken = set(found.values())
    new = [at for at in range(len(cards)) if at not in found]
    free = [at for at in range(len(lines)) if at not in taken]
    if new and free:
        pairs = _paired([cards[at] for at in new], [lines[at] for at in free])
        found |= {new[card]: free[line] for card, line in pairs.items()}
        taken |= set(found.values())
    before = [lines[found[at]] if at in found else None for at in range(len(cards))]
    return before, [line for at, line in enumerate(lines) if at not in taken]


def _line(card: RenderedCard, guid: str, born: int, modified: int) -> Line:
    texts = card.deck, born, modified, card.hash
    return Line(card.key, guid, card.kind, *texts, "live", card.fields, card.tags, card.id)


def _answers_alike(card: RenderedCard, last: Line) -> bool:
    """Whether a card answers what a line answered, in the same words, however it asks and whatever it looks like."""
    from ankillm.anki.cloze import filled, plain  # noqa: PLC0415  (only for what a reader deleted)

    if "<img" in card.fields.back + last.fields.back and card.fields.back != last.fields.back:
        return False
    if card.kind == "cloze":
        return filled(card.fields.front).split() == filled(last.fields.front).split()
    return plain(card.fields.back).split() == plain(last.fields.back).split()


def _births(
    cards: Sequence[RenderedCard], before: Sequence[Line | None], taken: set[str], birthplace: str
) -> dict[int, str]:
    """Return the GUIDs of new cards by their places; those of equal cards rise, as the ledger orders them."""
    found: dict[int, str] = {}
    equal: dict[tuple[str, str], list[int]] = {}
    for at, (card, last) in enumerate(zip(cards, before, strict=True)):
        if last is None:
            key = f"{birthplace}\x1f{card.key}" if birthplace else card.key
            found[at] = new_guid(key, lambda guid: guid in taken)
            taken.add(found[at])
            equal.setdefault((card.key, card.hash), []).append(at)
    for places in (places for places in equal.values() if len(places) > 1):
        found |= zip(places, sorted(found[at] for at in places), strict=True)
    return found


def _modified(digest: str, last: Line | None, packed: Stamp | None, now: int) -> int:
    """Return the time of a card: it moves with the content, held against the ledger and against the last package."""
    times = [stamp.modified for stamp in (last, packed) if stamp]
    changed = last is None or last.hash != digest
    behind = _differs(digest, packed) and not (last and packed and last.modified > packed.modified)
    if changed or behind:
        newer = [time + 1 for time in times] if last or behind else times
        return min(max([now, *newer]), MAX_TIME)
    return max(times)


def _differs(digest: str, packed: Stamp | None) -> bool:
    """Whether the last package shipped something else; of its content it knows the hash's beginning."""
    return packed is not None and not digest.startswith(packed.hash)


def _is_put_back(line: Line, last: Line, packed: Mapping[str, Stamp]) -> bool:
    """Whether a card is as the ledger has it, but newer, as the last package shipped something else."""
    return line.modified > last.modified and _differs(line.hash, packed.get(line.guid))


def _newer(line: Line, packed: Stamp | None, now: int) -> Line:
    modified = _modified(line.hash, line, packed, now)
    return line if modified == line.modified else replace(line, modified=modified)


def _paired(cards: Sequence[RenderedCard], lines: Sequence[Line]) -> Mapping[int, int]:
    """Return index of a card → index of its line, by what they say."""
    from ankillm.anki.renames import Item, pair  # noqa: PLC0415  (only where something changed)

    def of_card(card: RenderedCard) -> Item:
        section, name, _ = card.key.rsplit("#", 2)
        return Item(card.kind, note_of(card.key), section, name, card.fields.front, card.fields.back, card.id)

    def of_line(line: Line) -> Item:
        live, fields = line.state == "live", line.fields
        return Item(line.type, line.note, line.section, line.name, fields.front, fields.back, line.id, live)

    return pair([*map(of_card, cards)], [*map(of_line, lines)])


def stamped(before: Mapping[str, Stamp], hashes: Mapping[str, str], now: int) -> dict[str, Stamp]:
    """Return the stamps of decks or note types: the time moves only with the hash, and never back."""
    stamps = {}
    for name, digest in hashes.items():
        last = before.get(name)
        if last is None:
            stamps[name] = Stamp(digest, now)
        else:
            later = min(max(now, last.modified + 1), MAX_TIME)
            stamps[name] = last if last.hash == digest else Stamp(digest, later)
    return stamps


def told_apart(lines: Sequence[Line]) -> list[str]:
    """Return the keys of lines; equal ones are told apart as `key~2`, `key~3`."""
    seen: dict[str, int] = {}
    keys = []
    for line in lines:
        seen[line.key] = count = seen.get(line.key, 0) + 1
        keys.append(line.key if count == 1 else f"{line.key}~{count}")
    return keys
