"""Titles: what a heading says without the signs around it."""

import pytest

from ankillm.markdown.titles import bold_question


@pytest.mark.parametrize("sign", ["⭐️", "\u200d⭐️", "\u200b🔥", "\u2060★★", "👩\u200d💻"])
def test_signs_and_what_joins_them_are_no_words_of_a_question(sign: str) -> None:
    """Editors put joiners between signs that nobody sees; a question in bold is one all the same."""
    assert bold_question(f"**What does LoRA train? {sign}**") == ("What does LoRA train?", "")
