"""`ankillm cards`: every card that the notes yield, as text."""

from pathlib import Path
from typing import get_args

import click

from ankillm.anki.listing import as_json, listing
from ankillm.build.build import read_decks
from ankillm.build.inputs import at_density, select
from ankillm.cli.console import NOTES, counted, done, failed, say_json, say_lines
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import Density


@click.command()
@click.argument("notes", nargs=-1, type=NOTES)
@click.option("--dropped", is_flag=True, help="Show also what gave no card, and why.")
@click.option("--why", is_flag=True, help="Say of each card which rule made it, with its score.")
@click.option("--density", type=click.Choice(get_args(Density)), help="Make few cards, or many.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(notes: tuple[Path, ...], *, dropped: bool, why: bool, density: Density | None, machine: bool) -> None:
    """List every card of the notes, or of the project's decks, as text.

    \b
    Examples:
      ankillm cards notes/zh
      ankillm cards notes/zh/lora.md --dropped
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    decks = read_decks([at_density(spec, density) for spec in select(notes)])
    unreadable = [message for deck in decks for message in deck.unreadable]
    if unreadable and not any(deck.read for deck in decks):
        raise Refusal(str(unreadable[0]), tuple(unreadable[1:]))
    cards = [card for deck in decks for card in (deck.cards if dropped else deck.kept)]
    if machine:
        say_json([as_json(card) for card in cards])
    elif cards:
        say_lines(listing(cards, why=why))
    else:
        done(f"no cards in {counted(sum(len(deck.read) for deck in decks), 'note')}")
    for message in unreadable:
        failed(message)
    if unreadable:
        raise SystemExit(1)
