"""What a model offers for a passage: a question or a gap, and the words of the note that answer."""

from msgspec import Struct


class Offer(Struct, frozen=True):
    """A card as a model proposes it, unverified: nothing in it is to be trusted."""

    passage: str
    """The label of its passage in what was asked."""
    form: str
    question: str
    quote: str
    subject: str
