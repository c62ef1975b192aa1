"""Of what is proposed for each passage, the one card that is made of it, and why there is none."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec.structs import replace

from ankillm.cards import looks
from ankillm.cards.card import Card, Drop
from ankillm.cards.names import clean
from ankillm.cards.plain import letters, plain_lines
from ankillm.cards.quality import judge_card
from ankillm.cards.questions import ask, passage_card
from ankillm.common.project import Density
from ankillm.extract.rank import CERTAIN, MOST_TRIED, SEVERAL, Choice, Ranked
from ankillm.markdown.note import Note

THRESHOLDS: dict[Density, int] = {"few": 700, "normal": 640, "many": 500}
"""The score of a thousand from which on a card is made."""
MARKED = 290
"""What is added to the score of what stands in a shape by which learners mark what they want to remember."""
LEAST = 100
"""Below this chance of a thousand that an expert would want it, a proposal is not worded."""
PROSE = frozenset({"statement", "gap", "loose"})
FORMS = {"loose": 150}
"""Of a thousand: how far the score of a form counts; of 100 gaps of this form, readers kept 2 to 7."""
WRITTEN = "written"
"""The rule of a card that a language model wrote."""
SILENT = frozenset({"heading", "image", "raw", "table", "lead"})
"""Kinds of passages of which nothing is said when they give no card."""


def selected(
    choices: Iterable[Choice], note: Note, deck: str, density: Density, live: Collection[tuple[str, str, str]] = ()
) -> Iterator[Card]:
    """Yield the card of each passage that is worth one; for every other a dropped one that says why.

    `live` are cards that were shipped, by key and by the letters of what they ask and answer: one that is still
    proposed stays, whatever its score.
    """
    for choice in choices:
        made = _made(choice, note, deck, live)
        if not made:
            if choice.passage.kind not in SILENT:
                yield _without(choice, note, deck)
            continue
        for card in _best(choice, made, live):
            sure = card.dropped or card.score >= THRESHOLDS[density] or _is_live(card, live)
            yield card if sure else replace(card, dropped=unsure(card.score, density, THRESHOLDS[density]))


def unsure(score: int, density: Density, wanted: int) -> Drop:
    """Return why a card of a score is dropped at a density."""
    return Drop("unsure", f"score {score} of 1000; {wanted} is wanted at density {density}")


def _is_live(card: Card, live: Collection[tuple[str, str, str]]) -> bool:
    """Whether a card was shipped, perhaps under another title."""
    return bool(live) and _asked(card) in {(front, back) for _, front, back in live}


def _asked(card: Card) -> tuple[str, str]:
    """Return what a card asks and answers, by letters and digits alone."""
    hidden = " ".join(card.front[gap.start : gap.end] for gap in card.gaps)
    front, back = (card.front, hidden) if card.code else map(plain_lines, (card.front, hidden or card.back))
    return letters(front), letters(back)


def _made(choice: Choice, note: Note, deck: str, live: Collection[tuple[str, str, str]]) -> list[Card]:
    """Return the cards of what is proposed for a passage, those marked that break a rule of quality."""
    every = bool(live) or choice.passage.kind in SEVERAL
    made: list[Card] = []
    for ranked in choice.proposals if every else choice.proposals[:MOST_TRIED]:
        asked = ask(ranked.proposal.concept, note, deck)
        card = replace(asked, rule=ranked.proposal.rule, score=ranked.score(asked.question), worth=choice.worth or 0)
        made.append(judge_card(replace(card, score=_score(card, ranked, choice.passage.kind))))
    return made


def _score(card: Card, ranked: Ranked, kind: str) -> int:
    """Return how sure it is, of a thousand, that a card is worth keeping: by its passage, proposal and looks."""
    if ranked.worth == CERTAIN:
        return CERTAIN
    chance = looks.chance(card, kind) * FORMS.get(card.question, 1000) // 1000
    marked = 0 if card.question in PROSE else MARKED
    return max(min(chance + marked, CERTAIN), ranked.proposal.least)


def _best(choice: Choice, made: Sequence[Card], live: Collection[tuple[str, str, str]]) -> list[Card]:
    """Return the card of a passage: those that are live, else the best that stands the rules of quality.

    Of a row and of code, all that stand them.
    """
    good = [card for card in made if not card.dropped]
    if choice.passage.kind in SEVERAL and good:
        return good
    kept = [card for card in good if _is_live(card, live)]
    same = [card for card in kept if (clean(card.key), *_asked(card)) in live]
    if kept:
        return [_anew(card, good) for card in _once(same) or _once(kept)]
    sure = (at < MOST_TRIED and ranked.most >= LEAST for at, ranked in enumerate(choice.proposals))
    tried = [card for card, is_tried in zip(made, sure, strict=False) if is_tried and not card.dropped]
    return [max(tried or good, key=lambda card: card.score, default=made[0])]


def _anew(card: Card, good: Iterable[Card]) -> Card:
    """Return a live card as a model wrote it anew, if that has the same answer and is better; its history goes on."""
    answer = card.kind, _asked(card)[1]
    written = (one for one in good if one.rule == WRITTEN and (one.kind, _asked(one)[1]) == answer)
    return max((card, *written), key=lambda one: one.score)


def _once(cards: Iterable[Card]) -> list[Card]:
    """Return of cards that ask the same the first."""
    return list({_asked(card): card for card in reversed(list(cards))}.values())[::-1]


def _without(choice: Choice, note: Note, deck: str) -> Card:
    drop = Drop("nothing-proposed", "no rule proposes a card that could be sure enough")
    if choice.worth is not None and choice.worth < LEAST:
        drop = Drop("not-worth", f"worth {choice.worth} of 1000: the judge finds no statement to be learnt")
    return replace(passage_card(choice.passage, note, deck), dropped=drop, worth=choice.worth or 0)
