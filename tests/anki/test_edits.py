"""The edit table, cell by cell; `python tests/support/edit_table.py` prints it."""

from pathlib import Path

import pytest
from edit_table import ALL, PRESETS, Bench, Edit, cell, prepared


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bench]:
    """Return a deck imported, answered and edited by its reader, for each of Anki's schedulers."""
    folder = tmp_path_factory.mktemp("benches")
    return {name: prepared(folder / name, fsrs=name == "FSRS") for name in ("SM-2", "FSRS")}


@pytest.mark.parametrize("edit", ALL, ids=lambda edit: edit.name)
def test_no_review_is_lost(benches: dict[str, Bench], edit: Edit, tmp_path: Path) -> None:
    """Reviews stay, new text arrives, nothing is doubled, and the reader's own edits are still theirs."""
    cells = {
        f"{scheduler} {preset.name}": cell(bench, edit, preset, tmp_path / f"{scheduler} {preset.name}")
        for scheduler, bench in benches.items()
        for preset in PRESETS
    }
    assert {name: wrong for name, wrong in cells.items() if wrong} == {}
