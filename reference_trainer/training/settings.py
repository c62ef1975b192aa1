"""What a training run is told, in one dataclass; `options.py` fills it."""

import dataclasses
import json

from ankillm.evidence import Refusal

METHODS = ("full", "lora", "ptuning")
SYNONYMS = {"prefix": "ptuning"}
"""Other names of a method: peft calls P-tuning v2 prefix tuning."""
ALIASES = {"lora_rank": "--rank", "pre_seq_len": "--tokens", "prefix_projection": "--projection"}
"""Shorter names of options; `train` and `count` have the same ones."""
AUTO = "auto"
PRECISIONS = (AUTO, "fp32", "bf16", "fp16")
TINY = "tiny"
ALL_LINEAR = "all-linear"
PEFT_DEFAULT = "default"
TOKENS = "tokens"
STARTS = (TOKENS, "random")


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run; `validated` says in one line what is wrong with them."""

    model: str = TINY
    """The model: `tiny` (built in, with its own task), a folder, or a name on the hub."""
    data: str = ""
    """JSONL to train on: `prompt` and `response`, or `messages`, a line; or a folder with train.jsonl and dev.jsonl."""
    dev: str = ""
    """Evaluation data in the same form; without it a tenth of the training data is held out."""
    method: str = "lora"
    """What is trained: full, lora or ptuning; several with commas are trained in turn, each in a folder of its own."""
    pre_seq_len: int = 128
    """P-tuning v2: the number of virtual tokens in front of every layer."""
    prefix_projection: bool = False
    """P-tuning v2: compute the prefix by a two-layer perceptron, which is dropped after training."""
    prefix_init: str = TOKENS
    """P-tuning v2: tokens (start as the keys and values of the data's first tokens) or random (from N(0, 1))."""
    lora_rank: int = 8
    """LoRA: the rank r of the update."""
    lora_alpha: int = 16
    """LoRA: the update is scaled by alpha / r."""
    lora_dropout: float = 0.0
    """LoRA: the share of its inputs that is dropped in training."""
    targets: tuple[str, ...] = (ALL_LINEAR,)
    """LoRA: names of the modules to adapt, with commas; all-linear (every linear layer but the output) or default
    (those that peft takes for the architecture)."""
    lr: float = 2e-4
    """The highest learning rate, reached at the end of the warmup."""
    weight_decay: float = 0.01
    """AdamW's decay, on matrices only."""
    warmup_ratio: float = 0.1
    """The share of steps in which the learning rate rises from 0 (rounded up)."""
    clip: float = 1.0
    """Gradients are scaled down to this norm if theirs is larger; 0 leaves them."""
    epochs: int = 3
    """How often the training data is gone through."""
    batch_size: int = 8
    """Examples of a forward pass, on each device."""
    accumulate: int = 1
    """Forward passes of an optimizer step: its batch is devices × batch_size × accumulate examples."""
    precision: str = AUTO
    """fp32, or bf16 or fp16 by autocast, a frozen base kept in it too; auto is bf16 on a GPU that computes in it, else
    fp32. Trained weights are always float32."""
    checkpointing: bool = False
    """Keep only each layer's input for the backward pass and compute the rest again: less memory, more time."""
    max_length: int = 512
    """Tokens that an example may have."""
    too_long: str = "cut"
    """An example over max_length is cut at its end (cut), or the run refused with its line (refuse)."""
    logging_steps: int = 10
    """Optimizer steps between two lines of metrics.jsonl."""
    save_freq: int = 100
    """Optimizer steps between two evaluations, each with a checkpoint; the best adapter is kept."""
    seed: int = 0
    """The seed of weights, data order and dropout."""
    output: str = ""
    """The folder of the result; by default the next free number in runs/."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods to train, in turn."""
        names = (name.strip() for name in self.method.split(","))
        return tuple(SYNONYMS.get(name, name) for name in names if name)

    @property
    def step_size(self) -> int:
        """Count the examples of an optimizer step on each device."""
        return self.batch_size * self.accumulate

    def validated(self) -> "Settings":
        """Return itself; raise `Refusal`, naming the option, if a value can't be."""
        for wrong, text in self._faults():
            if wrong:
                raise Refusal(text)
        return self

    def _faults(self) -> list[tuple[bool, str]]:
        positive = ("pre_seq_len", "lora_rank", "epochs", "batch_size", "accumulate", "max_length", "logging_steps")
        unknown = [name for name in self.methods if name not in METHODS]
        return [
            (not self.methods or bool(unknown), f"--method is one of {', '.join(METHODS)}, not {self.method!r}"),
            (
                self.precision not in PRECISIONS,
                f"--precision is one of {', '.join(PRECISIONS)}, not {self.precision!r}",
            ),
            (
                self.prefix_init not in STARTS,
                f"--prefix-init is {' or '.join(STARTS)}, not {self.prefix_init!r}",
            ),
            (self.too_long not in {"cut", "refuse"}, f"--too-long is cut or refuse, not {self.too_long!r}"),
            *((getattr(self, name) < 1, _at_least(name, 1, getattr(self, name))) for name in (*positive, "save_freq")),
            (not self.lr > 0, f"--lr must be above 0, not {self.lr:g}"),
            (not self.lora_alpha > 0, f"--lora-alpha must be above 0, not {self.lora_alpha:g}"),
            (not 0 <= self.lora_dropout < 1, f"--lora-dropout is a share from 0 to below 1, not {self.lora_dropout:g}"),
            (not 0 <= self.warmup_ratio <= 1, f"--warmup-ratio is a share from 0 to 1, not {self.warmup_ratio:g}"),
            *((not getattr(self, n) >= 0, _at_least(n, 0, getattr(self, n))) for n in ("weight_decay", "clip", "seed")),
            (not self.targets, f"--targets names no module; {ALL_LINEAR} takes every linear layer"),
            (
                not self.data and self.model != TINY,
                f"--data is missing: only --model {TINY} comes with a task of its own",
            ),
        ]

    def to_toml(self) -> str:
        """Return the settings as the TOML that `--config` reads."""
        return "".join(toml_line(name, value) for name, value in dataclasses.asdict(self).items())


def toml_line(name: str, value: object) -> str:
    """Return a setting as a line of TOML, whose strings, numbers and lists are JSON's."""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}\n"


def _at_least(name: str, least: int, value: float) -> str:
    return f"{flag(name)} must be at least {least}, not {value:g}"


def flag(name: str) -> str:
    """Return the option of a field: `lora_rank` → `--lora-rank`."""
    return "--" + name.replace("_", "-")
