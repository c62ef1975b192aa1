"""`ankillm build --watch`: build again when something changed, and refresh the preview."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from ankillm.build.build import read_decks
from ankillm.build.preview import show
from ankillm.build.report import Mode
from ankillm.cli.build_report import build_and_print
from ankillm.cli.console import failed, following, warn
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import files_below
from ankillm.common.project import DeckSpec, find_config, trainer_folder

PAUSE = 0.3
"""Seconds between two looks; a change counts once nothing has moved for that long."""
FOLDER = Path("preview")

State: TypeAlias = Mapping[Path, tuple[int, int]]
"""Each file with its time in nanoseconds and its size."""


def follow(specs: Callable[[], Sequence[DeckSpec]], mode: Mode) -> None:
    """Build the decks now and at every change of what they are made of, until the reader ends it.

    :raises Refusal: if there is nothing to build at the start; later refusals are told, and the watch goes on.
    """
    decks = specs()
    _round(decks, mode)
    following(f"open {FOLDER / 'index.html'} in a browser: it shows each change; Ctrl-C ends")
    try:
        for _ in changes(_places(decks)):
            try:
                decks = specs()
            except Refusal as refusal:
                failed(str(refusal))
                continue
            _round(decks, mode)
    except KeyboardInterrupt:
        return


def changes(places: Sequence[Path]) -> Iterator[None]:
    """Yield once for each change of files in these places, when it has settled."""
    known = now = state(places)
    while True:
        time.sleep(PAUSE)
        before, now = now, state(places)
        if now == before and now != known:
            known = now
            yield


def state(places: Sequence[Path]) -> State:
    """Return every file in these places; hidden ones are passed over."""
    found = {}
    for place in places:
        below = (file for file in files_below(place) if not file.name.startswith("."))
        for file in [place] if place.is_file() else below:
            try:
                status = file.stat()
            except OSError:  # it went away between two looks
                continue
            found[file] = status.st_mtime_ns, status.st_size
    return found


def _places(decks: Sequence[DeckSpec]) -> list[Path]:
    """Return the notes, the written cards, the demos, and the settings and evidence of the project around."""
    config = find_config(Path.cwd())
    around = [config, config.parent / "evidence"] if config else []
    written = [deck.written for deck in decks]
    return [*(place for deck in decks for place in deck.notes), *written, trainer_folder(), *around]


def _round(decks: Sequence[DeckSpec], mode: Mode) -> None:
    """Build every deck and refresh the preview; what cannot be done is told."""
    for deck in decks:
        try:
            build_and_print(deck, mode)
        except Refusal as refusal:
            failed(str(refusal))
    try:
        show(read_decks(decks), FOLDER, watched=True)
    except Refusal as refusal:
        warn(f"no preview: {refusal}")
