"""Everything that takes a GPU, within six minutes: all demos with their evidence, the tests marked `gpu`, the loop.

`make gpu` runs it on one; `make gpu DEVICE=cpu` is a trial without one, which measures nothing. Demos run several at a
time, and time alone (`ankillm/evidence/turns.py`). What does not fit into the time is left out, and said.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 340.0
"""Seconds for all of it."""
LAST_START = 250.0
"""Seconds after which no further part is begun."""
AT_ONCE = 5
NEEDED = (
    *("accelerate", "click", "genanki", "markdown_it", "matplotlib", "mdit_py_plugins", "msgspec", "peft", "pytest"),
    *("rich", "torch", "transformers"),
)
"""Modules without which some part fails."""
GPU_TESTS = [f"tests/trainer/test_{name}.py" for name in ("gpu", "train_gpu")]
"""Files with tests marked `gpu`; others may need libraries that are not there."""
TRIAL = """
import importlib, sys, torch
from reference_trainer.support.gpu import TRIAL
torch.set_num_threads(1)
measure = getattr(importlib.import_module(f"reference_trainer.{sys.argv[1]}"), "on_gpu", lambda *_: {})
found = measure(torch.device("cpu"), TRIAL)
print(f"{len(found)} facts tried, none measured", file=sys.stderr)
"""


class Clock:
    """How much of the time is gone; a trial on a CPU has all the time it needs."""

    def __init__(self, *, limited: bool) -> None:
        self.start = time.monotonic()
        self.limited = limited

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.start

    @property
    def left(self) -> float | None:
        """Seconds until everything has to end; None without an end."""
        return max(LIMIT - self.seconds, 1.0) if self.limited else None

    @property
    def is_late(self) -> bool:
        """Whether nothing more is begun."""
        return self.limited and self.seconds > LAST_START


def run(name: str, command: list[str], clock: Clock, *, log: Path) -> bool:
    """Run one part to its end, within what time is left; print a line about it. What it printed goes to its log."""
    if clock.is_late:
        print(f"! {name}: left out, {clock.seconds:.0f} s are gone", flush=True)
        return False
    started = clock.seconds
    with log.open("wb") as output:
        try:
            code = subprocess.run(
                command,
                cwd=ROOT,
                env=environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=clock.left,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = 124
    told = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    mark = "×" if code else "✓"
    last = told[-1].strip() if told else ""
    print(f"{mark} {name}: {clock.seconds - started:.0f} s, ended after {clock.seconds:.0f} s: {last}", flush=True)
    return code == 0


def environment() -> dict[str, str]:
    """Return an environment in which a copy of the tree runs without being installed, a network or spinning threads."""
    paths = [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    plain = {"OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
    return {**os.environ, **plain, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def demos(device: str, evidence: Path, logs: Path, clock: Clock) -> list[bool]:
    """Run every demo, those that take longest first."""
    from ankillm.common.project import trainer_folder  # noqa: PLC0415  (what it needs may not be there)
    from ankillm.evidence.index import listed  # noqa: PLC0415  (likewise)

    names = [demo.name for demo in listed(trainer_folder())]
    names.sort(key=lambda name: name not in {"methods", "gradient_checkpointing"})

    def one(name: str) -> bool:
        measure = [sys.executable, "-m", f"reference_trainer.{name}", "--device", device, "--evidence", str(evidence)]
        command = measure if device == "cuda" else [sys.executable, "-c", TRIAL, name]
        return run(name, command, clock, log=logs / f"{name}.log")

    with ThreadPoolExecutor(AT_ONCE if device == "cuda" else 1) as pool:
        return list(pool.map(one, names))


def main() -> int:
    """Run all parts; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--evidence", type=Path, default=ROOT / "deck" / "evidence")
    parser.add_argument("--out", type=Path, default=ROOT / ".gpu", help="logs, and the table of the training loop")
    given = parser.parse_args()
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        print(f"× not installed: {', '.join(missing)}; make wheels where there is a network, and bring .wheels along")
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    clock = Clock(limited=given.device == "cuda")
    done = demos(given.device, given.evidence, given.out, clock)
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "gpu",
        "-p",
        "no:cacheprovider",
        "-o",
        "minversion=7",
        *GPU_TESTS,
    ]
    done.append(run("tests marked gpu", pytest, clock, log=given.out / "tests.log"))
    loop = [sys.executable, "benchmarks/train_loop.py", "--gpu" if given.device == "cuda" else "--trial"]
    done.append(run("the training loop", loop, clock, log=given.out / "train_loop.log"))
    facts = {
        path.name: len(json.loads(path.read_text("utf-8"))["facts"]) for path in given.evidence.glob("*.cuda.json")
    }
    where = f"{sum(facts.values())} facts of {len(facts)} demos are in {given.evidence}"
    told = where if given.device == "cuda" else "a trial: nothing was measured"
    print(f"{'✓' if all(done) else '×'} {sum(done)} of {len(done)} parts in {clock.seconds:.0f} s; {told}", flush=True)
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
