"""`ankillm cards`: what there is to say when there is no card."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ankillm.cli.cards import command
from ankillm.common.diagnostics import Refusal


def test_a_note_without_cards_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "empty.md").touch()
    assert CliRunner().invoke(command, [str(tmp_path)]).output == "✓ no cards in 1 note\n"
    assert CliRunner().invoke(command, [str(tmp_path), "--json"]).output == "[]\n"


def test_a_folder_without_notes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no notes there; name a folder with Markdown files"):
        CliRunner().invoke(command, [str(tmp_path)], catch_exceptions=False)
