"""Cards that readers judged one by one: of each its author, the verdict, and what is to be seen of it.

The notes are public, and their words are not ours to give away: a card is kept as the names of its features, in no
order, and of these alone those that at least eight cards have. Each was judged once, by a language model with a careful
learner's rubric (`judging.md`) and the source lines at hand; no author is one of those held out.
"""

import lzma
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

FILE = Path(__file__).with_name("judged.jsonl.xz")
Verdict = Literal["keep", "mend", "junk"]
WORTH: dict[Verdict, float] = {"keep": 1.0, "mend": 0.35, "junk": 0.0}
"""How much of a kept card a card is worth that wants mending."""


class JudgedCard(Struct, frozen=True):
    """A card of a public note, as a reader judged it."""

    author: str
    verdict: Verdict
    features: tuple[str, ...]


def judged_cards() -> list[JudgedCard]:
    """Return all judged cards."""
    read = msgspec.json.Decoder(JudgedCard).decode
    return list(map(read, lzma.decompress(FILE.read_bytes()).splitlines()))
