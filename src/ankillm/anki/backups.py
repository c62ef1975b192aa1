"""Decks as they were before the first change of a day, exported by Anki with their scheduling; three days are kept."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import takewhile
from pathlib import Path

from ankillm.anki.connection import Connection
from ankillm.anki.exchange import export
from ankillm.anki.holdings import Held

MOST = 3


def back_up(anki: Connection, held: Iterable[Held], folder: Path, day: date) -> tuple[Path, ...]:
    """Export the decks in which some notes lie, unless that was done this day; return the day's files.

    :raises AnkiError: if Anki cannot.
    :raises Refusal: if a file cannot be had.
    """
    files = []
    for deck in covering(name for note in held for name in note.decks.values()):
        place = folder / _slug(deck)
        file = place / f"{day.isoformat()}.apkg"
        if not file.exists():
            export(anki, deck, file)
        for old in sorted(place.glob("*.apkg"))[:-MOST]:
            old.unlink(missing_ok=True)
        files.append(file)
    return tuple(files)


def covering(decks: Iterable[str]) -> list[str]:
    """Return decks that hold all of these, with those below them: of each tree the one above all that are named."""
    trees: dict[str, list[list[str]]] = {}
    for deck in sorted(set(decks)):
        parts = deck.split("::")
        trees.setdefault(parts[0], []).append(parts)
    return ["::".join(_above(tree)) for tree in trees.values()]


def _above(decks: Sequence[list[str]]) -> list[str]:
    """Return the names that decks have in common, from the first on."""
    first, last = min(decks), max(decks)
    return [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))]


def _slug(deck: str) -> str:
    """Return a deck's name as that of a folder; the hash tells apart what looks alike."""
    readable = re.sub(r"[^\w-]+", "-", deck)[:40].strip("-")
    return f"{readable}-{hashlib.sha256(deck.encode()).hexdigest()[:8]}"
