"""What the model makes of the tokens to learn: the loss, and how many answers it would give word for word."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from accelerate.utils import extract_model_from_parallel
from torch import Tensor, nn
from torch.nn import functional

from reference_trainer.training.batches import IGNORED, Batch, Example, collate, share


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a model does on examples."""

    loss: float
    """Nats per learned token, the mean over tokens (a mean of batches' means is biased if they differ in size)."""
    exact: float
    """The share of responses that greedy decoding would write exactly."""


def predict(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the logits where a token is learned, (learned, vocabulary), and these tokens, (learned,).

    Only hidden states in front of a learned token go through the output layer. Logits of the prompt and of padding
    would be most of the memory of a step, and more so as accelerate turns all logits of a 16-bit model into float32:
    593 MiB for two rows of 512 tokens and a vocabulary of 152 thousand, of which eight may be asked for.
    """
    targets = functional.pad(batch.labels[:, 1:], (0, 1), value=IGNORED).flatten()
    learned = (targets != IGNORED).nonzero()[:, 0]
    with only(learned, model) as selected:
        logits = model(input_ids=batch.ids, attention_mask=batch.mask).logits
    if not selected:  # (batch, tokens, vocabulary): a model whose output layer is not known
        logits = logits.flatten(0, 1).index_select(0, learned)
    return logits.flatten(0, -2), targets[learned]


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
    totals = [0.0, 0.0, 0.0]  # loss, tokens, responses with a token that is not the most likely
    for part in share(examples, accelerator.process_index, accelerator.num_processes, batch_size):
        batch = collate(part, padding).to(accelerator.device)
        logits, targets = predict(model, batch)
        rows = (batch.labels[:, 1:] != IGNORED).nonzero()[:, 0]
        missed = len(set(rows[logits.argmax(-1) != targets].tolist()))
        loss = functional.cross_entropy(logits.float(), targets, reduction="sum")
        totals = [sum(pair) for pair in zip(totals, (float(loss), targets.numel(), missed), strict=True)]
    model.train()
    loss_sum, tokens, wrong = accelerator.reduce(torch.tensor(totals, device=accelerator.device)).tolist()
    return Quality(loss_sum / max(tokens, 1), 1 - wrong / len(examples))
