"""Cards → ledger and package: what `ankillm build` does once the cards are rendered.

Each card gets its identity from the ledger, and both files are written, the ledger first. A
package without its ledger's last changes is a legal state: the next build writes what the interrupted one would have.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki import ledger, note_types
from ankillm.anki.cloze import plain, question_of
from ankillm.anki.earlier import media_of, packed_before
from ankillm.anki.fields import Fields, RenderedCard
from ankillm.anki.gaps import are_sound
from ankillm.anki.identity import Plan, plan, stamped, told_apart
from ankillm.anki.ledger import LATEST, Ledger, Line
from ankillm.anki.media import pictures_in
from ankillm.anki.package import pack, remembered
from ankillm.build.report import Change, Search, Searches
from ankillm.cards.names import clean, deck_name, tags
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.files import only_build, put, refuse_folder, shown
from ankillm.common.path_patterns import pattern_of
from ankillm.common.project import NoteFile

KEY, EITHER = "key:", " or "
"""Of a search in Anki."""
EARLIEST = 315_532_800
"""Seconds; 1980, where the dates of a zip file begin too: Anki's database check fails on times near 0."""


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
    declined: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    """GUIDs of cards that a collection no longer holds: what was live is declined, for what retired nothing is left."""
    exclude: tuple[str, ...] = ()
    """Patterns of the paths of notes that the deck leaves out: their cards retire."""
    birthplace: str = ""
    """The label of a project's deck: decks of one project may have notes of the same path, and Anki tells cards apart
    by GUID alone."""


class Shipped(Struct, frozen=True):
    """What became of the cards of a build, and the media and warnings that came with it."""

    plan: Plan
    cards: int
    media: int
    warnings: tuple[Diagnostic, ...]
    away: tuple[Diagnostic, ...] = ()
    """Folders whose notes seem to be elsewhere for now; their cards stay."""


def ship(cards: Sequence[RenderedCard], media: Mapping[str, bytes], target: Target) -> Shipped:
    """Write a deck's ledger and package, or, in a dry run, only tell what would change.

    `media` are the pictures that the cards may show, by name.

    :raises Refusal: if the ledger is damaged or newer, another build is at work, or a file cannot be written.
    """
    for place in (target.output, target.ledger):
        refuse_folder(place)
    with nullcontext() if target.dry_run else only_build(target.output):
        before = ledger.read(target.ledger)
        anew = _anew(before, target)
        now = min(max(target.now, EARLIEST), LATEST)
        known_before = ledger.marked(before or Ledger(), target.declined, target.gone)
        packed = packed_before(target.output)
        away: dict[str, Diagnostic] = {}
        may_retire = _may_retire(target, away)
        planned = plan(
            cards, known_before, now, may_retire, target.birthplace, packed=packed, is_away=away.__contains__
        )
        kept, unsafe = _vetted(planned.kept)
        shipped = (*planned.shipped, *kept)
        look = note_types.read_look(target.templates)
        known = with_stamps(planned.ledger, shipped, look, now)
        files, missing = _media(shipped, media, target.output)
        if not target.dry_run:
            memory = remembered(packed, known)
            package = pack(
                shipped, known, look, files, memory
            )  # before the ledger's text, so that memory holds one at a time
            put({target.ledger: ledger.dump(known), target.output: package})
    still = dict.fromkeys(away[line.note] for line in planned.kept if line.note in away)
    return Shipped(planned, len(shipped), len(files), (*anew, *unsafe, *missing), tuple(still))


def _anew(before: Ledger | None, target: Target) -> list[Diagnostic]:
    if before is not None or not target.output.exists():
        return []
    text = "the ledger is gone and the deck starts anew: cards that were renamed lose their history; keep it in git"
    return [Diagnostic(str(target.ledger), 0, text)]


def _may_retire(target: Target, away: dict[str, Diagnostic]) -> Callable[[str], bool]:
    """Return whether the cards of a note can retire: it was read, is gone or left out.

    Which notes are `away`, and why, is told there.
    """
    read = {clean(path) for path in target.read}
    unread = {clean(entry.path) for entry in target.files if not entry.problem} - read
    closed = tuple(clean(entry.path).removeprefix(".") for entry in target.files if entry.problem)
    roots = {entry.root for entry in target.files}
    left_out = pattern_of(target.exclude)

    def may_retire(note: str) -> bool:
        if note in read or left_out(note):
            return True
        inside = any(not folder or note.startswith(f"{folder}/") for folder in closed)
        return not (inside or note in unread or any(_stays(root, note, away) for root in roots))

    return cache(may_retire)


