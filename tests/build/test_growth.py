"""Work grows with the notes and no faster: counted in parses, renders and database statements, not in seconds."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT
from click.testing import CliRunner
from markdown_it import MarkdownIt

from ankillm.anki import fields, renames
from ankillm.build import pipeline
from ankillm.cards import demo_links
from ankillm.cli import cli
from ankillm.markdown.inline import inline_tokens, plain_text


def note(number: int, cards: int) -> str:
    """Return a note whose lines the parser has to look at."""
    parts = (f"## Why does step {i} of {number} matter?\n\nIt is *{i}*, see <b>{number}</b>.\n" for i in range(cards))
    return f"# Note {number}\n\n" + "\n".join(parts)


class Count:
    """Builds decks and counts what is done."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.done: Counter[str] = Counter()
        self.now = 1_700_000_000
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(pipeline, "WORTH_SHARING", 10**9)  # what another process does is not counted
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        for place, name in (
            (MarkdownIt, "parse"),
            (MarkdownIt, "parseInline"),
            (fields, "rendered"),
            (demo_links, "those_in"),
            (renames, "portrait"),
        ):
            self._watch(place, name)

    def _watch(self, place: object, name: str) -> None:
        original = getattr(place, name)

        def wrapped(*args: Any, **options: Any) -> Any:  # noqa: ANN401
            self.done[name] += 1
            return original(*args, **options)

        self.monkeypatch.setattr(place, name, wrapped)

    def build(self, folder: Path, *options: str) -> Counter[str]:
        """Build a folder, and return what that took."""
        self.done.clear()
        plain_text.cache_clear()
        inline_tokens.cache_clear()
        self.now += 1
        self.monkeypatch.setenv("SOURCE_DATE_EPOCH", str(self.now))
        result = CliRunner().invoke(cli, ["build", str(folder), "-o", f"{folder}.apkg", *options])
        assert result.exit_code == 0, result.output
        return Counter(self.done)

    def __call__(self, files: int, cards: int) -> Counter[str]:
        """Build a deck from some files of some cards twice from nothing, and return what that took."""
        folder = self.folder / f"{files}x{cards}"
        folder.mkdir()
        for number in range(files):
            (folder / f"{number}.md").write_text(note(number, cards))
        done = self.build(folder, "--no-cache") + self.build(folder, "--no-cache")
        assert done["rendered"] == 2 * files * cards
        return done


@pytest.fixture
def count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Count:
    """Return what builds decks and counts."""
    return Count(tmp_path, monkeypatch)


def assert_linear(small: Counter[str], large: Counter[str], factor: int) -> None:
    """Check that nothing grew faster than the notes did, but for what is done once a build or for the same words."""
    for name, number in large.items():
        assert number <= 1.1 * factor * small[name] + 8, name


def test_work_is_linear_in_cards(count: Count) -> None:
    assert_linear(count(1, 80), count(1, 320), 4)


def test_work_is_linear_in_files(count: Count) -> None:
    assert_linear(count(5, 4), count(40, 4), 8)


def test_unchanged_cards_are_compared_with_nothing(count: Count) -> None:
    """Likeness is worked out only for cards that the ledger does not have as they are."""
    assert count(3, 10)["portrait"] == 0


def test_of_many_notes_the_one_that_changed_is_read_and_no_other(count: Count, tmp_path: Path) -> None:
    """However many notes there are, one reworded costs what it costs alone."""
    taken = []
    for files in (2, 40):
        folder = tmp_path / f"deck{files}"
        folder.mkdir()
        for number in range(files):
            (folder / f"{number}.md").write_text(note(number, 5))
        assert count.build(folder)["rendered"] == 5 * files
        (folder / "1.md").write_text(note(1, 5).replace("*3*", "*reworded*"))
        taken.append(count.build(folder))
        assert count.build(folder) == Counter()
    few, many = taken
    assert 0 < few["rendered"] <= 2 * 5  # at most once more with the card that is not what it was
    assert few["parse"] > 0
    assert_linear(few, many, 1)


def test_statements_do_not_grow_with_the_cards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Rows go into the database in bulk: as many calls for 200 cards as for 20."""
    calls: list[str] = []

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:  # noqa: ANN401
            calls.append(sql)
            return super().execute(sql, *args)

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:  # noqa: ANN401
            calls.append(sql)
            return super().executemany(sql, rows)

    monkeypatch.setattr(sqlite3, "connect", Connection)
    counts = []
    for cards in (20, 200):
        (tmp_path / f"{cards}.md").write_text(note(1, cards))
        place = str(tmp_path / f"{cards}.md")
        result = CliRunner().invoke(cli, ["build", place, "-o", str(tmp_path / f"{cards}.apkg"), "--no-cache"])
        assert result.exit_code == 0, result.output
        counts.append(len(calls))
        calls.clear()
    assert counts[0] == counts[1] > 0


def test_where_the_time_goes_can_be_printed() -> None:
    """The steps that the benchmark watches are functions that there are, and all of them are called."""
    command = [sys.executable, str(ROOT / "benchmarks" / "where.py"), "--cards", "20", "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    steps = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.count("|") == 5]
    assert {"reading", "concepts", "links", "fields", "identity", "database", "zip", "writing"} <= set(steps)


def test_the_benchmark_of_the_demos_finds_them() -> None:
    """It takes minutes, so that it is not run."""
    code = "import demos; print(*(demo.name for demo in demos.listed(demos.trainer_folder())))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "benchmarks", capture_output=True, text=True, check=True, timeout=60)
    assert "lora" in done.stdout.split()
