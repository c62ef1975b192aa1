"""`ankillm train`: the training loop of `reference_trainer`, as a process of its own."""

import sys

import click

from ankillm.evidence import launcher

ANY_OPTION = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@click.command("train", context_settings=ANY_OPTION)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(options: tuple[str, ...]) -> None:
    """Fine-tune a language model: LoRA, P-tuning v2 or in full (see --help)."""
    sys.exit(launcher.start_until_asked("train", options))
