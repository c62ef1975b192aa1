"""Runs that are killed, locked, damaged or out of room: one line, nothing lost, and nobody left behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from checkout import ROOT
from safetensors.torch import load_file, save_file
from train_kit import ONE_THREAD, arguments, result, run, write_data, write_model
from transformers import LlamaForCausalLM

from reference_trainer.support import tiny
from reference_trainer.training.runs import held

HOLD = """
import sys
from pathlib import Path
from reference_trainer.training.runs import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the options of a run of a few steps on a tiny random model."""
    folder = tmp_path_factory.mktemp("small")
    files = {"model": write_model(folder / "model"), "data": write_data(folder / "data")}
    return {**files, "batch_size": 4, "epochs": 1, "save_freq": 2, "method": "lora", "seed": 5}


@pytest.fixture(scope="module")
def finished(small: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that is done, which goes on from its last checkpoint."""
    folder = tmp_path_factory.mktemp("finished") / "r"
    assert run(**small, output=folder) == 0
    return folder


def _cut(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-20])


def _flip(place: Path) -> None:
    content = bytearray(place.read_bytes())
    content[8:40] = bytes(32)
    place.write_bytes(content)


def _noise(place: Path) -> None:
    """Write numbers that no source of random numbers counts with."""
    states = load_file(place)
    far = {name: torch.full_like(value, 2**40) for name, value in states.items() if "torch" not in name}
    save_file(states | far, place)


def _pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "weights cut": lambda place: _cut(place / "weights.safetensors"),
    "weights flipped": lambda place: _flip(place / "weights.safetensors"),
    "weights of another run": lambda place: (place / "random.safetensors").replace(place / "weights.safetensors"),
    "random states that are none": lambda place: _noise(place / "random.safetensors"),
    "no optimizer": lambda place: (place / "optimizer.safetensors").unlink(),
    "state cut": lambda place: _cut(place / "state.json"),
    "no state": lambda place: (place / "state.json").unlink(),
    "state without keys": lambda place: (place / "state.json").write_text("{}"),
    "state of other keys": lambda place: (place / "state.json").write_text('{"progress": {"x": 1}, "schedule": {}}'),
    "state that is a list": lambda place: (place / "state.json").write_text("[]"),
    "state nested without end": lambda place: (place / "state.json").write_text("[" * 100_000),
    "a later one that is empty": lambda place: place.with_name("checkpoint-99999999999999999999").mkdir(),
    "weights that are a pipe": lambda place: _pipe(place / "weights.safetensors"),
    "state that is a pipe": lambda place: _pipe(place / "state.json"),
    "state of 20 GB": lambda place: os.truncate(place / "state.json", 20 * 10**9),
    "a later one that is a file": lambda place: place.with_name("checkpoint-99999998").touch(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_one_line(
    damage: str, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the checkpoint and what to do; nothing is removed."""
    folder = tmp_path / "r"
    subprocess.run(["cp", "-r", str(finished), str(folder)], check=True)
    (place,) = folder.glob("checkpoint-*")
    DAMAGE[damage](place)
    before = sorted(str(path) for path in folder.rglob("*"))
    capsys.readouterr()
    assert run(resume=True, output=folder) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "the checkpoint is damaged" in said
    assert sorted(str(path) for path in folder.rglob("*") if path.name != ".lock") == before


def test_damaged_metrics_are_left_out(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    subprocess.run(["cp", "-r", str(finished), str(folder)], check=True)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": "x"}\nno json\n{"loss": 1}\n{"step": 1, "lo')
    assert run(resume=True, output=folder) == 0


@contextmanager
def disk_with(room: int) -> Iterator[None]:
    """Let no file grow over so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [400, 4000, 12_000])
def test_a_full_disk_is_one_line_and_the_run_goes_on_later(
    room: int, small: dict[str, Any], finished: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever file is the first that finds no room: what was saved is whole, and the result is the same in the end."""
    folder = tmp_path / "r"
    capfd.readouterr()
    with disk_with(room):
        assert run(**small, output=folder) in {1, 2}
    said = capfd.readouterr().err
    assert ("Traceback" in said, said.count("×"), said.splitlines()[-1][0]) == (False, 1, "×"), said
    again = {"resume": True} if (folder / "settings.toml").exists() else small
    assert run(**again, output=folder) == 0
    assert result(folder) == result(finished)


def test_a_run_is_trained_by_one_process(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The other one has what Windows has."""
    with held(finished):
        pass
    given = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests/support/windows_like.py"), "-c", HOLD, str(finished)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=given,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        assert run(resume=True, output=finished) == 2
        assert "another training writes there" in capsys.readouterr().err
        holder.kill()
    assert run(resume=True, output=finished) == 0


@pytest.fixture
def long_run(small: dict[str, Any], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Return a command that trains for long, and its folder, once it has begun."""
    folder = tmp_path / "r"
    options = arguments({**small, "epochs": 4000, "save_freq": 100_000, "output": folder})
    command = [sys.executable, "-m", "ankillm", "train", *options]
    with subprocess.Popen(command, cwd=tmp_path, env=os.environ | ONE_THREAD, text=True) as process:
        end = time.monotonic() + 120
        while not (folder / "metrics.jsonl").exists() and time.monotonic() < end:
            time.sleep(0.1)
        yield process, folder
        process.kill()


def test_a_training_ends_with_the_command_that_was_killed(long_run: tuple[subprocess.Popen[str], Path]) -> None:
    """SIGKILL cannot be passed on: the training notices by itself, writes a checkpoint, and lets go of its lock."""
    process, folder = long_run
    process.send_signal(signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 60
    while not list(folder.glob("checkpoint-0*")) and time.monotonic() < end:
        time.sleep(0.2)
    assert list(folder.glob("checkpoint-0*"))
    while (folder / ".lock").exists() and time.monotonic() < end:
        time.sleep(0.2)
    with held(folder):
        pass


def test_a_model_that_cannot_compute_is_one_line(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its weights fit its configuration, and its heads do not fit each other."""
    odd = tiny.model(seed=3, hidden=32).config
    odd.num_key_value_heads = 3
    LlamaForCausalLM(odd).save_pretrained(tmp_path / "m")
    tiny.tokenizer().save_pretrained(tmp_path / "m")
    capsys.readouterr()
    assert run(**{**small, "model": tmp_path / "m"}, output=tmp_path / "r") == 2
    said = capsys.readouterr().err
    assert ("Traceback" in said, said.count("\n"), "it can't compute (" in said) == (False, 1, True), said
    assert not (tmp_path / "r").exists()
