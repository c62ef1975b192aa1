"""The command line: each command in a module of its own, imported only when it is called."""

import gc
import importlib
import sys
from typing import TYPE_CHECKING

import click

from ankillm import __version__
from ankillm.common.diagnostics import Refusal, on_one_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "build": "Build Anki decks from notes.",
    "preview": "Show all cards in the browser.",
    "demo": "Run a demo: see what a note says, measured.",
    "check": "Check claims against measurements.",
    "sync": "Bring decks into a running Anki, without a dialog.",
    "cards": "List all cards as text.",
    "init": "Start a project in a folder of notes.",
    "count": "Count what a method trains in a model, and its memory.",
    "train": "Fine-tune a language model.",
    "write": "Ask a language model for cards, checked against the notes.",
}
"""Each command in one line, those first that are used most: what help and completion say without importing it."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Name the commands, those first that are used most."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (likewise)
        """Import the module of one command; None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"ankillm.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (likewise)
        """Write each command with its line."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete names of commands, and options."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  (only a shell that completes pays for it)

        names = [CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one.

        :raises click.UsageError: for a name that is none.
        """
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            import difflib  # noqa: PLC0415  (only a mistyped command pays for it)

            nearest = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"; did you mean {nearest[0]}?" if nearest else f"; there are {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"no command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="ankillm %(version)s")
def cli() -> None:
    """Anki decks from study notes, with answers checked against measurements."""


def main() -> None:
    """Run the command line; a refusal is one line on standard error and exit code 2."""
    gc.set_threshold(100_000)  # what is imported lasts: looking through it again and again takes a twelfth of a start
    try:
        cli.main(prog_name="ankillm")
    except Refusal as refusal:
        for message in refusal.before:
            click.echo(f"! {message}", err=True)
        click.echo(f"× {on_one_line(str(refusal))}", err=True)
        sys.exit(2)
    finally:
        gc.freeze()  # what goes with the process need not be looked through at its end, as `benchmarks/where.py` prints
