"""`ankillm cards`: every card that the notes yield, as text."""

import json
from pathlib import Path

import click

from ankillm.build.inputs import select
from ankillm.build.pipeline import collect, known_here
from ankillm.cards.listing import as_json, listing
from ankillm.cli.console import counted, done
from ankillm.common.diagnostics import Refusal


@click.command()
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("--dropped", is_flag=True, help="Also the cards that were dropped, and by which rule.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(notes: tuple[Path, ...], *, dropped: bool, machine: bool) -> None:
    """List every card of the notes, or of the project's decks, as text.

    \b
    Examples:
      ankillm cards notes/zh
      ankillm cards notes/zh/lora.md --dropped
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    knowledge = known_here()
    found = [collect(spec, knowledge) for spec in select(notes)]
    if not any(collected.notes or collected.unreadable for collected in found):
        raise Refusal("no notes there; name a folder with Markdown files")
    cards = [card for collected in found for card in (collected.cards if dropped else collected.kept)]
    if machine:
        click.echo(json.dumps([as_json(card) for card in cards], ensure_ascii=False, indent=1))
    elif cards:
        click.echo(listing(cards))
    else:
        done(f"no cards in {counted(sum(len(collected.notes) for collected in found), 'note')}")
    for collected in found:
        for message in collected.unreadable:
            click.echo(f"! {message}", err=True)
    if any(collected.unreadable for collected in found):
        raise SystemExit(1 if any(collected.notes for collected in found) else 2)
