"""Cards that were shipped are chosen again as they are: a ledger changes nothing of what a build makes by itself."""

from pathlib import Path

import pytest

from ankillm.cards.card import Card
from ankillm.cards.names import clean
from ankillm.cards.plain import letters, plain_lines
from ankillm.cards.selection import selected
from ankillm.extract import extract
from ankillm.markdown.note import parse

NOTES = Path(__file__).parents[1] / "extract" / "gold" / "foreign"


def asked(card: Card) -> tuple[str, str]:
    """Return what a card asks and answers, by letters and digits alone, as the ledger is asked for it."""
    hidden = " ".join(card.front[gap.start : gap.end] for gap in card.gaps)
    front, back = (card.front, hidden) if card.code else map(plain_lines, (card.front, hidden or card.back))
    return letters(front), letters(back)


@pytest.mark.parametrize("name", ["e_serving_zh", "h_wiki_en", "k_pretrained_zh"])
def test_what_was_shipped_is_made_again_to_the_letter(name: str) -> None:
    """Of proposals that ask the same in other emphasis, the one that was taken before is taken again."""
    note = parse((NOTES / f"{name}.md").read_text("utf-8"), f"{name}.md")
    choices = tuple(extract(note))
    first = [card for card in selected(choices, note, "", "normal") if not card.dropped]
    live = {(clean(card.key), *asked(card)) for card in first}
    again = [card for card in selected(choices, note, "", "normal", live) if not card.dropped]
    assert again == first
