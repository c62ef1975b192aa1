"""Work is shared among processes, and comes out as if one had done it, whatever happens to them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from ankillm.build.processes import ITEMS_HERE, shared

PATIENCE = 60.0
WORKER = """
import os, sys, time
from pathlib import Path
from ankillm.build.processes import shared

def slow(item, folder):
    Path(folder, str(os.getpid())).touch()
    time.sleep(0.2)
    return item

if __name__ == "__main__":
    list(shared(slow, range(1000), sys.argv[1], 2))
"""
"""A file, which other processes can import: newer versions of Python start them anew."""


def squared(item: int, more: int) -> int:
    return item * item + more


def dying(item: int, parent: int) -> int:
    """Be killed at an item that goes to another process, but in the process that shares its work."""
    if item == ITEMS_HERE + 3 and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def failing(item: int, last: int) -> float:
    return 1 / (item - last)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(processes: int) -> None:
    assert list(shared(squared, range(50), 1, processes)) == [item * item + 1 for item in range(50)]
    assert list(shared(squared, (), 1, processes)) == []


def test_what_a_killed_process_had_is_done_here() -> None:
    assert list(shared(dying, range(20), os.getpid(), 2)) == [*range(20)]


def test_what_is_wrong_is_raised_as_without_processes() -> None:
    for processes, last in product((1, 2), (ITEMS_HERE - 1, ITEMS_HERE + 3)):
        with pytest.raises(ZeroDivisionError):
            list(shared(failing, range(20), last, processes))


@pytest.fixture
def sharing(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that shares work with two others for a minute and more; each of the three touches a file."""
    program = tmp_path_factory.mktemp("program") / "worker.py"
    program.write_text(WORKER, "utf-8")
    command = [sys.executable, str(program), str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        until(lambda: len(list(tmp_path.iterdir())) == 3 or process.poll() is not None)
        yield process
        process.kill()


def until(happened: object) -> None:
    """Wait until something has happened."""
    assert callable(happened)
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_alive(number: str) -> bool:
    """Whether a process works; one that ended and that nobody asked after does not."""
    try:
        return Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_nobody_works_for_a_process_that_is_gone(
    sharing: "subprocess.Popen[str]", tmp_path: Path, sign: signal.Signals
) -> None:
    """Killed or stopped by Ctrl-C, which the terminal sends to all of them; only the one that shares tells of it."""
    os.killpg(sharing.pid, sign) if sign is signal.SIGINT else sharing.send_signal(sign)
    _, said = sharing.communicate(timeout=PATIENCE)
    assert sharing.returncode == -sign, said
    assert said.count("Traceback") == (sign is signal.SIGINT), said
    until(lambda: not any(is_alive(file.name) for file in tmp_path.iterdir()))
