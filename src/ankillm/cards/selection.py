"""Of what is proposed for each passage, the one card that is made of it, and why there is none."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards.card import Card, Drop
from ankillm.cards.names import clean
from ankillm.cards.plain import hidden, letters, plain_lines
from ankillm.cards.questions import passage_card
from ankillm.cards.score import WRITTEN, level_of, scored, standing, worded
from ankillm.common.project import Density
from ankillm.extract.rank import LEAST, SEVERAL, Choice
from ankillm.markdown.note import Note

THRESHOLDS: dict[Density, int] = {"few": 700, "normal": 605, "many": 440}
"""The score of a thousand from which on a card is made."""
ALIKE = 0.6
"""How much of two questions of one answer, or of two answers to one question, is the same, letter by letter."""
SAYS_MUCH, MOST_LETTERS = 9, 400
"""Bytes of letters from which on an answer is told from others, three of a Chinese one; and how many are compared."""
SILENT = frozenset({"heading", "image", "raw", "table", "lead"})
"""Kinds of passages of which nothing is said when they give no card."""

WITHOUT = frozenset({"nothing-proposed", "not-worth", "unsure"})
"""The codes of passages that gave no card."""


def selected(
    choices: Iterable[Choice], note: Note, deck: str, density: Density, live: Collection[tuple[str, str, str]] = ()
) -> Iterator[Card]:
    """Yield the card of each passage that is worth one; for every other a dropped one that says why.

    `live` are cards that were shipped, by key and by the letters of what they ask and answer: one that is still
    proposed stays, whatever its score.
    """
    return chain.from_iterable(by_passage(choices, note, deck, density, live))


def by_passage(
    choices: Iterable[Choice], note: Note, deck: str, density: Density, live: Collection[tuple[str, str, str]] = ()
) -> Iterator[list[Card]]:
    """Yield the same as `selected`, a list for each passage of a note; its score hangs on what the others give."""
    first = [
        (choice, [worded(ranked, choice, note, deck) for ranked in choice.proposals if ranked.is_tried])
        for choice in choices
    ]
    level = level_of(made for _, made in first)
    found = [(choice, [scored(one, choice, level) for one in made]) for choice, made in first]
    every = [made + _untried(choice, note, deck, level) for choice, made in found] if live else [[] for _ in found]
    live = {*live, *_reworded(every, live)} if live else live
    shipped = {(front, back) for _, front, back in live}
    there = _there(found, every, live, THRESHOLDS[density])
    for (choice, made), all_made in zip(found, every, strict=True):
        kept = _kept(choice, made, all_made, live, there) if live else []
        if not (made or kept):
            yield [] if choice.passage.kind in SILENT else [_without(choice, note, deck)]
            continue
        yield [
            card
            if card.dropped or card.score >= THRESHOLDS[density] or (card in kept and _asked(card) in shipped)
            else replace(card, dropped=unsure(card.score, density, THRESHOLDS[density]))
            for card in kept or _best(choice, made)
        ]


def unsure(score: int, density: Density, wanted: int) -> Drop:
    """Return why a card of a score is dropped at a density."""
    return Drop("unsure", f"score {score} of 1000; {wanted} is wanted at density {density}")


def _asked(card: Card) -> tuple[str, str]:
    """Return what a card asks and answers, by letters and digits alone."""
    answer = hidden(card, " ")
    front, back = (card.front, answer) if card.code else map(plain_lines, (card.front, answer or card.back))
    return letters(front), letters(back)


def _reworded(
    every: Iterable[Iterable[Card]], live: Collection[tuple[str, str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Yield shipped cards as they are proposed now, where only the question or the answer is worded in another way.

    A title more stands above it, a formula's frame is gone from what is asked, or the answer lost what led to it.
    """
    proposed: dict[tuple[str, str, str], str] = {
        (card.kind, *_asked(card)): clean(card.key) for made in every for card in made if not card.dropped
    }
    shipped = {(key.rpartition("#")[2], front, back) for key, front, back in live}
    lost = sorted(shipped - proposed.keys())
    if not lost:
        return
    said: dict[tuple[str, int, str], list[tuple[str, str, str]]] = defaultdict(list)
    for one in sorted(proposed.keys() - shipped):
        said[one[0], 1, one[1]].append(one)
        said[one[0], 2, one[2]].append(one)
    answers = Counter((kind, back) for kind, _, back in shipped)
    for kind, front, back in lost:
        near = [(_share(one[2], back), one) for one in said[kind, 1, front]]
        if len(back.encode()) >= SAYS_MUCH and answers[kind, back] == 1:
            near += [(_share(one[1], front), one) for one in said[kind, 2, back]]
        share, best = max(near, default=(0.0, ("", "", "")))
        if share >= ALIKE:
            yield (proposed[best], *best[1:])


