"""`ankillm sync` as a command: what it prints, its JSON, its exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from anki_server import RunningAnki, running

NOTE = (
    "# 指南\n\n<!-- anki: id=a -->\n## 甲是什么？\n\n甲的答案。\n\n<!-- anki: id=b -->\n## 乙是什么？\n\n乙的答案。\n"
)


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[RunningAnki]:
    """Return an Anki with a fresh profile, beside a note."""
    (tmp_path / "guide.md").write_text(NOTE, "utf-8")
    with running(tmp_path / "anki" / "User 1") as opened:
        yield opened


def ankillm(anki: RunningAnki, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process, in the note's folder."""
    folder = anki.folder.parents[1]
    places = {"XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.run(
        [sys.executable, "-m", "ankillm", *words],
        cwd=folder,
        env={**os.environ, **places, "PYTHONUTF8": "1", "HTTP_PROXY": "http://127.0.0.1:9", **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_a_sync_tells_what_it_did_and_its_json_says_the_same(anki: RunningAnki) -> None:
    run = ankillm(anki, "sync", "guide.md", "--url", anki.url)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "✓ 指南: 2 cards of guide.apkg → Anki (2 imported)\n"
    note = anki.folder.parents[1] / "guide.md"
    note.write_text(NOTE.replace("甲的答案", "甲的新答案"), "utf-8")
    anki.delete("front:乙*")
    run = ankillm(anki, "sync", "guide.md", "--url", anki.url, "--dry-run")
    assert "would go into Anki (1 updated, 1 declined)" in run.stdout
    run = ankillm(anki, "sync", "guide.md", "--url", anki.url, "--json")
    (told,) = json.loads(run.stdout)
    keys = "deck output imported updated moved suspended returned declined kept backup".split()
    assert list(told) == keys
    assert (told["updated"], told["declined"]) == (
        ["guide.md#指南#甲是什么？#basic"],
        ["guide.md#指南#乙是什么？#basic"],
    )
    assert Path(told["backup"]).is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--url", "http://127.0.0.1:9"), "Anki is closed"),
        (("--url", "http://198.51.100.7:8765"), "give --yes"),
        (("--url", "nonsense"), "is no address"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    anki: RunningAnki, words: tuple[str, ...], said: str
) -> None:
    run = ankillm(anki, "sync", "guide.md", *words)
    assert run.returncode == 2
    assert said in run.stderr.splitlines()[-1]
    assert run.stderr.splitlines()[-1].startswith("× ")
    assert "Traceback" not in run.stderr
    assert not list(anki.folder.parents[1].glob("*.apkg"))


def test_a_key_comes_from_the_environment(anki: RunningAnki) -> None:
    anki.key = "secret"
    run = ankillm(anki, "sync", "guide.md", "--url", anki.url)
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert "ANKICONNECT_KEY" in run.stderr
    assert ankillm(anki, "sync", "guide.md", "--url", anki.url, ANKICONNECT_KEY="secret").returncode == 0


def test_a_note_that_cannot_be_read_is_named_and_the_others_arrive(anki: RunningAnki) -> None:
    folder = anki.folder.parents[1]
    (folder / "notes").mkdir()
    (folder / "guide.md").rename(folder / "notes" / "guide.md")
    (folder / "notes" / "bad.md").write_bytes(b"caf\xe9\n")
    run = ankillm(anki, "sync", "notes", "--url", anki.url)
    assert run.returncode == 1
    assert run.stderr.startswith("× notes/bad.md:1: ")
    assert len(anki.fronts()) == 2
