"""Work shared with a second process gives what one process alone gives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ankillm.forking import told

PARENT = """
import os, sys
from ankillm.forking import Chore, can_share, shared
me = os.getpid()
def here(n): return n, os.getpid() == me
def fails(n): return n if os.getpid() == me else 1 / 0
def dies(n): return n if os.getpid() == me else os.kill(me if n < 0 else os.getpid(), 9)
def quiet(part): pass
"""
SCRIPTS = {
    "in order": ("print([n for n, _ in shared(here, list(range(6)), [1] * 6, quiet)])", "[0, 1, 2, 3, 4, 5]"),
    "by half": (
        "print([mine for _, mine in shared(here, [0, 1, 2, 3], [1] * 4, quiet)])",
        "[True, True, False, False]",
    ),
    "by weight": ("print([mine for _, mine in shared(here, [0, 1, 2], [9, 1, 1], quiet)])", "[True, False, False]"),
    "a chore": (
        "print([mine for _, mine in shared(here, [0, 1, 2, 3], [1] * 4, quiet, Chore(lambda: print('done'), 2))])",
        "done\n[True, False, False, False]",
    ),
    "large": ("print(len(shared(lambda n: 'x' * 10**7, [0, 1], [1, 1], quiet)[1]))", "10000000"),
    "the second fails": ("print(shared(fails, [0, 1, 2, 3], [1] * 4, quiet))", "[0, 1, 2, 3]"),
    "the second dies": ("print(shared(dies, [0, 1], [1, 1], quiet))", "[0, 1]"),
    "told": ("shared(here, [0, 1, 2, 3], [1] * 4, print)", "0.5\n1.0"),
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
    done = run("shared(lambda n: 1 / n, [1, 0], [1, 1], quiet)")
    assert "ZeroDivisionError" in done.stderr
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
def test_one_processor_or_a_thread_leaves_it_to_one_process() -> None:
    threaded = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    assert run(f"{threaded}print(can_share())").stdout == "False\n"
    assert run("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nprint(can_share())").stdout == "False\n"


def test_told_says_how_much_is_done() -> None:
    parts: list[float] = []
    assert list(told("ab", parts.append)) == ["a", "b"]
    assert parts == [0.5, 1.0]


BUILD = """
import os, sys
os.sched_setaffinity(0, set(map(int, sys.argv[1].split(","))))
from ankillm.cli import cli
cli(sys.argv[2:])
"""
SECTION = "## What is term {0}?\n\nIt *is* {0} and no more.\n\n```python\nx{0} = {0}  # 步数 {0} 很大\n```\n\n"


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is shared elsewhere")
def test_two_processes_build_the_deck_that_one_builds(tmp_path: Path) -> None:
    """Notes with pictures, code, repetitions and things to warn of, enough of them to be shared."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/p.png").write_bytes(b"picture")
    for number in range(12):
        sections = "".join(SECTION.format(number * 100 + at) for at in range(40))
        head = f"# Note {number}\n\n![a picture](p.png) ![lost](lost{number}.png)\n\n"
        (tmp_path / f"notes/{number}.md").write_text(head + sections + sections, "utf-8")
    processors = sorted(os.sched_getaffinity(0))
    told = []
    for name, chosen in (("one", processors[:1]), ("two", processors)):
        words = [",".join(map(str, chosen)), "build", "notes", "-o", f"{name}/n.apkg", "--json", "--no-cache"]
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
    assert told[0] == told[1]
    for file in ("n.apkg", "n.ledger.jsonl"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
