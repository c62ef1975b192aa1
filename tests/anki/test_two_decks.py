"""Decks of one project live side by side in Anki, also where their notes have the same names and headings."""

import subprocess
import sys
from pathlib import Path

import pytest
from deckwork import bring, collection

CONFIG = """schema = 1
facts = true

[decks.zh]
notes = "notes/zh"
name = "微调"

[decks.en]
notes = "notes/en"
name = "Fine-tuning"
"""
ZH = "# LoRA\n\n- `r`：更新矩阵的秩，决定可训练的参数有多少\n\n`lora_alpha` 决定更新的缩放。\n"
EN = "# LoRA\n\n- `r`: the rank of the update, by which more is trained\n\n`lora_alpha` scales the update.\n"


def build(folder: Path) -> str:
    """Build all decks of a project; return what it warned of."""
    command = [sys.executable, "-m", "ankillm", "build"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project whose two decks have notes of the same path and headings."""
    for place, text in (("deck/deck.toml", CONFIG), ("notes/zh/lora.md", ZH), ("notes/en/lora.md", EN)):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text, "utf-8")
    return tmp_path


def test_a_second_deck_takes_no_card_of_the_first(project: Path) -> None:
    """Keys, and those of cards of facts, are equal in both; Anki would take equal GUIDs for an update."""
    build(project)
    with collection() as opened:
        for name in ("zh", "en"):
            assert set(bring(opened, project / f"deck/{name}.apkg")) == {"new"}
        assert bring(opened, project / "deck/zh.apkg").keys() == {"duplicate"}
        assert opened.find_notes("deck:微调")
        assert opened.find_notes("deck:Fine-tuning")


def test_a_lost_ledger_of_a_project_gives_the_same_cards(project: Path) -> None:
    build(project)
    with collection() as opened:
        bring(opened, project / "deck/zh.apkg")
        (project / "deck/zh.ledger.jsonl").unlink()
        build(project)
        assert "new" not in bring(opened, project / "deck/zh.apkg", update="always")


def test_a_note_that_went_to_another_deck_is_told(project: Path) -> None:
    """There its cards start anew; a note that only went, or only came, is none of these."""
    adam = "# Adam\n\n- `beta2`: how slowly the second moment forgets, which stands for the size of gradients\n"
    (project / "notes/en/adam.md").write_text(adam, "utf-8")
    assert "went with a note" not in build(project)
    (project / "notes/en/adam.md").rename(project / "notes/zh/adam.md")
    told = build(project)
    assert "went with a note from Fine-tuning to 微调" in told
    (project / "notes/zh/adam.md").unlink()
    assert "went with a note" not in build(project)
