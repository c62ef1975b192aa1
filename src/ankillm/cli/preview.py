"""`ankillm preview`: all cards, in a browser, as Anki would show them."""

import webbrowser
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import get_args

import click

from ankillm.build.build import read_decks
from ankillm.build.inputs import at_density, select
from ankillm.build.pipeline import Deck
from ankillm.build.preview import show
from ankillm.cli.console import NOTES, counted, done, failed, following, warn, working
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import shown
from ankillm.common.project import Density


@click.command()
@click.argument("notes", nargs=-1, type=NOTES)
@click.option("-o", "--output", type=click.Path(path_type=Path), default="preview", help="Write this folder.")
@click.option("--density", type=click.Choice(get_args(Density)), help="Make few cards, or many.")
@click.option("--open", "launch", is_flag=True, help="Open it in the browser.")
def command(notes: tuple[Path, ...], output: Path, *, density: Density | None, launch: bool) -> None:
    """Write a folder that shows all cards as Anki would, and what was dropped and why.

    It works in any browser, without a server or the network.

    \b
    Examples:
      ankillm preview --open
      ankillm preview notes/zh/lora.md -o /tmp/lora
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    with working("reading notes …") as tell:
        decks = read_decks([at_density(spec, density) for spec in select(notes)], tell)
        if not any(deck.read for deck in decks):
            raise Refusal(str(next(message for deck in decks for message in deck.unreadable)))
        index = show(decks, output)
    for message in dict.fromkeys(chain.from_iterable((*deck.warnings, *deck.diagnostics) for deck in decks)):
        warn(message)
    _print(decks, index)
    if launch and not webbrowser.open(index.resolve().as_uri()):
        warn(f"{shown(index)}: no browser was found; open it in one")
    elif not launch:
        following("open it in a browser, or give --open")
    if any(deck.unreadable for deck in decks):
        raise SystemExit(1)


def _print(decks: Sequence[Deck], index: Path) -> None:
    for message in chain.from_iterable(deck.unreadable for deck in decks):
        failed(message)
    kept = sum(len(deck.kept) for deck in decks)
    dropped = sum(len(deck.cards) for deck in decks) - kept
    done(f"{shown(index)}: {counted(kept, 'card')}, {dropped:,} dropped")
