"""How alike two cards are: shared words and pairs of Chinese characters, between 0 and 1."""

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from msgspec import Struct

from ankillm.anki.cloze import filled, hidden, plain
from ankillm.cards.plain import letters
from ankillm.common.patterns import regex

Features: TypeAlias = Counter[str]

PIECE = regex(r"[A-Za-z0-9_]+|[\u3400-\u9fff\uf900-\ufaff]+|[^\W\d_]+")

ASKING = frozenset(
    "什么 是什 么是 有什 有哪 哪些 哪个 为什 如何 怎么 怎样 是怎 多少".split()
    + "what is are the a an of in how why does do which".split()
)
"""Says that something is asked, not what."""
QUESTION_WORDS = regex(
    r"是什么|什么是|有什么|有哪些|哪些|哪个|为什么|什么|如何|怎么样?|怎样|多少|"
    r"\b(?:what|why|how|which|who|when|where|does|do|did|is|are|was|were|the|an?|of|in)\b",
    re.IGNORECASE,
)
DIGITS = regex(r"\d+")
MISSPELT = 0.6
"""How much of two names must be the same, letter by letter, for one to be the other, mended."""
MOST_LETTERS = 200
"""Of two names that are compared letter by letter, which takes the square of their length."""
EMPTY_WORDS = frozenset(
    "yes no true false none never always 是 否 对 错 有 无 能 会 不 不是 没有 不能 不会 可以 不可以".split()
)
"""Answers that many cards share."""
ENOUGH_LETTERS = 4
"""How many letters an answer has that says something; a Chinese character is two."""


class Portrait(Struct, frozen=True):
    """What is compared of a card: its question, its answer and its concept's name."""

    question: Features
    answer: Features
    name: Features


def features(text: str) -> Features:
    """Return a text's words, and the pairs of neighbours of its Chinese characters, with their counts."""
    found: Features = Counter()
    for piece in PIECE.findall(text.lower()):
        if piece[0] >= "\u3400":
            found.update(piece[at : at + 2] for at in range(max(1, len(piece) - 1)))
        else:
            found[piece] += 1
    for word in ASKING & found.keys():
        del found[word]
    return found or Counter({text.strip(): 1})


def portrait(kind: Literal["basic", "cloze"], front: str, back: str, name: str) -> Portrait:
    """Return what is compared of a card with these fields; a cloze's answer is what it hides."""
    if kind == "cloze":
        return Portrait(features(filled(front)), features(hidden(front)), features(name))
    return Portrait(features(plain(front)), features(plain(back)), features(name))


def in_common(one: Portrait, other: Portrait) -> int:
    """Return how many features two cards share."""
    return (one.question & other.question).total() + (one.answer & other.answer).total()


def dice(one: Features, other: Features) -> float:
    """Return twice what is shared over all there is (Dice 1945); 1 for two empty texts."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def likeness(one: Portrait, other: Portrait) -> float:
    """Return how alike two cards are.

    Question and answer count by their length. Where the names differ, so does the question, however much of the
    wording around the name is the same: "what is the rank of LoRA?" is not "what is the alpha of LoRA?".
    """
    asked = one.question.total() + other.question.total()
    answered = one.answer.total() + other.answer.total()
    question = min(dice(one.question, other.question), dice(one.name, other.name))
    return (asked * question + answered * dice(one.answer, other.answer)) / ((asked + answered) or 1)


def answer_text(kind: Literal["basic", "cloze"], front: str, back: str) -> str:
    """Return what a card answers, as plain text."""
    return " ".join((hidden(front) if kind == "cloze" else plain(back)).split())


def says_much(answer: str) -> bool:
    """Whether an answer says more than a number, a sign, yes or no."""
    words = DIGITS.sub("", letters(answer))
    return words not in EMPTY_WORDS and sum(1 + (sign >= "\u3400") for sign in words) >= ENOUGH_LETTERS


def misspelt(one: str, other: str) -> bool:
    """Whether two names, or questions, are one thing spelt in two ways; their numbers are the same."""
    first, second = (letters(QUESTION_WORDS.sub(" ", plain(text)))[:MOST_LETTERS] for text in (one, other))
    if DIGITS.findall(first) != DIGITS.findall(second):
        return False
    return bool(first) and SequenceMatcher(None, first, second, autojunk=False).ratio() >= MISSPELT
