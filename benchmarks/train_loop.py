"""The training loop beside `transformers.Trainer` and a bare torch loop: step time, peak memory, final loss.

The three get the same model, data, order, method, optimizer and schedule. They train in one process and hand over to
each other after every step, so that whatever else the machine does meets all three alike; the ratio is the median of
those of the same step. Peak memory is that of a process for each. `python benchmarks/train_loop.py` prints the table.
"""

import argparse
import gc
import json
import math
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import torch
import transformers
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM, PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.utils import logging

from reference_trainer.train import Data, fit
from reference_trainer.training.batches import IGNORED, Example, Order, collate
from reference_trainer.training.inputs import DTYPES
from reference_trainer.training.optim import adamw, linear_warmup
from reference_trainer.training.processes import on_cpu
from reference_trainer.training.progress import Bar
from reference_trainer.training.scoring import evaluate
from reference_trainer.training.settings import Settings
from reference_trainer.training.tuning import adapt

VOCABULARY = 1000
FIRST = 4  # steps before the clock counts: buffers are made, kernels chosen


@dataclass(frozen=True, slots=True)
class Case:
    """What is trained: a Llama for `steps` steps of 8 examples, of half of `longest` to `longest` tokens each."""

    hidden: int
    method: str
    precision: str
    steps: int
    layers: int = 2
    longest: int = 64


CASES = (
    Case(64, "lora", "fp32", 40),
    Case(64, "ptuning", "fp32", 40),
    Case(256, "lora", "fp32", 24),
    Case(512, "lora", "fp32", 20),
    Case(512, "full", "fp32", 20),
    Case(512, "ptuning", "fp32", 20),
)

GPU_CASES = (
    Case(2048, "lora", "bf16", 24, layers=16, longest=512),
    Case(2048, "ptuning", "bf16", 24, layers=16, longest=512),
    Case(1024, "full", "bf16", 24, layers=8, longest=512),
)
"""What a GPU is asked for: sizes at which a step is worth one."""
TRIAL_CASES = (Case(64, "lora", "fp32", 12),)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one loop did: its median step, that step's ratio to the bare loop's, and the loss of what it trained."""

    milliseconds: float
    ratio: float
    loss: float
    mebibytes: float


def settings_of(case: Case) -> Settings:
    """Return the settings that all three loops follow."""
    return Settings(
        method=case.method,
        precision=case.precision,
        epochs=1,
        batch_size=8,
        lr=1e-3,
        pre_seq_len=16,
        save_freq=10**9,
        data="random",
    )


def model_of(case: Case, settings: Settings) -> nn.Module:
    """Return the model with what the method trains."""
    torch.manual_seed(0)
    heads = max(case.hidden // 64, 1)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=case.hidden,
        intermediate_size=3 * case.hidden,
        num_hidden_layers=case.layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
    )
    dtype = torch.float32 if case.method == "full" else DTYPES[case.precision]
    with torch.device("cpu" if on_cpu() else "cuda"):
        model = nn.Module.to(LlamaForCausalLM(config), dtype)
    model.config.use_cache = False
    return adapt(model, settings)


def examples_of(case: Case) -> list[Example]:
    """Return random examples; half of each is learned."""
    chance = random.Random(0)
    made = []
    for _ in range(8 * case.steps):
        ids = tuple(
            chance.randrange(3, VOCABULARY) for _ in range(chance.randrange(case.longest // 2, case.longest + 1))
        )
        half = len(ids) // 2
        made.append(Example(ids, (*[IGNORED] * half, *ids[half:])))
    return made


def in_order(made: list[Example], settings: Settings) -> list[Example]:
    """Return the examples in the order in which this project's loop takes them."""
    order = Order(len(made), settings.step_size, settings.seed)
    return [made[index] for step in range(order.steps_per_epoch) for index in order.step(step)]


class Clock(Bar):
    """A silent bar that tells when each step ends."""

    def __init__(self, tick: Callable[[], None]) -> None:
        super().__init__("", visible=False)
        self.tick = tick

    def step(self, step: int) -> None:  # noqa: ARG002  (the bar's signature)
        """Tell that a step has ended."""
        self.tick()


