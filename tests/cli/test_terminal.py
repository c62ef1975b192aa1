"""What a terminal shows: help at once and in 80 columns, plain text in a pipe, completion, the nearest name."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

from ankillm.cli import COMMANDS

HEAVY = ("markdown_it", "genanki", "pygments", "rich", "torch", "ankillm.cli.build", "ankillm.build.pipeline")


def ankillm(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a pipe."""
    timed = ["-X", "importtime"] if environment.pop("importtime", "") else []
    return subprocess.run(
        [sys.executable, *timed, "-m", "ankillm", *words],
        cwd=cwd,
        env=os.environ | {"COLUMNS": "80"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_and_version_import_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    """The list of commands comes from a table: no command is imported for it."""
    run = ankillm(*words, cwd=tmp_path, importtime="yes")
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert run.returncode == 0
    assert "click" in imported
    assert not imported.intersection(HEAVY)


def test_help_names_every_command_with_a_whole_line(tmp_path: Path) -> None:
    shown = ankillm("--help", cwd=tmp_path).stdout
    for name, line in COMMANDS.items():
        assert f"  {name} " in shown
        assert line in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_examples_and_no_colour(name: str, tmp_path: Path) -> None:
    shown = ankillm(name, "--help", cwd=tmp_path).stdout
    assert f"Examples:\n    ankillm {name}" in shown or f"Examples:\n  ankillm {name}" in shown
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(("words", "expected"), [("ankillm bu", "build"), ("ankillm build --dr", "--dry-run")])
def test_commands_and_options_are_completed(words: str, expected: str, tmp_path: Path) -> None:
    position = str(len(words.split()) - 1)
    run = ankillm(cwd=tmp_path, _ANKILLM_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=position)
    assert [line.partition(",")[2] for line in run.stdout.splitlines()] == [expected]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_gets_its_completion(shell: str, tmp_path: Path) -> None:
    run = ankillm(cwd=tmp_path, _ANKILLM_COMPLETE=f"{shell}_source")
    assert "_ankillm_completion" in run.stdout
    assert "_ANKILLM_COMPLETE" in run.stdout


def test_a_mistyped_option_gets_the_nearest(tmp_path: Path) -> None:
    run = ankillm("build", "--dryrun", cwd=tmp_path)
    assert run.returncode == 2
    assert "--dry-run" in run.stderr


def test_results_in_a_pipe_are_plain_text(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text('# LoRA\n\nIt has [rank 8](demo:lora#nothing "= 8").\n', "utf-8")
    for words in (["check", "note.md"], ["cards", "note.md"], ["build", "note.md"], ["demo"]):
        run = ankillm(*words, cwd=tmp_path)
        assert "\x1b" not in run.stdout + run.stderr
        assert "Traceback" not in run.stderr


def test_one_place_prints() -> None:
    """What is printed is cleaned there; a patch alone goes out to the byte, for git, and tables clean their cells."""
    sources = (file for file in (ROOT / "src/ankillm/cli").glob("*.py") if file.name != "console.py")
    found = [
        f"{file.name}: {line.strip()}"
        for file in sources
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"click\.(?:secho|echo)\(|(?<![\w.])print\(|sys\.std(?:out|err)\.(?:buffer\.)?write", line)
    ]
    assert [place for place in found if "to the byte, for git" not in place] == []


ESCAPES = "\x1b]0;pwned\x07\x9b31m\u202e"


def test_what_a_model_says_steers_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text(
        "# KV cache\n\nDecoding is bound by memory bandwidth, as each step reads all weights.\n"
    )
    card = {"passage": ESCAPES, "form": "question", "question": f"What {ESCAPES}?", "quote": ESCAPES, "subject": "x"}
    (tmp_path / f"a{ESCAPES[:5]}.json").write_text(json.dumps({"cards": [card]}, ensure_ascii=False))
    for words in ([f"a{ESCAPES[:5]}.json"], [f"a{ESCAPES[:5]}.json", "--json"], [f"b{ESCAPES[:5]}.json"]):
        run = ankillm("write", "n.md", "--all", "--answers", *words, cwd=tmp_path)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", run.stdout + run.stderr)


def test_what_a_configuration_says_steers_no_terminal(tmp_path: Path) -> None:
    for values in ({"model_type": f"llama{ESCAPES}"}, {"model_type": "llama", "dtype": ESCAPES}, {ESCAPES: 1}):
        (tmp_path / "config.json").write_text(json.dumps(values, ensure_ascii=False))
        run = ankillm("count", ".", cwd=tmp_path)
        assert run.returncode == 2
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", run.stdout + run.stderr)
