"""`ankillm build --watch`, as a process, beside an open preview."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import chromium, tab

from ankillm.cli.watch import changes

PATIENCE = 60.0


def wait(happened: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from ankillm.cli import main
main()
"""
"""The command as a process that hears Ctrl-C, even where the tests were started in the background and do not."""


def note(term: str) -> str:
    return f"# {term}\n\n- 定义：只训练少量新增参数的微调方法\n"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Watch a folder of one note."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text(note("LoRA"), encoding="utf-8")
    command = [sys.executable, "-c", HEARING, "build", "notes", "--watch"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        wait(lambda: (tmp_path / "preview" / "stamp.js").exists() or process.poll() is not None)
        yield process
        process.kill()


@pytest.mark.browser
def test_a_change_reaches_the_package_and_the_open_preview(watch: "subprocess.Popen[str]", tmp_path: Path) -> None:
    """And a note that cannot be read does not end the watch; Ctrl-C does, with exit code 0."""
    package = tmp_path / "notes.apkg"
    first = package.read_bytes()
    with chromium() as wire, tab(wire) as page:
        page.open(tmp_path / "preview" / "index.html")
        page.until("document.querySelector('.row')?.textContent.includes('LoRA')")
        (tmp_path / "notes" / "bad.md").write_bytes(b"\xff\xfe\x00")
        (tmp_path / "notes" / "a.md").write_text(note("QLoRA"), encoding="utf-8")
        page.until("document.querySelector('.row')?.textContent.includes('QLoRA')")
    assert package.read_bytes() != first
    watch.send_signal(signal.SIGINT)
    output, _ = watch.communicate(timeout=PATIENCE)
    assert watch.returncode == 0, output
    assert "bad.md" in output
    assert "Traceback" not in output


class EnoughError(Exception):
    """Ends the watch of a test."""


def test_a_change_counts_once_it_has_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file written in several steps is one change, its removal another; hidden files are none."""
    file = tmp_path / "a.md"
    steps: list[Callable[[], object]] = [
        lambda: (tmp_path / ".hidden").write_text("x"),
        lambda: file.write_text("1"),
        lambda: file.write_text("12"),
        lambda: file.write_text("123"),
        lambda: None,
        lambda: None,
        file.unlink,
        lambda: None,
    ]
    pauses = 0

    def step(_seconds: float) -> None:
        nonlocal pauses
        if pauses == len(steps):
            raise EnoughError
        steps[pauses]()
        pauses += 1

    monkeypatch.setattr("ankillm.cli.watch.time.sleep", step)
    watch = changes([tmp_path])
    for settled in (5, 8):
        next(watch)
        assert pauses == settled
    with pytest.raises(EnoughError):
        next(watch)
