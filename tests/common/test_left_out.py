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
