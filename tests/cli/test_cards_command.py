"""`ankillm cards`: what there is to say when there is no card."""

import json
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


SHOWN = """# KV cache

What is a KV cache?::The keys and values of earlier tokens

## How do prefill and decoding differ?

Prefill computes all positions of the prompt at once, decoding one position a step.

## Acknowledgements

Thanks to everyone who read this.
"""


def test_what_a_card_shows_is_not_told_as_without_one(tmp_path: Path) -> None:
    """The question above its answer is a passage too; what nothing shows is told."""
    (tmp_path / "note.md").write_text(SHOWN, "utf-8")
    answer = CliRunner().invoke(command, [str(tmp_path), "--dropped", "--json"])
    cards = json.loads(answer.stdout)
    made = [card["front"] for card in cards if not card["dropped"]]
    without = [card["front"] for card in cards if card["dropped"]]
    assert made == ["What is a KV cache?", "How do prefill and decoding differ?"]
    assert not {*made} & {*without}
    assert any("Thanks to" in front for front in without)
