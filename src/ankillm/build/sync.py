"""The steps of a sync, in order: look, build, back up, import, move, suspend, look again, remember.

Whatever can be refused is refused before the first change. Nothing is deleted, no Anki note is touched that the ledger
did not ship, and of scheduling nothing is written but that retired cards are suspended.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki import ledger
from ankillm.anki.backups import back_up
from ankillm.anki.changes import Changes, changes_due, gone_for_good, missing, refuse_others
from ankillm.anki.cloze import plain
from ankillm.anki.connection import AnkiError, Connection
from ankillm.anki.edits import Edited, edited, restore_theirs, write_ours
from ankillm.anki.exchange import bring
from ankillm.anki.holdings import RETIRED, Collection, Held, card_states, held, look
from ankillm.anki.ledger import Ledger, Line
from ankillm.anki.sightings import Sightings, after_sync, elsewhere, remember, seen_of, stray_decks
from ankillm.build.build import build, rehearsed
from ankillm.build.output import change_of, names_of
from ankillm.build.report import Change, Mode, Report
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import UnreadableError, only_one, read_file, shown
from ankillm.common.project import DeckSpec
from ankillm.common.user_state import state_folder

MOST_PACKAGE = 2**32
LONGEST_ERROR = 200
BUSY = "another ankillm sync is running; wait for it to end"
UNAVAILABLE = "not available"
"""What AnkiConnect says of the collection while no profile is open, or it is being synchronised."""


class Wish(Struct, frozen=True):
    """What the reader asked for."""

    retired: Literal["keep", "suspend"] = "suspend"
    forget: bool = False
    """Bring again what is missing, and list retired cards no more."""
    dry_run: bool = False
    agreed: bool = False
    listing: bool = False


class Synced(Struct, frozen=True):
    """What a sync did with a deck, or, in a dry run, would do."""

    report: Report
    imported: tuple[Change, ...] = ()
    updated: tuple[Change, ...] = ()
    kept: tuple[Change, ...] = ()
    """Changed in the notes, with words of the reader's that stay: the notes did not change these, or Anki did later."""
    moved: tuple[Change, ...] = ()
    suspended: tuple[Change, ...] = ()
    returned: tuple[Change, ...] = ()
    """Retired once, live again: no longer tagged, nor suspended if we did that."""
    declined: tuple[Change, ...] = ()
    waiting: tuple[Change, ...] = ()
    """Retired, and still there."""
    absent: tuple[Change, ...] = ()
    """What Anki did not take out of the package."""
    backups: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()


class _Scene(Struct, frozen=True):
    """What all decks of a sync share."""

    anki: Connection
    folder: Path
    wish: Wish
    now: Collection
    seen: Sightings
    """As before this sync, as `now`."""
    declined: frozenset[str]


def sync(
    specs: Sequence[DeckSpec], anki: Connection, wish: Wish, tell: Callable[[float], None] = lambda _part: None
) -> tuple[Synced, ...]:
    """Bring decks into a running Anki, and return what that did; `tell` is told how much of all is done.

    :raises Refusal: if it cannot be done; what was refused before the first change changed nothing.
    """
    with only_one(state_folder() / "sync.lock", BUSY, "what was synchronised cannot be remembered", "XDG_STATE_HOME"):
        return _synced(specs, anki, wish, tell)


