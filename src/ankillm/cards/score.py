"""How sure it is, of a thousand, that a card is to be made: by its own looks, and by what else its note gives."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards import looks
from ankillm.cards.card import Card
from ankillm.cards.quality import judge_card
from ankillm.cards.questions import ask
from ankillm.cards.wording.terms import is_symbol
from ankillm.extract.linear import weights
from ankillm.extract.rank import CERTAIN, Choice, Ranked
from ankillm.markdown.inline import plain_text
from ankillm.markdown.note import Note

MARKED = 120
"""What is added to the score of what stands in a shape by which learners mark what they want to remember."""
MARKED_DEFINITION = 60
"""The same for a definition: at an equal sum readers delete twice as many of these as of gaps."""
MARKED_NAME, LONGEST_NAME = 220, 20
"""The same for an attribute whose value is a name, and its characters: it is short, and seldom wrong."""
AHEAD = 150
"""How far such a card stands ahead of what else could be made of its passage."""
LOOKS = 8
"""How often the chance that a reader keeps a card counts beside the one that an expert wants it."""
OF_NOTE = 4
"""How much the level of a note's cards adds to the sum of each: what a reader deletes stands together in some notes."""
TYPICAL, FEW = 545, 5
"""The level of a note for study, and of how many such cards it holds back that of a note with few."""
LIKELY, LIKELY_ROW, LIKELY_CODE, LIKELY_ANSWER, LIKELY_COMMAND = 150, 250, 240, 200, 100
"""The chance of a reader's keeping it from which on the least score of a concept holds, by what it is.

Of what authors ask and answer themselves much is a heading, or chat; of lines of code, and of rows, much is of one run.
What a model wrote has its least score always.
"""
LEAST_OF_CODE = 40
"""The judge's least, of a thousand, for the line of code that a least score is for."""
PROSE = frozenset({"statement", "gap", "loose"})
"""Forms in which a sentence is asked that stands in no such shape."""
WITHIN = frozenset({"code", "emphasis"})
"""Rules that hide something within a line of code or a sentence."""
SHORTEST_MARKED = {"zh": 10, "en": 24}
"""Characters of what defines a thing from which on its shape counts: of shorter ones readers delete half."""
OPEN = ": […]"
"""How the front of a label ends whose text says anything; of English ones readers keep few."""
WRITTEN = "written"
"""The rule of a card that a language model wrote."""


class Worded(Struct, frozen=True):
    """A proposal's card, marked where it breaks a rule of quality, and what speaks for a reader's keeping it."""

    card: Card
    ranked: Ranked
    liked: int
    """A sum in thousandths."""


def worded(ranked: Ranked, choice: Choice, note: Note, deck: str) -> Worded:
    """Return the card of a proposal before it has a score."""
    asked = ask(ranked.proposal.concept, note, deck)
    card = judge_card(replace(asked, rule=ranked.proposal.rule, worth=choice.worth or 0))
    return Worded(card, ranked, looks.liking(card, ranked, choice))


def level_of(made: Iterable[Sequence[Worded]]) -> int:
    """Return the mean chance of a thousand that a reader would keep a note's cards, of each passage the best."""
    best = [max((one.liked for one in one_made if not one.card.dropped), default=None) for one_made in made]
    chances = [weights().chance(liked) for liked in best if liked is not None]
    return (sum(chances) + FEW * TYPICAL) // (len(chances) + FEW)


def scored(found: Worded, choice: Choice, level: int) -> Card:
    """Return the card of a proposal with its score."""
    return replace(found.card, score=_score(found, choice, level))


def _score(found: Worded, choice: Choice, level: int) -> int:
    """Return how sure it is, of a thousand, that a card is to be made.

    Of two chances, that an expert wants it and that a reader keeps it, the second counts more; what is marked has more.
    """
    card, ranked = found.card, found.ranked
    if ranked.worth == CERTAIN:
        return CERTAIN
    wanted = ranked.wanted(card.question)
    kept = weights().chance(found.liked + OF_NOTE * (level - TYPICAL))
    score = (wanted + LOOKS * kept) // (1 + LOOKS) + _marked(card, choice.passage.kind)
    worthy = not card.code or card.worth >= LEAST_OF_CODE
    stands = (worthy and weights().chance(found.liked) >= _likely(card)) or ranked.proposal.rule == WRITTEN
    return max(min(score, CERTAIN), ranked.proposal.least if stands else 0)


def _likely(card: Card) -> int:
    if card.question == "question":
        return LIKELY_COMMAND if card.rule == "command" else LIKELY_ANSWER
    if card.code:
        return LIKELY_CODE
    return LIKELY_ROW if card.rule == "table" else LIKELY


def _marked(card: Card, kind: str) -> int:
    """Return what is added to the score of a card for its shape."""
    if not _is_marked(card, kind):
        return 0
    if card.question == "attribute" and 0 < len(plain_text(card.back)) <= LONGEST_NAME and "\n" not in card.back:
        return MARKED_NAME
    return MARKED_DEFINITION if _is_lessened(card) else MARKED


def standing(card: Card, kind: str) -> int:
    """Return how high a card stands among those of its passage, which is of a kind: a definition as high as a label."""
    if not _is_marked(card, kind):
        return card.score
    return card.score + AHEAD - (_marked(card, kind) if card.score < CERTAIN else 0)


def _is_lessened(card: Card) -> bool:
    """Whether a card is a definition, but of no identifier: what a setting means is what its author looks up."""
    return card.question == "definition" and not is_symbol(card.name)


def _is_marked(card: Card, kind: str) -> bool:
    """Whether a card is of a shape by which learners mark what they want to remember; few cells are, and no code."""
    if card.language == "en" and card.front.endswith(OPEN):
        return False
    if _is_lessened(card) and len(plain_text(card.back)) < SHORTEST_MARKED[card.language]:
        return False
    return card.question not in PROSE and card.rule not in WITHIN and (card.question, kind) != ("value", "row")
