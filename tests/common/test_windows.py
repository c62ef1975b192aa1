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
from ankillm.common.project import leads_out

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


def test_a_pipe_in_its_encoding_gets_what_it_can_hold() -> None:
    """What the encoding lacks is a question mark in text, and told by number in data; nothing ends in a traceback."""
    command = [sys.executable, "-m", "ankillm", "cards", str(ROOT / "docs/examples/claims.zh.md")]

    def printed(encoding: str, *more: str) -> str:
        environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(PLACES)}
        run = subprocess.run([*command, *more], cwd=ROOT, env=environment, check=True, capture_output=True)
        return run.stdout.decode(encoding)

    assert "缺点" in printed("gbk")
    assert json.loads(printed("cp1252", "--json")) == json.loads(printed("utf-8", "--json"))
