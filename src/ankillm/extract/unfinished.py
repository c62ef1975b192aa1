"""A text that only leads to the formula below it, and says nothing whole without: `…, i.e.`, `the probability is`."""

from collections.abc import Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Block, Math

HANGING = regex(
    r"(?:(?:\b(?:is|are|as|by|equals?|namely|where|follows|gives?|given|minimi[sz]es?|maximi[sz]es?|becomes?|of|to|with|via)"
    r"|\bi\.\s?e\.|\be\.\s?g\.|\bviz\.?)\s*[,:]?|=)\s*$"
)


def hangs(text: str) -> bool:
    """Whether a text ends in what has to go on."""
    return bool(HANGING.search(text, max(0, len(text) - 24)))


def with_formula(text: str, body: Sequence[Block]) -> str:
    """Return a text that hangs with the formula that ends it; empty where none stands below."""
    first = body[0] if body else None
    return f"{text}\n\n{first.text}" if isinstance(first, Math) else ""
