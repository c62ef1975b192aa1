"""What stands in the shapes of learners' notes: labels, lists, tables, questions, code; each with its passage.

A concept of these rules may take several passages: it is held against the one that it repeats most of.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from operator import add

from ankillm.extract.concepts import (
    Attribute,
    Blank,
    CodeGap,
    Concept,
    Condition,
    Contrast,
    Definition,
    Problem,
    Question,
    Setting,
)
from ankillm.extract.floors import floor_of
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal, size
from ankillm.extract.shapes import shaped
from ankillm.extract.turns import Turns
from ankillm.markdown.note import Note

ABOVE = frozenset({"heading", "question", "lead"})
"""Kinds of passages that most often only stand above what a concept is about."""

MOST_COMPARED, FEW_COMPARED = 100, 10
"""Passages that a concept is held against: all of its lines, and some where more stand in a paragraph without end."""


def shape_proposals(note: Note, passages: Sequence[Passage], turns: Turns) -> Iterator[tuple[int, Proposal]]:
    """Yield what the shapes of a note give, each of the thing it is told of, with the number of its passage."""
    by_line = ByLine(passages)
    for concept in turns.all_told(shaped(note)):
        asked, answer = _texts(concept)
        at = _passage_of(concept, asked, answer, by_line)
        if at is not None:
            features = tuple(_features(concept, asked, answer, passages[at]))
            least = floor_of(concept, passages[at])
            yield at, Proposal(concept.place.rule or "section", concept, features, least)


def _texts(concept: Concept) -> tuple[str, str]:  # noqa: PLR0911  (one a type)
    """Return what a concept asks for, and its answer."""
    match concept:
        case Definition():
            return concept.term, concept.text
        case Attribute():
            return concept.label, "\n".join(concept.values)
        case Setting():
            return f"{concept.subject} {concept.label}", concept.value
        case Question():
            return concept.question, concept.answer
        case Contrast():
            return f"{concept.left} {concept.right}", concept.text
        case Condition():
            halves = concept.condition, concept.consequence
            return halves[::-1] if concept.asks_condition else halves
        case CodeGap():
            return concept.about, concept.code[concept.start : concept.end]
        case Blank():
            return concept.text, concept.name
        case Problem():
            return concept.problem, concept.solution
    return "", concept.text[concept.start : concept.end]


def _pairs(text: str) -> set[str]:
    plain = "".join(text.lower().split())
    return set(map(add, plain, plain[1:]))


class ByLine:
    """The passages of a note by the lines that they stand on, and the pairs of characters that each has."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._pairs: dict[int, set[str]] = {}
        self._order = sorted(range(len(passages)), key=lambda at: passages[at].first)
        self._firsts = [passages[at].first for at in self._order]
        self._furthest = list(accumulate((passages[at].last for at in self._order), max))

    def pairs(self, at: int) -> set[str]:
        """Return the pairs of characters of a passage."""
        if (found := self._pairs.get(at)) is None:
            found = self._pairs[at] = _pairs(self._passages[at].text)
        return found

    @cached_property
    def _having(self) -> dict[str, list[int]]:
        """Return for each pair of characters the places in the order of lines of the passages that have it."""
        found: dict[str, list[int]] = {}
        for place, at in enumerate(self._order):
            for pair in self.pairs(at):
                found.setdefault(pair, []).append(place)
        return found

    def between(self, line: int, end: int, wanted: set[str]) -> Iterator[int]:
        """Yield what stands on lines from `line` to `end`, by number; of very many, some with the rarest words."""
        places: Sequence[int] = range(bisect_left(self._furthest, line), bisect_right(self._firsts, end))
        if len(places) > MOST_COMPARED:
            known = sorted(wanted & self._having.keys())  # of pairs that are as rare, the same in every process
            rarest = min(map(self._having.__getitem__, known), key=len, default=[])
            start = bisect_left(rarest, places[0])
            places = [place for place in rarest[start : start + FEW_COMPARED] if place <= places[-1]]
        return (at for place in places if self._passages[at := self._order[place]].last >= line)

    def share(self, at: int, wanted: set[str], told: set[str], line: int) -> float:
        """Return how much a passage has of what is wanted and of what is told on a line."""
        passage, held = self._passages[at], self.pairs(at)
        share = len(wanted & held) / (len(wanted) + len(held) + 1) + len(told & held) / (len(told) + 1)
        return share + 0.3 * (passage.first == line) - 0.3 * (passage.kind in ABOVE)


def _passage_of(concept: Concept, asked: str, answer: str, by_line: ByLine) -> int | None:
    """Return the number of the passage within the concept's lines that has most of its words."""
    told = _pairs(answer)
    wanted = told | _pairs(asked if not isinstance(concept, CodeGap) else concept.code)
    near = list(by_line.between(concept.place.line, concept.place.end, wanted))
    if len(near) <= 1:
        return near[0] if near else None
    return max(near, key=lambda at: by_line.share(at, wanted, told, concept.place.line))


def _features(concept: Concept, asked: str, answer: str, passage: Passage) -> Iterator[str]:
    rule = concept.place.rule or "section"
    kind = f"{rule}/{type(concept).__name__}"
    yield f"shape={kind}"
    yield f"shape={rule}/{passage.kind}"
    yield f"shape-answer={size(len(answer))}/{type(concept).__name__}"
    yield f"shape-answer={size(len(answer))}"
    yield f"shape-asked={size(len(asked))}/{type(concept).__name__}"
    yield f"shape-lines={size(answer.count(chr(10)) + 1)}"
    yield f"shape-first={answer[:2].lower()}"
    yield f"shape-last={answer.rstrip()[-1:]}"
    yield f"shape-asked-first={asked[:2].lower()}"
    yield f"shape-asked-last={asked.rstrip()[-2:].lower()}"
    yield f"shape-digit={any(map(str.isdigit, answer))}"
    yield f"shape-siblings={size(passage.siblings)}/{rule}"
    if getattr(concept, "owner", ""):
        yield f"shape-owner={rule}"
