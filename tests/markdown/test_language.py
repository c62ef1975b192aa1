"""The language of a note: Chinese where Chinese characters are a fifth of its words, whatever other scripts it has."""

import pytest

from ankillm.markdown.note import language_of

TEXTS = {
    "zh": ["低秩适配 LoRA", "LoRA is 一种 PEFT 方法", "学习率"],
    "en": [
        "Low-rank adaptation",
        "one 词 in many English words",
        "Học tốc độ của mô hình",
        "скорость обучения",
        "학습률은 중요하다",
        "סדר גודל",
        "अधिगम दर",
        "fine-tuning of the ﬁrst layer, 𝐿 𝑊 ℝ",
        "",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in TEXTS.items() for text in texts]
)
def test_only_chinese_characters_make_a_note_chinese(language: str, text: str) -> None:
    assert language_of(text) == language
