"""Examples side by side: what is read and learned of each, and which ones a step takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

T = TypeVar("T")

IGNORED = -100
"""The label of a token that is read but not learned: the prompt's, and padding."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example as tokens: `ids` are read, `labels` learned (`IGNORED` where not)."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    lost: int = field(default=0, repr=False, compare=False)
    """Tokens that were cut off, as the example was too long."""

    @property
    def learned(self) -> int:
        """Count the tokens that are learned; nothing stands before the first from which to tell it."""
        return sum(label != IGNORED for label in self.labels[1:])


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples side by side, padded at their ends to the longest: (batch, tokens) each, but for the last two.

    What is learned is known before the batch leaves the CPU: to look for it on a GPU would mean to wait for it.
    """

    ids: Tensor
    mask: Tensor
    labels: Tensor
    rows: Tensor
    """Where a learned token is told from: places in (batch · tokens), in front of it."""
    targets: Tensor
    """The learned tokens themselves."""

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        return Batch(*(tensor.to(device) for tensor in (self.ids, self.mask, self.labels, self.rows, self.targets)))


def collate(examples: Sequence[Example], padding: int) -> Batch:
    """Pad examples with the token `padding`, masked and not learned; no examples give a row with nothing to learn."""
    longest = max((len(example.ids) for example in examples), default=1)
    shape = max(len(examples), 1), longest
    ids, mask, labels = torch.full(shape, padding), torch.zeros(shape, dtype=torch.long), torch.full(shape, IGNORED)
    for row, example in enumerate(examples):
        size = len(example.ids)
        ids[row, :size], labels[row, :size], mask[row, :size] = (
            torch.tensor(example.ids),
            torch.tensor(example.labels),
            1,
        )
    mask[:, 0] = 1  # a row without any token to look at would be undefined
    targets = functional.pad(labels[:, 1:], (0, 1), value=IGNORED).flatten()
    rows = (targets != IGNORED).nonzero()[:, 0]
    return Batch(ids, mask, labels, rows, targets[rows])


@dataclass(frozen=True, slots=True)
class Order:
    """Which examples each optimizer step takes: a new permutation an epoch, drawn from seed and epoch alone.

    So the position in the data is the number of the step, and a resumed run needs no more than that.
    """

    size: int
    step_size: int
    """Examples of one optimizer step, over all devices."""
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Count the steps of an epoch; the last one may take fewer examples."""
        return -(-self.size // self.step_size)

    def step(self, step: int) -> list[int]:
        """Return the examples of a step, 0 being the first of the run."""
        epoch, position = divmod(step, self.steps_per_epoch)
        chance = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        shuffled = torch.randperm(self.size, generator=chance).tolist()
        return shuffled[position * self.step_size : (position + 1) * self.step_size]


def share(examples: Sequence[T], process: int, processes: int, batch_size: int) -> Iterator[Sequence[T]]:
    """Yield the batches of one process: of each run of processes·batch_size examples, every so many-th.

    All processes get the same number of batches, as they wait for each other; the last of some may be empty.
    """
    together = processes * batch_size
    for start in range(0, len(examples), together):
        yield examples[start : start + together][process::processes]


def by_length(examples: Sequence[Example]) -> list[Example]:
    """Return examples from short to long: batches of neighbours need the least padding."""
    return sorted(examples, key=lambda example: len(example.ids))
