"""Our own annotated notes are whole, and nobody's held-out notes are among them."""

import pytest
from annotations import OWN, AnnotatedNote, held_out_authors, own_notes
from generators import line_cards, middle_word_cards
from score import GAP, letters_of

OURS = tuple(own_notes())


@pytest.mark.parametrize("annotated", OURS, ids=lambda annotated: annotated.name)
def test_annotations_are_about_their_note(annotated: AnnotatedNote) -> None:
    """Lines lie in the note, what is worth asking for has cards, and what they quote stands in the note."""
    text = letters_of(annotated.text)
    for annotation in annotated.annotations:
        first, last = annotation.lines
        assert 1 <= first <= last <= annotated.lines
        assert bool(annotation.cards) == (annotation.worth != "no")
        assert all(letters_of(wanted.quote) in text for wanted in annotation.cards)


def test_all_our_notes_are_annotated() -> None:
    assert len(OURS) == 37
    assert {annotated.author for annotated in OURS} == {OWN}


def test_authors_are_held_out() -> None:
    assert len(held_out_authors()) == 25


def test_a_card_a_line_has_the_heading_in_front() -> None:
    cards = line_cards(OURS[0])
    assert len(cards) > 50
    assert all(card.front and card.back for card in cards)


def test_the_middle_word_is_hidden() -> None:
    """What is hidden, put back, gives a piece of its line."""
    lines = OURS[0].text.splitlines()
    for card in middle_word_cards(OURS[0]):
        assert card.front.replace(GAP, card.back) in lines[card.line - 1]
