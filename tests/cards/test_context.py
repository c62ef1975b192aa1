"""The titles that a card shows above its question."""

from note_cards import rendered_cards


def test_a_title_that_says_what_is_asked_for_is_not_shown() -> None:
    note = "# 注意力\n\n## 点积的缩放\n\n{{c1::点积的缩放}} 使方差不随维数变大。\n"
    told = [card for card in rendered_cards(note) if not card.dropped and card.back == "点积的缩放"]
    assert [card.context for card in told] == [("注意力",)]


def test_a_title_whose_words_are_the_answer_is_not_shown() -> None:
    note = "# 训练的开销\n\n## 线性层\n\n参数最多的模块是{{c1::线性层（Linear layers）}}，其次是嵌入。\n"
    told = [card for card in rendered_cards(note) if not card.dropped]
    assert [card.context for card in told] == [("训练的开销",)]
