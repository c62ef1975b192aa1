"""Which card of this build is which line of the ledger.

From the surest sign to the weakest: an author's id (one id may stand above several cards); key, question and answer,
of a live line also in another dress; question and answer; the key, if what is asked is still alike; then, as git
finds renamed files, the most alike in the same section, note and project; a gap that became narrower stays itself. A
card and a line are paired once, always of one kind of Anki note. At last, what is alone in its section with an
answer, to the letter: a word was mended beside a short one. In doubt there is no pair, and the card is new.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from ankillm.anki.cloze import filled, words_asked
from ankillm.anki.similarity import Portrait, answer_text, dice, in_common, likeness, misspelt, portrait, says_much

SAME_KEY = 0.25
"""How alike two cards of one key must be; one key with the same question always suffices."""
RENAMED = 0.5
"""How alike two cards of different keys must be, git's default for renamed files."""
ENOUGH = 4
"""How many features two cards of different keys must share: "8" as both answers proves nothing."""
ANSWER = 0.3
"""How alike their answers must be, however much of the question's wording is the same."""
DOUBT = 0.02
"""Two candidates as near as this to each other are both left alone."""
COMMON = 24
"""A feature in more candidates than this says little about which one is meant."""
NEAREST = 6
"""How many candidates with the most features in common are compared in full."""


class Item(Struct, frozen=True):
    """A card or a line of the ledger, as far as matching looks at it."""

    kind: Literal["basic", "cloze"]
    note: str
    section: str
    name: str
    front: str
    back: str
    id: str = ""
    live: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """What `Card.key` holds."""
        return self.section, self.name, self.kind


Pairs: TypeAlias = dict[int, int]
"""Index of a card → index of a line."""
Sign: TypeAlias = Callable[[Item], Hashable | None]
EXACT: tuple[Sign, ...] = (
    lambda item: (item.id, item.kind, item.front, item.back) if item.id else None,
    lambda item: (item.id, item.kind, item.name) if item.id else None,
    lambda item: (item.id, item.kind) if item.id else None,
    lambda item: (item.key, item.front, item.back) if item.live else None,
    lambda item: (item.key, *words_asked(item.kind, item.front, item.back)) if item.live else None,
    lambda item: (item.key, item.front, item.back),
    lambda item: (item.section, item.kind, item.front, item.back),
    lambda item: (item.note, item.kind, item.front, item.back),
    lambda item: (item.kind, item.front, item.back),
)
SCOPES: tuple[Sign, ...] = (
    lambda item: (item.section, item.kind),
    lambda item: (item.note, item.kind),
    lambda item: item.kind,
)


def pair(cards: Sequence[Item], lines: Sequence[Item]) -> Pairs:
    """Return the card → line pairs; both sides in their order, live lines before retired ones where both would do."""
    pairs: Pairs = {}
    if not lines:
        return pairs
    order = sorted(range(len(lines)), key=lambda at: not lines[at].live)
    for sign in EXACT:
        _pair_equal(cards, lines, order, sign, pairs)
    look = _Look(cards, lines)
    _pair_alike(look, pairs, lambda item: item.key, look.same_key)
    for scope in SCOPES:
        _pair_alike(look, pairs, scope, look.renamed)
    for scope in SCOPES[:2]:
        _pair_alone(cards, lines, scope, pairs)
    return pairs


def _pair_equal(cards: Sequence[Item], lines: Sequence[Item], order: Sequence[int], sign: Sign, pairs: Pairs) -> None:
    """Pair, in order, cards and lines that are equal by a sign."""
    taken = set(pairs.values())
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for at in reversed(order):
        if at not in taken and (of_line := sign(lines[at])) is not None:
            waiting[of_line].append(at)
    for at, card in enumerate(cards):
        if at not in pairs and (found := waiting.get(sign(card))):
            pairs[at] = found.pop()


class _Look:
    """Compares cards with lines; what it has worked out of one it keeps."""

    def __init__(self, cards: Sequence[Item], lines: Sequence[Item]) -> None:
        self.cards, self.lines = cards, lines
        self.of_card = cache(lambda at: _portrait(cards[at]))
        self.of_line = cache(lambda at: _portrait(lines[at]))

    def same_key(self, card: int, line: int) -> float:
        """Return how alike a card and a line of the same key are; 0 if too little."""
        one, other = self.of_card(card), self.of_line(line)
        if not self.cards[card].name:
            return _above(RENAMED, likeness(one, other))
        asked = dice(one.question, other.question)
        return 1.0 if asked == 1.0 and self.cards[card].kind == "basic" else _above(SAME_KEY, likeness(one, other))

    def renamed(self, card: int, line: int) -> float:
        """Return how alike a card and a line of different keys are; 0 if too little."""
        if _is_narrowed(self.cards[card], self.lines[line]):
            return 1.0
        one, other = self.of_card(card), self.of_line(line)
        if in_common(one, other) < ENOUGH or dice(one.answer, other.answer) < ANSWER:
            return 0.0
        return _above(RENAMED, likeness(one, other))


