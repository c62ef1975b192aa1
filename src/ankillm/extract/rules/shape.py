"""What stands in the shapes of learners' notes: labels, lists, tables, questions, code; each with its passage.

A concept of these rules may take several passages: it is held against the one that it repeats most of.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

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
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal, size
from ankillm.extract.shapes import shaped
from ankillm.markdown.note import Note

WHOLE = frozenset({"heading", "question", "lead"})
"""Kinds of passages that most often only stand above what a concept is about."""


def shape_proposals(note: Note, passages: Sequence[Passage]) -> Iterator[tuple[int, Proposal]]:
    """Yield what the shapes of a note give, each with the number of its passage."""
    by_line = ByLine(passages)
    for concept in shaped(note):
        asked, answer = _texts(concept)
        at = _passage_of(concept, asked, answer, by_line)
        if at is not None:
            yield (
                at,
                Proposal(
                    concept.place.rule or "section", concept, tuple(_features(concept, asked, answer, passages[at]))
                ),
            )


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
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


class ByLine:
    """The passages of a note by the lines that they stand on."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._order = sorted(enumerate(passages), key=lambda pair: pair[1].first)
        self._firsts = [passage.first for _, passage in self._order]
        self._furthest = list(accumulate((passage.last for _, passage in self._order), max))

    def between(self, line: int, end: int) -> Iterator[tuple[int, Passage]]:
        """Yield what stands on lines from `line` to `end`, with its number."""
        around = slice(bisect_left(self._furthest, line), bisect_right(self._firsts, end))
        return ((at, passage) for at, passage in self._order[around] if passage.last >= line)


def _passage_of(concept: Concept, asked: str, answer: str, by_line: ByLine) -> int | None:
    """Return the number of the passage within the concept's lines that has most of its words."""
    told = _pairs(answer)
    wanted = told | _pairs(asked if not isinstance(concept, CodeGap) else concept.code)
    best: tuple[float, int] | None = None
    for at, passage in by_line.between(concept.place.line, concept.place.end):
        held = _pairs(passage.text)
        share = len(wanted & held) / (len(wanted) + len(held) + 1) + len(told & held) / (len(told) + 1)
        share += 0.3 * (passage.first == concept.place.line) - 0.3 * (passage.kind in WHOLE)
        if best is None or share > best[0]:
            best = share, at
    return best[1] if best else None


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
