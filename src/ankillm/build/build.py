"""The steps of a build, in order. It returns what it did, and prints nothing."""

import gc
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import msgspec

from ankillm.build import user_cache
from ankillm.build.inputs import Live, NoteInput, inputs_of
from ankillm.build.report import Mode, Report, Searches
from ankillm.build.stamp import Stamp, around, decoded, joined_hash, key_of, seen, surroundings, written
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.files import put, shown
from ankillm.common.project import DeckSpec, resource

if TYPE_CHECKING:  # a build with nothing to do imports none of them
    from ankillm.anki.ledger import Ledger
    from ankillm.build.cache import NoteResult, Results
    from ankillm.build.pipeline import Deck


MOST_DIGITS = 18
"""Of a time: more say no other one, as none is believed so far ahead."""


def build(spec: DeckSpec, mode: Mode, tell: Callable[[float], None] = lambda _part: None) -> Report:
    """Build one deck, unless it is as it was built last; `tell` is told how much is done.

    :raises Refusal: if nothing can be done.
    """
    left_out: list[Diagnostic] = []
    inputs = inputs_of(spec, left_out)
    surrounding = around(spec, surroundings()) if mode.cached else ""
    keys = {note.path: key_of(note, surrounding) for note in inputs}
    kept = user_cache.load(spec.output)
    last = decoded(kept[0]) if kept else None
    searches = last.report.searches if last else None if spec.output.exists() else ()
    kept = kept if mode.cached else None  # what is still to be done in Anki is known without it too
    there = written(spec, mode) if kept else {}
    settles = mode.settled and any(word == "moved" for word, _ in searches or ())
    if last and kept and not (mode.declined or mode.gone or settles) and last.holds(keys.values(), there):
        return msgspec.structs.replace(last.report, left_out=tuple(left_out))
    with _uncollected(), user_cache.compiled_patterns() if mode.cached else nullcontext():
        report = _built(spec, mode, inputs, keys, _results(spec, kept, there), tell, searches)
    return msgspec.structs.replace(report, left_out=tuple(left_out))


def _built(  # noqa: PLR0913, PLR0917  (all that a build is made of)
    spec: DeckSpec,
    mode: Mode,
    inputs: Sequence[NoteInput],
    keys: Mapping[str, str],
    results: "Results",
    tell: Callable[[float], None],
    told: Searches | None,
) -> Report:
    """Build a deck, and let go of its cards; `told` are the searches of the last build, as `searches_of` takes them."""
    deck = _deck(spec, inputs, keys, results, tell)
    report, _ = _shipped(spec, mode, inputs, deck, told)
    if mode.cached and not mode.dry_run:
        _keep(spec, mode, keys, (deck, results), report)
    return report


def rehearsed(spec: DeckSpec, mode: Mode) -> "tuple[Report, Ledger]":
    """Return what a dry run tells, and the ledger that a build would write.

    :raises Refusal: if nothing can be done.
    """
    inputs = inputs_of(spec)
    (deck,) = read_decks([spec])
    return _shipped(spec, mode, inputs, deck)


def read_decks(specs: Sequence[DeckSpec], tell: Callable[[float], None] = lambda _part: None) -> "tuple[Deck, ...]":
    """Return what comes of the notes of decks, those of notes that are cached from there; nothing is written.

    :raises Refusal: if a deck has no notes.
    """
    surrounding = surroundings()

    def deck(spec: DeckSpec) -> "Deck":
        inputs, here = inputs_of(spec), around(spec, surrounding)
        kept = user_cache.load(spec.output)
        keys = {note.path: key_of(note, here) for note in inputs}
        return _deck(spec, inputs, keys, _results(spec, kept, written(spec, Mode()) if kept else {}), tell)

    with user_cache.compiled_patterns():
        return tuple(map(deck, specs))


def _results(spec: DeckSpec, kept: tuple[bytes, memoryview] | None, there: Mapping[str, str]) -> "Results":
    """Return the results in a cache file, if the ledger is as it was left: what is made of a note hangs on it too.

    `there` are the hashes of the files that were written.
    """
    from ankillm.build.cache import Results  # noqa: PLC0415  (only where something is to be made)

    last = decoded(kept[0]) if kept else None
    ledger = spec.ledger.name
    return Results(kept[1]) if kept and last and last.outputs.get(ledger) == there[ledger] else Results()


def _deck(
    spec: DeckSpec,
    inputs: Sequence[NoteInput],
    keys: Mapping[str, str],
    results: "Results",
    tell: Callable[[float], None],
) -> "Deck":
    """Return what comes of notes; of those whose key has a result, what that holds."""
    from ankillm.build.pipeline import context_of, deck_from, knowledge_here  # noqa: PLC0415  (as above)

    context = context_of(spec, knowledge_here())
    return deck_from(inputs, context, lambda note: results.of(keys[note.path]), tell, lambda paths: _live(spec, paths))


