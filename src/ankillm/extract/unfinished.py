"""A text that only leads to the formula below it, and says nothing whole without: `…, i.e.`, `the probability is`."""

from collections.abc import Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Block, Math

HANGING = regex(
    r"(?:(?:\b(?:is|are|equals?|namely|where|(?:given|defined|obtained)\s(?:by|as)|(?:computed|written|calculated)\s(?:as|by)|as\sfollows)"
    r"|\bi\.\s?e\.|\be\.\s?g\.|\bviz\.?)\s*[,:]?|=)\s*$"
)
MAY_GO_ON = regex(r"\b(?:as|by|of|to|with|via|gives?|minimi[sz]es?|maximi[sz]es?|becomes?)\s*[,:]?\s*$")
"""What goes on where a formula follows, and may end a text: `… was tampered with`."""
LONGEST_END = 24


def hangs(text: str, body: Sequence[Block]) -> bool:
    """Whether a text ends in what has to go on, or goes on in the formula below it."""
    end = max(0, len(text) - LONGEST_END)
    return bool(HANGING.search(text, end) or (body and isinstance(body[0], Math) and MAY_GO_ON.search(text, end)))


def with_formula(text: str, body: Sequence[Block]) -> str:
    """Return a text that hangs with the formula that ends it; empty where none stands below."""
    first = body[0] if body else None
    return f"{text}\n\n{first.text}" if isinstance(first, Math) else ""
