"""The command line: each command in a module of its own, imported only when it is called."""

import codecs
import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ankillm import __version__
from ankillm.common.diagnostics import Diagnostic, Refusal

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
PLAINER = {
    "✓": "+",
    "×": "x",
    "✗": "x",
    "→": "->",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "−": "-",
    "·": "-",
    "—": "-",
}
"""What stands for our own signs where an encoding lacks them."""


HELP = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What newer versions of click raise where no command is given, to print the help."""


@contextmanager
def _on_one_line(group: click.Context | None = None) -> Iterator[None]:
    """Have what click says of a mistyped line be a refusal like any other: one line, with where its help is."""
    try:
        yield
    except click.UsageError as error:
        if isinstance(error, HELP):
            raise
        named = (group and group.invoked_subcommand) or ""
        page = error.ctx.command_path if error.ctx else f"ankillm {named}".rstrip()
        raise Refusal(f"{_complaint(error)} ({page} --help)") from None


def _complaint(error: click.UsageError) -> str:
    """Return what is wrong with a command line, and the nearest option."""
    if isinstance(error, click.NoSuchOption):
        import difflib  # noqa: PLC0415  (only a mistyped option pays for it)

        near = difflib.get_close_matches(error.option_name, error.possibilities or (), n=1, cutoff=0)
        return f"no option {error.option_name}" + (f"; did you mean {near[0]}?" if near else "")
    text = " ".join(error.format_message().split()).removesuffix(".")
    return text[:1].lower() + text[1:]


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:  # noqa: ANN401  (click's signature)
        """Read the options before a command."""
        with _on_one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Read the options of a command, and run it."""
        with _on_one_line(ctx):
            return super().invoke(ctx)

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


def _refuse(text: str, before: tuple[Diagnostic, ...] = ()) -> NoReturn:
    from ankillm.cli.console import failed, warn  # noqa: PLC0415  (only what goes wrong pays for it)

    for message in before:
        warn(message)
    failed(text)
    sys.exit(2)


def _said(error: OSError) -> str:
    """Return what went wrong with a file where nothing more is known of it."""
    if isinstance(error, FileNotFoundError) and not error.filename:
        return "the current folder is gone; change to one that exists"
    place = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else "the output"
    return f"{place}: cannot be read or written ({error.strerror or error})"


def _flush() -> None:
    """Write out what was printed; where nobody can take it, as on a full disk, that is told in one line, and once."""
    try:
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            _refuse(f"the output cannot be written ({error.strerror})")


def _write_what_can_be() -> None:
    """Have a plainer sign written for one that the encoding lacks, as in a pipe of Windows; else a question mark."""
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="plainer")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAINER.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def main() -> None:
    """Run the command line; a refusal is one line on standard error and exit code 2."""
    _write_what_can_be()
    gc.set_threshold(100_000)  # what is imported lasts: looking through it again and again takes a twelfth of a start
    try:
        os.getcwd()  # noqa: PTH109  (whether there is one)
        cli.main(prog_name="ankillm")
    except Refusal as refusal:
        _refuse(str(refusal), refusal.before)
    except MemoryError:
        _refuse("there is not enough memory for this")
    except OSError as error:
        _refuse(_said(error))
    finally:
        _flush()
        gc.freeze()  # what goes with the process need not be looked through at its end, as `benchmarks/where.py` prints
