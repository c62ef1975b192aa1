"""`ankillm sync`: decks into a running Anki, without a dialog."""

import os
import sys
from pathlib import Path
from typing import Any, Literal

import click

from ankillm.anki.connection import HERE, KEY_FROM, Connection
from ankillm.build.inputs import select
from ankillm.build.sync import Synced, Wish, sync
from ankillm.cli.console import counted, detail, done, failed, following, listed, say_json, warn, working
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import shown
from ankillm.common.project import DeckSpec, load

DID = {
    "imported": "new in Anki",
    "updated": "in Anki as they are in the notes now",
    "moved": "to the deck that they belong to",
    "suspended": "the notes no longer yield them: tagged ankillm::retired",
    "returned": "the notes yield them again",
    "declined": "deleted in Anki: they stay away until their answers change",
}


@click.command("sync")
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("--url", default=HERE, show_default=True, help="Speak to AnkiConnect here.")
@click.option(
    "--retired",
    type=click.Choice(["keep", "suspend"]),
    default="suspend",
    show_default=True,
    help="Suspend retired cards, or leave them alone.",
)
@click.option("--forget", is_flag=True, help="Bring again what is missing, and list retired cards no more.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Agree: to more than ten deletions, to another profile, machine or copy.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0913  (its options)
    notes: tuple[Path, ...],
    url: str,
    retired: Literal["keep", "suspend"],
    *,
    forget: bool,
    dry_run: bool,
    yes: bool,
    machine: bool,
) -> None:
    """Build the decks, and bring them into the Anki that is running, through its add-on AnkiConnect.

    New and changed cards arrive, moved ones change their deck, retired ones are suspended, and what you deleted in Anki
    stays deleted. Before the first change of a day the decks are exported with their scheduling. Nothing is deleted.

    \b
    Examples:
      ankillm sync
      ankillm sync --dry-run
      ankillm sync lora.md --retired keep
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    anki = Connection(url, os.environ.get(KEY_FROM, ""))
    specs = select(notes)
    if not (anki.is_local or yes):
        _agree(url)
    wish = Wish(retired, forget, dry_run, yes, not notes and load(Path.cwd()).config is not None)
    with working("syncing …") as tell:
        found = sync(specs, anki, wish, tell)
    for spec, one in zip(specs, found, strict=True):
        for fault in one.report.unreadable:
            failed(fault)
        for text in one.warnings:
            warn(text)
        for message in () if machine else one.report.warnings:
            warn(message)
        if not machine:
            _print(spec, one, dry_run=dry_run)
    if machine:
        say_json(list(map(_entry, specs, found)))
    raise SystemExit(1 if any(one.report.unreadable for one in found) else 0)


def _agree(url: str) -> None:
    """Ask whether an Anki elsewhere is meant.

    :raises Refusal: if not, or nobody is there to say.
    """
    if not (sys.stdin.isatty() and click.confirm(f"{url} is not this machine: send the cards there?", err=True)):
        raise Refusal(f"{url}: is not this machine, and nothing was sent; give --yes if it is meant")


def _entry(spec: DeckSpec, one: Synced) -> dict[str, Any]:
    return {
        "deck": one.report.name,
        "output": shown(spec.output),
        **{word: [change.key for change in getattr(one, word)] for word in (*DID, "kept")},
        "backup": str(one.backups[0]) if one.backups else None,
    }


def _print(spec: DeckSpec, one: Synced, *, dry_run: bool) -> None:
    for change in one.kept:
        warn(f"{change.place}: keeps what you changed of it in Anki: {change.question}")
    for change in one.absent:
        warn(f"{change.place}: Anki did not take it: {change.question}")
    lists = {word: getattr(one, word) for word in DID}
    told = ", ".join(f"{len(changes)} {word}" for word, changes in lists.items() if changes) or "nothing to change"
    target = "would go into Anki" if dry_run else "→ Anki"
    done(f"{one.report.name}: {counted(one.report.cards, 'card')} of {spec.output.name} {target} ({told})")
    for word, changes in lists.items():
        if word != "imported" or dry_run or len(changes) < one.report.cards:
            listed(word, changes, DID[word])
    if one.backups:
        detail(f"as it was before today's first change: {', '.join(map(shown, one.backups))}")
    if one.waiting:
        following("delete the retired cards in Anki, or leave them: tag:ankillm::retired finds them")
