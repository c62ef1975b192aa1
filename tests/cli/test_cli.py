"""The command line as a whole: names, nearest names, help, a new project."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ankillm import __version__
from ankillm.cli import cli, main


def ankillm(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    command = [sys.executable, "-m", "ankillm", *words]
    environment = {**os.environ, **environment}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def test_the_version_is_told(tmp_path: Path) -> None:
    assert ankillm("--version", cwd=tmp_path).stdout == f"ankillm {__version__}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("biuld", "no command 'biuld'; did you mean build? (ankillm --help)"),
        ("--nope", "no option --nope (ankillm --help)"),
        ("build --opne", "no option --opne; did you mean --open? (ankillm build --help)"),
        ("build --density full", "invalid value for '--density': 'full' is not one of "),
        ("sync --url", "option '--url' requires an argument (ankillm sync --help)"),
        ("count", "missing argument 'REF' (ankillm count --help)"),
        ("demo a b", "got unexpected extra argument (b) (ankillm demo --help)"),
        ("check --diff", "--diff goes with --suggest (ankillm check --help)"),
    ],
)
def test_a_mistyped_line_is_told_in_one(
    line: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong, what was meant, and where the help is; the exit code of every refusal."""
    monkeypatch.setattr(sys, "argv", ["ankillm", *line.split()])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    assert (end.value.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.startswith(f"× {said}")
    assert told.err.endswith(" --help)\n")


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_every_command_has_help_in_eighty_columns(name: str, tmp_path: Path) -> None:
    run = ankillm(name, "--help", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_a_new_project_builds_at_once(tmp_path: Path) -> None:
    assert ankillm("init", "my notes", cwd=tmp_path).stdout.endswith("Next: cd 'my notes' && ankillm build\n")
    (tmp_path / "my notes").rename(tmp_path / "mine")
    run = ankillm("build", cwd=tmp_path / "mine")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "mine/deck/notes.apkg").exists()
    assert (tmp_path / "mine/deck/notes.cards.md").read_text("utf-8").count("\n## ") >= 4
    assert ankillm("init", "mine", cwd=tmp_path).returncode == 2


def test_a_project_around_notes_gets_no_sample(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/own.md").write_text("# Mine\n")
    (tmp_path / ".gitignore").write_text("preview\n*.apkg\n")
    run = ankillm("init", cwd=tmp_path)
    assert run.stdout.startswith("✓ a project in .: deck/deck.toml, for 1 note\n")
    assert run.stderr == "! .gitignore: stays as it is; add /runs/ to it, or git keeps what is built\n"
    assert [file.name for file in (tmp_path / "notes").iterdir()] == ["own.md"]


def test_a_project_in_a_vault_is_about_its_notes(tmp_path: Path) -> None:
    """Wherever they lie; what a build writes beside them is no note."""
    vault = tmp_path / 'My "Vault"'
    (vault / "Lectures").mkdir(parents=True)
    (vault / ".obsidian").mkdir()
    (vault / "README.md").write_text("# About\n")
    (vault / "Lectures" / "LoRA.md").write_text("<!-- anki: id=a -->\n## Why is LoRA small?\n\nIt has a low rank.\n")
    run = ankillm("init", cwd=vault)
    assert run.stdout.startswith("✓ a project in .: deck/deck.toml, .gitignore, for 1 note\n")
    assert not (vault / "notes").exists()
    first = ankillm("build", cwd=vault)
    assert first.stdout.startswith('✓ My "Vault": 1 card of 2 notes → deck/notes.apkg (1 new)\n'), first.stderr
    assert "(nothing changed)" in ankillm("build", cwd=vault).stdout
    assert {"/runs/", "/preview/"} <= {*(vault / ".gitignore").read_text().split()}


def test_only_a_readme_is_no_vault(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# About\n")
    assert "notes/first.md" in ankillm("init", cwd=tmp_path).stdout


def test_help_has_a_short_name_and_the_commands_first_that_are_used_most(tmp_path: Path) -> None:
    said = ankillm("-h", cwd=tmp_path).stdout
    assert said == ankillm("--help", cwd=tmp_path).stdout
    listed = [line.split()[0] for line in said.partition("Commands:\n")[2].splitlines()]
    assert listed[:5] == ["build", "preview", "demo", "check", "sync"]
    assert ankillm("build", "-h", cwd=tmp_path).stdout.startswith("Usage: ankillm build")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ankillm sy", {"sync"}),
        ("ankillm train --pre", {"--pre-seq-len"}),
        ("ankillm sync --re", {"--retired"}),
        ("ankillm demo lor", {"lora", "lora_alpha"}),
    ],
)
def test_a_shell_completes(typed: str, offered: set[str], tmp_path: Path) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_ANKILLM_COMPLETE": "bash_complete"}
    run = ankillm(cwd=tmp_path, **words)
    assert offered <= {line.partition(",")[2] for line in run.stdout.splitlines()}


def test_a_fresh_clone_is_told_what_to_do(tmp_path: Path) -> None:
    """Its ledger is there and its package is not: nothing changed, and there is something to import."""
    ankillm("init", cwd=tmp_path)
    ankillm("build", cwd=tmp_path)
    (tmp_path / "deck" / "notes.apkg").unlink()
    run = ankillm("build", cwd=tmp_path)
    assert "(no card changed)" in run.stdout
    assert run.stdout.splitlines()[-1].startswith("Next: import deck/notes.apkg into Anki")


def test_the_lines_to_type_next_are_about_the_notes_that_were_built(tmp_path: Path) -> None:
    """Of notes that were named, by their names; of a project, without. No `sync` where its package would be another."""
    (tmp_path / "a b.md").write_text("# A\n\n## Why is B zero?\n\nSo that training starts from the model.\n")
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_text('[decks.mine]\nnotes = "."\n')
    last = {
        words: ankillm("build", *words, cwd=tmp_path).stdout.splitlines()[-1]
        for words in (("a b.md",), ("a b.md", "-o", "c.apkg"), ())
    }
    assert last == {
        ("a b.md",): "Next: import a b.apkg into Anki (File → Import), or ankillm sync 'a b.md'",
        ("a b.md", "-o", "c.apkg"): "Next: import c.apkg into Anki (File → Import)",
        (): "Next: import deck/mine.apkg into Anki (File → Import), or ankillm sync",
    }


def test_no_notes_and_no_project_is_one_line(tmp_path: Path) -> None:
    run = ankillm("build", cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith("× no notes given")
    assert run.stderr.count("\n") == 1


def test_no_name_steers_the_terminal(tmp_path: Path) -> None:
    """Names of decks and files, and texts of notes, come with a cloned project."""
    evil = "\\u001b]0;pwned\\u0007\\nfake line"
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_text(f'[decks.mine]\nnotes = "."\nname = "{evil}"\n')
    text = "# A\n\n<!-- anki: id=a -->\n## Why\x9b?\n\nBecause \x1b[31m.\n"
    (tmp_path / "a\x1b[2J.md").write_text(text, "utf-8")
    for words in (["build"], ["cards"], ["build", "--deck", "\x1b[2J"], ["build", "gone\x1b.md"], ["check"]):
        run = ankillm(*words, cwd=tmp_path)
        assert "Traceback" not in run.stderr
        assert not {"\x1b", "\x9b", "\x07"} & {*run.stdout, *run.stderr}
        assert "\nfake line" not in run.stdout
