"""Faults: whatever happens to a build, each file is whole, and the next build writes what this one would have."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ankillm.cli import cli

NOTE = "# 微调\n\n" + "".join(
    f"## 为什么第 {at} 步要归零？\n\n不归零，第 {at} 个答案里就还有上一步的梯度。\n\n" for at in range(40)
)
KILLED = """
import os, signal, sys
at, count = int(sys.argv.pop(1)), 0
def hook(event, arguments):
    global count
    if event in {"open", "os.rename", "os.remove", "os.mkdir", "fcntl.flock", "sqlite3.connect"} and any(
        isinstance(part, (str, bytes)) and b"out." in os.fsencode(part) or event in {"sqlite3.connect", "fcntl.flock"}
        for part in arguments
    ):
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from ankillm.cli import main
try:
    main()
finally:
    print("COUNT", count)
"""
"""Builds, and kills itself at one of the moments at which it is about to touch a file of the output or the lock."""


HELD = """
import sys
from pathlib import Path
from ankillm.common.files import only_build
with only_build(Path("out.apkg")):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a note and a deck built of it."""
    (tmp_path / "note.md").write_text(NOTE)
    assert build(tmp_path).returncode == 0
    return tmp_path


def run(
    folder: Path, *command: str, epoch: int = 1_760_000_000, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, at a fixed time."""
    given = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONUTF8": "1"}
    arguments = [sys.executable, *command]
    return subprocess.run(
        arguments, cwd=folder, env=given, capture_output=True, text=True, check=False, preexec_fn=before
    )


def build(folder: Path, output: str = "out.apkg", *, epoch: int = 1_760_000_000) -> subprocess.CompletedProcess[str]:
    """Build the note of a folder."""
    return run(folder, "-m", "ankillm", "build", "note.md", "-o", output, epoch=epoch)


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, those of the output."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if "out." in path.name}


def test_killed_at_any_moment(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledger and package are each whole, old or new, and the next build ends where the killed one would have."""
    old = files(place)
    (place / "note.md").write_text(NOTE.replace("第 7 个答案", "改过的答案").replace("第 9 步", "第九步"))
    arguments = ("build", "note.md", "-o", "out.apkg", "--no-cache")
    moments = int(run(place, "-c", KILLED, "0", *arguments, epoch=1_760_000_500).stdout.split("COUNT")[1])
    new = files(place)
    assert moments > 8
    monkeypatch.chdir(place)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000500")
    assert {name for name in new if new[name] != old[name]} == {"out.apkg", "out.ledger.jsonl"}
    for moment in range(1, moments + 1):
        for name, content in old.items():
            (place / name).write_bytes(content)
        killed = run(place, "-c", KILLED, str(moment), *arguments, epoch=1_760_000_500)
        assert killed.returncode == -9
        found = files(place)
        states = [name for name in old if found[name] == new[name]]
        assert all(found[name] in {old[name], new[name]} for name in old)
        assert states != ["out.apkg"], "the ledger goes first"
        assert CliRunner().invoke(cli, ["build", "note.md", "-o", "out.apkg"]).exit_code == 0
        left = {name for name in files(place) if name.startswith(".")}
        assert left <= {".out.apkg.lock"}, "a lock that nobody holds is all that may be left"
        assert {name: content for name, content in files(place).items() if name not in left} == new, moment


def test_a_full_disk_changes_nothing(place: Path) -> None:
    """A write that fails half-way is one line and exit code 2; what was there is as it was."""
    old = files(place)
    (place / "note.md").write_text(NOTE.replace("答案", "新答案"))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    done = run(place, "-m", "ankillm", "build", "note.md", "-o", "out.apkg", before=limit)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1
    assert files(place) == old


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("/proc/out.apkg", "cannot be written"),
        ("/proc/sub/out.apkg", "cannot be written"),
        ("note.md/out.apkg", "cannot be written"),
        (".", "is a folder"),
        ("out.txt", "out.txt: an Anki package ends in .apkg; write -o out.apkg"),
        (f"{'长' * 100}.apkg", "cannot be written"),
    ],
)
def test_an_output_that_cannot_be(place: Path, output: str, says: str) -> None:
    """One line, exit code 2."""
    done = build(place, output)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_new_output_folder_is_made(place: Path) -> None:
    assert build(place, "new/deep/out.apkg").returncode == 0
    assert (place / "new/deep/out.apkg").is_file()


def test_a_second_build_stops_and_a_dead_one_leaves_no_lock(place: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HELD], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        old = files(place)
        (place / "note.md").write_text(NOTE.replace("第 7 个答案", "改过的答案"))
        done = build(place)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "another build" in done.stderr
        assert files(place) == old
        holder.kill()
    assert build(place).returncode == 0
    assert not [name for name in files(place) if name.startswith(".")]


def test_a_link_in_the_way_is_replaced_not_followed(place: Path) -> None:
    """A cloned project cannot make a build write anywhere else."""
    victim = place / "victim"
    victim.write_text("mine")
    (place / "out.apkg").unlink()
    for name in ("out.apkg", ".out.apkg.tmp", ".out.ledger.jsonl.tmp"):
        (place / name).symlink_to(victim)
    assert build(place).returncode == 0
    assert victim.read_text() == "mine"
    assert not (place / "out.apkg").is_symlink()


@pytest.mark.parametrize("epoch", [0, 1, 2**40])
def test_odd_times_do_no_harm(tmp_path: Path, epoch: int) -> None:
    """Anki's database check fails on times near 0, so none is written."""
    from deckwork import bring, collection, is_sound  # noqa: PLC0415  (a heavy import, for this test alone)

    (tmp_path / "note.md").write_text(NOTE)
    assert build(tmp_path, epoch=epoch).returncode == 0
    (tmp_path / "note.md").write_text(NOTE.replace("第 7 个答案", "改过的答案"))
    assert build(tmp_path, epoch=epoch).returncode == 0
    with collection() as anki:
        assert bring(anki, tmp_path / "out.apkg") == {"new": 40}
        assert is_sound(anki)
