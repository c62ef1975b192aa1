"""What an author says by `<!-- anki: … -->` and Anki's own gaps holds for the block or section that follows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ankillm.anki.fields import RenderedCard
from ankillm.build.build import read_decks
from ankillm.common.project import DeckSpec

KEYS = "- keys: vectors that each query is compared with, one for every token\n"
VALUES = "- values: vectors that are summed up, each by its weight\n"
HEADS = "- head size: the number of dimensions that each attention head works on, which sets the scale of the scores\n"
CODE = "```python\nuse_rslora=True,  # scale by the root of the rank, not by the rank\n```\n"
Made = Callable[[str], dict[str, RenderedCard]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Return the cards of a note by their names."""

    def cards(text: str) -> dict[str, RenderedCard]:
        note = tmp_path / "note.md"
        note.write_text(text, "utf-8")
        (deck,) = read_decks([DeckSpec("D", (note,), tmp_path / "d.apkg", density="many")])
        return {card.key.rsplit("#", 2)[1] or card.front: card for card in deck.kept}

    return cards


def test_a_list_is_left_out(made: Made) -> None:
    """A comment before a list holds for all its items, also for those inside of them."""
    note = f"# Cache\n\n{KEYS}\n<!-- anki: skip -->\n{VALUES}- heads:\n  {HEADS}"
    assert list(made(note)) == ["keys"]


def test_tags_and_deck_hold_for_a_list_and_its_code(made: Made) -> None:
    note = f"# Cache\n\n<!-- anki: tags=a deck=Other -->\n{KEYS}\n<!-- anki: tags=b -->\n{CODE}\n{VALUES}"
    cards = made(note)
    assert (cards["keys"].tags, cards["keys"].deck) == (("a", "cache", "keys"), "Other")
    assert cards["use_rslora"].tags == ("b", "cache", "use_rslora")
    assert (cards["values"].tags, cards["values"].deck) == (("cache", "values"), "D")


def test_a_section_passes_its_steering_to_sections_below(made: Made) -> None:
    note = f"# Top\n\n<!-- anki: tags=all deck=Other -->\n## Cache\n\n<!-- anki: tags=own -->\n### Heads\n\n{HEADS}"
    (card,) = made(note).values()
    assert (card.tags, card.deck) == (("all", "head_size", "own", "top::cache"), "Other")


def test_a_skipped_section_skips_what_is_below_it(made: Made) -> None:
    note = f"# Top\n\n<!-- anki: skip -->\n## Cache\n\n<!-- anki: tags=own -->\n### Heads\n\n{HEADS}"
    assert made(note) == {}


def test_an_id_is_that_of_the_lone_item(made: Made) -> None:
    assert made(f"# Cache\n\n<!-- anki: id=k -->\n{KEYS}")["keys"].id == "k"


def test_gaps_below_a_question_are_cards_of_their_own(made: Made) -> None:
    """They do not end up, marks and all, in the answer of the question."""
    note = "# Cache\n\n## Why is it kept?\n\nIt saves time.\n\nA layer keeps {{c1::keys}} and values.\n"
    backs = [card.back for card in made(note).values() if card.kind == "basic"]
    assert backs == ["It saves time."]
    assert [card.kind for card in made(note).values()] == ["basic", "cloze"]
    assert [card.kind for card in made("# C\n\n## Why?\n\nIt saves {{c1::time}} at every step.\n").values()] == [
        "cloze"
    ]


def test_tags_come_from_sections_and_terms(made: Made) -> None:
    """A card can be found in Anki by where it stands and by what it is about."""
    cards = made("# LoRA\n\n## 用 peft 套上\n\n- **秩 r**：低秩矩阵的秩\n- 优点：省显存\n")
    assert [card.tags for card in cards.values()] == [
        ("lora::用_peft_套上", "秩_r"),
        ("lora::用_peft_套上",),
    ]