def ours(model: nn.Module, examples: list[Example], settings: Settings, tick: Callable[[], None]) -> None:
    """Train by this project's loop."""
    fit(model, Data(examples, examples[:8], 0), settings, accelerator_for(settings), Clock(tick))


def accelerator_for(settings: Settings) -> Accelerator:
    """Return the device, in the precision of the settings."""
    return Accelerator(cpu=on_cpu(), mixed_precision={"fp32": "no"}.get(settings.precision, settings.precision))


class Tick(TrainerCallback):
    """Notes when each step of the Trainer ends."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.tick = tick

    def on_step_end(self, *_: object, **__: object) -> None:
        """Note the time."""
        self.tick()


def by_trainer(model: nn.Module, ordered: list[Example], settings: Settings, tick: Callable[[], None]) -> None:
    """Train by `transformers.Trainer`."""
    arguments = TrainingArguments(
        output_dir=settings.output,
        num_train_epochs=1,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.lr,
        weight_decay=settings.weight_decay,
        warmup_steps=math.ceil(settings.warmup_ratio * len(ordered) / settings.batch_size),
        max_grad_norm=settings.clip,
        logging_steps=settings.logging_steps,
        bf16=settings.precision == "bf16",
        fp16=settings.precision == "fp16",
        use_cpu=on_cpu(),
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )

    def padded(part: list[Example]) -> dict[str, Tensor]:
        batch = collate(part, 0)
        return {"input_ids": batch.ids, "attention_mask": batch.mask, "labels": batch.labels}

    trainer = Trainer(model, arguments, padded, ordered, callbacks=[Tick(tick)])
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def bare(model: nn.Module, ordered: list[Example], settings: Settings, tick: Callable[[], None]) -> None:
    """Train by the shortest loop that does the same."""
    device = torch.device("cpu" if on_cpu() else "cuda")
    model.to(device).train()
    steps = len(ordered) // settings.batch_size
    optimizer = adamw(model, settings)
    schedule = linear_warmup(optimizer, steps, settings.warmup_ratio)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for step in range(steps):
        batch = collate(ordered[step * settings.batch_size : (step + 1) * settings.batch_size], 0).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
            loss = model(input_ids=batch.ids, attention_mask=batch.mask, labels=batch.labels).loss
        loss.backward()
        nn.utils.clip_grad_norm_(trained, settings.clip)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        tick()


LOOPS = {"ankillm": ours, "Trainer": by_trainer, "bare torch": bare}


class Turns:
    """Lets threads train a step each, in turn, and notes how long each step took.

    Another begins at every step: the first to bring a batch of a new length pays for what all then use, on a GPU the
    choice of kernels.
    """

    def __init__(self, names: list[str]) -> None:
        self.there = list(names)
        self.waiting = list(names)
        """Whose turn it is in this step, and whose after that."""
        self.changed = threading.Condition()
        self.started = dict.fromkeys(names, 0.0)
        self.steps: dict[str, list[float]] = {name: [] for name in names}

    def wait(self, name: str) -> None:
        """Wait for a turn and start its clock."""
        with self.changed:
            self.changed.wait_for(lambda: self.waiting[0] == name)
        self.started[name] = now()

    def tick(self, name: str) -> None:
        """End a step, and wait for the next turn."""
        self.steps[name].append(now() - self.started[name])
        self._pass_on(name)
        self.wait(name)

    def leave(self, name: str) -> None:
        """Leave the others to themselves."""
        self._pass_on(name, stays=False)

    def _pass_on(self, name: str, *, stays: bool = True) -> None:
        with self.changed:
            self.waiting.remove(name)
            if not stays:
                self.there.remove(name)
            if not self.waiting:
                self.there = [*self.there[1:], *self.there[:1]]
                self.waiting = list(self.there)
            self.changed.notify_all()


def side_by_side(case: Case, loops: list[str], folder: Path) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Train by several loops in turn; return the seconds of their steps and the loss of what they trained."""
    turns, losses = Turns(loops), {}

    def run(name: str) -> None:
        settings = Settings(**{**asdict(settings_of(case)), "output": str(folder / name)})
        turns.wait(name)
        try:
            model, made = model_of(case, settings), examples_of(case)
            examples = made if name == "ankillm" else in_order(made, settings)
            LOOPS[name](model, examples, settings, lambda: turns.tick(name))
            losses[name] = evaluate(model, made, accelerator_for(settings), 8, 0).loss
        finally:
            turns.leave(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return turns.steps, losses


def memory(case: Case, loop: str) -> float:
    """Train by one loop in this process; return the MiB at the peak above what model and data hold."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(**{**asdict(settings_of(case)), "output": folder})
        model, made = model_of(case, settings), examples_of(case)
        before = held_from_now()
        LOOPS[loop](model, made, settings, lambda: None)
        return (peak() - before) / 2**20


def now() -> float:
    """Return seconds: of the processor on a CPU, which others may keep busy; of the clock on a GPU, once it is done."""
    if on_cpu():
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def held_from_now() -> int:
    """Forget the peak so far and return the bytes that are held now; not what an earlier loop has left behind."""
    gc.collect()
    if not on_cpu():
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # Linux: the peak is what is held now
    return peak()


def peak() -> int:
    """Return the most bytes held since the peak was forgotten."""
    if not on_cpu():
        return torch.cuda.max_memory_allocated()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def in_own_process(case: Case, loop: str) -> float:
    """Return the peak memory of one loop, measured in a process of its own."""
    command = [sys.executable, __file__, "--memory", json.dumps({"case": asdict(case), "loop": loop})]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def measure(case: Case) -> dict[str, Outcome]:
    """Return what each loop did on one case."""
    with tempfile.TemporaryDirectory() as folder:
        steps, losses = side_by_side(case, list(LOOPS), Path(folder))
    short = replace(case, steps=8)
    result = {}
    alone = memory if not on_cpu() else in_own_process  # a GPU's peak can be forgotten, a process's can't
    for loop in LOOPS:
        pairs = list(zip(steps[loop], steps["bare torch"], strict=True))[FIRST:]
        step = statistics.median(own for own, _ in pairs)
        ratio = statistics.median(own / bare for own, bare in pairs)
        result[loop] = Outcome(1e3 * step, ratio, losses[loop], alone(short, loop))
    return result


def table(results: dict[Case, dict[str, Outcome]]) -> list[str]:
    """Return the results as a table in Markdown."""
    lines = ["| hidden | method | precision | loop | step, ms | to bare | peak, MiB | final loss |"]
    lines += ["|---:|---|---|---|---:|---:|---:|---:|"]
    for case, by_loop in results.items():
        for loop, outcome in by_loop.items():
            values = f"{outcome.milliseconds:.1f} | {outcome.ratio:.3f}× | {outcome.mebibytes:.0f} | {outcome.loss:.5f}"
            lines.append(f"| {case.hidden} | {case.method} | {case.precision} | {loop} | {values} |")
    return lines


def main() -> None:
    """Run all cases, or one that is asked for as JSON."""
    parser = argparse.ArgumentParser(description="This loop, transformers.Trainer and a bare torch loop, side by side.")
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument("--gpu", action="store_true", help="sizes that are worth a GPU")
    parser.add_argument("--trial", action="store_true", help="a few steps of the smallest size")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    if given.memory:
        wanted = json.loads(given.memory)
        print(memory(Case(**wanted["case"]), wanted["loop"]))
        return
    results = {}
    for case in GPU_CASES if given.gpu else TRIAL_CASES if given.trial else CASES:
        AcceleratorState._reset_state()  # noqa: SLF001  (a process has one precision; the cases have several)
        results[case] = measure(case)
        print("\n".join(table({case: results[case]})[2:]), file=sys.stderr)
    device = "CPU" if on_cpu() else torch.cuda.get_device_name()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {device}, {torch.get_num_threads()} thread(s), torch {torch.__version__}, ",
        end="",
    )
    print(f"transformers {transformers.__version__}, Python {platform.python_version()}\n")
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
