"""What a command prints: one outcome line with `✓`, `!` or `×`, details for what changed, then what to do next."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from ankillm.messages import Message

MOST_LINES = 12
SLOW = 1.0


def done(text: str) -> None:
    """Print an outcome that went well."""
    click.echo(f"{click.style('✓', fg='green')} {text}")


def warn(text: str | Message) -> None:
    """Print a warning, on standard error."""
    click.echo(f"{click.style('!', fg='yellow')} {text}", err=True)


def failed(text: str | Message) -> None:
    """Print what went wrong, on standard error."""
    click.echo(f"{click.style('×', fg='red')} {text}", err=True)


def following(text: str) -> None:
    """Print what to do next."""
    click.echo(f"{click.style('Next:', bold=True)} {text}")


def listed(title: str, keys: Iterable[str]) -> None:
    """Print a title and the first of its keys; how many more there are is told."""
    entries = list(keys)
    if not entries:
        return
    click.echo(f"  {title} {len(entries)}")
    for key in entries[:MOST_LINES]:
        click.echo(f"    {key}")
    if len(entries) > MOST_LINES:
        click.echo(f"    … and {len(entries) - MOST_LINES} more (--json lists all)")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show that something is going on, from its first second on; nothing where no one looks on."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  (only a terminal pays for it)

    with Console(stderr=True).status(text):
        yield


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 card`, `2 cards`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
