"""The titles that a card shows above its question."""

from note_cards import rendered_cards


def test_a_title_that_says_what_is_asked_for_is_not_shown() -> None:
    note = "# 注意力\n\n## 点积的缩放\n\n{{c1::点积的缩放}} 使方差不随维数变大。\n"
    told = [card for card in rendered_cards(note) if not card.dropped and card.back == "点积的缩放"]
    assert [card.context for card in told] == [("注意力",)]
