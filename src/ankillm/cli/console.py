"""What a command prints: one outcome line with `✓`, `!` or `×`, details for what changed, then what to do next.

Every text that is printed passes here, and is cleaned: names, notes, settings, ledgers and evidence may come from
anywhere, and what steers a terminal is shown as `�`.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ankillm.build.report import Change
from ankillm.common.diagnostics import UNPRINTABLE, Diagnostic, on_one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

NOTES = click.Path(path_type=Path, readable=False)
"""Folders and files given as arguments: what is wrong with one is told where it is read, in one line."""
MOST_LINES = 12
LONGEST = 72
"""Characters of a question in a list."""
SLOW, PAUSE = 1.0, 0.1
"""Seconds until a bar appears, and between two looks of it."""


def say(text: object, *, mark: str = "", colour: str = "", err: bool = False) -> None:
    """Print one line; a mark in front of it in colour, or bold."""
    style = {"fg": colour} if colour else {"bold": True}
    head = click.style(on_one_line(mark), **style) if mark else ""
    click.echo(" ".join(filter(None, (head, on_one_line(str(text))))), err=err)


def say_lines(text: str, *, err: bool = False) -> None:
    """Print a text of several lines."""
    click.echo("\n".join(map(on_one_line, text.replace("\t", "    ").split("\n"))), err=err)


def say_text(text: str) -> None:
    """Print a text that is handed on, to a chat say: in UTF-8 where the output's encoding lacks one of its signs."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        click.echo("\n".join(map(on_one_line, text.split("\n"))).encode())
    else:
        say_lines(text)


def say_json(data: object, indent: int | None = 1) -> None:
    """Print JSON; what steers a terminal, or what the output's encoding lacks, stands in it by number."""
    whole = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(data, ensure_ascii=not whole, indent=indent)
    click.echo("\n".join(UNPRINTABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line) for line in text.split("\n")))


def done(text: str) -> None:
    """Print an outcome that went well."""
    say(text, mark="✓", colour="green")


def warn(text: str | Diagnostic) -> None:
    """Print a warning, on standard error."""
    say(text, mark="!", colour="yellow", err=True)


def failed(text: str | Diagnostic) -> None:
    """Print what went wrong, on standard error."""
    say(text, mark="×", colour="red", err=True)


def following(text: str) -> None:
    """Print what to do next."""
    say(text, mark="Next:")


def detail(text: str) -> None:
    """Print a line that belongs to the outcome above."""
    say(f"  {text}")


def listed(title: str, changes: Iterable[Change], why: str = "") -> None:
    """Print a title and the first of its cards, by place and question; how many more there are is told."""
    entries = list(changes)
    if not entries:
        return
    detail(f"{title} {len(entries)}{f' ({why})' if why else ''}")
    for change in entries[:MOST_LINES]:
        detail(f"  {change.place}  {shortened(change.question)}")
    if len(entries) > MOST_LINES:
        detail(f"  … and {len(entries) - MOST_LINES} more (--json lists all)")


def shortened(text: str) -> str:
    """Return the start of a text that is too long for a line."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


class _Bar:
    """A progress bar that appears once something has taken a second; drawn where it is told of progress, no thread."""

    def __init__(self, text: str) -> None:
        self.text, self.started, self.drawn = text, time.monotonic(), 0.0
        self.progress: Progress | None = None
        self.tasks: list[TaskID] = []

    def tell(self, part: float) -> None:
        """Show how much is done, between 0 and 1."""
        now = time.monotonic()
        if now - self.started < SLOW or now - self.drawn < PAUSE:
            return
        self.drawn = now
        if self.progress is None:
            self.progress = self._begun()
        self.progress.update(self.tasks[0], completed=part, refresh=True)

    def _begun(self) -> "Progress":
        from rich.console import Console  # noqa: PLC0415  (only what takes long, in a terminal, pays for it)
        from rich.markup import escape  # noqa: PLC0415  (likewise)
        from rich.progress import Progress  # noqa: PLC0415  (likewise)

        progress = Progress(console=Console(stderr=True), transient=True, auto_refresh=False)
        self.tasks.append(progress.add_task(escape(on_one_line(self.text)), total=1.0))
        progress.start()
        return progress

    def end(self) -> None:
        """Take the bar away."""
        if self.progress is not None:
            self.progress.stop()


@contextmanager
def working(text: str) -> Iterator[Callable[[float], None]]:
    """Show how far something is, from its first second on; nothing where no one looks on. Yields what is told of it."""
    if not sys.stderr.isatty():
        yield lambda _part: None
        return
    bar = _Bar(text)
    try:
        yield bar.tell
    finally:
        bar.end()


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 card`, `2 cards`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
