"""Start modules of `reference_trainer` as processes of their own: the only way from the deck's side to torch."""

import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ankillm.common.diagnostics import Refusal
from ankillm.common.installation import installing
from ankillm.common.project import trainer_folder

OLDEST = {
    "torch": (2, 6),
    "transformers": (4, 56),
    "peft": (0, 17),
    "accelerate": (1, 10),
    "safetensors": (0, 5),
    "matplotlib": (3, 9),
}
"""The libraries of the trainer, and the oldest version of each that everything was run on (constraints-oldest.txt)."""


RENAMED = "ignore:`past_key_values` is deprecated:FutureWarning"
"""Not shown: transformers takes the name until 5.40, the first version that `pyproject.toml` leaves out."""


def start(
    module: str, arguments: Sequence[str], *, capture: bool = False, aloud: bool = False, light: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `python -m reference_trainer.MODULE` to its end, in the current folder, and return how it ended.

    Output passes through, or is captured as text; `aloud`, what it tells meanwhile passes through all the same. `-P`
    keeps the current folder, which may be anyone's, from being imported from. Raises Refusal where the trainer extra is
    not installed, unless the module is `light` and needs none.
    """
    if not light:
        require_trainer()
    command = [sys.executable, "-P", "-m", f"reference_trainer.{module}", *arguments]
    environment, out = _environment(os.environ), subprocess.PIPE if capture else None
    err = None if aloud else out
    return subprocess.run(command, env=environment, check=False, stdout=out, stderr=err, encoding="utf-8")


PARENT = "ANKILLM_PARENT"
"""Tells a training which process waits for it: if that dies, it ends with a checkpoint."""


def start_until_asked(module: str, arguments: Sequence[str]) -> int:
    """Run a module that has something to save when it is asked to end; return its exit code.

    Ctrl-C reaches it by itself, and what a supervisor sends to this process (SIGTERM, SIGHUP: `timeout`, systemd,
    docker, Slurm) is passed on; this process waits for the end, whatever comes.
    """
    require_trainer()
    command = [sys.executable, "-P", "-m", f"reference_trainer.{module}", *arguments]
    waiting: list[int] = []
    given = _environment(os.environ) | {PARENT: str(os.getpid())}
    with _signals_noted(waiting), subprocess.Popen(command, env=given) as process:
        while True:
            while waiting:
                process.send_signal(waiting.pop(0))
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(timeout=0.2)
                return code if code >= 0 else 128 - code  # ended by a signal, as a shell counts it


@contextlib.contextmanager
def _signals_noted(waiting: list[int]) -> Iterator[None]:
    """Take down the signals that ask this process to end, instead of ending; Ctrl-C is left to the other."""

    def note(number: int, _frame: object) -> None:
        if number != signal.SIGINT:
            waiting.append(number)

    watched = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, note) for number in watched if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def require_trainer() -> None:
    """Refuse, in one line, where a library of the trainer is missing or too old; nothing is imported."""
    missing = [name for name in OLDEST if importlib.util.find_spec(name) is None]
    if missing:
        raise Refusal(f"this needs {', '.join(missing)}: {installing(missing)}")
    from importlib.metadata import version  # noqa: PLC0415  (what only lists demos does without)

    old = {name: told for name in OLDEST if (told := too_old(name, version(name)))}
    if old:
        raise Refusal(f"this needs {' and '.join(old.values())}: {installing(list(old), upgrade=True)}")


def too_old(name: str, version: str) -> str:
    """Return what is needed of a library whose version is below the oldest; nothing where it is not."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    least = ".".join(map(str, OLDEST[name]))
    return f"{name} {least} or newer, not {version}" if numbers < OLDEST[name] else ""


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with both packages importable from any folder, and without threads that spin."""
    folders = [str(trainer_folder().parent), str(Path(__file__).parents[2]), given.get("PYTHONPATH", "")]
    plain = {"OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false", "PYTHONIOENCODING": "utf-8"}
    plain["TQDM_DISABLE"] = "1"  # libraries draw bars of their own where a file is read
    own = {"PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, folders)))}
    own["PYTHONWARNINGS"] = ",".join(filter(None, (RENAMED, given.get("PYTHONWARNINGS", ""))))
    return {**plain, **given, **own}