def _is_narrowed(card: Item, line: Item) -> bool:
    """Whether two clozes are one text of which one hides more, and the other a part of that."""
    if not card.kind == line.kind == "cloze":
        return False
    one, other = (answer_text(item.kind, item.front, item.back) for item in (card, line))
    nested = bool(one and other) and (one in other or other in one)
    return nested and filled(card.front).split() == filled(line.front).split()


def _portrait(item: Item) -> Portrait:
    return portrait(item.kind, item.front, item.back, item.name)


def _above(threshold: float, value: float) -> float:
    return value if value >= threshold else 0.0


def _pair_alone(cards: Sequence[Item], lines: Sequence[Item], scope: Sign, pairs: Pairs) -> None:
    """Pair a card and a line that are alone, of what is left in a scope, in having an answer; live lines go first."""
    groups: dict[tuple[Hashable, str], tuple[list[int], list[int], list[int]]] = defaultdict(lambda: ([], [], []))
    taken = set(pairs.values())
    for at, card in enumerate(cards):
        if at not in pairs:
            groups[scope(card), answer_text(card.kind, card.front, card.back)][0].append(at)
    for at, line in enumerate(lines):
        if at not in taken:
            group = groups[scope(line), answer_text(line.kind, line.front, line.back)]
            group[1 if line.live else 2].append(at)
    for (_, answer), (new, live, retired) in groups.items():
        if answer and len(new) == 1 and len(live or retired) == 1:
            (mine,), (found,) = new, live or retired
            if _is_mended(cards[mine], lines[found]):
                pairs[mine] = found


def _is_mended(card: Item, line: Item) -> bool:
    """Whether two cards of one answer, each alone with it, are one: "8" and "yes" prove nothing by themselves."""
    close = card.kind == "basic" and line.live and card.section == line.section
    if close and says_much(answer_text(card.kind, card.front, card.back)):
        return True
    return misspelt(card.name or card.front, line.name or line.front)


def _pair_alike(look: _Look, pairs: Pairs, scope: Sign, score: Callable[[int, int], float]) -> None:
    """Pair what is most alike within each scope, the best first."""
    taken = set(pairs.values())
    groups: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for at, card in enumerate(look.cards):
        if at not in pairs:
            groups[scope(card)][0].append(at)
    for at, line in enumerate(look.lines):
        if at not in taken:
            groups[scope(line)][1].append(at)
    for cards, lines in groups.values():
        if cards and lines:
            _pair_best([(score(card, line), card, line) for card, line in _candidates(look, cards, lines)], pairs)


def _pair_best(scored: Iterable[tuple[float, int, int]], pairs: Pairs) -> None:
    """Take pairs from the most alike on; one that has a rival as good on either side is left alone."""
    ranked = sorted((entry for entry in scored if entry[0]), key=lambda entry: (-entry[0], entry[1], entry[2]))
    free_cards, free_lines = {entry[1] for entry in ranked}, {entry[2] for entry in ranked}
    rivals: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for value, card, line in ranked:
        rivals["card", card].append((value, line))
        rivals["line", line].append((value, card))

    def doubtful(value: float, card: int, line: int) -> bool:
        other_lines = (v for v, at in rivals["card", card] if at != line and at in free_lines)
        other_cards = (v for v, at in rivals["line", line] if at != card and at in free_cards)
        return value - max(max(other_lines, default=0.0), max(other_cards, default=0.0)) < DOUBT

    for value, card, line in ranked:
        if card in free_cards and line in free_lines and not doubtful(value, card, line):
            pairs[card] = line
            free_cards.discard(card)
            free_lines.discard(line)


def _candidates(look: _Look, cards: list[int], lines: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the pairs worth comparing: all of a few, else those with the most uncommon features in common."""
    if len(cards) * len(lines) <= COMMON:
        yield from ((card, line) for card in cards for line in lines)
        return
    holders: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        of_line = look.of_line(line)
        for feature in of_line.question | of_line.answer:
            holders[feature].append(line)
    for card in cards:
        of_card = look.of_card(card)
        shared: Counter[int] = Counter()
        for feature in of_card.question | of_card.answer:
            if len(having := holders.get(feature, ())) <= COMMON:
                shared.update(having)
        for line, _ in shared.most_common(NEAREST):
            yield card, line
