"""What a run shows while it goes on: a bar on a terminal, a line an evaluation elsewhere."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from reference_trainer.training.runs import Result, shown


class Bar:
    """A bar with loss, learning rate, tokens per second and time left; silent in all processes but the first."""

    def __init__(self, title: str, *, visible: bool) -> None:
        self.console = Console(stderr=True, quiet=not visible)
        self.title = title
        text = "loss {task.fields[loss]}  lr {task.fields[lr]}  {task.fields[speed]} tokens/s"
        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn(text), TimeRemainingColumn())
        live = visible and self.console.is_terminal
        self.progress = Progress(*columns, console=self.console, transient=True, disable=not live)
        self.task = self.progress.add_task(title, total=None, loss="–", lr="–", speed="–")

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.progress.disable:  # rich before 14 ends a line even if it has drawn nothing
            self.progress.stop()

    def start(self, steps: int, done: int) -> None:
        """Begin at step `done` of `steps`."""
        self.progress.update(self.task, total=steps, completed=done)

    def step(self, step: int) -> None:
        """Show that `step` steps are done."""
        self.progress.update(self.task, completed=step)

    def numbers(self, loss: float, lr: float, speed: float) -> None:
        """Show the last numbers: nats per token, the learning rate, tokens per second."""
        self.progress.update(self.task, loss=f"{loss:.4f}", lr=f"{lr:.1e}", speed=f"{speed:,.0f}")

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self.console.print(f"{self.title}: {text}", highlight=False, markup=False)


def print_table(results: Sequence[Result]) -> None:
    """Print the results of all methods under each other."""
    rows = [shown(result) for result in results]
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "method" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row.values())
    Console(width=None if Console().is_terminal else 120).print(table)
