"""What a training run is told: one dataclass, filled from defaults, a TOML file and the command line, in this order."""

import argparse
import ast
import dataclasses
import difflib
import inspect
import json
import textwrap
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path

from ankillm.evidence import Refusal

METHODS = ("full", "lora", "ptuning")
PRECISIONS = ("fp32", "bf16", "fp16")
TINY = "tiny"
ALL_LINEAR = "all-linear"


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
    lora_rank: int = 8
    """LoRA: the rank r of the update."""
    lora_alpha: int = 16
    """LoRA: the update is scaled by alpha / r."""
    lora_dropout: float = 0.0
    """LoRA: the share of its inputs that is dropped in training."""
    targets: tuple[str, ...] = (ALL_LINEAR,)
    """LoRA: names of the modules to adapt, with commas; all-linear is every linear layer but the output."""
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
    precision: str = "fp32"
    """fp32, or bf16 or fp16 by autocast, a frozen base kept in it too; trained weights are always float32."""
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
        return tuple(name.strip() for name in self.method.split(",") if name.strip())

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


def field_help() -> dict[str, str]:
    """Return the docstring of each field, read from this file's source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Settings))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  (for the type checker: the source of a class)
    pairs = zip(body.body, body.body[1:], strict=False)
    return {
        field.target.id: doc.value.value
        for field, doc in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }


METAVARS = {str: "TEXT", int: "INTEGER", float: "FLOAT"}
EXAMPLES = """Examples:
  ankillm train
  ankillm train --model ./my-model --data data.jsonl --method lora
  ankillm train --config run.toml --epochs 1
  ankillm train --resume --output runs/001"""


def parser() -> argparse.ArgumentParser:
    """Return the command line: an option a field, and `--config` and `--resume`."""
    result = argparse.ArgumentParser(
        prog="ankillm train",
        usage="%(prog)s [OPTION]...",
        description=f"Fine-tune a language model: all weights, LoRA or P-tuning v2.\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    result.add_argument("--config", metavar="FILE", help="a TOML file with the same names; options given here win")
    result.add_argument(
        "--resume", action="store_true", help="go on with the run in --output (default: the last in runs/)"
    )
    types_of, docs = typing.get_type_hints(Settings), field_help()
    for field in dataclasses.fields(Settings):
        kind, text = types_of[field.name], f"{docs[field.name]} Default: {_shown(field.default)}.".replace("%", "%%")
        if kind is bool:
            action = argparse.BooleanOptionalAction
            result.add_argument(flag(field.name), action=action, default=argparse.SUPPRESS, help=text)
        else:
            metavar = METAVARS.get(kind, "NAMES")
            convert = _names if isinstance(kind, types.GenericAlias) else kind
            result.add_argument(flag(field.name), type=convert, metavar=metavar, default=argparse.SUPPRESS, help=text)
    return result


def _shown(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value) if value != "" else "none"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_toml(path: Path) -> dict[str, object]:
    """Return the settings that a TOML file names; raise `Refusal` for a file, a name or a type that can't be."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(f"{path}: no TOML: {error}") from None
    return {name.replace("-", "_"): _typed(path, name.replace("-", "_"), value) for name, value in values.items()}


def _typed(path: Path, name: str, value: object) -> object:
    kinds = typing.get_type_hints(Settings)
    if name not in kinds:
        near = difflib.get_close_matches(name, kinds, 1)
        raise Refusal(f"{path}: there is no setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    kind = kinds[name]
    if isinstance(kind, types.GenericAlias):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return _names(value) if isinstance(value, str) else _refuse_type(path, name, "a list of names", value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if type(value) is kind else _refuse_type(path, name, kind.__name__, value)


def _refuse_type(path: Path, name: str, kind: str, value: object) -> typing.NoReturn:
    raise Refusal(f"{path}: {name} must be {kind}, not {value!r}")


def read_options(argv: Sequence[str]) -> tuple[dict[str, object], bool]:
    """Return what was asked for (defaults left out), the file's values under the command line's, and `--resume`."""
    given = vars(parser().parse_args(argv))
    config, resume = given.pop("config"), bool(given.pop("resume"))
    from_file = read_toml(Path(config)) if config else {}
    return {**from_file, **given}, resume


TINY_DEFAULTS: Mapping[str, object] = {"epochs": 8, "batch_size": 16, "pre_seq_len": 16, "save_freq": 48}
METHOD_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "full": {"lr": 2e-5},
    "lora": {"lr": 2e-4},
    "ptuning": {"lr": 5e-3},
}
TINY_METHOD_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "full": {"lr": 2e-3},
    "lora": {"lr": 5e-3},
    "ptuning": {"lr": 3e-2},
}


def plan(options: Mapping[str, object]) -> list[Settings]:
    """Return the settings of each run that `options` ask for, one a method; defaults depend on method and model.

    The built-in model alone, without a method named, is adapted by LoRA and by P-tuning v2.
    """
    tiny = options.get("model", TINY) == TINY
    asked = {"method": "lora,ptuning" if tiny else "lora", **options}
    methods = Settings(**asked).methods  # type: ignore[arg-type]  # checked by name and type as they were read
    runs = []
    for method in methods or ("",):
        own = TINY_METHOD_DEFAULTS if tiny else METHOD_DEFAULTS
        values = {**(TINY_DEFAULTS if tiny else {}), **own.get(method, {}), **asked, "method": method}
        if len(methods) > 1 and options.get("output"):
            values["output"] = str(Path(str(options["output"])) / method)
        runs.append(Settings(**values).validated())  # type: ignore[arg-type]  # likewise
    return runs