def _stays(root: Path, note: str, away: dict[str, Diagnostic]) -> bool:
    """Whether a note that this build did not read is still there, or is away with the folder that it lies in.

    On the disk its name may be decomposed. A folder that holds nothing, where notes were, is a mount that is not there:
    who deletes notes deletes their folder, or leaves something in it.
    """
    try:
        if any(_is_there(root / name) for name in (note, unicodedata.normalize("NFD", note))):
            return True
        above = next((folder for folder in (root / note).parents if _is_there(folder)), root)
        if above == root or not above.is_relative_to(root) or any(above.iterdir()):
            return False
    except ValueError:  # no name of a file
        return False
    except OSError as error:
        place, text = root / note, f"cannot be looked for ({error.strerror}): its cards stay as they are"
    else:
        place, text = above, "is empty, and notes lay in it: their cards stay; put them back, or delete the folder"
    away[note] = Diagnostic(shown(place), 0, text)
    return True


def _is_there(place: Path) -> bool:
    try:
        place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _vetted(lines: Sequence[Line]) -> tuple[list[Line], list[Diagnostic]]:
    """Finish cards of unread notes as those of read ones; leave out what holds more than our renderer writes."""
    if not lines:
        return [], []
    good, warnings = [], []
    for line in lines:
        vetted = _finished(line)
        if vetted:
            good.append(vetted)
        else:
            text = f"a card in the ledger ({line.guid}) holds foreign HTML or gaps; it is left out"
            warnings.append(Diagnostic(line.note, 0, text))
    return good, warnings


def _finished(line: Line) -> Line | None:
    """Return a line of the ledger as a package may hold it; None if it may not."""
    from ankillm.anki.allowed_html import Forbidden, finished, harmless  # noqa: PLC0415  (only where a note was not read)

    try:
        fields = Fields(*(finished(clean(field)) for field in line.fields))
    except Forbidden:
        return None
    sound = are_sound(fields.front) if line.type == "cloze" else bool(fields.front)
    if not (sound and all(map(harmless, fields))):
        return None
    return replace(line, fields=fields, deck=deck_name(line.deck), tags=tags(line.tags))


def with_stamps(before: Ledger, shipped: Sequence[Line], look: Mapping[str, str], now: int) -> Ledger:
    """Return a ledger with the times of decks and note types."""
    names = sorted({line.deck for line in shipped})
    decks = stamped(before.decks, {name: note_types.deck_hash(name) for name in names}, now)
    return Ledger(before.lines, decks, stamped(before.note_types, note_types.look_hashes(look), now))


def _media(
    lines: Sequence[Line], fresh: Mapping[str, bytes], package: Path
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """Return the media that the shipped fields name, sorted; for cards of unread notes, out of the last package."""
    named = {name: line for line in lines for name in pictures_in(line.fields)}
    had = {**media_of(package, set(named) - set(fresh)), **fresh}
    missing = [
        Diagnostic(line.note, 0, f"its picture {name} went with the last package, which is gone")
        for name, line in sorted(named.items())
        if name not in had
    ]
    return {name: had[name] for name in sorted(named) if name in had}, missing


def changes_of(planned: Plan) -> dict[str, tuple[Change, ...]]:
    """Return the cards that are new, changed, moved and retiring, and all that are retired and may still be in Anki."""
    names = names_of(planned.ledger.lines)
    lists = {"new": planned.new, "changed": planned.changed, "moved": planned.moved, "retired": planned.waiting}
    lists["retiring"] = planned.retired
    return {word: tuple(change_of(line, names) for line in lines) for word, lines in lists.items()}


def names_of(lines: Sequence[Line]) -> dict[str, str]:
    """Return the keys of lines by their GUIDs; equal ones are told apart."""
    return dict(zip((line.guid for line in lines), told_apart(lines), strict=True))


def change_of(line: Line, names: Mapping[str, str]) -> Change:
    """Return a line as it is told to people: by what it asks, and where that stands."""
    return Change(names[line.guid], question_of(line.type, line.fields.front), plain(line.fields.source).strip())


def searches_of(planned: Plan, told: Searches | None = None) -> Searches:
    """Return the searches that find in Anki what moved, a search a deck, and what retired.

    `told` are those of the last build: whoever did not import then has still to move those cards. Of cards that retired
    before, without a word of it here, none was ever imported; None where nothing is known of the last build.
    """
    due = {guid: search.deck for word, search in told or () if word == "moved" for guid in _guids(search)}
    due |= {line.guid: line.deck for line in planned.moved}
    moved = [line for line in planned.ledger.lines if line.state == "live" and due.get(line.guid) == line.deck]
    decks = sorted({line.deck for line in moved})
    moves = [("moved", _search([line for line in moved if line.deck == name], name)) for name in decks]
    waiting = planned.waiting
    if told is not None:
        known = {guid for word, search in told if word == "retired" for guid in _guids(search)}
        known |= {line.guid for line in planned.retired}
        waiting = tuple(line for line in waiting if line.guid in known)
    return (*moves, *([("retired", _search(waiting))] if waiting else []))


def _guids(search: Search) -> Iterator[str]:
    """Yield the GUIDs of the cards that a search finds."""
    return (part.removeprefix(KEY) for part in search.text.split(EITHER))


def _search(lines: Sequence[Line], place: str = "") -> Search:
    return Search(EITHER.join(f"{KEY}{line.guid}" for line in lines), len(lines), place)
