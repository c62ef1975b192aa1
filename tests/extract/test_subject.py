"""The subject of a passage: what it is about, in words that make sense alone."""

import pytest

from ankillm.extract.subject import is_specific


@pytest.mark.parametrize("title", ["LoRA的秩应该选多大？", "ZeRO怎么切分优化器状态？", "What does LoRA train?"])
def test_a_title_that_asks_is_no_subject(title: str) -> None:
    """Not either where it starts with a name in Latin letters and has no space."""
    assert not is_specific(title)


@pytest.mark.parametrize("title", ["rsLoRA?", "梯度累积", "LoRA"])
def test_a_name_is_a_subject(title: str) -> None:
    """Also one with the question mark of a writer who was curious about it."""
    assert is_specific(title)


@pytest.mark.parametrize("title", ["mlnotes", "My notes", "deep-learning-notes"])
def test_notes_are_no_subject(title: str) -> None:
    """What a file or folder of notes is called is no thing that a question could be about."""
    assert not is_specific(title)
