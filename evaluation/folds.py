"""Folds: notes by the same author are left out of training together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from annotations import OWN, AnnotatedNote

FOLDS = 6
T = TypeVar("T")


def folds(notes: Sequence[AnnotatedNote], count: int = FOLDS) -> list[frozenset[str]]:
    """Return the names of the notes of each fold; our own are a fold of their own, where they are not all there is."""
    own = [annotated.name for annotated in notes if annotated.author == OWN]
    if len(own) == len(notes):
        return _spread({name: name for name in own}, count)
    others = {annotated.name: annotated.author for annotated in notes if annotated.author != OWN}
    return [*_spread(others, count), *([frozenset(own)] if own else [])]


def without(examples: Mapping[AnnotatedNote, T], left_out: frozenset[str]) -> dict[AnnotatedNote, T]:
    """Return the examples of all notes but some."""
    return {annotated: found for annotated, found in examples.items() if annotated.name not in left_out}


def _spread(authors: Mapping[str, str], count: int) -> list[frozenset[str]]:
    """Return notes by author in folds of about equal size; those who wrote most go first."""
    parts: list[set[str]] = [set() for _ in range(count)]
    for author in _by_size(authors.values()):
        min(parts, key=len).update(name for name, other in authors.items() if other == author)
    return [frozenset(part) for part in parts if part]


def _by_size(authors: Iterable[str]) -> list[str]:
    return [author for author, _ in sorted(Counter(authors).items(), key=lambda one: (-one[1], one[0]))]