def _synced(
    specs: Sequence[DeckSpec], anki: Connection, wish: Wish, tell: Callable[[float], None]
) -> tuple[Synced, ...]:
    anki.greet()
    before = list(map(_ledger, specs))
    folder = state_folder()
    try:
        now = look(anki)
        seen = seen_of(folder, now.mark)
        _refuse_other(folder, now, seen, before, wish)
        live = {line.guid for known in before for line in known.lines if line.state == "live"}
        lost = missing(live, now, seen, forget=wish.forget, agreed=wish.agreed)
        scene = _Scene(anki, folder, wish, now, seen, lost.declined)
        done = []
        for at, (spec, known) in enumerate(zip(specs, before, strict=True)):
            tell(at / len(specs))
            done.append(_deck(spec, known, scene))
    except AnkiError as error:
        said = " ".join(str(error).split())[:LONGEST_ERROR]
        hint = "; open a profile, and sync again" if UNAVAILABLE in said else ""
        raise Refusal(f"{anki.url}: Anki says: {said}{hint}") from None
    return (replace(done[0], warnings=(lost.warning, *done[0].warnings)), *done[1:]) if lost.warning else tuple(done)


def _refuse_other(folder: Path, now: Collection, seen: Sightings, before: Iterable[Ledger], wish: Wish) -> None:
    """Refuse a collection that these decks were never in, where another has them."""
    guids = {line.guid for known in before for line in known.lines}
    if wish.agreed or any(guid in guids for guid in seen.cards):
        return
    if profile := elsewhere(folder, now.mark, guids):
        here = f"the profile {now.profile}" if now.profile not in {"", profile} else "another collection"
        raise Refusal(
            f"Anki shows {here}, and this deck was synchronised with {profile}; nothing was changed: "
            "open that one, or give --yes to have the deck here too"
        )


def _deck(spec: DeckSpec, known: Ledger, scene: _Scene) -> Synced:
    wish, now, seen = scene.wish, scene.now, scene.seen
    waiting = [line for line in known.lines if line.state == "retired" and not line.gone]
    mode = Mode(
        listing=wish.listing,
        dry_run=wish.dry_run,
        declined=scene.declined & {line.guid for line in known.lines},
        gone=gone_for_good(waiting, now, seen, forget=wish.forget),
        settled=True,
    )
    report, after = rehearsed(spec, mode) if wish.dry_run else (build(spec, mode), _ledger(spec))
    if not wish.agreed:
        was_brought = _place(spec) in seen.packages
        refuse_others(after.lines, {line.guid for line in known.lines} if was_brought else (), seen)
    decks = {line.guid: line.deck for line in known.lines}
    todo = changes_due(after.lines, now, seen, decks, keep_retired=wish.retired == "keep")
    done = None if wish.dry_run else _done(spec, after, todo, scene)
    declined = [line for line in after.lines if line.guid in mode.declined and line.state == "declined"]
    names = names_of(after.lines)
    told = _told(report, after, todo, now.held, done)
    return replace(told, declined=tuple(change_of(line, names) for line in declined))


class _Done(Struct, frozen=True):
    """A collection after a sync, and what was exported before it."""

    now: Collection
    backups: tuple[Path, ...]


def _told(report: Report, after: Ledger, todo: Changes, before: Mapping[str, Held], done: _Done | None) -> Synced:
    """Return what a plan did, by what the collection held before and holds now; what it would do, if it was not."""
    names = names_of(after.lines)

    def told(lines: Iterable[Line]) -> tuple[Change, ...]:
        return tuple(change_of(line, names) for line in lines)

    held_now = done.now.held if done else {}
    still = [line for line in todo.outdated if line.guid in held_now]
    changed = [line for line in still if before[line.guid].fields != held_now[line.guid].fields]
    kept = [line for line in todo.outdated if _differs(line, held_now.get(line.guid))]
    return Synced(
        report,
        imported=told(line for line in todo.absent if not done or line.guid in held_now),
        updated=told(changed if done else (line for line in todo.outdated if _differs(line, before[line.guid]))),
        kept=told(kept),
        moved=told(todo.moved),
        suspended=told(todo.retired),
        returned=told(todo.returned),
        waiting=told(line for line in after.lines if line.state == "retired" and line.guid in held_now),
        absent=told(line for line in todo.absent if done and line.guid not in held_now),
        backups=done.backups if done else (),
    )


