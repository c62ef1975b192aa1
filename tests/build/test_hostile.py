"""Hostile input, row by row; `python tests/support/hostile_table.py` prints the table."""

import sys
from pathlib import Path
from typing import Any

import pytest
from deckwork import bring, collection
from hostile_table import GOOD, ROWS, Row, attempt, run

from ankillm.build import pipeline
from ankillm.markdown.note import Note, parse


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name[:40])
def test_the_tool_stands(row: Row, tmp_path: Path) -> None:
    """A clear line, no traceback, no hang, nothing from outside, no script, and the good note's card is there."""
    assert attempt(row, tmp_path) == []


@pytest.mark.parametrize("count", [500, pytest.param(20_000, marks=pytest.mark.slow)])
def test_very_many_files(count: int, tmp_path: Path) -> None:
    """Each its own subdeck; the decks are written once."""
    for number in range(count):
        folder = tmp_path / "notes" / f"{number % 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.md").write_text(
            f"# 题\n\n## 为什么笔记 {number} 要单独成篇？\n\n因为每一篇都是一个自己的子牌组，共有 {number} 篇。\n"
        )
    code, said = run(tmp_path, "build", "notes", "-o", "out.apkg")
    assert (code, f"{count} cards of {count} notes" in said.replace(",", "")) == (0, True), said
    with collection() as anki:
        assert bring(anki, tmp_path / "out.apkg") == {"new": count}
        assert anki.decks.count() == count + 102


def test_a_note_that_is_too_deep_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one line and exit code 1; the others are built."""

    def parsed(text: str, *rest: Any) -> Note:  # noqa: ANN401  (passed on)
        if "deep" in text:
            raise RecursionError
        return parse(text, *rest)

    monkeypatch.setattr(pipeline, "parse", parsed)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "good.md").write_text(GOOD)
    (tmp_path / "notes" / "bad.md").write_text("# deep\n")
    code, said = run(tmp_path, "build", "notes", "-o", "out.apkg", "--no-cache")
    assert (code, f"× notes/bad.md: {pipeline.TOO_DEEP}" in said) == (1, True), said
    assert "1 card of 1 note" in said


VANISHING: list[Path] = []


def _vanish(event: str, arguments: tuple[object, ...]) -> None:
    """Delete a file in the moment in which it is opened for reading."""
    if event == "open" and VANISHING and str(arguments[0]) == str(VANISHING[0]):
        VANISHING.pop().unlink()


sys.addaudithook(_vanish)


def test_a_file_that_vanishes_while_reading(tmp_path: Path) -> None:
    """It is one line and exit code 1; the others are built."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "good.md").write_text(GOOD)
    (tmp_path / "notes" / "gone.md").write_text(GOOD)
    VANISHING.append(Path("notes/gone.md"))
    code, said = run(tmp_path, "build", "notes", "-o", "out.apkg", "--no-cache")
    assert not VANISHING
    assert (code, "× notes/gone.md: cannot be read (No such file or directory)" in said) == (1, True), said
    assert "1 card of 1 note" in said


def test_alone_an_unreadable_note_writes_nothing(tmp_path: Path) -> None:
    """One line, exit code 2, no file."""
    (tmp_path / "bad.md").write_bytes(b"# a\n\xff\n")
    code, said = run(tmp_path, "build", "bad.md", "-o", "out.apkg")
    assert (code, said.count("\n")) == (2, 1)
    assert "bad.md:2: byte 0xff is not UTF-8" in said
    assert [path.name for path in tmp_path.iterdir()] == ["bad.md"]
