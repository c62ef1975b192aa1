"""Where the time of a first build goes: processor time by step, in one process, with nothing kept from before.

    python benchmarks/where.py [--cards 10000] [--runs 5] [NOTES]

Without a folder of notes, a deck of simple cards is built, as in `bench.py`. Then what a start consists of is printed,
in processor time too.
"""

import time

STARTED = time.process_time()

import argparse  # noqa: E402  (what Python does before is not ours)
import os  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from collections import defaultdict  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any  # noqa: E402

from ankillm import cli  # noqa: E402
from ankillm.anki import ledger, package  # noqa: E402
from ankillm.build import build, cache, output, pipeline  # noqa: E402
from ankillm.cards import looks, score  # noqa: E402
from ankillm.common import kept_patterns  # noqa: E402

STEPS: tuple[tuple[str, ModuleType | type, str], ...] = (
    ("notes from the disk", build, "inputs_of"),
    ("keys", build, "surroundings"),
    ("demos and evidence", pipeline, "knowledge_here"),
    ("reading", pipeline, "note_of"),
    ("doubts", pipeline, "doubts"),
    ("concepts", pipeline, "extract"),
    ("questions", score, "ask"),
    ("looks", looks, "liking"),
    ("quality", score, "judge_card"),
    ("links", pipeline, "linked"),
    ("fields", pipeline, "render"),
    ("repetitions", pipeline, "_each_once"),
    ("identity", output, "plan"),
    ("note types", output, "with_stamps"),
    ("database", package, "collection"),
    ("zip", package, "zipped"),
    ("ledger", ledger, "dump"),
    ("writing", output, "put"),
    ("cache", pipeline, "packed"),
    ("cache", cache.Results, "with_new"),
    ("compiling patterns", kept_patterns, "_compiled"),
    ("compiling patterns", re, "compile"),
)


BUILD = "import click, ankillm.build.build, ankillm.build.pipeline, ankillm.build.output"
IMPORTS = {
    "Python itself": "pass",
    "click": "import click",
    "modules of a build": f"import click@{BUILD}",
    "of them genanki": "import click, ankillm.anki.ledger@import ankillm.anki.note_types",
    "of them the parser": "import click, ankillm.markdown.inline@import ankillm.markdown.parser",
    "colours for Python": f"{BUILD}@from ankillm.markdown.code_tokens import tokens; tokens('a', 'python')",
    "the same with Pygments' own names": f"{BUILD}@import pygments.lexers as l; l.PythonLexer()",
    "msgspec": "import click@import msgspec",
}
"""Imports, and what is imported before them."""
ENDS = {
    "a process that imports the modules of a build": BUILD,
    "the same without its last collection": f"{BUILD}, gc; gc.freeze()",
}
"""Whole processes, start and end."""
FILLED = "for _ in range(1000): A(*'abcde')"
CLASSES = {
    "a struct of five fields": "import msgspec@msgspec.defstruct('A', [(name, str) for name in 'abcde'], frozen=True)",
    "a frozen dataclass of five fields": "import dataclasses@dataclasses.dataclass(frozen=True, slots=True)(made())",
    "a thousand of the structs": f"import msgspec\nA = msgspec.defstruct('A', [*'abcde'], frozen=True)@{FILLED}",
    "a thousand of the dataclasses": f"import dataclasses as d\nA = d.dataclass(frozen=True, slots=True)(made())@{FILLED}",  # noqa: E501
    "a pattern of a Chinese letter": "from ankillm.common.patterns import HAN@re.compile(HAN)",
    "the same as a range": "@re.compile('[\u3400-\u9fff]')",
    "the same as a range without case": "@re.compile('[\u3400-\u9fff]', re.IGNORECASE)",
}
"""What is made at a start, and what is made before it."""
MADE = "import re\ndef made(): return type('A', (), {'__annotations__': dict.fromkeys('abcde', str)})"


class Clock:
    """Processor time by step; what a step calls of another is the other's."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = defaultdict(float)
        self.inner: list[float] = [0.0]

    def watch(self, name: str, module: ModuleType | type, function: str) -> None:
        """Count the time of a module's function."""
        original = getattr(module, function)

        def watched(*words: Any, **options: Any) -> Any:  # noqa: ANN401  (whatever it takes and returns)
            self.inner.append(0.0)
            start = time.process_time()
            result = original(*words, **options)
            result = list(result) if isinstance(result, Iterator) else result
            whole = time.process_time() - start
            self.steps[name] += whole - self.inner.pop()
            self.inner[-1] += whole
            return result

        setattr(module, function, watched)


def main() -> None:
    """Build, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notes", type=Path, nargs="?")
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5, help="of each part of a start, of which the fastest counts")
    args = parser.parse_args()
    clock = Clock()
    clock.steps["start, imports"] = time.process_time() - STARTED
    for name, module, function in STEPS:
        clock.watch(name, module, function)
    pipeline.WORTH_SHARING = sys.maxsize
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        notes = args.notes or _written(Path(folder), args.cards)
        start = time.process_time()
        cli.cli(["build", str(notes), "-o", f"{folder}/bench.apkg"], standalone_mode=False)
        whole = time.process_time() - start
        cards = ledger.read(Path(folder, "bench.ledger.jsonl"))
    _print(clock.steps, whole, len(cards.lines) if cards else 1)
    start_up(args.runs)


def _written(folder: Path, cards: int) -> Path:
    from bench import headings  # noqa: PLC0415  (no part of the start)

    (folder / "notes").mkdir()
    (folder / "notes/bench.md").write_text(headings(cards))
    return folder / "notes"


def _print(steps: dict[str, float], built: float, cards: int) -> None:
    whole = built + steps["start, imports"]
    steps["the rest"] = whole - sum(steps.values())
    print(f"\n| step, {cards:,} cards | ms | share | µs a card |\n|---|---:|---:|---:|")
    for step, seconds in (*steps.items(), ("all", whole)):
        print(f"| {step} | {seconds * 1e3:.0f} | {seconds / whole:.0%} | {seconds / cards * 1e6:.0f} |")


def start_up(runs: int) -> None:
    """Print what a start consists of: the fastest of some runs."""
    print("\n| start | ms |\n|---|---:|")
    for name, code in IMPORTS.items():
        before, _, what = code.rpartition("@")
        seconds = min(_seconds(before, what) for _ in range(runs))
        print(f"| {name} | {seconds * 1e3:.0f} |")
    for name, code in ENDS.items():
        print(f"| {name} | {min(_whole(code) for _ in range(runs)) * 1e3:.0f} |")
    for name, code in CLASSES.items():
        before, _, what = code.rpartition("@")
        seconds = min(_seconds(f"{MADE}\n{before}", what) for _ in range(runs))
        print(f"| {name} | {seconds * 1e3:.2f} |")


def _seconds(before: str, what: str) -> float:
    if what == "pass":
        return _whole(what)
    timer = "import time; start = time.process_time()"
    return float(_output(f"{before}\n{timer}\n{what}\nprint(time.process_time() - start)"))


def _whole(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _output(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _output(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
