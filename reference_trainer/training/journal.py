"""What a run writes down and shows as it goes on: metrics.jsonl and the bar."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor

from reference_trainer.training import checkpoint, runs
from reference_trainer.training.batches import Example
from reference_trainer.training.errors import Stopped
from reference_trainer.training.progress import Bar
from reference_trainer.training.scoring import Quality

NOT_A_NUMBER = "try a lower --lr, a larger --warmup-ratio or bf16"


@dataclass(slots=True)
class Progress:
    """Where a run stands; a checkpoint keeps it beside the tensors."""

    processes: int = 1
    data: int = 0
    """The data's fingerprint."""
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    aside: float = 0.0
    """The seconds that went into evaluations and saving."""
    best_loss: float = math.inf
    best_exact: float = 0.0
    pending: list[tuple[float, int]] = field(default_factory=list)
    """The loss and the learned tokens of the steps that no line of metrics tells of yet."""


@dataclass(slots=True)
class Journal:
    """The lines of a run; losses stay on the device until a line needs them, as fetching one waits for its step."""

    folder: Path
    accelerator: Accelerator
    bar: Bar
    losses: list[Tensor] = field(default_factory=list)
    learned: list[int] = field(default_factory=list)
    tokens: int = 0
    since: float = field(default_factory=time.monotonic)

    def resume(self, progress: Progress) -> None:
        """Go on where a checkpoint was written: forget the lines after it."""
        self.losses = [torch.tensor(loss, device=self.accelerator.device) for loss, _ in progress.pending]
        self.learned = [learned for _, learned in progress.pending]
        if self.accelerator.is_main_process:
            runs.keep_metrics(self.folder, progress.step)

    def pending(self) -> list[tuple[float, int]]:
        """Return the loss and the learned tokens of each step that no line tells of yet."""
        return [(float(loss), learned) for loss, learned in zip(self.losses, self.learned, strict=True)]

    def step(self, loss: Tensor, examples: Sequence[Example], progress: Progress) -> None:
        """Take in one step: this process's part of its loss, and its examples in all processes."""
        tokens = sum(len(example.ids) for example in examples)
        self.losses.append(loss)
        self.learned.append(sum(example.learned for example in examples))
        self.tokens += tokens
        progress.tokens += tokens
        self.bar.step(progress.step)

    def line(self, progress: Progress, epoch: float, lr: float, norm: Tensor | None) -> None:
        """Write the mean loss per learned token since the line before; the mean over all steps would hide the present.

        Raises `Stopped` if the loss of a step is no number.
        """
        losses = self.accelerator.reduce(torch.stack(self.losses)).tolist()
        for number, loss in enumerate(losses, progress.step - len(losses) + 1):
            if not math.isfinite(loss):
                raise Stopped(f"the loss of step {number} is {loss}; {self._left(progress)}; {NOT_A_NUMBER}")
        mean = sum(loss * count for loss, count in zip(losses, self.learned, strict=True)) / sum(self.learned)
        speed = self.tokens / max(time.monotonic() - self.since, 1e-9)
        self.bar.numbers(mean, lr, speed)
        norms = {} if norm is None else {"gradient_norm": float(norm)}
        times = {"tokens_per_second": round(speed, 1), "seconds": round(progress.seconds, 3)}
        self._write({"step": progress.step, "epoch": epoch, "loss": mean, "lr": lr, **norms, **times})
        self.losses, self.learned, self.tokens, self.since = [], [], 0, time.monotonic()

    def quality(self, progress: Progress, quality: Quality) -> bool:
        """Write what an evaluation found and return whether it is the best so far.

        Raises `Stopped` if its loss is no number.
        """
        if not math.isfinite(quality.loss):
            found = f"the evaluation loss after step {progress.step} is {quality.loss}"
            raise Stopped(f"{found}; {self._left(progress)}; {NOT_A_NUMBER}")
        better = quality.loss < progress.best_loss
        if better:
            progress.best_loss, progress.best_exact = quality.loss, quality.exact
        self._write(
            {
                "step": progress.step,
                "dev_loss": quality.loss,
                "dev_perplexity": quality.perplexity,
                "dev_exact": quality.exact,
            }
        )
        shown = f"dev loss {quality.loss:.4f}, exact match {quality.exact:.1%}"
        self.bar.say(f"step {progress.step}: {shown}{', kept' if better else ''}")
        return better

    def pause(self, seconds: float, progress: Progress) -> None:
        """Leave out of the speed what went into an evaluation and saving."""
        self.since += seconds
        progress.aside += seconds

    def _left(self, progress: Progress) -> str:
        """Say what a run that breaks off leaves behind."""
        saved = checkpoint.latest(self.folder)
        best = "the best weights" if math.isfinite(progress.best_loss) else ""
        kept = [*([f"the checkpoint of step {checkpoint.step_of(saved)}"] if saved else []), *([best] if best else [])]
        return f"{' and '.join(kept)} {'are' if len(kept) > 1 else 'is'} kept" if kept else "nothing was saved yet"

    def _write(self, values: dict[str, float]) -> None:
        if self.accelerator.is_main_process:
            runs.add_metrics(self.folder, values)
