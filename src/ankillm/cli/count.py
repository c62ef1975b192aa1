"""`ankillm count`: what a method trains in a model, and what that costs, before a GPU is rented."""

import sys

import click

from ankillm.evidence import launcher

METHODS = ("lora", "ptuning", "prefix", "prompt", "full")
TASKS = ("causal_lm", "seq_2_seq_lm", "seq_cls", "token_cls", "question_ans", "feature_extraction")
POSITIVE = click.IntRange(1)
VIRTUAL = "ptuning, prompt: virtual tokens."
BIASES = ("none", "all", "lora_only")


@click.command("count")
@click.argument("ref")
@click.option("--method", type=click.Choice(METHODS), default="lora", show_default=True, help="ptuning is prefix.")
@click.option("--lora-rank", "--rank", "lora_rank", type=POSITIVE, default=8, show_default=True, help="lora: rank r.")
@click.option("--targets", default="", help="lora: modules, with commas, all-linear, or default (peft's; as without).")
@click.option("--bias", type=click.Choice(BIASES), default="none", show_default=True, help="lora: biases to train.")
@click.option("--pre-seq-len", "--tokens", "pre_seq_len", type=POSITIVE, default=128, show_default=True, help=VIRTUAL)
@click.option("--prefix-projection", "--projection", "projection", is_flag=True, help="ptuning: two layers compute it.")
@click.option(
    "--task",
    type=click.Choice(TASKS),
    metavar="TASK",
    help=f"The head: {', '.join(TASKS)}; by default the one that config.json names.",
)
@click.option(
    "--labels", type=click.IntRange(1), help="Classes of a classifying head; by default those of config.json."
)
@click.option(
    "--dtype", metavar="TYPE", help="Type of frozen weights, such as bfloat16; by default that of config.json."
)
@click.option("--json", "as_json", is_flag=True, help="Print the count as JSON.")
def command(ref: str, *, as_json: bool, projection: bool, **options: str | int | None) -> None:
    """Count what a method trains in the model REF, and the memory for it.

    REF is a config.json, its folder, chatglm-6b, chatglm2-6b or a name on the hub; no weights are read.

    \b
    Examples:
      ankillm count chatglm-6b --method prefix --tokens 128 --projection
      ankillm count ./my-model --rank 16 --targets q_proj,v_proj
      ankillm count Qwen/Qwen2.5-0.5B --targets all-linear --json
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items() if value not in {None, ""}]
    flags = [flag for flag, wanted in (("--json", as_json), ("--prefix-projection", projection)) if wanted]
    sys.exit(launcher.start("count", [*given, *flags, "--", ref]).returncode)
