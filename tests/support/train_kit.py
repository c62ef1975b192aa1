"""What the tests of the training loop share: a tiny model in a folder, a few examples, and a run in this process."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate.state import AcceleratorState

from reference_trainer import train
from reference_trainer.support import tiny

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false"}


def write_model(folder: Path) -> Path:
    """Write the tiny model with random weights, and its tokenizer."""
    tiny.model(seed=3, hidden=32).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


def write_data(folder: Path, train_size: int = 22, dev_size: int = 5) -> Path:
    """Write examples whose responses differ in length."""
    folder.mkdir(parents=True, exist_ok=True)
    examples, dev = tiny.task()
    longer = [{**one, "response": one["response"] * (1 + i % 3)} for i, one in enumerate(examples[:train_size])]
    for name, lines in (("train", longer), ("dev", dev[:dev_size])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def run(**options: object) -> int:
    """Run the command in this process and return its exit code; `lora_rank=4` is `--lora-rank 4`."""
    torch.set_num_threads(1)  # more would wait for each other, and sums over threads differ in their last bits
    AcceleratorState._reset_state(reset_partial_state=True)  # a process has one precision; the tests have several
    return train.main(arguments(options))


def arguments(options: Mapping[str, object]) -> list[str]:
    """Return options as the command line has them; True is a bare flag."""
    flags = [(f"--{name.replace('_', '-')}", value) for name, value in options.items()]
    return [part for flag, value in flags for part in ([flag] if value is True else [flag, str(value)])]


def metrics(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a run without what the clock gave."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{name: line[name] for name in line if name not in {"tokens_per_second", "seconds"}} for line in lines]


def result(folder: Path) -> dict[str, bytes]:
    """Return every safetensors file of a run, the last checkpoint's too, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.safetensors"))}
