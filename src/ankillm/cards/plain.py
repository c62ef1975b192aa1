"""A card as plain text: what a list shows of its question and its answer."""

from ankillm.cards.card import Card
from ankillm.markdown.inline import plain_text


def gapped(card: Card) -> str:
    """Return a cloze's text with `[…]` in place of what it hides."""
    out, at = "", 0
    for gap in sorted(card.gaps, key=lambda gap: gap.start):
        out += card.front[at : gap.start] + "[…]"
        at = gap.end
    return out + card.front[at:]


def texts(card: Card) -> tuple[str, str]:
    """Return front and back as plain text; a cloze has `[…]` in its front and the hidden text as its back."""
    if card.kind == "basic":
        return plain_lines(card.front), plain_lines(card.back)
    hidden = "；".join(card.front[gap.start : gap.end] for gap in card.gaps)
    return (gapped(card), hidden) if card.code else (plain_lines(gapped(card)), plain_lines(hidden))


def plain_lines(markdown: str) -> str:
    """Return Markdown as plain text, line by line; code stays as it is."""
    fenced, out = False, []
    for line in markdown.split("\n"):
        fenced = not fenced if line.lstrip().startswith("```") else fenced
        out.append(line if fenced else plain_text(line) if line.strip() else "")
    return "\n".join(out).strip()


def letters(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return "".join(character for character in text.lower() if character.isalnum())
