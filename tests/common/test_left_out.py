"""Folders: what is a note, what is passed over, and that this is told."""

from pathlib import Path
from typing import Any

from ankillm.common.project import note_files


def test_what_is_no_note_is_passed_over_and_told(tmp_path: Path) -> None:
    for name in ("a.md", "b.mdx", "c.markdown", "d.excalidraw.md", "Templates/t.md", "node_modules/x.md", "e.cards.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "s").symlink_to(tmp_path / "Templates")
    told: list[Any] = []
    assert [file.path for file in note_files((tmp_path,), told)] == ["a.md", "b.mdx", "c.markdown"]
    assert len(told) == 1
    assert all(
        word in str(told[0]) for word in ("drawing", "templates", "node_modules", "list of cards", "link to a folder")
    )
    assert [file.path for file in note_files((tmp_path / "d.excalidraw.md",))] == ["d.excalidraw.md"]
    for name in (".excalidraw.md", ".cards.md", ".ledger.jsonl"):
        (tmp_path / "deck").mkdir(exist_ok=True)
        (tmp_path / "deck" / f"notes{name}").write_text("x", "utf-8")
    del told[:]
    note_files((tmp_path / "deck",), told)
    assert str(told[0]).startswith("passed over: 1 × drawing;"), "what lies beside its ledger is the deck's own"


def test_the_page_of_a_training_is_no_note(tmp_path: Path) -> None:
    """A vault may be a project, and have its trainings in it; a README of one's own is a note."""
    for name in ("README.md", "runs/001/lora/README.md", "runs/001/lora/metrics.jsonl", "runs/001/lora/settings.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    told: list[Any] = []
    assert [file.path for file in note_files((tmp_path,), told)] == ["README.md"]
    assert not told
