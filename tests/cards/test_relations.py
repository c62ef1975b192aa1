"""How a card stands to its titles and its passage."""

import pytest

from ankillm.cards.looks import shown
from ankillm.cards.questions import ask
from ankillm.cards.relations import relations
from ankillm.extract import extract
from ankillm.markdown.note import parse

NOTE = "# LoRA\n\n## {title}\n\n{text}\n"


def seen(title: str, text: str) -> list[set[str]]:
    """Return what is seen of each card that is tried for a text of one sentence below a title."""
    note = parse(NOTE.format(title=title, text=text), "lora.md")
    found = []
    for choice in extract(note):
        for ranked in choice.proposals:
            card = ask(ranked.proposal.concept, note, "deck")
            found.append(set(relations(card, shown(card), ranked.proposal.concept, choice.passage)))
    return found


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Rank", "The rank is the number of columns of the two matrices.", "last=4/en"),
        ("Rank", "It lowers memory, because only the two matrices are trained.", "points=1/en"),
        ("初始化", "矩阵 B 的初始值是全零矩阵，如图 2 所示。", "last-size=2/zh"),
    ],
)
def test_what_is_seen_of_a_card_in_its_place(title: str, text: str, name: str) -> None:
    cards = seen(title, text)
    assert cards
    assert any(name in card for card in cards), sorted(set().union(*cards))


def test_a_statement_that_names_its_title_is_told_from_one_that_does_not() -> None:
    """The same words below another title are another card to a reader."""
    text = "The rank is the number of columns of the two matrices."
    own, other = seen("Rank", text), seen("Dropout", text)
    assert any("last=4/en" in card for card in own)
    assert not any("last=4/en" in card for card in other)
