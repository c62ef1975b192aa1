"""`ankillm build`: notes in, an Anki package out."""

from pathlib import Path
from typing import get_args

import click

from ankillm.build.inputs import at_density, select
from ankillm.build.report import Mode, crossings
from ankillm.cli.build_report import as_json, build_and_print
from ankillm.cli.console import NOTES, say_json, warn
from ankillm.cli.opener import is_opened
from ankillm.common.files import shown
from ankillm.common.project import Density, load


@click.command()
@click.argument("notes", nargs=-1, type=NOTES)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write this package.")
@click.option("--deck", "name", default="", help="Name the deck in Anki; in a project, build this deck.")
@click.option("--density", type=click.Choice(get_args(Density)), help="Make few cards, or many.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--watch", is_flag=True, help="Rebuild at every change, and refresh the preview.")
@click.option("--open", "launch", is_flag=True, help="Open the package, as a double click would: Anki imports it.")
@click.option("--no-cache", is_flag=True, help="Rebuild from scratch.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
@click.pass_context
def command(  # noqa: PLR0913  (its options)
    ctx: click.Context,
    notes: tuple[Path, ...],
    output: Path | None,
    name: str,
    *,
    density: Density | None,
    dry_run: bool,
    watch: bool,
    launch: bool,
    no_cache: bool,
    machine: bool,
) -> None:
    """Build the decks of the project around, or one deck of the notes given.

    \b
    Examples:
      ankillm build
      ankillm build notes/ -o notes.apkg
      ankillm build lora.md --deck "LoRA" --dry-run
      ankillm build --open
      ankillm build --watch
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    in_project = not notes and load(Path.cwd()).config is not None
    if watch:
        if dry_run or machine or launch:
            raise click.UsageError("--watch goes with none of --dry-run, --json and --open")
        from ankillm.cli.watch import follow  # noqa: PLC0415  (only a watch pays for it)

        follow(lambda: [at_density(spec, density) for spec in select(notes, output, name)], Mode(listing=in_project))
        return
    mode = Mode(listing=in_project, dry_run=dry_run, cached=not no_cache)
    specs = [at_density(spec, density) for spec in select(notes, output, name)]
    reports = [build_and_print(spec, mode, machine=machine) for spec in specs]
    if machine:
        found = [as_json(spec, report) for spec, report in zip(specs, reports, strict=True)]
        say_json(found)
    for crossing in crossings(reports):
        cards = f"{crossing.cards} card{'s' * (crossing.cards > 1)}"
        warn(
            f"{cards} went with a note from {crossing.left} to {crossing.reached}: new there, the reviews left behind "
            "on what retired; put the note back where they matter"
        )
    if launch and not dry_run:
        for spec in specs:
            if not is_opened(spec.output.absolute()):
                warn(f"{shown(spec.output)}: no program opens it; in Anki: File → Import")
    ctx.exit(1 if any(report.unreadable for report in reports) else 0)
