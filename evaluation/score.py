"""The scorer: which of the cards that an expert wants are there, and how many of all cards an expert wants.

A card meets a wanted card if all of this holds:

- it comes from about the passage's lines: 4 above to 12 below;
- its answer holds the wanted quote or back, or is at least half of one; for a gap, what is hidden and what is wanted
  share half of their letter pairs;
- its answer is at most three times as long as what is wanted; 90 characters are never too many;
- its answer does not stand in its own front or context;
- its front and the first 80 characters of its context have half of the letter pairs of the passage's subject.

White space, Markdown signs, width and case do not count. A card meets one wanted card, and one card meets it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from annotations import Annotation, Wanted
from msgspec import Struct
from msgspec.structs import astuple

ABOVE, BELOW = 4, 12
LONGER, ALWAYS_SHORT = 3, 90
SHOWN_CONTEXT = 80
GAP = "[…]"
SIGNS = re.compile(r"[\s`*_$\\|#>~=-]+")
CLOZE = re.compile(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", re.DOTALL)


class ScoredCard(Struct, frozen=True):
    """What the scorer looks at of a card, as plain text, and which rule made it."""

    front: str
    back: str
    context: str
    line: int
    rule: str = ""


class Tally(Struct, frozen=True):
    """How many passages an expert marked, how many have a card, and how many cards meet a wanted one."""

    must: int = 0
    must_met: int = 0
    marked: int = 0
    """Passages marked must or nice."""
    marked_met: int = 0
    cards: int = 0
    cards_met: int = 0
    lines: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """Return must, any and fit of a hundred, and the cards for a hundred lines."""
        return (
            100 * self.must_met / max(self.must, 1),
            100 * self.marked_met / max(self.marked, 1),
            100 * self.cards_met / max(self.cards, 1),
            100 * self.cards / max(self.lines, 1),
        )


def meets(card: ScoredCard, annotation: Annotation, wanted: Wanted) -> bool:
    """Whether a card is one that an expert wants of a passage."""
    first, last = annotation.lines
    if not first - ABOVE <= card.line <= last + BELOW:
        return False
    answer = letters_of(card.back)
    answers = [text for text in map(letters_of, (wanted.quote, wanted.back)) if text]
    if not answer or not answers or answer in letters_of(card.front + card.context):
        return False
    if len(answer) > max(LONGER * max(map(len, answers)), ALWAYS_SHORT):
        return False
    held = _shares_half if GAP in card.front else _holds
    return any(held(answer, text) for text in answers) and _names(card, annotation.subject)


def met(cards: Sequence[ScoredCard], annotations: Iterable[Annotation]) -> dict[int, Annotation]:
    """Return by their numbers the cards that meet a wanted card, each with the passage that it is wanted of."""
    pairs: dict[int, Annotation] = {}
    for annotation in annotations:
        for wanted in annotation.cards:
            free = (at for at, card in enumerate(cards) if at not in pairs and meets(card, annotation, wanted))
            if (hit := next(free, None)) is not None:
                pairs[hit] = annotation
    return pairs


def tally(cards: Sequence[ScoredCard], annotations: Sequence[Annotation], lines: int) -> Tally:
    """Hold the cards of a note against its annotations."""
    pairs = met(cards, annotations)
    reached = {id(annotation) for annotation in pairs.values()}
    marked = [annotation for annotation in annotations if annotation.worth != "no"]
    must = [annotation for annotation in marked if annotation.worth == "must"]
    return Tally(
        len(must),
        sum(id(annotation) in reached for annotation in must),
        len(marked),
        sum(id(annotation) in reached for annotation in marked),
        len(cards),
        len(pairs),
        lines,
    )


@lru_cache(maxsize=65536)
def letters_of(text: str) -> str:
    """Return a text as it is compared: what a cloze hides filled in, no white space, no Markdown signs, one case."""
    return SIGNS.sub("", unicodedata.normalize("NFKC", CLOZE.sub(r"\1", text))).lower()


@lru_cache(maxsize=65536)
def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a text as it is compared; a single letter is its own pair."""
    letters = letters_of(text)
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1)) or frozenset({letters})


def _holds(answer: str, wanted: str) -> bool:
    return wanted in answer or (2 * len(answer) >= len(wanted) and answer in wanted)


def _shares_half(answer: str, wanted: str) -> bool:
    hidden, asked = pairs_of(answer), pairs_of(wanted)
    return 2 * len(hidden & asked) >= max(len(hidden), len(asked))


def _names(card: ScoredCard, subject: str) -> bool:
    """Whether a card says what it is about."""
    if not subject:
        return True
    shown, wanted = pairs_of(f"{card.front} {card.context[:SHOWN_CONTEXT]}"), pairs_of(subject)
    return 2 * len(shown & wanted) >= len(wanted)
