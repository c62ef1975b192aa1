"""Checkpoints: all that a run needs to go on as if it had never stopped, without pickle.

A checkpoint is a folder `checkpoint-STEP` with the trained weights, AdamW's moments and the random states as
safetensors, and everything small as JSON. It is written beside its place and renamed, so there is a whole one or none.
"""

import json
import os
import random
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from ankillm.evidence import opened, read_file
from reference_trainer.support.model_files import MOST_WEIGHTS
from reference_trainer.training.processes import sharded

MOST_STATE = 64 * 2**20
"""Bytes of the small file."""
_NAME = re.compile(r"checkpoint-(\d+)")


def latest(folder: Path) -> Path | None:
    """Return the checkpoint with the highest step in `folder`, None without one."""
    found = [path for path in folder.glob("checkpoint-*") if _NAME.fullmatch(path.name)]
    return max(found, key=step_of, default=None)


def step_of(place: Path) -> int:
    """Return the step of a checkpoint."""
    return int(place.name.rpartition("-")[2])


def write(folder: Path, step: int, tensors: Mapping[str, Mapping[str, Tensor]], state: Mapping[str, Any]) -> None:
    """Write the checkpoint of a step (`tensors`: file name → name → tensor), then remove those before it."""
    fresh, place = folder / "checkpoint.new", folder / f"checkpoint-{step:08d}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, values in tensors.items():
        whole = {key: value.detach().cpu().contiguous() for key, value in values.items()}
        save_file(whole, fresh / f"{name}.safetensors")
    (fresh / "state.json").write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    for path in (*fresh.iterdir(), fresh):
        _flush(path)
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)
    _flush(folder)
    for old in folder.glob("checkpoint-*"):
        if _NAME.fullmatch(old.name) and old != place:
            shutil.rmtree(old)


def read(place: Path) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """Return a checkpoint's tensors, by file name, and its state."""
    return {path.stem: _tensors(path) for path in place.glob("*.safetensors")}, json.loads(
        read_file(place / "state.json", MOST_STATE).decode("utf-8")
    )


def _tensors(path: Path) -> dict[str, Tensor]:
    with opened(path, MOST_WEIGHTS):  # a regular file: the library would wait for a pipe
        return load_file(path)


def _flush(path: Path) -> None:
    """Have the operating system write a file, or a folder's list of names, to the disk now."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def trained(model: nn.Module) -> dict[str, Tensor]:
    """Return the trained parameters by name; the frozen ones are where they came from."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


@torch.no_grad()
def restore_trained(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copy saved weights into the trained parameters."""
    for name, parameter in trained(model).items():
        parameter.copy_(weights[name])


def moments(model: nn.Module, optimizer: Optimizer) -> dict[str, Tensor]:
    """Return the optimizer's tensors by parameter name: `name|exp_avg`, `name|exp_avg_sq`, `name|step`."""
    return {
        f"{name}|{kind}": value
        for name, parameter in trained(model).items()
        for kind, value in optimizer.state.get(parameter, {}).items()
    }


def restore_moments(model: nn.Module, optimizer: Optimizer, saved: Mapping[str, Tensor]) -> None:
    """Put saved moments back, on the device of their parameter."""
    parameters = trained(model)
    for key, value in saved.items():
        name, _, kind = key.rpartition("|")
        optimizer.state[parameters[name]][kind] = value.to(parameters[name].device)


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Return the states of all sources of random numbers that a model may use in this process."""
    _, key, position, _, _ = np.random.get_state()  # noqa: NPY002  (the global state, which a model may use)
    result = {"torch": torch.get_rng_state(), "numpy": torch.tensor([position, *np.asarray(key).tolist()])}
    version, numbers, _ = random.getstate()
    result["python"] = torch.tensor([version, *numbers])
    if device.type == "cuda":
        result["cuda"] = torch.cuda.get_rng_state(device)
    return result


def restore_random_state(saved: Mapping[str, Tensor], device: torch.device) -> None:
    """Put the states of all sources of random numbers back."""
    torch.set_rng_state(saved["torch"])
    position, *key = saved["numpy"].tolist()
    np.random.set_state(("MT19937", np.array(key, dtype=np.uint32), position, 0, 0.0))  # noqa: NPY002  (likewise)
    version, *numbers = saved["python"].tolist()
    random.setstate((version, tuple(numbers), None))
    if device.type == "cuda" and "cuda" in saved:
        torch.cuda.set_rng_state(saved["cuda"], device)


@dataclass(frozen=True, slots=True)
class Run:
    """The moving parts of a run: all that a checkpoint has to hold."""

    model: nn.Module
    optimizer: Optimizer
    schedule: LambdaLR
    accelerator: Accelerator


def write_run(folder: Path, run: Run, progress: Mapping[str, Any]) -> None:
    """Write a checkpoint of a run; every process calls this, the first one writes. None of a model in parts."""
    if sharded(run.accelerator):
        return
    states = _random_states(run.accelerator)
    if not run.accelerator.is_main_process:
        return
    model = run.accelerator.unwrap_model(run.model)
    tensors = {"weights": trained(model), "optimizer": moments(model, run.optimizer), "random": states}
    scaler = run.accelerator.scaler.state_dict() if run.accelerator.scaler else {}
    state = {"progress": progress, "schedule": _plain(run.schedule), "scaler": scaler}
    write(folder, int(progress["step"]), tensors, state)


def read_run(place: Path, run: Run) -> dict[str, Any]:
    """Put everything back as the checkpoint at `place` holds it, and return the progress."""
    tensors, state = read(place)
    model = run.accelerator.unwrap_model(run.model)
    restore_trained(model, tensors["weights"])
    restore_moments(model, run.optimizer, tensors["optimizer"])
    run.schedule.load_state_dict({**state["schedule"], "lr_lambdas": [None] * len(run.optimizer.param_groups)})
    for group, lr in zip(run.optimizer.param_groups, run.schedule.get_last_lr(), strict=True):
        group["lr"] = lr
    if run.accelerator.scaler:
        run.accelerator.scaler.load_state_dict(state["scaler"])
    own = f"{run.accelerator.process_index}|"
    mine = {name.removeprefix(own): value for name, value in tensors["random"].items() if name.startswith(own)}
    restore_random_state(mine, run.accelerator.device)
    progress: dict[str, Any] = state["progress"]
    return progress


def _plain(schedule: LambdaLR) -> dict[str, Any]:
    """Return the schedule's counters; its function of the step is made anew from the settings."""
    return {name: value for name, value in schedule.state_dict().items() if name != "lr_lambdas"}


def _random_states(accelerator: Accelerator) -> dict[str, Tensor]:
    """Return the random states of all processes, as `PROCESS|source`."""
    own = random_state(accelerator.device)
    gathered = {
        name: accelerator.gather(value.to(accelerator.device)[None]).cpu()
        if accelerator.num_processes > 1
        else value[None]
        for name, value in own.items()
    }
    return {f"{process}|{name}": value[process] for name, value in gathered.items() for process in range(len(value))}
