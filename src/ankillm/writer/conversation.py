"""A model is asked request by request: several at a time, a second time where its answer can't be read."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ankillm.extract.passage import Passage
from ankillm.writer.errors import UnansweredError
from ankillm.writer.key import without_key
from ankillm.writer.offer import Offer
from ankillm.writer.outcome import Origin, Outcome, outcome
from ankillm.writer.prompt import check_turns, turns
from ankillm.writer.quotation import quotation
from ankillm.writer.reply import UnreadableReply, offers_in, quote_in
from ankillm.writer.requests import Request
from ankillm.writer.server import Answer, Chat, Server
from ankillm.writer.written import LONGEST, WrittenCard, passage_key


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401  (any schema of JSON)
    """Return the schema of an object that has these properties, all of them and no other."""
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


TEXT, FORM = {"type": "string"}, {"type": "string", "enum": ["question", "gap"]}
CARD = _object(passage=TEXT, form=FORM, question=TEXT, quote=TEXT, subject=TEXT)
CARDS = _object(cards={"type": "array", "items": CARD})
QUOTE = _object(quote=TEXT)
TOKENS, TOKENS_A_CARD = 100, 120
"""What an answer may have."""
THOUGHT, MORE = "<think>", 8
"""What a model begins with that thinks aloud, and how many times as much it may say at the second time."""


class Manner(Struct, frozen=True):
    """How a model is asked: whether a second time with passage and question alone, and how many requests at a time."""

    check: bool = False
    jobs: int = 1


Take = Callable[[int, Outcome | None], None]
"""Is given what came of a request, by its number; None where there was no answer that could be read."""


def converse(requests: Sequence[Request], server: Server, origin: Origin, manner: Manner, take: Take) -> None:
    """Ask a model for everything; each outcome is given on as soon as it is there.

    :raises ServerError: if the server can't be asked any more.
    """
    asyncio.run(_all(requests, server, origin, manner, take))


async def _all(requests: Sequence[Request], server: Server, origin: Origin, manner: Manner, take: Take) -> None:
    waiting = list(enumerate(requests))[::-1]
    async with Chat(server) as chat:

        async def work() -> None:
            while waiting:
                at, request = waiting.pop()
                take(at, await _one(request, chat, origin, check=manner.check))

        tasks = [asyncio.create_task(work()) for _ in range(min(manner.jobs, len(requests)))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _one(request: Request, chat: Chat, origin: Origin, *, check: bool) -> Outcome | None:
    found = await _offers(request, chat)
    if found is None:
        return None
    offers, answer = found
    made = outcome(request, offers, origin, whole=answer.whole)
    if not check:
        return made
    passages = {passage_key(passage): passage for passage in request.wanted.values()}
    cards = [await _checked(card, passages[card.passage], request, chat) for card in made.cards]
    return replace(made, cards=tuple(cards))


async def _offers(request: Request, chat: Chat) -> tuple[list[Offer], Answer] | None:
    """Return what a model offers, asked twice at most; None if it can't be read."""
    tokens = TOKENS + TOKENS_A_CARD * len(request.wanted)
    for anew in (False, True):
        answer = Answer("")
        with suppress(UnreadableReply, UnansweredError):
            answer = await chat.say(turns(request, anew=anew), CARDS, tokens)
            return [_without_key(offer) for offer in offers_in(answer.text)], answer
        tokens *= MORE if THOUGHT in answer.text else 1
    return None


def _without_key(offer: Offer) -> Offer:
    """Return an offer whose words can be kept in a file."""
    question, quote, subject = map(without_key, (offer.question, offer.quote, offer.subject))
    return replace(offer, question=question, quote=quote, subject=subject)


async def _checked(card: WrittenCard, passage: Passage, request: Request, chat: Chat) -> WrittenCard:
    """Return a card that was accepted, checked: asked with passage and question alone, the model finds the same."""
    if card.refused or card.form == "gap":
        return card
    asked = check_turns(card.question, passage, request.note.language)
    try:
        second = quote_in((await chat.say(asked, QUOTE, TOKENS)).text)
    except (UnreadableReply, UnansweredError):
        second = ""
    first, again = quotation(passage, card.quote), quotation(passage, second[:LONGEST])
    same = not isinstance(first, str) and not isinstance(again, str) and first.overlaps(again)
    return replace(card, checked=True) if same else replace(card, refused="other-answer")
