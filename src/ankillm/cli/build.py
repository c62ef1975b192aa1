"""`ankillm build`: notes in, an Anki package out."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ankillm.build import stamp
from ankillm.build.inputs import select
from ankillm.build.stamp import Mode
from ankillm.common.project import DeckSpec, load

if TYPE_CHECKING:
    from ankillm.claims.knowledge import Knowledge


@click.command()
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The package to write.")
@click.option("--deck", "name", default="", help="The deck's name in Anki.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option("--watch", is_flag=True, help="Build again at every change, and refresh the preview.")
@click.option("--no-cache", is_flag=True, help="Work everything out anew.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
@click.pass_context
def command(  # noqa: PLR0913  (its options)
    ctx: click.Context,
    notes: tuple[Path, ...],
    output: Path | None,
    name: str,
    *,
    dry_run: bool,
    watch: bool,
    no_cache: bool,
    machine: bool,
) -> None:
    """Build the decks of the project around, or one deck of the notes given.

    \b
    Examples:
      ankillm build
      ankillm build notes/ -o notes.apkg
      ankillm build lora.md --deck "LoRA" --dry-run
      ankillm build --watch
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    in_project = not notes and load(Path.cwd()).config is not None
    if watch:
        if dry_run or machine:
            raise click.UsageError("--watch goes with neither --dry-run nor --json")
        _watch(lambda: select(notes, output, name), Mode(listing=in_project))
        return
    mode = Mode(listing=in_project, dry_run=dry_run, quiet=machine)
    reports = _build(select(notes, output, name), mode, cached=not no_cache)
    if machine:
        click.echo(json.dumps([report for report, _ in reports], ensure_ascii=False, indent=1))
    ctx.exit(max(code for _, code in reports))


def _build(specs: Sequence[DeckSpec], mode: Mode, *, cached: bool) -> list[tuple[Mapping[str, Any], int]]:
    """Build the decks that do not stand as they were built; return each one's report and exit code."""
    around = stamp.surroundings() if cached else ""
    known: Knowledge | None = None
    reports: list[tuple[Mapping[str, Any], int]] = []
    for spec in specs:
        now = stamp.inputs(spec, around) if cached else ""
        told = stamp.stands(spec, now, mode) if cached else None
        if told is not None:
            reports.append((stamp.tell(spec, told, mode), 0))
            continue
        from ankillm.build.build import build, known_here  # noqa: PLC0415  (only where something is to be built)
        from ankillm.build.past import save  # noqa: PLC0415  (likewise)

        with _uncollected():
            known = known or known_here()
            built = build(spec, known, mode, around)
            if cached and built.repeatable and stamp.inputs(spec, around) == now:
                written = stamp.hashed(stamp.outputs(spec, mode))
                stamp.keep(spec, now, built, written)
                save(spec, around, built, written)
        reports.append((built.report, built.code))
    return reports


@contextmanager
def _uncollected() -> Iterator[None]:
    """Build without the garbage collector: it takes an eighth of the time, and finds next to nothing to collect."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _watch(specs: Callable[[], Sequence[DeckSpec]], mode: Mode) -> None:
    from ankillm.cli.watch import follow  # noqa: PLC0415  (as above)

    follow(specs, lambda spec: _build([spec], mode, cached=False))
