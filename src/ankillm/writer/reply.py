"""What a model said, as offers: the first JSON in a text that holds cards, whatever stands around it."""

import json
from collections.abc import Iterator
from typing import Any

from ankillm.common.patterns import regex
from ankillm.writer.offer import Offer
from ankillm.writer.slip import MOST_CHARACTERS as MOST_SLIPPED
from ankillm.writer.slip import mended

MOST_CHARACTERS = 2**22
MOST_STARTS = 2000
"""Places in a text where JSON is looked for."""
MOST_READ = 4 * MOST_CHARACTERS
"""Characters that are read in all, as what is no JSON is read again from its next bracket on."""
MOST_MENDED = 2**19
"""Characters of what turns out to be no JSON with slips either; beyond them none is looked for."""
UNTERMINATED = "Unterminated string"
OPENED = regex(r"[{\[]")
THOUGHT = "</think>"
KEYS = ("cards", "flashcards")


class UnreadableReply(ValueError):  # noqa: N818  (the model is at fault, not the program)
    """A text that holds no cards."""


def offers_in(text: str) -> list[Offer]:
    """Return the cards in the first JSON that holds some; an empty list of them is an answer too.

    :raises UnreadableReply: if there is none.
    """
    for found in _values(text):
        cards = _cards(found)
        if cards is not None:
            return [offer for card in cards if (offer := _offer(card))]
    raise UnreadableReply("it holds no JSON with cards")


def all_offers(text: str) -> list[Offer]:
    """Return the cards in all JSON of a text, such as what a chat said in several answers.

    :raises UnreadableReply: if there is none.
    """
    found = [cards for value in _values(text) if (cards := _cards(value)) is not None]
    if not found:
        raise UnreadableReply("it holds no JSON with cards")
    return [offer for cards in found for card in cards if (offer := _offer(card))]


def quote_in(text: str) -> str:
    """Return the quotation in the answer to a second question.

    :raises UnreadableReply: if there is none.
    """
    for found in _values(text):
        if isinstance(found, dict) and isinstance(found.get("quote"), str):
            return str(found["quote"])
    raise UnreadableReply("it holds no JSON with a quotation")


def _values(text: str) -> Iterator[Any]:
    """Yield what parses as JSON in a text, from its start on, behind what a model thought aloud."""
    said = text[:MOST_CHARACTERS].rpartition(THOUGHT)[2]
    decoder = json.JSONDecoder(strict=False)
    at = read = spent = 0
    for _ in range(MOST_STARTS):
        opened = OPENED.search(said, at)
        if not opened or read > MOST_READ:
            return
        start = opened.start()
        try:
            found, at = decoder.raw_decode(said, start)
            yield found
            continue
        except (ValueError, RecursionError) as error:
            at = start + 1
            read += _end(error, said) - start
        if spent < MOST_MENDED:
            try:
                found, at = mended(said, start)
                yield found
            except (ValueError, RecursionError) as error:
                spent += len(error.doc) if isinstance(error, json.JSONDecodeError) else MOST_SLIPPED


def _end(error: Exception, said: str) -> int:
    """Return how far a text was read, at most, before it turned out to be no JSON."""
    if isinstance(error, json.JSONDecodeError) and not error.msg.startswith(UNTERMINATED):
        return error.pos
    return len(said)


def _cards(found: object) -> list[object] | None:
    if isinstance(found, dict):
        named = next((found[key] for key in KEYS if isinstance(found.get(key), list)), None)
        return named if named is not None else [found] if "quote" in found else None
    if isinstance(found, list) and (not found or any(isinstance(card, dict) and "quote" in card for card in found)):
        return found
    return None


def _offer(card: object) -> Offer | None:
    if not isinstance(card, dict):
        return None
    label, form, *words = (card.get(key, "") for key in ("passage", "form", "question", "quote", "subject"))
    if isinstance(label, int):
        label = str(label) if abs(label) < 10**6 else ""
    question, quote, subject = (word if isinstance(word, str) else "" for word in words)
    told = form if isinstance(form, str) and form else "question"
    return Offer(label.strip(" []#") if isinstance(label, str) else "", told, question, quote, subject)