def _share(one: str, other: str) -> float:
    """Return how much of two texts is the same, letter by letter; all where one holds the other."""
    if one and other and (one in other or other in one):
        return 1.0
    return SequenceMatcher(None, one[:MOST_LETTERS], other[:MOST_LETTERS], autojunk=False).ratio()


def _best(choice: Choice, made: Sequence[Card]) -> list[Card]:
    """Return the best card of a passage that stands the rules of quality; of a row and of code, all that do."""
    good = [card for card in made if not card.dropped]
    if choice.passage.kind in SEVERAL and good:
        return good
    return [max(good, key=lambda card: standing(card, choice.passage.kind), default=made[0])]


class _There(Struct, frozen=True):
    """Of what was shipped, and could be asked by several passages, what is asked where it belongs."""

    sure: frozenset[tuple[str, str]]
    """What passages ask by themselves: it is theirs, and stands in for the card of no other passage."""
    asked: frozenset[tuple[str, str]]
    """What those ask that stand under the key that they were shipped under."""
    least: int
    """The score from which on a card is made."""


def _there(
    found: Sequence[tuple[Choice, Sequence[Card]]],
    every: Sequence[Sequence[Card]],
    live: Collection[tuple[str, str, str]],
    least: int,
) -> _There:
    if not live:
        return _There(frozenset(), frozenset(), least)
    asked = frozenset(_asked(card) for made in every for card in made if not card.dropped and _key(card) in live)
    best = [_best(choice, made) if made else [] for choice, made in found]
    good = [[card for card in own if not card.dropped and card.score >= least] for own in best]
    every_sure = _There(frozenset(_asked(card) for own in good for card in own), asked, least)
    sure: set[tuple[str, str]] = set()
    for (choice, made), all_made, own in zip(found, every, good, strict=True):
        kept = _kept(choice, made, all_made, live, every_sure)
        sure |= {_asked(card) for card in own if not kept or card in kept}  # none where a shipped one stands in for it
    return _There(frozenset(sure), asked, least)


def _kept(
    choice: Choice, made: Sequence[Card], every: Sequence[Card], live: Collection[tuple[str, str, str]], there: _There
) -> list[Card]:
    """Return the cards of a passage that were shipped, first those under the same key; all of a row and of code."""
    best = _best(choice, made) if made else []  # of what asks the same, the one that a build without a ledger makes
    good = [card for card in (*best, *every) if not card.dropped]
    good = [card for card in good if _asked(card) not in there.sure or (card in best and card.score >= there.least)]
    shipped = {(front, back) for _, front, back in live} - there.asked
    same = [card for card in good if _key(card) in live]
    alike = [card for card in good if _asked(card) in shipped]
    if choice.passage.kind in SEVERAL:
        return _once([*best, *same, *alike]) if same or alike else []
    return [_anew(card, good) for card in _once(same or alike)]


def _untried(choice: Choice, note: Note, deck: str, level: int) -> list[Card]:
    untried = (ranked for ranked in choice.proposals if not ranked.is_tried)
    return [scored(worded(ranked, choice, note, deck), choice, level) for ranked in untried]


def _key(card: Card) -> tuple[str, str, str]:
    """Return a card as `live` has those that were shipped."""
    return (clean(card.key), *_asked(card))


def _anew(card: Card, good: Iterable[Card]) -> Card:
    """Return a live card as a model wrote it anew, if that has the same answer and is better; its history goes on."""
    answer = card.kind, _asked(card)[1]
    written = (one for one in good if one.rule == WRITTEN and (one.kind, _asked(one)[1]) == answer)
    return max((card, *written), key=lambda one: one.score)


def _once(cards: Iterable[Card]) -> list[Card]:
    """Return of cards that ask the same the best, the first of equals: the one that a build without a past makes."""
    best: dict[tuple[str, str], Card] = {}
    for card in cards:
        if (asked := _asked(card)) not in best or card.score > best[asked].score:
            best[asked] = card
    return list(best.values())


def _without(choice: Choice, note: Note, deck: str) -> Card:
    drop = Drop("nothing-proposed", "no rule proposes a card that could be sure enough")
    if choice.worth is not None and choice.worth < LEAST:
        drop = Drop("not-worth", f"worth {choice.worth} of 1000: the judge finds no statement to be learnt")
    return replace(passage_card(choice.passage, note, deck), dropped=drop, worth=choice.worth or 0)