def _live(spec: DeckSpec, paths: Collection[str]) -> dict[str, Live]:
    """Return what the live cards of notes in the ledger ask and answer, by their notes' paths."""
    from ankillm.anki.cloze import words_asked  # noqa: PLC0415  (as above)
    from ankillm.anki.ledger import live_lines  # noqa: PLC0415  (as above)

    found: dict[str, set[tuple[str, str, str]]] = {}
    for line in live_lines(spec.ledger, paths):
        found.setdefault(line.note, set()).add((line.key, *words_asked(line.type, *line.fields[:2])))
    return {note: frozenset(asked) for note, asked in found.items()}


def _keep(spec: DeckSpec, mode: Mode, keys: Mapping[str, str], made: "tuple[Deck, Results]", report: Report) -> None:
    """Keep a build for the next; if nothing changes until then, no card is new, changed, moved or retired."""
    deck, results = made
    images = tuple(map(seen, sorted({path for note in deck.notes for path in _image_paths(note)})))
    searches = tuple(each for each in report.searches if each[0] == "retired") if mode.settled else report.searches
    lasting = msgspec.structs.replace(
        report, new=(), changed=(), moved=(), retiring=(), unchanged=report.cards, searches=searches
    )
    whole = len(report.unreadable) == len(deck.unreadable)  # else a folder is away: it is looked for each time
    stamp = Stamp(joined_hash(keys.values()) if whole else "", images, written(spec, mode), lasting)
    with suppress(UnicodeEncodeError):  # a file's name that is no text: such a deck is built anew each time
        body = results.with_new((keys[note.path], note) for note in deck.notes)
        user_cache.save(spec.output, msgspec.json.encode(stamp), body)


def _image_paths(note: "NoteResult") -> Iterator[str]:
    from ankillm.anki.media import candidate, is_bare  # noqa: PLC0415  (as above)

    for src, folder, root, _name in note.images:
        if path := candidate(src, folder, root):
            yield path
        if is_bare(src) and not os.path.isfile(candidate(src, folder)):  # noqa: PTH113  (a string all the way)
            yield root  # a file of this name may come to lie in any folder


def _shipped(
    spec: DeckSpec, mode: Mode, inputs: Sequence[NoteInput], deck: "Deck", told: Searches | None = None
) -> "tuple[Report, Ledger]":
    from ankillm.build.output import Target, changes_of, searches_of, ship  # noqa: PLC0415  (as above)

    _refuse_nothing(spec, deck)
    target = Target(
        output=spec.output,
        ledger=spec.ledger,
        templates=resource("templates"),
        files=tuple(note.entry for note in inputs),
        read=frozenset(note.path for note in deck.read),
        now=_now(),
        dry_run=mode.dry_run,
        declined=mode.declined,
        gone=mode.gone,
        exclude=spec.exclude,
        birthplace=spec.label,
    )
    shipped = ship(deck.kept, deck.media, target)
    if mode.listing and not mode.dry_run:
        from ankillm.anki.listing import listing  # noqa: PLC0415  (only a project has one)

        put({spec.listing: listing(deck.kept, shared=True).encode("utf-8", "replace")})
    changes = changes_of(shipped.plan)
    report = Report(
        name=deck.name,
        notes=len(deck.read),
        cards=shipped.cards,
        media=shipped.media,
        unreadable=(*deck.unreadable, *shipped.away),
        warnings=(*deck.warnings, *deck.diagnostics, *shipped.warnings),
        unchanged=shipped.plan.unchanged,
        doubts=deck.doubts,
        searches=searches_of(shipped.plan, told),
        retiring=changes["retiring"],
        new=changes["new"],
        changed=changes["changed"],
        moved=changes["moved"],
        retired=changes["retired"],
    )
    return report, shipped.plan.ledger


def _refuse_nothing(spec: DeckSpec, deck: "Deck") -> None:
    if not deck.read:
        raise Refusal(str(deck.unreadable[0]))
    if not deck.kept and not spec.ledger.exists():
        places = ", ".join(map(shown, spec.notes))
        text = f"{places}: no cards came of it; ankillm cards --dropped tells why"
        raise Refusal(text, deck.diagnostics)


def _now() -> int:
    """Return the time of this build in seconds: `SOURCE_DATE_EPOCH` if it is set."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(told[:MOST_DIGITS]) if told.isdecimal() else int(time.time())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Build without the garbage collector: it takes an eighth of the time, and finds next to nothing to collect."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
