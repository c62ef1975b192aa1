"""What is scored: the product's cards at every score, and those of two generators that understand nothing."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from annotations import AnnotatedNote
from score import GAP, ScoredCard

from ankillm.anki.media import Plots
from ankillm.build.pipeline import Context, finished_cards
from ankillm.cards.card import Card
from ankillm.cards.plain import texts
from ankillm.cards.quality import repeated, signature
from ankillm.claims.knowledge import Knowledge
from ankillm.common.project import WEIGHTS_FROM, DeckSpec
from ankillm.extract import extract
from ankillm.extract.linear import weights
from ankillm.markdown.sentences import sentences

CONTEXT = Context(DeckSpec("", (Path("notes"),), Path("deck.apkg")), Knowledge((), ()), Plots())
HEADING = re.compile(r"#{1,6}\s+(.*)")
WORD = re.compile(r"[A-Za-z0-9]+|[\u4e00-\u9fff]{1,2}")
"""A word; Chinese, which marks none, in pairs of characters."""


@contextmanager
def judged_by(file: Path | None) -> Iterator[None]:
    """Make cards by the weights of a file, or with None by the shipped ones, instead of those in use."""
    before = os.environ.pop(WEIGHTS_FROM, None)
    if file:
        os.environ[WEIGHTS_FROM] = str(file)
    weights.cache_clear()
    try:
        yield
    finally:
        os.environ.pop(WEIGHTS_FROM, None)
        if before is not None:
            os.environ[WEIGHTS_FROM] = before
        weights.cache_clear()


def product_cards(annotated: AnnotatedNote) -> tuple[Card, ...]:
    """Return the best card of each passage of a note, however unsure; those that break a rule of quality left out."""
    made = finished_cards(annotated.note, extract(annotated.note), (), CONTEXT)
    return tuple(card for card in made if not card.dropped or card.dropped.code == "unsure")


def cards_from(cards: Iterable[Card], threshold: int) -> list[ScoredCard]:
    """Return the cards that a threshold lets through, each once."""
    sure = [card for card in cards if card.score >= threshold]
    codes = repeated(map(signature, sure))
    return [scored_card(card) for card, code in zip(sure, codes, strict=True) if not code]


def scored_card(card: Card) -> ScoredCard:
    """Return a card as the scorer looks at it."""
    return ScoredCard(*texts(card), " → ".join(card.context), card.source.line, card.rule)


def line_cards(annotated: AnnotatedNote) -> list[ScoredCard]:
    """Return a card for each line that is no heading: the heading above it asks, the line answers."""
    return [ScoredCard(title, line, "", at, "line") for title, line, at in _lines(annotated)]


def middle_word_cards(annotated: AnnotatedNote) -> list[ScoredCard]:
    """Return a card for each sentence, with its middle word hidden."""
    return [
        _without_middle_word(sentence, title, at)
        for title, line, at in _lines(annotated)
        for sentence in sentences(line)
        if WORD.search(sentence)
    ]


def _without_middle_word(sentence: str, title: str, line: int) -> ScoredCard:
    words = list(WORD.finditer(sentence))
    start, end = words[len(words) // 2].span()
    return ScoredCard(sentence[:start] + GAP + sentence[end:], sentence[start:end], title, line, "middle word")


def _lines(annotated: AnnotatedNote) -> Iterator[tuple[str, str, int]]:
    """Yield each line with words that is no heading, with the heading above it and its number."""
    title = annotated.note.title
    for at, line in enumerate(annotated.text.splitlines(), 1):
        if heading := HEADING.match(line):
            title = heading[1]
        elif WORD.search(line):
            yield title, line, at
