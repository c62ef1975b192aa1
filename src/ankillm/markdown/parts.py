"""A note part by part: each some sections that are read apart, and not read at all where they are known.

A part is known by a hash of all that its cards come of, but for the program, the demos and the evidence: its text and
place, its note's path and language, and what the parts above it hand on.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct

from ankillm.markdown.note import Note, Source, language_of, parse
from ankillm.markdown.passages import (
    FRONT_MATTER,
    LeftOpen,
    Passage,
    References,
    State,
    is_claimed,
    passages,
    read_passage,
)


class Known(Protocol):
    """What is known of a part without reading it."""

    @property
    def after(self) -> State:
        """What it hands on."""

    @property
    def title(self) -> str:
        """What it would name its note, empty if it would not."""


class Part(Struct, frozen=True):
    """A part of a note: its hash, the note with its sections only (None where it is known), and what it hands on."""

    key: str
    note: Note | None
    after: State
    title: str
    """What it would name its note: the deck in its front matter, or its first heading of the first level."""


def parts(source: Source, known: Mapping[str, Known]) -> list[Part]:
    """Return the parts of a note in reading order; those are not read whose hash is known."""
    if not (is_claimed(source.text) or source.text.startswith(FRONT_MATTER)):
        try:
            return list(_cut(source, known))
        except LeftOpen:
            pass
    key = _key(source, Passage(source.text), State(), "whole")
    if key in known:
        return [Part(key, None, State(), known[key].title)]
    note = parse(source.text, source.path, source.file, source.language)
    return [Part(key, note, State(), note.meta.get("deck", "") or _title(note))]


def _cut(source: Source, known: Mapping[str, Known]) -> Iterator[Part]:
    language = source.language or language_of(source.text)
    found, references, state = passages(source.text), References(), State()
    for passage in found:
        last = passage is found[-1]
        key = _key(source, passage, state, f"{language} {last}")
        if key in known:
            state = known[key].after
            yield Part(key, None, state, known[key].title)
        else:
            sections, state = read_passage(passage, state, references, last=last)
            note = Note(source.path, source.file, passage.text, (), references, {}, sections, language)
            yield Part(key, note, state, _title(note))


def _title(note: Note) -> str:
    return next((section.title for section in note.sections if section.level == 1), "")


def _key(source: Source, passage: Passage, state: State, more: str) -> str:
    told = f"{source.path}\n{source.file}\n{source.language} {more}\n{passage.line}\n{state!r}\n{passage.text}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
