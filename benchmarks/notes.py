"""Time of builds of real notes: from nothing, with nothing changed, with one note edited.

    python benchmarks/notes.py [--notes FOLDER] [--counts 60 1000] [--runs 3] [--against CHECKOUT]

First stands the processor time of all processes, and its ratio to markdown-it-py's bare parsing of the same texts; then
the time that passes, which several processes share. `--against` builds the same notes with another checkout of ankillm
too, turn about, so that a busy machine slows both alike. The least of the runs counts. Sources are compiled before, as
they are where they are installed.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from compileall import compile_dir
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
NOTES = ROOT.parent / "shared" / "annotated"
"""Real notes, where there are some beside the checkout; else our own."""
BARE = """
import pathlib, sys
from markdown_it import MarkdownIt
parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
for note in pathlib.Path(sys.argv[1]).rglob("*.md"):
    parser.parse(note.read_text("utf-8"))
"""
EDIT = "\n\n## Why is the norm of the gradient clipped?\n\nOne bad batch would undo many good steps.\n"
STEPS = ("bare parsing", "from nothing", "nothing changed", "one edited")


class Taken(NamedTuple):
    """What a process and those that it starts take, in seconds: of processors, and until it ends."""

    processor: float
    passed: float


def taken(command: Sequence[str], folder: Path, checkout: Path) -> Taken:
    """Run a command."""
    paths = os.pathsep.join([str(checkout / "src"), str(checkout)])
    given = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": paths}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=folder, env=given, check=True, capture_output=True)
    after, passed = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return Taken(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, passed)


def times(notes: Sequence[Path], count: int, checkout: Path) -> tuple[Taken, ...]:
    """Return what each step takes of so many notes; of fewer, some are taken again under another name."""
    build = ("-m", "ankillm", "build", "notes", "-o", "out.apkg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "notes").mkdir()
        for number in range(count):
            note = notes[number % len(notes)]
            shutil.copy(note, folder / "notes" / f"{number:05}-{note.name}")
        bare = taken(("-c", BARE, "notes"), folder, checkout)
        first, same = (taken(build, folder, checkout) for _ in range(2))
        edited = sorted((folder / "notes").iterdir())[1]
        edited.write_text(edited.read_text("utf-8") + EDIT, "utf-8")
        return bare, first, same, taken(build, folder, checkout)


def least(runs: Sequence[Taken]) -> Taken:
    """Return the least of some runs, of each time by itself."""
    return Taken(min(run.processor for run in runs), min(run.passed for run in runs))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=Path, default=NOTES if NOTES.is_dir() else ROOT / "notes")
    parser.add_argument("--counts", type=int, nargs="+", default=[60])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--against", type=Path)
    args = parser.parse_args()
    notes = sorted(path for path in args.notes.rglob("*.md") if path.parent != args.notes)
    checkouts = [ROOT, *([args.against.resolve()] if args.against else [])]
    for checkout in checkouts:
        compile_dir(checkout / "src", quiet=1)
    others = "".join(f" to {checkout.name} |" for checkout in checkouts[1:])
    print(f"| notes | step | processor, s | to bare parsing |{others} passed, s |{others}")
    print(f"|---:|---|{'---:|' * (1 + 2 * len(checkouts))}")
    for count in args.counts:
        found = {checkout: [times(notes, count, checkout)] for checkout in checkouts}
        for checkout in checkouts * (args.runs - 1):
            found[checkout].append(times(notes, count, checkout))
        own, *other = ([least(column) for column in zip(*found[checkout], strict=True)] for checkout in checkouts)
        for at, step in enumerate(STEPS[1:], 1):
            cells = [f"{own[at].processor:.2f}", f"{own[at].processor / own[0].processor:.1f}×"]
            cells += [f"{own[at].processor / one[at].processor:.2f}×" for one in other]
            cells += [f"{own[at].passed:.2f}", *(f"{own[at].passed / one[at].passed:.2f}×" for one in other)]
            print(f"| {count:,} | {step} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
