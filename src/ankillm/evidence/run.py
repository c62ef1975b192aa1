"""One run of a demo from the command line: measured, printed as a table, kept as evidence."""

import argparse
import dataclasses
import importlib.metadata
import inspect
import io
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ankillm.common.diagnostics import Refusal
from ankillm.common.language import locale_language
from ankillm.evidence import store
from ankillm.evidence.fingerprint import fingerprint
from ankillm.evidence.schema import DEVICES, Evidence, Hardware, Measured, Value
from ankillm.evidence.spread import Spread
from ankillm.evidence.turns import together
from ankillm.evidence.values import spoken, with_spread

LIBRARIES = ("torch", "transformers", "peft", "accelerate", "safetensors")
DIGITS = 6
SEEDS = 2**63
"""What torch takes as a seed, and evidence holds, is below it."""
Run = Callable[..., Any]
Draw = Callable[[Any], Mapping[str, Any]]


def main(run: Run, draw: Draw | None, arguments: Sequence[str] | None = None) -> None:
    """Measure with the options of the command line; a refusal is one line and exit code 2."""
    options = _options(run, arguments)
    errors = Console(stderr=True)
    try:
        device = _device(options.device)
        if options.trust_remote_code:
            errors.print("! --trust-remote-code: code that comes with the model is run", highlight=False)
        with errors.status(f"measuring {_name(run)} on {device} …"):
            with together(needed=device.type == "cuda"):
                result = run(device, **_arguments(run, options))
            evidence = _evidence(run, result, device.type, options.seed)
        _print(result, evidence, options)
        errors.print(_keep(evidence, options, result, draw), highlight=False, soft_wrap=True)
    except Refusal as refusal:
        errors.print(f"× {refusal}", highlight=False, markup=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print("× stopped: nothing was kept", highlight=False)
        sys.exit(130)


def _options(run: Run, arguments: Sequence[str] | None) -> argparse.Namespace:
    summary = (inspect.getdoc(inspect.getmodule(run)) or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog=f"python -m reference_trainer.{_name(run)}", description=summary)
    parser.add_argument("--device", choices=("auto", *DEVICES), default="auto", help="auto: CUDA if there is one")
    parser.add_argument("--seed", type=int, default=0, help="another seed is printed, not kept (default: 0)")
    parser.add_argument("--model", metavar="REF", help="a folder with a config.json, or a name on the hub")
    parser.add_argument("--trust-remote-code", action="store_true", help="run code that comes with the model")
    parser.add_argument("--language", choices=("zh", "en"), help="of the table (default: the locale's)")
    parser.add_argument("--json", action="store_true", help="print the evidence as JSON")
    parser.add_argument("--evidence", metavar="DIR", type=Path, help="where to keep it (default: the project's)")
    return parser.parse_args(arguments)


def _name(run: Run) -> str:
    return Path(inspect.getfile(run)).stem


def _device(name: str) -> Any:  # noqa: ANN401  (a torch.device; torch is imported only here)
    import torch  # noqa: PLC0415  (seconds; not before the options are known to be good)

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[name]:
        raise Refusal(f"there is no {name} device here: take --device cpu, or auto")
    return torch.device(name)


def _arguments(run: Run, options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that this demo takes; refuse a model where it takes none, and a seed that torch can't hold."""
    given = {"seed": options.seed, "model": options.model, "trust_remote_code": options.trust_remote_code}
    taken = inspect.signature(run).parameters
    if abs(options.seed) >= SEEDS:
        raise Refusal(f"--seed {options.seed}: give a whole number below {SEEDS:,}")
    if options.model and "model" not in taken:
        raise Refusal(f"the demo {_name(run)} measures models of its own: run it without --model")
    return {name: value for name, value in given.items() if name in taken}


def _evidence(run: Run, result: Any, device: str, seed: int) -> Evidence:  # noqa: ANN401  (any demo's dataclass)
    facts = {
        field.name: _measured(field.name, value, field.metadata["unit"], varies=field.metadata["varies"])
        for field in dataclasses.fields(result)
        if "unit" in field.metadata and (value := getattr(result, field.name)) is not None
    }
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES if name in sys.modules}
    return Evidence(
        demo=_name(run),
        device=device,
        seed=seed,
        versions={"python": platform.python_version(), **versions},
        source=fingerprint(Path(inspect.getfile(run))),
        measured_at=_today(),
        facts=facts,
        pictures=(),
        hardware=_hardware() if device == "cuda" else None,
    )


def _hardware() -> Hardware:
    """Name the GPU, its memory and its driver."""
    import torch  # noqa: PLC0415  (loaded long since)

    found = torch.cuda.get_device_properties(torch.cuda.current_device())
    return Hardware(found.name, found.total_memory, _driver())


def _driver() -> str:
    """Ask the driver's own tool for its version."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return (told.split() or ["unknown"])[0]


def _today() -> str:
    """Return the date of this run, in UTC; of `SOURCE_DATE_EPOCH` if that is a number of seconds."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    return time.strftime("%Y-%m-%d", time.gmtime(int(told) if told.isdecimal() else time.time()))


def _measured(name: str, value: Value | Spread, unit: str, *, varies: bool) -> Measured:
    """Return a fact as it is kept; of several seeds the median and the range."""
    if not isinstance(value, Spread):
        return Measured(_value(name, value), unit, varies)
    middle, low, high = (_value(name, part) for part in (value.value, value.low, value.high))
    return Measured(middle, unit, varies, low, high, value.seeds)  # type: ignore[arg-type]  # numbers, as they were


def _value(name: str, value: Value) -> Value:
    """Return a value as it is kept: real numbers to six digits, so that a last bit is no news."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise Refusal(f"{name} came out as {value}, which is no measurement: nothing was kept")
    return float(f"{value:.{DIGITS}g}")


KEPT = {
    "new": "new; ankillm build puts its values on the cards",
    "changed": "changed; ankillm build puts the new values on the cards",
    "same result": "the same result by a demo that changed",
    "untouched": "the same result, nothing to write",
}
"""What became of the evidence, in words."""


def _keep(evidence: Evidence, options: argparse.Namespace, result: Any, draw: Draw | None) -> str:  # noqa: ANN401
    """Keep what may be kept; return the outcome line."""
    if options.model or options.seed != 0:
        return "! printed, not kept: evidence is a run with the default seed and model"
    folder = options.evidence or store.project_evidence(Path.cwd())
    if folder is None:
        return "! printed, not kept: run it in a project (a folder with deck/deck.toml)"
    tolerances = {field.name: field.metadata.get("tolerance", 0.0) for field in dataclasses.fields(result)}
    path, outcome = store.keep(evidence, folder, tolerances, lambda: _pictures(result, draw))
    place = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"✓ {place}: {KEPT[outcome]}"


def _pictures(result: Any, draw: Draw | None) -> dict[str, bytes]:  # noqa: ANN401  (any demo's dataclass)
    """Draw a result as PNG files without metadata, so that equal numbers give equal bytes."""
    pictures = {}
    for name, figure in (draw(result) if draw else {}).items():
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
        pictures[name] = buffer.getvalue()
    return pictures


def _print(result: Any, evidence: Evidence, options: argparse.Namespace) -> None:  # noqa: ANN401  (any demo's dataclass)
    if options.json:
        print(store.as_text(evidence), end="")  # noqa: T201  (the answer itself, for a program)
        return
    language = options.language or locale_language()
    labels = {field.name: field.metadata[language] for field in dataclasses.fields(result) if field.metadata}
    Console().print(fact_table(evidence, labels, language))


def fact_table(evidence: Evidence, labels: Mapping[str, str], language: str) -> Table:
    """Return the facts of a run beside what they are called; what is wider than the terminal is folded, none cut."""
    place = evidence.hardware.name if evidence.hardware else evidence.device
    table = Table(title=f"{evidence.demo} · {place}", title_justify="left")
    table.add_column("fact", style="cyan", overflow="fold")
    table.add_column("what was measured", overflow="fold")
    table.add_column("value", justify="right", overflow="fold")
    for name, measured in evidence.facts.items():
        label = with_spread(labels[name], measured, language)
        table.add_row(name, label, spoken(measured.value, measured.unit, language))
    return table
