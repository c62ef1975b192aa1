"""`ankillm preview`: all cards, in a browser, as Anki would show them."""

from pathlib import Path

import click

from ankillm.deck import read_look
from ankillm.pipeline import Collected, collect
from ankillm.preview import drafts_of, write
from ankillm.project import resource
from ankillm.selection import select


@click.command()
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), default="preview", help="The folder to write.")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def command(notes: tuple[Path, ...], output: Path, *, show: bool) -> None:
    """Write a folder that shows all cards as Anki would, and what was dropped and why.

    It works in any browser, without a server or the network.

    \b
    ankillm preview --open
    ankillm preview notes/zh/lora.md -o /tmp/lora
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    found = [collect(spec) for spec in select(notes)]
    index = _written(found, output)
    _tell(found, index)
    if show:
        click.launch(str(index))
    if any(collected.unreadable for collected in found):
        raise SystemExit(1)


def _written(found: list[Collected], output: Path) -> Path:
    rendered = [drafts_of(collected, {}) for collected in found]
    for deck in rendered:
        for warning in deck.warnings:
            click.echo(f"! {warning}", err=True)
    drafts = [draft for deck in rendered for draft in deck.drafts]
    media = {name: content for deck in rendered for name, content in deck.media.items()}
    return write(drafts, media, read_look(resource("templates")), output)


def _tell(found: list[Collected], index: Path) -> None:
    for collected in found:
        for message in collected.unreadable:
            click.echo(f"! {message}", err=True)
    kept = sum(len(collected.kept) for collected in found)
    dropped = sum(len(collected.cards) for collected in found) - kept
    click.echo(f"✓ {index}: {kept:,} cards, {dropped:,} dropped")
