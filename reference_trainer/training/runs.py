"""The folder of a run: who may write to it, its metrics, its picture and its README."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ankillm.evidence import MissingError, Refusal, UnreadableError, only_one, read_file
from reference_trainer.support.gguf_files import located
from reference_trainer.training.options import plan, read_toml
from reference_trainer.training.scoring import perplexity
from reference_trainer.training.settings import Settings, toml_line

SETTINGS = "settings.toml"
METRICS = "metrics.jsonl"
LOCK = ".lock"
MOST_METRICS = 256 * 2**20
_FREE = frozenset({"output", "checkpointing", "batch_size", "accumulate"})


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of a run."""

    method: str
    trained: int
    """Parameters that were trained."""
    parameters: int
    """All parameters."""
    steps: int
    loss_before: float
    """The evaluation loss before training, in nats per token."""
    exact_before: float
    """The share of evaluation responses that the model would have written exactly before training."""
    loss: float
    """The lowest evaluation loss: that of the weights that were kept."""
    exact: float
    """The share of evaluation responses that the kept weights write exactly."""
    seconds: float
    tokens_per_second: float
    peak_bytes: int | None
    """The most memory that tensors held on the device; None where it is not counted (CPU)."""
    folder: str

    @property
    def is_worse(self) -> bool:
        """Whether the model does worse than it did untouched."""
        return self.loss > self.loss_before


WORSE = (
    "the loss {after:.4f} is above the untouched model's {before:.4f}: what was learned makes it worse; "
    "try more --epochs, another --lr, or --prefix-init tokens"
)


def next_free(parent: Path = Path("runs")) -> Path:
    """Return the folder of a new run: the next number."""
    return parent / f"{_last_number(parent) + 1:03d}"


def last(parent: Path = Path("runs")) -> Path:
    """Return the folder of the last run; raise `Refusal` if there is none."""
    number = _last_number(parent)
    if not number:
        raise Refusal(f"--resume: there is no run in {parent}/; name its folder with --output")
    return parent / f"{number:03d}"


def _last_number(parent: Path) -> int:
    return max((int(path.name) for path in parent.glob("[0-9]*") if path.name.isdecimal()), default=0)


def place(given: Mapping[str, object], *, resume: bool) -> tuple[Path, dict[str, object], tuple[Path, ...]]:
    """Return the folder that a command works in, all its options, and the folders that were made for it.

    A new run's options are written to it at once, so that `--resume` needs none. Raises `Refusal` if they can't be
    what `given` says: nothing to go on with, or something else in the way.
    """
    folder = Path(str(given["output"])) if given.get("output") else last() if resume else next_free()
    options = {**given, "output": str(folder)}
    if resume:
        return folder, _merged(folder, options), ()
    plan(options)
    return folder, options, _claim(folder, "".join(toml_line(name, value) for name, value in options.items()))


def _claim(folder: Path, settings: str) -> tuple[Path, ...]:
    """Write the first file of a run to its folder, and return what had to be made for it, the innermost first."""
    if (folder / SETTINGS).exists():
        raise Refusal(f"{folder} holds another run; go on with it by --resume, or give another --output")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} is not an empty folder; give another --output")
    made = tuple(path for path in (folder, *folder.parents) if not path.exists())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _whole(folder / SETTINGS, settings)
    except OSError as error:
        release(folder, made)
        raise Refusal(f"--output {folder}: {error.strerror}") from None
    return made


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a run for this process, until it ends; raise `Refusal` if another trains there."""
    busy = f"{folder}: another training writes there; wait for it to end, or end it"
    with only_one(folder / LOCK, busy, f"{folder}: nothing can be written there", "--output"):
        yield


def release(folder: Path, made: Sequence[Path]) -> None:
    """Remove all that a run which trained nothing has written to its folder, and the folders that were `made` for it.

    The folder was new, or somebody's and empty, which stays. What can't be removed stays too: the run ended for
    another reason, and that is what is to be told.
    """
    if any(folder.rglob("checkpoint-*")):
        return
    with suppress(OSError):
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in made:
            path.rmdir()


def _merged(folder: Path, given: Mapping[str, object]) -> dict[str, object]:
    if not (folder / SETTINGS).exists():
        raise Refusal(f"--resume: {folder} holds no run")
    saved = read_toml(folder / SETTINGS)
    _same(saved, given)
    return {**saved, **given}


def _same(saved: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Raise `Refusal` if an option would change the result; how a step's batch is split doesn't."""
    for name, value in given.items():
        if name not in _FREE and saved.get(name, value) != value:
            raise Refusal(f"--resume: the run has {name} = {saved[name]!r}, not {value!r}; a new --output starts anew")
    before, now = (_step_size(options) for options in (saved, {**saved, **given}))
    if before != now:
        raise Refusal(
            f"--resume: batch_size × accumulate of the run is {before}, not {now}; a new --output starts anew"
        )


def _step_size(options: Mapping[str, object]) -> int:
    return plan({"data": ".", **options, "method": "full"})[0].step_size


