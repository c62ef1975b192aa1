"""What makes a card junk: rules that drop a card, each with a code and a reason. Nothing is dropped in silence."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from ankillm.cards import Card, Drop
from ankillm.concepts.words import TRANSITION
from ankillm.markdown import is_only_links, plain_text
from ankillm.patterns import regex

LONGEST_ANSWER = 220
LONGEST_LIST = 7
PRAISE = regex(
    r"""^(?:效果|性能|速度|表现)?(?:非常|很|特别|十分|更|比较)?(?:好|强|强大|重要|关键|方便|简单|有用|优秀|常用|流行|不错|强悍|快)[。！!.]*$
      | ^(?:it\ )?(?:is\ |works\ )?(?:very\ |really\ |quite\ |pretty\ )?
        (?:good|great|well|important|useful|powerful|nice|cool|fast|simple|popular|amazing)[.!]*$""",
    re.VERBOSE | re.IGNORECASE,
)
BETTER = regex(
    r"^(?:模型)?(?:特征|性能|效果|能力|功能|表现|速度|质量|结构)(?:更加?|很|非常|十分|比较|较|都)+(?:丰富|好|强大?|高|快|优秀|智能|完善|出色)[。.]*$"
)
"""A clause that calls something better, and says neither than what nor by how much."""
CLAUSES = regex(r"[，,；;、]\s*")
DEMONSTRATIVE = regex(r"^(?:这些?|那些?|该|此|上述|these|those|this|that)(?![A-Za-z])", re.IGNORECASE)
VAGUE = regex(r"^(?:可以)?(?:适当|酌情|视情况)[^\d]{0,12}$")


@lru_cache(maxsize=4096)
def squeezed(markdown: str) -> str:
    """Return a text for comparison: plain, lower case, without white space."""
    spaceless = "".join(plain_text(markdown).split())
    return spaceless.replace("`", "").replace("*", "").replace("_", "").lower()


def _empty(card: Card) -> bool:
    return not card.front.strip() or (card.kind == "basic" and not card.back.strip())


def _links(card: Card) -> bool:
    lines = [line for line in card.back.splitlines() if line.strip()]
    return card.kind == "basic" and bool(lines) and all(is_only_links(line) for line in lines)


def _transition(card: Card) -> bool:
    if card.kind == "cloze":
        return False
    plain = plain_text(card.back)
    return bool(TRANSITION.match(plain)) or ("\n" not in card.back and plain.endswith((":", "：")))


def _praise(card: Card) -> bool:
    if card.kind != "basic":
        return False
    plain = plain_text(card.back)
    return bool(PRAISE.match(plain)) or all(map(BETTER.match, CLAUSES.split(plain)))


def _vague(card: Card) -> bool:
    return card.kind == "basic" and bool(VAGUE.match(plain_text(card.back)))


def _given_away(card: Card) -> bool:
    back = squeezed(card.back)
    return card.kind == "basic" and bool(back) and back in squeezed(card.front)


def _long(card: Card) -> bool:
    if card.kind == "cloze" or "```" in card.back or "![" in card.back or card.question in {"question", "problem"}:
        return False
    return len(plain_text(card.back)) > LONGEST_ANSWER


def _pointing(card: Card) -> bool:
    """Whether an item of the answer starts with a pronoun, whose noun stands elsewhere in the note."""
    if card.question not in {"attribute", "order"}:
        return False
    lines = [line.lstrip("-0123456789. ") for line in card.back.splitlines() if line.strip()]
    return len(lines) > 1 and any(map(DEMONSTRATIVE.match, lines))


def _no_gap(card: Card) -> bool:
    return card.kind == "cloze" and not card.gaps


RULES: tuple[tuple[str, str, Callable[[Card], bool]], ...] = (
    ("empty", "has no question or no answer", _empty),
    ("no-gap", "its cloze marks hide nothing", _no_gap),
    ("links", "the answer is nothing but links", _links),
    ("transition", "the answer only leads over to something else", _transition),
    ("praise", "the answer praises without saying what", _praise),
    ("vague", "the answer names no value", _vague),
    ("given-away", "the answer stands in the question", _given_away),
    ("pointing", "an item of the answer starts with a pronoun without its noun", _pointing),
    ("long", f"the answer has more than {LONGEST_ANSWER} characters", _long),
)


def judge_card(card: Card) -> Card:
    """Return the card, marked as dropped by the first rule that it breaks."""
    for code, reason, broken in RULES:
        if broken(card):
            return replace(card, dropped=Drop(code, reason))
    return card


def sift(cards: Iterable[Card]) -> Iterator[Card]:
    """Yield every card, those to be dropped marked; of two that ask the same and answer the same, the second is."""
    seen: set[tuple[str, str, tuple[object, ...]]] = set()
    asked: set[tuple[str, tuple[str, ...], tuple[object, ...]]] = set()
    for card in cards:
        checked = judge_card(card)
        if not checked.dropped:
            same = (squeezed(card.front), squeezed(card.back), card.gaps)
            if same in seen:
                checked = replace(card, dropped=Drop("twice", "the same question with the same answer stands above"))
            seen.add(same)
            alike = (same[0], card.section, card.gaps)
            if not checked.dropped and alike in asked:
                checked = replace(card, dropped=Drop("ambiguous", "the same question has another answer above"))
            asked.add(alike)
        yield checked
