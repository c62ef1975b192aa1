"""`ankillm train`: the training loop of `reference_trainer`, as a process of its own."""

import sys
from typing import TYPE_CHECKING

import click

from ankillm.common.project import trainer_folder
from ankillm.evidence import launcher

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

ANY_OPTION = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
OPTIONS = "training.options"
OWN = ("--config", "--resume", "--help")
"""The options that are no settings."""


class Training(click.Command):
    """A command whose options are the settings of the training loop, which is not imported to know them."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG002  (click's signature)
        """Complete names of options."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  (only a shell that completes pays for it)

        return [CompletionItem(name) for name in _options() if name.startswith(incomplete)]


@click.command("train", cls=Training, context_settings=ANY_OPTION)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(options: tuple[str, ...]) -> None:
    """Fine-tune a language model: LoRA, P-tuning v2 or in full (see --help)."""
    if {"-h", "--help"} & {*options}:
        sys.exit(launcher.start(OPTIONS, ["--help"], light=True).returncode)
    sys.exit(launcher.start_until_asked("train", options))


def _options() -> list[str]:
    """Return the names of all options, from the source of the settings."""
    import ast  # noqa: PLC0415  (only a shell that completes pays for it)

    tree = ast.parse((trainer_folder() / "training" / "settings.py").read_text("utf-8"))
    settings = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    fields = (node.target for node in settings.body if isinstance(node, ast.AnnAssign))
    names = [f"--{field.id.replace('_', '-')}" for field in fields if isinstance(field, ast.Name)]
    return [*OWN, *names]
