"""Start modules of `reference_trainer` as processes of their own: the only way from the deck's side to torch."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ankillm.common.diagnostics import Refusal
from ankillm.common.project import trainer_folder

EXTRA = ("torch", "transformers", "peft", "accelerate", "safetensors", "matplotlib")


def start(module: str, arguments: Sequence[str], *, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `python -m reference_trainer.MODULE` to its end, in the current folder, and return how it ended.

    Output passes through, or is captured as text. `-P` keeps the current folder, which may be anyone's, from being
    imported from. Raises Refusal where the trainer extra is not installed.
    """
    require_trainer()
    command = [sys.executable, "-P", "-m", f"reference_trainer.{module}", *arguments]
    environment = _environment(os.environ)
    return subprocess.run(command, env=environment, check=False, capture_output=capture, encoding="utf-8")


def require_trainer() -> None:
    """Refuse, in one line, where a library of the trainer is missing; nothing is imported."""
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise Refusal(f"this needs {', '.join(missing)}: python -m pip install 'ankillm[trainer]'")


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with both packages importable from any folder, and without threads that spin."""
    folders = [str(trainer_folder().parent), str(Path(__file__).parents[2]), given.get("PYTHONPATH", "")]
    plain = {"OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false", "PYTHONIOENCODING": "utf-8"}
    return {**plain, **given, "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, folders)))}