def write_settings(folder: Path, settings: Settings) -> None:
    """Write the settings of a run to its folder; raise `Refusal` if it was started with others."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / SETTINGS).exists():
        _same(read_toml(folder / SETTINGS), asdict(settings))
    _whole(folder / SETTINGS, settings.to_toml())


def keep_metrics(folder: Path, step: int) -> None:
    """Drop the lines of metrics that were written after the checkpoint of `step`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = [line for line in _metric_lines(folder) if line.endswith("\n") and 0 <= _step_in(line) <= step]
    _whole(folder / METRICS, "".join(kept))


def _metric_lines(folder: Path) -> list[str]:
    """Return the lines of a run's metrics, with their ends; raise `Refusal` if what is there is no ordinary file."""
    try:
        return read_file(folder / METRICS, MOST_METRICS).decode("utf-8", "replace").splitlines(keepends=True)
    except MissingError:
        return []
    except UnreadableError as error:
        raise Refusal(f"{folder / METRICS}: {error}; remove it, and --resume goes on without") from None


def _step_in(line: str) -> float:
    """Return the step of a line of metrics; -1 of one that is damaged."""
    try:
        step = json.loads(line)["step"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return -1
    return step if isinstance(step, int) else -1


def add_metrics(folder: Path, values: Mapping[str, object]) -> None:
    """Add a line to the run's metrics."""
    with (folder / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def metrics(folder: Path) -> list[dict[str, float]]:
    """Read a run's metrics."""
    found: list[dict[str, Any]] = [json.loads(line) for line in _metric_lines(folder) if _step_in(line) >= 0]
    return found


def draw_loss(folder: Path) -> None:
    """Draw the losses of training and evaluation over the steps into loss.png."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel="optimizer step", ylabel="loss (nats per token)")
    for name, label, style in (("loss", "training", "-"), ("dev_loss", "evaluation", "o-")):
        points = [(line["step"], line[name]) for line in metrics(folder) if name in line]
        if points:
            axes.plot(*zip(*points, strict=True), style, label=label, markersize=4)
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(folder / "loss.png", dpi=120)


@dataclass(frozen=True, slots=True)
class About:
    """What a run's README tells besides its result and settings."""

    base: str
    """The model that was adapted."""
    examples: int
    evaluated_on: int
    told: Sequence[str] = ()
    """What was cut of the data and left out of it."""
    mergeable: bool = False
    """Whether what was trained can become part of the model's own weights."""


def write_readme(folder: Path, result: Result, settings: Settings, about: About) -> None:
    """Write the README of a finished run, and its picture."""
    draw_loss(folder)
    rows = [f"| {name} | {value} |" for name, value in shown(result).items()]
    options = [line for line in settings.to_toml().splitlines() if line]
    text = [
        f"# {settings.method} on {settings.model}",
        "",
        f"{about.examples} examples to train on, {about.evaluated_on} to evaluate on; {result.steps} optimizer steps.",
        *(f"- {text}" for text in about.told),
        "",
        "| | |",
        "|---|---|",
        *rows,
        "",
        *([WORSE.format(before=result.loss_before, after=result.loss), ""] if result.is_worse else []),
        "![loss](loss.png)",
        "",
        "## Use it",
        "",
        "```python",
        *_usage(folder, settings.method, about),
        "```",
        "",
        *(_merge(folder) if about.mergeable else []),
        "## Settings",
        "",
        "```toml",
        *options,
        "```",
    ]
    _whole(folder / "README.md", "\n".join(text) + "\n")


def shown(result: Result) -> dict[str, str]:
    """Return a result as names and texts, for a table."""
    memory = {} if result.peak_bytes is None else {"peak memory": f"{result.peak_bytes / 2**20:,.0f} MiB"}
    return {
        "method": result.method,
        "trained": f"{result.trained:,}",
        "share": f"{100 * result.trained / result.parameters:.2f}%",
        "loss before": f"{result.loss_before:.4f}",
        "exact before": f"{100 * result.exact_before:.1f}%",
        "loss": f"{result.loss:.4f}",
        "perplexity": f"{perplexity(result.loss):.2f}",
        "exact": f"{100 * result.exact:.1f}%",
        "time": f"{result.seconds:.1f} s",
        "tokens/s": f"{result.tokens_per_second:,.0f}",
        **memory,
    }


def _usage(folder: Path, method: str, about: About) -> list[str]:
    place, gguf = (str(folder), {}) if method == "full" else located(about.base)
    given = ", ".join([f'"{place}"', *(f'{name}="{value}"' for name, value in gguf.items())])
    load = f"AutoModelForCausalLM.from_pretrained({given})"
    lines = ["from transformers import AutoModelForCausalLM, AutoTokenizer", "", f"model = {load}"]
    if (folder / "adapter_config.json").exists():
        lines[0:0] = ["from peft import PeftModel"]
        lines += [f'model = PeftModel.from_pretrained(model, "{folder}")']
    elif (folder / "prefix.safetensors").exists():
        lines[0:0] = ["from pathlib import Path", "from reference_trainer.training.tuning import load_prefix"]
        lines += [f'model = load_prefix(model, Path("{folder}"))']
    return [*lines, f'tokenizer = AutoTokenizer.from_pretrained("{folder}")']


def _merge(folder: Path) -> list[str]:
    """Return how the adapter becomes part of the model's own weights."""
    lines = [f'{name}.save_pretrained("{folder}/merged")' for name in ("model.merge_and_unload()", "tokenizer")]
    return ["To have one model that needs no peft:", "", "```python", *lines, "```", ""]


def _whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