def _done(spec: DeckSpec, after: Ledger, todo: Changes, scene: _Scene) -> _Done:
    """Carry a plan out, and remember what is there then."""
    anki, now, seen = scene.anki, scene.now, seen_of(scene.folder, scene.now.mark)
    lines = {line.guid: line for line in after.lines}
    package, place = _hash(spec), _place(spec)
    importing = bool(todo.absent or todo.outdated) or seen.packages.get(place) != package
    backups: tuple[Path, ...] = ()
    suspended = {guid for guid, one in seen.cards.items() if one.suspended}
    if importing or not todo.is_nothing:
        ours = [one for guid, one in now.held.items() if guid in lines]
        today = date.today()  # noqa: DTZ011  (the reader's day)
        backups = back_up(anki, ours, scene.folder / "backups" / now.mark, today)
        edits = tuple(edited(todo.outdated, now.held, seen.cards))
        if importing:
            write_ours(anki, edits)
            bring(anki, spec.output)
        for deck, cards in todo.moves.items():
            anki.ask("changeDeck", object, cards=list(cards), deck=deck)
        suspended |= _suspend(todo.retired, now.held, anki)
        suspended -= _revive(todo.returned, now.held, suspended, anki)
        tags = frozenset(anki.ask_if_it_can("getTags", list[str], []))
        now = replace(now, held=_held(anki, edits), tags=tags)
    decks = stray_decks(lines, now, seen, {line.guid for line in todo.moved})
    sightings = replace(after_sync(seen, now, lines, decks, suspended), packages={**seen.packages, place: package})
    if sightings != seen:
        remember(scene.folder, now.mark, sightings)
    return _Done(now, backups)


def _held(anki: Connection, edits: Sequence[Edited]) -> dict[str, Held]:
    """Return what is there after an import, with all that the reader's edits are to be again."""
    found = held(anki)
    return held(anki) if restore_theirs(anki, edits, found) else found


def _suspend(lines: Sequence[Line], notes: Mapping[str, Held], anki: Connection) -> set[str]:
    """Suspend and tag what retired; return the GUIDs of those of which no card was suspended before."""
    if not lines:
        return set()
    cards = [card for line in lines for card in notes[line.guid].cards]
    states = card_states(anki, cards)
    if active := [card for card in cards if not states[card].suspended]:
        anki.ask("suspend", object, cards=active)
    anki.ask("addTags", object, notes=[notes[line.guid].note for line in lines], tags=RETIRED)
    return {line.guid for line in lines if not any(states[card].suspended for card in notes[line.guid].cards)}


def _revive(lines: Sequence[Line], notes: Mapping[str, Held], ours: set[str], anki: Connection) -> set[str]:
    """Take the tag from what is live again, and unsuspend what we suspended; return the GUIDs of these."""
    if not lines:
        return set()
    anki.ask("removeTags", object, notes=[notes[line.guid].note for line in lines], tags=RETIRED)
    back = {line.guid for line in lines} & ours
    if cards := [card for guid in sorted(back) for card in notes[guid].cards]:
        anki.ask("unsuspend", object, cards=cards)
    return back


def _differs(line: Line, note: Held | None) -> bool:
    """Whether an Anki note asks or answers something else than its line."""
    if note is None:
        return False
    given = {name.lower(): value for name, value in note.fields.items()}
    theirs = given.get("text" if line.type == "cloze" else "front", ""), given.get("back", "")
    return [plain(text).split() for text in theirs] != [plain(text).split() for text in line.fields[:2]]


def _ledger(spec: DeckSpec) -> Ledger:
    return ledger.read(spec.ledger) or Ledger()


def _place(spec: DeckSpec) -> str:
    return str(spec.output.absolute())


def _hash(spec: DeckSpec) -> str:
    try:
        return hashlib.sha256(read_file(spec.output, MOST_PACKAGE)).hexdigest()
    except UnreadableError as error:
        raise Refusal(f"{shown(spec.output)}: {error}") from None
