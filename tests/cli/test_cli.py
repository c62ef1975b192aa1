"""The command line as a whole: names, nearest names, help, a new project."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from ankillm import __version__
from ankillm.cli import cli


def ankillm(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    return subprocess.run(
        [sys.executable, "-m", "ankillm", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_version_is_told(tmp_path: Path) -> None:
    assert ankillm("--version", cwd=tmp_path).stdout == f"ankillm {__version__}\n"


def test_a_mistyped_command_gets_the_nearest(tmp_path: Path) -> None:
    run = ankillm("biuld", cwd=tmp_path)
    assert run.returncode == 2
    assert "did you mean build?" in run.stderr


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_every_command_has_help_in_eighty_columns(name: str, tmp_path: Path) -> None:
    run = ankillm(name, "--help", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_a_new_project_builds_at_once(tmp_path: Path) -> None:
    assert ankillm("init", "mine", cwd=tmp_path).returncode == 0
    run = ankillm("build", cwd=tmp_path / "mine")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "mine/deck/notes.apkg").exists()
    assert (tmp_path / "mine/deck/notes.cards.md").read_text("utf-8").count("\n## ") >= 4
    assert ankillm("init", "mine", cwd=tmp_path).returncode == 2


def test_a_project_around_notes_gets_no_sample(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/own.md").write_text("# Mine\n")
    run = ankillm("init", cwd=tmp_path)
    assert run.stdout.startswith("✓ a project in .: deck/deck.toml, .gitignore\n")
    assert [file.name for file in (tmp_path / "notes").iterdir()] == ["own.md"]


def test_no_notes_and_no_project_is_one_line(tmp_path: Path) -> None:
    run = ankillm("build", cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith("× no notes given")
    assert run.stderr.count("\n") == 1
