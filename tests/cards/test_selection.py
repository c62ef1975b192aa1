"""Which shapes count as marked by their author."""

import pytest
from msgspec.structs import replace
from note_cards import shape_drafts

from ankillm.cards.selection import _is_marked
from ankillm.markdown.note import parse


@pytest.mark.parametrize(
    ("note", "is_marked"),
    [
        ("# LoRA\n\n- 秩：低秩矩阵的列数\n", True),
        ("# LoRA\n\n- **Rank:** how many columns the matrices have\n", False),
        ("# LoRA\n\n- **rank**: the number of columns of a low-rank matrix\n", True),
    ],
)
def test_an_english_label_whose_text_says_anything_is_not_marked(note: str, is_marked: bool) -> None:  # noqa: FBT001
    """It is asked as `Rank: […]`, and readers keep few; `What is rank?` they keep, and Chinese labels."""
    (card,) = shape_drafts(parse(note, "n.md"))
    assert _is_marked(replace(card, rule="term"), "item") == is_marked, card.front
