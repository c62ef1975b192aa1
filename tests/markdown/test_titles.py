"""Titles: what a heading says without the signs around it."""

import pytest

from ankillm.markdown.note import parse
from ankillm.markdown.titles import bold_question, clean_title, unnumbered


@pytest.mark.parametrize("sign", ["⭐️", "\u200d⭐️", "\u200b🔥", "\u2060★★", "👩\u200d💻"])
def test_signs_and_what_joins_them_are_no_words_of_a_question(sign: str) -> None:
    """Editors put joiners between signs that nobody sees; a question in bold is one all the same."""
    assert bold_question(f"**What does LoRA train? {sign}**") == ("What does LoRA train?", "")


@pytest.mark.parametrize(
    ("headings", "path"),
    [
        ("# LoRA\n\n## Rank\n\nx", ("LoRA", "Rank")),
        ("## Rank\n\nx", ("ALBERT notes", "Rank")),
        ("# Model\n\nx\n\n# Results\n\n## Settings\n\nx", ("ALBERT notes", "Results", "Settings")),
        ("# Model\n\nx\n\n# ALBERT notes\n\nx", ("ALBERT notes",)),
    ],
)
def test_a_file_names_what_no_single_heading_names(headings: str, path: tuple[str, ...]) -> None:
    """Several headings of the first level are chapters: what all of them are about stands in the file's name."""
    assert parse(headings, "papers/ALBERT notes.md").sections[-1].path == path


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("[2018 ECCV] Mask TextSpotter", "Mask TextSpotter"),
        ("【CVPR 2017】DenseNet", "DenseNet"),
        ("(NeurIPS'22) FlashAttention", "FlashAttention"),
        ("Concept B: Weight histograms", "Weight histograms"),
        ("[EMNLP '20]", "[EMNLP '20]"),
        ("[CLS] token", "[CLS] token"),
        ("Topic models", "Topic models"),
    ],
)
def test_a_title_is_shown_without_where_a_paper_was_published(title: str, name: str) -> None:
    assert clean_title(title) == name


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("7.3，虚拟内存", "虚拟内存"),
        ("7，操作系统", "操作系统"),
        ("(2). 对抗训练", "对抗训练"),
        ("（三）、预热", "预热"),
        ("1,024 维", "1,024 维"),
        ("8，16 位训练", "8，16 位训练"),
    ],
)
def test_a_title_is_shown_without_its_number_and_what_parts_it(title: str, bare: str) -> None:
    assert unnumbered(title) == bare
