"""What came of an answer: each offer held against its passage, as lines of the file of written cards."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ankillm.cards.questions import ask
from ankillm.extract.rank import SEVERAL
from ankillm.writer.offer import Offer
from ankillm.writer.requests import Request
from ankillm.writer.verifier import asked_letters, one_line, repeats, verified
from ankillm.writer.written import LONGEST, SILENT, Form, WrittenCard, passage_key

MOST_OFFERS = 3
"""Offers for each passage that was asked for; what a model says beyond them is not looked at."""


class Origin(Struct, frozen=True):
    """Who wrote: the model, by the version of the prompt, on a day."""

    model: str
    prompt: int
    date: str


class Outcome(Struct, frozen=True):
    """What came of one request; `lost` counts by code the offers that belong to no passage."""

    cards: tuple[WrittenCard, ...] = ()
    lost: Mapping[str, int] = {}

    @property
    def accepted(self) -> tuple[WrittenCard, ...]:
        """The cards that were accepted."""
        return tuple(card for card in self.cards if not card.refused)


def outcome(request: Request, offers: Sequence[Offer], origin: Origin, *, whole: bool = True) -> Outcome:
    """Hold the offers of an answer against the passages that were asked for.

    `whole`: the answer was not cut short, so that passages without an offer have none.
    """
    wanted = request.wanted
    looked_at = offers[: MOST_OFFERS * len(wanted)]
    lost = {"too-many": len(offers) - len(looked_at)} if len(offers) > len(looked_at) else {}
    others = set(request.others)
    cards: list[WrittenCard] = []
    taken: set[str] = set()
    for offer in looked_at:
        if offer.passage not in wanted:
            lost["no-passage"] = lost.get("no-passage", 0) + 1
            continue
        code = _refused(offer, request, others, taken)
        cards.append(_written(offer, request, origin, code))
    named = {card.passage for card in cards}
    if whole:
        silent = (label for label, passage in wanted.items() if passage_key(passage) not in named)
        cards += (_written(Offer(label, "question", "", "", ""), request, origin, SILENT) for label in silent)
    return Outcome(tuple(cards), lost)


def _refused(offer: Offer, request: Request, others: set[tuple[str, str]], taken: set[str]) -> str:
    """Return the code of why an offer is refused; one that is not is among the others from then on."""
    passage = request.wanted[offer.passage]
    concept = verified(offer, passage, request.note)
    if isinstance(concept, str):
        return concept
    card = ask(concept, request.note, "")
    if repeats(card, others) or (offer.passage in taken and passage.kind not in SEVERAL):
        return "asked"
    others.add(asked_letters(card))
    taken.add(offer.passage)
    return ""


def _written(offer: Offer, request: Request, origin: Origin, code: str) -> WrittenCard:
    form: Form = "gap" if offer.form == "gap" else "question"
    question, quote, subject = (
        one_line(word, LONGEST // 4 if code else LONGEST) for word in (offer.question, offer.quote, offer.subject)
    )
    return WrittenCard(
        note=request.note.path,
        passage=passage_key(request.wanted[offer.passage]),
        form=form,
        question=question,
        quote=quote,
        subject=subject,
        model=one_line(origin.model, 200),
        prompt=origin.prompt,
        date=origin.date,
        refused=code,
    )
