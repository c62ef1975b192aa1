"""The command line: each command in a module of its own under `commands/`, imported only when it is called."""

import importlib
import importlib.util
import sys

import click

from ankillm import __version__
from ankillm.messages import Refusal

COMMANDS = ("build", "cards", "check", "count", "demo", "init", "preview", "suggest", "train")


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Name the commands, in alphabetical order."""
        return [name for name in COMMANDS if importlib.util.find_spec(f"ankillm.commands.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command; None for a name that is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"ankillm.commands.{cmd_name}").command
        return command

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


@click.group(cls=LazyGroup)
@click.version_option(__version__, message="ankillm %(version)s")
def cli() -> None:
    """Anki decks from study notes, with answers held against measurements."""


def main() -> None:
    """Run the command line; a refusal is one line on standard error and exit code 2."""
    try:
        cli.main(standalone_mode=True)
    except Refusal as refusal:
        click.echo(f"× {refusal}", err=True)
        sys.exit(2)
