"""What the model makes of the tokens to learn: the loss, and how many answers it would give word for word."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from accelerate.utils import extract_model_from_parallel
from torch import Tensor, nn
from torch.nn import functional

from reference_trainer.training.batches import Batch, Example, by_length, collate, share

MOST_NATS = 700.0
"""Above it e to the loss is more than a float holds."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a model does on examples."""

    loss: float
    """Nats per learned token, the mean over tokens (a mean of batches' means is biased if they differ in size)."""
    exact: float
    """The share of responses that greedy decoding would write exactly."""

    @property
    def perplexity(self) -> float:
        """Among how many equally likely tokens the model would be as unsure: e to the loss."""
        return perplexity(self.loss)


def perplexity(loss: float) -> float:
    """Return e to the loss in nats per token; infinity where that is too large a number."""
    return math.exp(loss) if loss < MOST_NATS else math.inf


def predict(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the logits where a token is learned, (learned, vocabulary), and these tokens, (learned,).

    Only hidden states in front of a learned token go through the output layer. Logits of the prompt and of padding
    would be most of the memory of a step, and more so as accelerate turns all logits of a 16-bit model into float32:
    593 MiB for two rows of 512 tokens and a vocabulary of 152 thousand, of which eight may be asked for.
    """
    with only(batch.rows, model) as selected:
        logits = model(input_ids=batch.ids, attention_mask=batch.mask).logits
    if not selected:  # (batch, tokens, vocabulary): a model whose output layer is not known
        logits = logits.flatten(0, 1).index_select(0, batch.rows)
    return logits.flatten(0, -2), batch.targets


@contextlib.contextmanager
def only(rows: Tensor, model: nn.Module) -> Iterator[list[bool]]:
    """Let the model's output layer see some rows of (batch · tokens) alone: its logits are (1, rows, vocabulary).

    Yields a list that is empty until that has happened. Every model hands hidden states to that layer, and whatever
    comes after it (a scale, a cap) works on each row by itself.
    """
    selected: list[bool] = []

    def select(_: nn.Module, hidden: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        selected.append(True)
        # index_select: the gradient of indexing by a mask, which allows for rows taken twice, takes a third longer.
        return (hidden[0].flatten(0, 1).index_select(0, rows)[None], *hidden[1:])

    whole = extract_model_from_parallel(model)
    head = whole.get_output_embeddings() if hasattr(whole, "get_output_embeddings") else None
    handle = head.register_forward_pre_hook(select) if isinstance(head, nn.Module) else None
    try:
        yield selected
    finally:
        if handle:
            handle.remove()


def summed_loss(model: nn.Module, batch: Batch) -> Tensor:
    """Return the sum of the learned tokens' losses; whoever knows how many there are on all devices divides."""
    logits, targets = predict(model, batch)
    return functional.cross_entropy(logits.float(), targets, reduction="sum")


@torch.no_grad()
def evaluate(
    model: nn.Module, examples: Sequence[Example], accelerator: Accelerator, batch_size: int, padding: int
) -> Quality:
    """Return the quality on all examples, each process taking its share.

    Greedy decoding writes a response exactly if and only if each of its tokens is the most likely one after those
    before it, so one pass over prompt and response answers both questions, and nothing has to be generated.
    """
    model.eval()
    found = []
    for part in share(by_length(examples), accelerator.process_index, accelerator.num_processes, batch_size):
        batch = collate(part, padding).to(accelerator.device)
        logits, targets = predict(model, batch)
        loss = functional.cross_entropy(logits.float(), targets, reduction="sum")
        wrong = torch.zeros(len(batch.ids), device=loss.device)
        wrong.index_add_(0, batch.rows // batch.ids.shape[1], (logits.argmax(-1) != targets).float())
        found.append(
            torch.stack([loss, (wrong > 0).float().sum()])
        )  # stays on the device: to read it means to wait for it
    model.train()
    loss_sum, missed = (sum(values) for values in zip(*torch.stack(found).tolist(), strict=True))
    tokens = sum(example.learned for example in examples)
    totals = torch.tensor([loss_sum, missed], device=accelerator.device)
    loss_sum, missed = accelerator.reduce(totals).tolist()
    return Quality(loss_sum / max(tokens, 1), 1 - missed / len(examples))
