"""`ankillm train`: the training loop of `reference_trainer`, as a process of its own."""

import signal
import sys

import click

from ankillm.evidence import launcher

ANY_OPTION = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@click.command("train", context_settings=ANY_OPTION)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(options: tuple[str, ...]) -> None:
    """Fine-tune a language model: LoRA, P-tuning v2 or in full (see --help)."""
    # Ctrl-C reaches the training too, which writes a checkpoint and ends; here it must not end the wait for that.
    signal.signal(signal.SIGINT, lambda *_: None)
    sys.exit(launcher.start("train", options).returncode)
