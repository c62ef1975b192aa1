"""A card as plain text: what a list shows of its question and its answer."""

from ankillm.cards.card import Card
from ankillm.common.patterns import regex
from ankillm.markdown.inline import math_kept

BLOCK = regex(r"((?m:^)[ \t]*(?:`{3}(?:[^`]|`(?!``))*`{3}|\$\$[^$]*\$\$))")
"""A fence, or a formula on lines of its own."""
SIGNS = regex(r"[\W_]+")
GAP = "[…]"
"""What stands for what a gap hides."""
LETTER = "\ufdda"
"""Stands for it while marks are read: beside a bracket, bold would not open."""
NESTED = regex(r" {2,}(?=(?:[-*+]|\d{1,3}[.)])\s)")
"""What stands before an item within another."""


def hidden(card: Card, between: str) -> str:
    """Return what the gaps of a card hide."""
    return between.join(card.front[gap.start : gap.end] for gap in card.gaps)


def gapped(card: Card) -> str:
    """Return a card's front with `[…]` in place of what its gaps hide."""
    out, at = "", 0
    for gap in sorted(card.gaps, key=lambda gap: gap.start):
        out += card.front[at : gap.start] + GAP
        at = gap.end
    return out + card.front[at:]


def texts(card: Card) -> tuple[str, str]:
    """Return front and back as plain text; a cloze has `[…]` in its front and the hidden text as its back."""
    if card.kind == "basic":
        return plain_lines(card.front), plain_lines(card.back)
    front, back = gapped(card), hidden(card, "；")
    if card.code:
        return front, back
    return plain_lines(front.replace(GAP, LETTER)).replace(LETTER, GAP), plain_lines(back)


def plain_lines(markdown: str) -> str:
    """Return Markdown as plain text, line by line; code and formulas stay as they are."""
    if not any(map(markdown.__contains__, ("\n", "$$", "```"))):
        return math_kept(markdown).strip()
    return "".join(
        part if at % 2 else "\n".join(map(_plain_line, part.split("\n")))
        for at, part in enumerate(BLOCK.split(markdown))
    ).strip()


def _plain_line(line: str) -> str:
    """Return a line as plain text, as far from the edge as its item is nested."""
    nested = NESTED.match(line)
    return f"{nested[0] if nested else ''}{math_kept(line)}" if line.strip() else ""


def letters(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return SIGNS.sub("", text.lower())
