"""Windows, as far as another system shows it: what it lacks is not needed, its paths are read, its lock holds.

There, the same runs without a stand-in.
"""

import json
import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest
from checkout import ROOT

from ankillm.anki.media import candidate, is_bare
from ankillm.build.inputs import select
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import leads_out, load

WITHOUT = ROOT / "tests" / "support" / "windows_like.py"
PLACES = (str(ROOT / "src"), str(ROOT))
NOTES = 52
"""As many as make a build share its work among processes."""
RESERVED = frozenset('<>:"|?*\\')
"""What no name of a file may hold there."""


def start(*words: str, cwd: Path, like_windows: bool = True) -> subprocess.Popen[str]:
    """Start a program, as it would run where Windows' lacks are ours."""
    way = ["-X", "warn_default_encoding", str(WITHOUT)] if like_windows and os.name != "nt" else []
    places = {"SOURCE_DATE_EPOCH": "1700000000", "XDG_CACHE_HOME": str(cwd / ".cache"), "PYTHONIOENCODING": "utf-8"}
    environment = os.environ | places | {"PYTHONPATH": os.pathsep.join(PLACES)}
    pipe = subprocess.PIPE
    command = [sys.executable, *way, *words]
    return subprocess.Popen(command, cwd=cwd, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8")


def ankillm(*words: str, cwd: Path, like_windows: bool = True, expected: int = 0) -> str:
    """Run a command; return what it printed, errors last."""
    process = start("-m", "ankillm", *words, cwd=cwd, like_windows=like_windows)
    printed, errors = process.communicate()
    assert process.returncode == expected, printed + errors
    return printed + errors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with spaces and Chinese letters in its name, with notes."""
    home = tmp_path / "My notes (2026)" / "笔记 一"
    home.mkdir(parents=True)
    text = (ROOT / "docs/examples/claims.md").read_text("utf-8")
    for number in range(NOTES):
        (home / f"note {number}.md").write_text(text.replace("P-tuning v2", f"Method {number}"), "utf-8")
    return home.parent


def test_what_windows_lacks_is_not_needed(folder: Path) -> None:
    """A project is made, built by several processes, checked and shown, and the package is the same as here."""
    ankillm("init", cwd=folder)
    assert f"cards of {NOTES} notes" in ankillm("build", cwd=folder)
    built = folder / "deck/notes.apkg"
    like_windows = built.read_bytes()
    for file in (built, built.with_suffix(".ledger.jsonl")):
        file.unlink()
    ankillm("build", "--no-cache", cwd=folder, like_windows=False)
    assert like_windows == built.read_bytes()
    assert "refuted" in ankillm("check", cwd=folder, expected=1)
    ankillm("preview", "-o", "shown", cwd=folder)
    names = {path.name for path in folder.rglob("*")}
    assert {"notes.apkg", "index.html"} <= names
    assert not [name for name in names if RESERVED & set(name) or name.endswith((".", " "))]


def test_its_lock_holds_and_goes_with_its_process(folder: Path) -> None:
    lines = "from pathlib import Path; from ankillm.common.files import only_build\n"
    lines += "with only_build(Path('a.apkg')): print('held', flush=True); input()"
    holder = start("-c", lines, cwd=folder)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    note = "笔记 一/note 1.md"
    assert "another build is writing it" in ankillm("build", note, "-o", "a.apkg", cwd=folder, expected=2)
    holder.kill()
    holder.communicate()
    ankillm("build", note, "-o", "a.apkg", cwd=folder)
    assert not list(folder.glob(".*.lock"))


@pytest.mark.parametrize(
    "place", ["C:\\notes", "C:notes", "\\notes", "\\\\host\\share", "..\\notes", "a\\..\\..\\b", ""]
)
def test_notes_of_a_project_stay_in_it(place: str) -> None:
    assert leads_out(place, PureWindowsPath)


@pytest.mark.parametrize("place", ["notes", "My notes\\2026", "a/b"])
def test_folders_are_named_in_its_way_too(place: str) -> None:
    assert not leads_out(place, PureWindowsPath)


@pytest.mark.parametrize(
    "src", ["\\\\host\\share\\a.png", "//host/a.png", "%5C%5Chost/a.png", "/%2Fhost/a.png", "\\/h/a.png"]
)
def test_no_note_makes_it_ask_another_machine_for_a_picture(src: str) -> None:
    """Windows would log in to that machine, with the reader's name."""
    assert not candidate(src, "notes")


def test_pictures_are_named_in_its_way_too(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a b.png").write_bytes(b"x")
    assert Path(candidate("img\\a%20b.png", str(tmp_path))) == tmp_path / "img" / "a b.png"
    assert not is_bare("C:a.png")


@pytest.mark.parametrize(
    ("deck", "name"),
    [
        ("A: B?", "A- B-"),
        ("LLM::LoRA", "LLM-LoRA"),
        ("con", "con_"),
        ("NUL.1", "NUL.1_"),
        ("ends...", "ends"),
        ("...", "_"),
    ],
)
def test_the_package_of_a_deck_has_a_name_that_it_takes(deck: str, name: str, tmp_path: Path) -> None:
    """What was written under another name here, by an earlier version, keeps it."""
    (tmp_path / "a.md").write_text("# A\n")
    assert select((tmp_path / "a.md",), name=deck)[0].output == Path(f"{name}.apkg")


def test_an_earlier_package_keeps_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.md", "A: B.ledger.jsonl"):
        Path(name).write_text("")
    assert select((Path("a.md"),), name="A: B")[0].output == Path("A: B.apkg")


@pytest.mark.parametrize("label", ["con", "Aux", "com1"])
def test_no_deck_of_a_project_is_called_as_a_device(label: str, tmp_path: Path) -> None:
    config = tmp_path / "deck" / "deck.toml"
    config.parent.mkdir()
    config.write_text(f'[decks.{label}]\nnotes = "."\n')
    with pytest.raises(Refusal, match="Windows has no file of this name"):
        load(tmp_path)


def printed(encoding: str, *words: str, cwd: Path) -> tuple[str, bytes]:
    """Run a command whose pipes have an encoding; return what it said, errors last, and its output as it is."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(PLACES)}
    command = [sys.executable, "-m", "ankillm", *words]
    run = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True)
    assert run.returncode in {0, 1}, run.stderr
    assert b"Traceback" not in run.stderr
    return (run.stdout + run.stderr).decode(encoding, "replace"), run.stdout


@pytest.mark.parametrize("encoding", ["gbk", "cp1252"])
def test_a_pipe_in_its_encoding_gets_what_it_can_hold(encoding: str, tmp_path: Path) -> None:
    """Of signs that the encoding lacks, ours have a plainer one, others a question mark; data come whole."""
    text = (ROOT / "docs/examples/claims.zh.md").read_text("utf-8")
    (tmp_path / "n.md").write_text(f"{text}\n模型只会略微增加参数，😀 因为前缀很短。\n".replace("\n", "\r\n"), "utf-8")
    said = {words: printed(encoding, *words.split(), cwd=tmp_path) for words in (
        "build n.md", "check n.md", "cards n.md", "cards n.md --json", "write n.md --all --prompt"
    )}  # fmt: skip
    assert said["build n.md"][0].startswith("+ P-tuning v2: ")
    assert "n.apkg (" in said["build n.md"][0]
    assert "refuted" in said["check n.md"][0]
    assert ("缺点" in said["cards n.md"][0]) == (encoding == "gbk")
    assert json.loads(said["cards n.md --json"][1].decode(encoding)) == json.loads(
        printed("utf-8", "cards", "n.md", "--json", cwd=tmp_path)[1]
    )
    assert "因为前缀很短" in said["write n.md --all --prompt"][1].decode("utf-8")
