"""What a step costs on a GPU: its time and its peak of memory, measured alone and after it has warmed up.

Weights are random, shapes are real: neither time nor memory asks what the numbers are. The first steps choose kernels,
make room for the optimizer's state and fill the allocator's pools, so they do not count. On a CPU the same code runs
for tests, on small shapes: what it gives there is no measurement.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from ankillm.evidence import alone

GIB = 2**30
Shape = Mapping[str, Any]
LLAMA_2_7B: Shape = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
}
"""Touvron et al. 2023, arXiv:2307.09288, as its `config.json` has it."""
LLAMA_3_2_1B: Shape = {
    "vocab_size": 128256,
    "hidden_size": 2048,
    "intermediate_size": 8192,
    "num_hidden_layers": 16,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "tie_word_embeddings": True,
}
"""Llama-3.2-1B, as its `config.json` has it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: a real shape, or a small one for a try on a CPU."""

    large: Shape
    middle: Shape
    part: int = 1
    """Lengths, batches and tokens are divided by it."""

    def of(self, number: int) -> int:
        """Return a length or a batch at this size."""
        return max(2, number // self.part)


REAL = Size(LLAMA_2_7B, LLAMA_3_2_1B)
SMALL: Shape = {
    "vocab_size": 256,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
TRIAL = Size(SMALL, SMALL, part=512)
"""The same measurements in seconds on a CPU."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step took."""

    milliseconds: float
    """The median of several steps."""
    peak: float
    """The most that tensors held during them, with weights and optimizer, in GiB; 0 on a CPU, which does not count."""


def cost(device: torch.device, step: Callable[[], object], *, warm: int = 2, runs: int = 5) -> Cost:
    """Measure a step that is done over and over; what nobody uses any more is given back before."""
    clear(device)
    for _ in range(warm):
        step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
    times = [_milliseconds(device, step) for _ in range(runs)]
    held = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
    return Cost(statistics.median(times), held / GIB)


def _milliseconds(device: torch.device, step: Callable[[], object]) -> float:
    """Time a step: by the GPU's own clock, or by the processor's."""
    if device.type != "cuda":
        before = time.perf_counter()
        step()
        return 1e3 * (time.perf_counter() - before)
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    start.record()
    step()
    end.record()
    torch.cuda.synchronize(device)
    return float(start.elapsed_time(end))


def clear(device: torch.device) -> None:
    """Give back what is no longer used, so that the next measurement starts with the memory empty."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def llama(
    device: torch.device, shape: Shape, dtype: torch.dtype = torch.bfloat16, attention: str = "sdpa"
) -> LlamaForCausalLM:
    """Build a Llama with random weights on the device itself, in training mode and without a cache."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            options = {**shape, "max_position_embeddings": 16384, "attn_implementation": attention}
            model = LlamaForCausalLM(LlamaConfig(**options))
    finally:
        torch.set_default_dtype(before)
    model.config.use_cache = False
    nn.Module.train(model)
    return model


def tokens(device: torch.device, rows: int, length: int) -> Tensor:
    """Draw tokens on the CPU, the same for every device, and move them: (rows, length)."""
    return torch.randint(250, (rows, length)).to(device)


def optimizer_of(model: nn.Module, **options: Any) -> torch.optim.AdamW:  # noqa: ANN401  (AdamW's own)
    """Return AdamW over what is trained."""
    return torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=1e-5, **options)


def training_step(
    model: nn.Module,
    ids: Tensor,
    optimizer: torch.optim.Optimizer,
    *,
    autocast: torch.dtype | None = None,
    parts: int = 1,
) -> Callable[[], None]:
    """Return a whole step on a batch: forward, backward, AdamW; the batch in `parts`, one after the other."""
    scaler = torch.amp.GradScaler(ids.device.type, enabled=autocast == torch.float16)

    def step() -> None:
        for part in ids.chunk(parts):
            with torch.autocast(ids.device.type, dtype=autocast or torch.bfloat16, enabled=autocast is not None):
                loss = loss_of(model, part) / parts
            torch.autograd.backward(scaler.scale(loss))
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()

    return step


def loss_of(model: nn.Module, ids: Tensor) -> Tensor:
    """Return the mean loss of each next token."""
    logits: Tensor = model(input_ids=ids).logits[:, :-1]  # (rows, tokens, vocabulary)
    return nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())


def only_on_gpu(
    device: torch.device, names: Sequence[str], measure: Callable[[torch.device, Size], Mapping[str, float]]
) -> Mapping[str, Any]:
    """Return what `measure` gives on a GPU, by the names of facts; elsewhere None for each: nothing was measured.

    It runs alone, and by the algorithms that a user gets: those that are the same on every run may be slower.
    """
    if device.type != "cuda":
        return dict.fromkeys(names)
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(mode=False)
    try:
        with alone():
            return measure(device, REAL)
    finally:
        torch.use_deterministic_algorithms(mode=deterministic, warn_only=warn_only)
        clear(device)
