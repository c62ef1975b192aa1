"""Counting before renting: how many parameters a method trains, and what they cost in memory.

A GPU must hold the weights; for each trained parameter also its gradient (4 bytes) and AdamW's two running means
(8 bytes; Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101). Full fine-tuning pays that for every weight,
LoRA (Hu et al. 2021, https://arxiv.org/abs/2106.09685), prefix tuning (P-tuning v2, Liu et al. 2021,
https://arxiv.org/abs/2110.07602) and prompt tuning (Lester et al. 2021, https://arxiv.org/abs/2104.08691) for a few.
The activations, which grow with batch and length, come on top and are not counted.

Options and counts are those of `train`, to the digit. One default is another: where no targets are named, those that
peft takes for the architecture are counted, as published figures do; `train` adapts all linear layers. Adapters are
peft's own, on the meta device: `all` is base and adapter together, as `print_trainable_parameters`
prints it. Trained parameters are held in float32, as peft and mixed precision hold them; `--dtype` is for the others.
"""

import argparse
import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from transformers import PreTrainedModel
from transformers.utils import logging

from ankillm.evidence import Refusal, on_one_line
from reference_trainer.support.architectures import HEADS, build
from reference_trainer.support.limits import take_at_most
from reference_trainer.support.peft_methods import Method, tune
from reference_trainer.training.options import add_option
from reference_trainer.training.settings import PEFT_DEFAULT, SYNONYMS, Settings

METHODS = ("lora", "ptuning", "prompt", "full", *SYNONYMS)
SHARED = {"lora_rank": "8", "targets": "default", "pre_seq_len": "128", "prefix_projection": "False"}
"""The options of `train` that decide what is counted, and what their defaults are called here."""
BY_DEFAULT = "peft's default targets; ankillm train adapts all-linear, if it is not told otherwise"
MOST_MEMORY = 4 * 2**30
"""Bytes beside what torch takes; a model without weights takes some megabytes."""
SIZES = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True, slots=True)
class Count:
    """What training costs before a batch is seen; sizes in bytes."""

    model: str
    architecture: str
    method: str
    targets: tuple[str, ...]
    adapted: int
    """Number of modules that got an adapter."""
    trainable: int
    all: int
    share: float
    """trainable ÷ all, in per cent."""
    dtype: str
    weight_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    adapter_bytes: int | None
    """Size of the safetensors file that is saved; None for full fine-tuning, which saves the whole model."""


def count(ref: str, method: Method, *, task: str = "", labels: int = 0, dtype: str = "") -> Count:
    """Count the parameters that `method` trains in the model `ref`; raises `Refusal` with one line."""
    model = build(ref, task, labels)
    base_dtype = dtype or str(model.config.dtype or torch.float32).removeprefix("torch.")
    architecture = type(model).__name__
    for part in (part for part in model.modules() if isinstance(part, PreTrainedModel)):
        part.config.pad_token_id = None  # some look for padding in what they read, where a shape has no numbers
    tuned = tune(model, method, task)
    trainable = sum(weight.numel() for weight in tuned.parameters if weight.requires_grad)
    total = sum(weight.numel() for weight in tuned.parameters)
    return Count(
        model=ref,
        architecture=architecture,
        method=method.name,
        targets=tuple(sorted({name.rsplit(".", 1)[-1] for name in tuned.adapted})),
        adapted=len(tuned.adapted),
        trainable=trainable,
        all=total,
        share=100 * trainable / total,
        dtype=base_dtype,
        weight_bytes=4 * trainable + bytes_each(base_dtype) * (total - trainable),
        gradient_bytes=4 * trainable,
        optimizer_bytes=8 * trainable,
        adapter_bytes=file_bytes(tuned.file) if tuned.file else None,
    )


def file_bytes(tensors: Mapping[str, torch.Tensor]) -> int:
    """Return the size of a safetensors file: a length of 8 bytes, a JSON header padded to eights, the data.

    Source: https://github.com/huggingface/safetensors#format.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in sorted(tensors.items()):
        start, end = end, end + 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"))
    return 8 + -(-len(text) // 8) * 8 + end


def bytes_each(dtype: str) -> int:
    """Return the bytes of one number of the type."""
    found = getattr(torch, dtype, None)
    if not isinstance(found, torch.dtype):
        raise Refusal(f"torch has no type {dtype!r}; try float32, bfloat16 or float16")
    return found.itemsize


def readable(size: int) -> str:
    """Return a size with a binary unit: 16,777,216 → `16.0 MiB`."""
    power = max(0, min((size.bit_length() - 1) // 10, len(SIZES) - 1))
    return f"{size / 1024**power:.1f} {SIZES[power]}" if power else f"{size} B"


def table(result: Count) -> str:
    """Return the outcome in one line, and below it what has to fit into memory."""
    rows = [
        ("weights", result.weight_bytes),
        ("gradients", result.gradient_bytes),
        ("optimizer", result.optimizer_bytes),
    ]
    on = f" on {', '.join(result.targets)} ({result.adapted} modules)" if result.targets else ""
    rows.append(("together", sum(size for _, size in rows)))
    rows += [("adapter file", result.adapter_bytes)] if result.adapter_bytes is not None else []
    parameters = f"{result.trainable:,} of {result.all:,} parameters of {result.architecture} ({result.share:.4g} %)"
    note = f"  (frozen weights in {result.dtype}, trained ones in float32, AdamW; activations come on top)"
    lines = [f"  {name:<12} {readable(size):>11}{note if name == 'together' else ''}" for name, size in rows]
    return "\n".join([f"✓ {result.method}{on} trains {parameters}", *lines])


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="count", description=__doc__.split("\n", 1)[0])
    parser.add_argument("ref", help="a config.json, its folder, chatglm-6b, chatglm2-6b or a name on the hub")
    parser.add_argument("--method", choices=METHODS, default="lora")
    for name, default in SHARED.items():
        add_option(parser, name, default)
    parser.add_argument("--bias", choices=("none", "all", "lora_only"), default="none")
    parser.add_argument("--task", choices=sorted(HEADS), default="")
    parser.add_argument("--labels", type=int, default=0)
    parser.add_argument("--dtype", default="")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(given)


def method_of(given: argparse.Namespace) -> Method:
    """Return the method that the command line asks for."""
    asked = {name: value for name, value in vars(given).items() if name in SHARED}
    of = Settings(**{"targets": (PEFT_DEFAULT,), **asked}).validated()
    targets = () if of.targets == (PEFT_DEFAULT,) else of.targets
    return Method(given.method, of.lora_rank, targets, given.bias, of.pre_seq_len, of.prefix_projection)


def main() -> None:
    """Print the count; a refusal is one line on standard error and exit code 2."""
    given = arguments()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # untyped in transformers
    try:
        result = count(given.ref, method_of(given), task=given.task, labels=given.labels, dtype=given.dtype)
    except Refusal as refusal:
        print(f"× {on_one_line(str(refusal))}", file=sys.stderr)
        sys.exit(2)
    text = json.dumps(asdict(result)) if given.json else table(result)
    print("\n".join(map(on_one_line, text.split("\n"))))
    if given.method == "lora" and "targets" not in given and not given.json:
        print(f"  ({BY_DEFAULT})")


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # whoever reads the first lines alone, as `head` does, wants no more
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    take_at_most(MOST_MEMORY)
    main()
