"""What the model makes of the tokens to learn: the loss, and how many answers it would give word for word."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional

from reference_trainer.training.jsonl import IGNORED, Batch, Example, collate, share


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a model does on examples."""

    loss: float
    """Nats per learned token, the mean over tokens (a mean of batches' means is biased if they differ in size)."""
    exact: float
    """The share of responses that greedy decoding would write exactly."""


def predict(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the logits where a token is learned, (learned, vocabulary), and these tokens, (learned,).

    Rows of the prompt are dropped before anything is computed from them: they are most of the memory of a loss.
    """
    logits = model(input_ids=batch.ids, attention_mask=batch.mask).logits  # (batch, tokens, vocabulary)
    targets = functional.pad(batch.labels[:, 1:], (0, 1), value=IGNORED).flatten()
    learned = (targets != IGNORED).nonzero()[:, 0]
    # index_select: the gradient of indexing by a mask, which allows for rows taken twice, takes a third longer.
    return logits.flatten(0, 1).index_select(0, learned), targets[learned]


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
