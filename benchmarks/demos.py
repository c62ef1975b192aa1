"""Time every demo as a whole process, imports included, on the CPU; nothing is published.

python benchmarks/demos.py
"""

import subprocess
import sys
import tempfile
import time

from rich.console import Console
from rich.table import Table

from ankillm.common.project import trainer_folder
from ankillm.evidence.index import listed

LIMITS = {"methods": 90}  # forty trainings: four methods, two tasks, five seeds
USUAL = 20


def seconds(name: str, folder: str) -> float:
    """Return how long a demo takes from start to end."""
    before = time.perf_counter()
    command = [sys.executable, "-m", "ankillm", "demo", name, "--device", "cpu", "--json"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - before


def main() -> None:
    """Print a row a demo, and their sum."""
    table = Table("demo", "seconds", "about")
    whole = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for demo in listed(trainer_folder()):
            taken = seconds(demo.name, folder)
            whole += taken
            table.add_row(demo.name, f"{taken:.1f}", str(LIMITS.get(demo.name, USUAL)))
    table.add_row("all, one after the other", f"{whole:.0f}", "180")
    Console().print(table)


if __name__ == "__main__":
    main()
