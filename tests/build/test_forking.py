"""Work shared with other processes gives what one process alone gives."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ankillm.build.forking import told

PARENT = """
import os, sys, time
from ankillm.build import forking
from ankillm.build.forking import helpers, shared
me = os.getpid()
def here(n): time.sleep(0.05); return n, os.getpid() == me
def fails(n): return n if os.getpid() == me else 1 / 0
def dies(n): return n if os.getpid() == me else os.kill(os.getpid(), 9)
def quiet(part): pass
"""
MINE = "print(sum(mine for _, mine in {}))"
SCRIPTS = {
    "in order": ("print([n for n, _ in shared(here, list(range(9)), quiet)])", "[0, 1, 2, 3, 4, 5, 6, 7, 8]"),
    "by half": (MINE.format("shared(here, range(8), quiet)"), "4"),
    "by a third": (MINE.format("shared(here, range(9), quiet, 2)"), "3"),
    "by who is free": (
        MINE.format("shared(here, range(6), quiet, 1, lambda: print('done', time.sleep(1)))"),
        "done None\n0",
    ),
    "nothing": ("print(shared(here, [], quiet, 3))", "[]"),
    "alone": ("print(shared(here, [7], quiet, 0))", "[(7, True)]"),
    "large": ("print(len(shared(lambda n: 'x' * 10**7, [0, 1], quiet)[1]))", "10000000"),
    "more than turns": (
        "forking.MOST_TURNS = 4\nprint([n for n, _ in shared(here, range(10), quiet, 2)] == [*range(10)])",
        "True",
    ),
    "as many as a pipe holds": ("print(sum(shared(int, range(200_000), quiet, 2)) == sum(range(200_000)))", "True"),
    "a helper fails": ("print(shared(fails, [0, 1, 2, 3], quiet, 2))", "[0, 1, 2, 3]"),
    "a helper dies": ("print(shared(dies, [0, 1, 2, 3], quiet))", "[0, 1, 2, 3]"),
    "no process to be had": (
        "def fork(): raise OSError(11, 'none')\nos.fork = fork\nprint(shared(int, range(5), quiet, 3))",
        "[0, 1, 2, 3, 4]",
    ),
    "nobody tells how a helper ended": (
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nprint(shared(int, range(5), quiet, 2))",
        "[0, 1, 2, 3, 4]",
    ),
    "told": (
        "parts = []\nshared(here, range(8), parts.append)\nprint(parts == sorted(parts), parts[-1] > 0.8)",
        "True True",
    ),
}


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, as this one has threads."""
    return subprocess.run(
        [sys.executable, "-c", PARENT + script], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
@pytest.mark.parametrize("name", SCRIPTS)
def test_shared(name: str) -> None:
    script, expected = SCRIPTS[name]
    assert run(script).stdout.strip() == expected


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
def test_what_is_wrong_is_told_as_without_it() -> None:
    done = run("shared(lambda n: 1 / n, [1, 0], quiet)")
    assert "ZeroDivisionError" in done.stderr
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
def test_one_processor_or_a_thread_leaves_it_to_one_process() -> None:
    threaded = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    assert run(f"{threaded}print(helpers())").stdout == "0\n"
    assert run("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nprint(helpers())").stdout == "0\n"


def test_told_says_how_much_is_done() -> None:
    parts: list[float] = []
    assert list(told("ab", parts.append)) == ["a", "b"]
    assert parts == [0.5, 1.0]


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
def test_nobody_works_for_a_process_that_is_gone() -> None:
    """A helper ends with the item that it has in hand; it holds the output open until then."""
    start = time.monotonic()
    run("shared(here, range(1000), quiet, 1, lambda: os.kill(me, 9))")
    assert time.monotonic() - start < 10  # all of them would take 50 s


BUILD = """
import sys
from ankillm.build import drawing
from ankillm.build import forking
helping, did_well, ended = int(sys.argv[1]), forking._did_well, []
drawing.helpers = lambda: helping
forking._did_well = lambda process: ended.append(did_well(process)) or ended[-1]
from ankillm.cli import cli
try:
    cli(sys.argv[2:])
finally:
    assert ended == [True] * helping, ended
"""
SECTION = "## What is term {0}?\n\nIt *is* {0} and no more.\n\n```python\nx{0} = {0}  # 步数 {0} 很大\n```\n\n"


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
def test_several_processes_build_the_deck_that_one_builds(tmp_path: Path) -> None:
    """Notes with pictures, code, repetitions and things to warn of, enough of them to be shared; no work is redone."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/p.png").write_bytes(b"picture")
    for number in range(12):
        sections = "".join(SECTION.format(number * 100 + at) for at in range(40))
        head = f"# Note {number}\n\n![a picture](p.png) ![lost](lost{number}.png)\n\n"
        (tmp_path / f"notes/{number}.md").write_text(head + sections + sections, "utf-8")
    told = []
    for helping in (0, 1, 2):
        name = f"helped{helping}"
        words = [str(helping), "build", "notes", "-o", f"{name}/n.apkg", "--json", "--no-cache"]
        done = subprocess.run(
            [sys.executable, "-c", BUILD, *words],
            cwd=tmp_path,
            env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        told.append((done.stdout.replace(f"{name}/", ""), done.stderr))
    assert told[0] == told[1] == told[2]
    for file in ("n.apkg", "n.ledger.jsonl"):
        assert len({(tmp_path / f"helped{helping}" / file).read_bytes() for helping in (0, 1, 2)}) == 1
