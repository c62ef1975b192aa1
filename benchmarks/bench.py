"""Time `ankillm build` beside genanki, which parses nothing, and ankdown, the fastest other tool: `make bench`.

Runs alternate, so that a busy machine slows all alike, and the fastest of each counts, as a whole process.
ankdown and its genanki are installed once into `build/bench/`; every run has a cache folder of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = ("ankdown==0.7.1", "genanki==0.13.1", "setuptools<81")
ANKILLM = (str(Path(sys.executable).with_name("ankillm")),)
BARE = """
import sys, genanki
deck = genanki.Deck(1700000001, "Bench")
for i in range(int(sys.argv[1])):
    front = f"<p>Question {i}: what is the value of <strong>item {i}</strong>?</p>"
    back = f"<p>Answer {i}: it is <code>{i * 7919 % 10007}</code>, see section {i % 97} of the notes.</p>"
    deck.add_note(genanki.Note(model=genanki.BASIC_MODEL, fields=[front, back], guid=genanki.guid_for("k", i)))
genanki.Package(deck).write_to_file(sys.argv[2])
"""
EXPORT = """
import sys, tempfile, pathlib
from anki.collection import Collection, ExportAnkiPackageOptions, ImportAnkiPackageRequest
with tempfile.TemporaryDirectory() as folder:
    collection, out = Collection(folder + "/collection.anki2"), pathlib.Path(folder, "export.apkg")
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=sys.argv[1]))
    options = ExportAnkiPackageOptions(with_scheduling=False, with_deck_configs=False, with_media=True, legacy=True)
    collection.export_anki_package(out_path=str(out), options=options, limit=None)
    collection.close()
    print(out.stat().st_size)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: its seconds and its peak memory in MiB."""

    seconds: float
    mib: float


def question(number: int, extra: str = "") -> str:
    """Return the question of a card."""
    return f"Question {number}: what is the value of **item {number}**{extra}?"


def answer(number: int) -> str:
    """Return the answer of a card."""
    return f"Answer {number}: it is `{number * 7919 % 10007}`, see section {number % 97} of the notes."


def headings(cards: int, reworded: int = -1) -> str:
    """Return a note with a question heading and a paragraph a card."""
    parts = (f"## {question(i, ' (again)' if i == reworded else '')}\n\n{answer(i)}\n" for i in range(cards))
    return "# Bench\n\n" + "\n".join(parts)


def pairs(cards: int) -> str:
    """Return the same cards as ankdown reads them."""
    return "\n---\n\n".join(f"{question(i)}\n\n%\n\n{answer(i)}\n" for i in range(cards))


def timed(command: Sequence[str], folder: Path) -> Run:
    """Run a process to its end."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    return Run(time.perf_counter() - start, usage.ru_maxrss / 1024)


def peers() -> Path:
    """Return the programs' folder of a virtual environment with the peers, made at the first call."""
    home = ROOT / "build" / "bench"
    if not (home / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(home / "bin/pip"), "install", "-q", *PEERS], check=True)
        (home / "done").touch()
    return home / "bin"


def steps(cards: int, folder: Path) -> list[tuple[str, Callable[[], Run]]]:
    """Return the runs to compare, in their order, in a fresh folder."""
    for name in ("notes", "pairs"):
        (folder / name).mkdir()
    (folder / "pairs/bench.md").write_text(pairs(cards))
    found = peers()

    def build(*options: str, reworded: int = -1) -> Run:
        (folder / "notes/bench.md").write_text(headings(cards, reworded))
        return timed((*ANKILLM, "build", "notes", "-o", "bench.apkg", *options), folder)

    return [
        ("genanki alone", lambda: timed((str(found / "python"), "-c", BARE, str(cards), "bare.apkg"), folder)),
        ("ankdown", lambda: timed((str(found / "ankdown"), "-r", "pairs", "-p", "pairs.apkg"), folder)),
        ("ankillm", build),
        ("ankillm, unchanged", build),
        ("ankillm, one reworded", lambda: build(reworded=cards // 2)),
    ]


def exported(package: Path) -> int:
    """Return the size of Anki's own export, in the same format, of what a package holds.

    By a process of its own: a child's peak memory counts that of the process which starts it.
    """
    done = subprocess.run([sys.executable, "-c", EXPORT, str(package)], check=True, capture_output=True, text=True)
    return int(done.stdout)


def compare(cards: int, runs: int) -> None:
    """Print the rows of the table for one size."""
    best: dict[str, Run] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for step, run in steps(cards, folder):
                found = run()
                best[step] = min(best.get(step, found), found, key=lambda run: run.seconds)
            size = (folder / "bench.apkg").stat().st_size
            export = exported(folder / "bench.apkg")
    for step, run in best.items():
        bare, ankdown = run.seconds / best["genanki alone"].seconds, run.seconds / best["ankdown"].seconds
        row = f"| {cards:,} | {step} | {run.seconds:.2f} | {bare:.2f}× | {ankdown:.2f}× | {run.mib:.0f} |"
        memory = run.mib / best["ankdown"].mib
        print(f"{row} {memory:.1f}× |" + (f" {size / export:.2f}× |" if step == "ankillm" else " |"), flush=True)


def start_up(runs: int) -> None:
    """Print how long the program takes to say its version, beside importing what it reads its arguments with."""
    with tempfile.TemporaryDirectory() as name:
        found = [
            [
                timed(command, Path(name)).seconds
                for command in ((*ANKILLM, "--version"), (sys.executable, "-c", "import click"))
            ]
            for _ in range(runs * 5)
        ]
    version, click = (min(seconds) for seconds in zip(*found, strict=True))
    print(f"ankillm --version: {version:.3f} s, {version / click:.2f} × python -c 'import click'")


def growth() -> None:
    """Print how long decks of growing size and folders of more and more notes, a deck each, take."""
    for cards in (1_000, 10_000, 100_000):
        run = built({"bench.md": headings(cards)})
        print(f"{cards:,} cards in one note: {run.seconds:.2f} s, {run.mib:.0f} MiB", flush=True)
    for files in (1, 20, 200, 2_000):
        run = built({f"{n}.md": headings(2).replace("Question", f"Question {n}.") for n in range(files)})
        print(f"{files:,} notes of 2 cards: {run.seconds:.2f} s, {run.mib:.0f} MiB", flush=True)


def built(notes: Mapping[str, str]) -> Run:
    """Return the first build of a folder of notes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "notes").mkdir()
        for file, text in notes.items():
            (folder / "notes" / file).write_text(text)
        return timed((*ANKILLM, "build", "notes", "-o", "bench.apkg"), folder)


HEAD = """
| cards | | seconds | to genanki | to ankdown | peak, MiB | to ankdown | size, to Anki's export |
|---:|---|---:|---:|---:|---:|---:|---:|"""


def main() -> None:
    """Print the table, then the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    print(HEAD, flush=True)
    for cards in args.cards:
        compare(cards, args.runs)
    print()
    start_up(args.runs)
    growth()


if __name__ == "__main__":
    main()
