"""Cards → ledger and package: what `ankillm build` does once the cards are rendered.

Each card gets its identity from the ledger, and both files are written, the ledger first. A
package without its ledger's last changes is a legal state: the next build writes what the interrupted one would have.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki import ledger, note_types
from ankillm.anki.fields import Shipment
from ankillm.anki.identity import Plan, plan, stamped, told_apart
from ankillm.anki.ledger import MAX_TIME, Ledger, Line
from ankillm.anki.media import Picture
from ankillm.anki.package import media_of, pack
from ankillm.cards.names import clean
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.files import only_build, put, refuse_folder
from ankillm.common.patterns import regex
from ankillm.common.project import NoteFile

EARLIEST = 315_532_800
"""Seconds; 1980, where the dates of a zip file begin too: Anki's database check fails on times near 0."""
IMAGE = regex(r'<img [^>]*?src="([^"]+)"')


class Target(Struct, frozen=True):
    """Where cards go, and what they come from."""

    output: Path
    ledger: Path
    templates: Path
    files: tuple[NoteFile, ...]
    """Every note of this build, read or not: images are looked for beside them, inside their roots."""
    read: frozenset[str]
    """The paths of the notes that were read; only cards of these, or of notes now gone, can retire."""
    now: int
    """Seconds; `SOURCE_DATE_EPOCH` if that is set."""
    dry_run: bool = False
    birthplace: str = ""
    """The label of a project's deck: decks of one project may have notes of the same path, and Anki tells cards apart
    by GUID alone."""


class Search(Struct, frozen=True):
    """A search that finds cards in Anki, for the reader to move or delete; `deck` is where moved ones belong."""

    text: str
    cards: int
    deck: str = ""


class Outcome(Struct, frozen=True):
    """What a build did; lists of keys, equal ones told apart as `key~2`."""

    cards: int
    media: int
    new: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    warnings: tuple[Diagnostic, ...]
    moves: tuple[Search, ...]
    retirements: tuple[Search, ...]
    kept: int = 0
    """How many cards of notes that this build did not read were shipped as last time."""
    pictures: tuple[Picture, ...] = ()
    drawn: tuple[str, ...] = ()
    """The GUIDs of the cards that were drawn, in reading order."""


def ship(shipment: Shipment, target: Target) -> Outcome:
    """Write a deck's ledger and package, or, in a dry run, only tell what would change.

    :raises Refusal: if the ledger is damaged or newer, another build is at work, or a file cannot be written.
    """
    for place in (target.output, target.ledger):
        refuse_folder(place)
    with nullcontext() if target.dry_run else only_build(target.output):
        before = ledger.read(target.ledger)
        anew = _anew(before, target)
        now = time_of(target)
        planned = plan(shipment.entries, before or Ledger(), now, _may_retire(target), target.birthplace)
        kept, unsafe = _vetted(planned.kept)
        shipped = (*planned.shipped, *kept)
        look = note_types.read_look(target.templates)
        known = with_stamps(planned.ledger, shipped, look, now)
        media, missing = _media(shipped, shipment.media, target.output)
        if not target.dry_run:
            package = pack(shipped, known, look, media)  # before the ledger's text, so that memory holds one at a time
            put({target.ledger: ledger.dump(known), target.output: package})
    warnings = (*shipment.warnings, *anew, *unsafe, *missing)
    outcome = outcome_of(planned, len(shipped), len(media), warnings)
    return replace(outcome, kept=len(kept), pictures=shipment.pictures)


def time_of(target: Target) -> int:
    """Return the time of a build as Anki and a ledger take it."""
    return min(max(target.now, EARLIEST), MAX_TIME - 1)


def _anew(before: Ledger | None, target: Target) -> list[Diagnostic]:
    if before is not None or not target.output.exists():
        return []
    text = "the ledger is gone and the deck starts anew: cards that were renamed lose their history; keep it in git"
    return [Diagnostic(str(target.ledger), 0, text)]


def _may_retire(target: Target) -> Callable[[str], bool]:
    """Return whether the cards of a note can retire: it was read, or is gone."""
    read = {clean(path) for path in target.read}
    unread = {clean(entry.path) for entry in target.files} - read
    roots = {entry.root for entry in target.files}
    return cache(lambda note: note in read or not (note in unread or any(_lies_in(root, note) for root in roots)))


def _lies_in(root: Path, note: str) -> bool:
    """Whether a note that this build is not about is still there; on the disk its name may be decomposed."""
    try:
        return any((root / name).exists() for name in (note, unicodedata.normalize("NFD", note)))
    except (OSError, ValueError):
        return False


def _vetted(lines: Sequence[Line]) -> tuple[list[Line], list[Diagnostic]]:
    """Leave out cards of unread notes whose fields, from the ledger, hold what our renderer never writes."""
    if not lines:
        return [], []
    from ankillm.anki.allowed_html import harmless  # noqa: PLC0415  (only where a note was not read)

    good, warnings = [], []
    for line in lines:
        if all(map(harmless, line.fields)):
            good.append(line)
        else:
            warnings.append(
                Diagnostic(line.note, 0, f"a card in the ledger ({line.guid}) holds foreign HTML; it is left out")
            )
    return good, warnings


def with_stamps(before: Ledger, shipped: Sequence[Line], look: Mapping[str, str], now: int) -> Ledger:
    """Return a ledger with the times of decks and note types."""
    names = sorted({line.deck for line in shipped})
    decks = stamped(before.decks, {name: note_types.deck_hash(name) for name in names}, now)
    return Ledger(before.lines, decks, stamped(before.note_types, note_types.look_hashes(look), now))


def _media(
    lines: Sequence[Line], fresh: Mapping[str, bytes], package: Path
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """Return the media that the shipped fields name, sorted; for cards of unread notes, out of the last package."""
    named = {name: line for line in lines for name in pictures_of(line)}
    had = {**media_of(package, set(named) - set(fresh)), **fresh}
    missing = [
        Diagnostic(line.note, 0, f"its picture {name} went with the last package, which is gone")
        for name, line in sorted(named.items())
        if name not in had
    ]
    return {name: had[name] for name in sorted(named) if name in had}, missing


def pictures_of(line: Line) -> list[str]:
    """Return the media names of the pictures that a note shows."""
    return [name for text in line.fields if "<img" in text for name in IMAGE.findall(text)]


def outcome_of(planned: Plan, cards: int, media: int, warnings: tuple[Diagnostic, ...]) -> Outcome:
    """Return what became of the cards of a plan."""
    keys = dict(zip((line.guid for line in planned.ledger.lines), told_apart(planned.ledger.lines), strict=True))

    def listed(lines: Iterable[Line]) -> tuple[str, ...]:
        return tuple(keys[line.guid] for line in lines)

    decks = sorted({line.deck for line in planned.moved})
    return Outcome(
        cards=cards,
        media=media,
        new=listed(planned.new),
        changed=listed(planned.changed),
        moved=listed(planned.moved),
        retired=listed(planned.retired),
        unchanged=planned.unchanged,
        warnings=warnings,
        moves=tuple(search([line for line in planned.moved if line.deck == name], name) for name in decks),
        retirements=(search(planned.retired),) if planned.retired else (),
        drawn=tuple(line.guid for line in planned.shipped),
    )


def search(lines: Sequence[Line], place: str = "") -> Search:
    """Return the search that finds these cards in Anki."""
    return Search(" or ".join(f"key:{line.guid}" for line in lines), len(lines), place)
