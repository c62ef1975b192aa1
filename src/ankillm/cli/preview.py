"""`ankillm preview`: all cards, in a browser, as Anki would show them."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import click

from ankillm.build.inputs import select
from ankillm.build.pipeline import Collected, collect, known_here
from ankillm.build.preview import show
from ankillm.cli.console import done, failed, following, warn, working
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import shown


@click.command()
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), default="preview", help="The folder to write.")
@click.option("--open", "launch", is_flag=True, help="Open it in the browser.")
def command(notes: tuple[Path, ...], output: Path, *, launch: bool) -> None:
    """Write a folder that shows all cards as Anki would, and what was dropped and why.

    It works in any browser, without a server or the network.

    \b
    Examples:
      ankillm preview --open
      ankillm preview notes/zh/lora.md -o /tmp/lora
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    with working("reading notes …") as tell:
        knowledge = known_here()
        found = [collect(spec, knowledge, tell) for spec in select(notes)]
        if not any(collected.notes for collected in found):
            raise Refusal(_nothing(found))
        index, warnings = show(found, knowledge.pictures, output)
    for message in (*knowledge.warnings, *warnings):
        warn(message)
    _tell(found, index)
    if launch:
        click.launch(str(index))
    else:
        following("open it in a browser, or give --open")
    if any(collected.unreadable for collected in found):
        raise SystemExit(1)


def _nothing(found: Sequence[Collected]) -> str:
    """Say why there is no note to show."""
    unreadable = [message for collected in found for message in collected.unreadable]
    return str(unreadable[0]) if unreadable else "no notes there; name a folder with Markdown files"


def _tell(found: Sequence[Collected], index: Path) -> None:
    for message in chain.from_iterable(collected.unreadable for collected in found):
        failed(message)
    kept = sum(len(collected.kept) for collected in found)
    dropped = sum(len(collected.cards) for collected in found) - kept
    done(f"{shown(index)}: {kept:,} cards, {dropped:,} dropped")
