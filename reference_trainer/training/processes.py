"""One process among several: who touches files, and how one ends when asked to or out of memory."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import DistributedType, broadcast_object_list, parse_flag_from_env

from ankillm.evidence import Refusal, on_one_line
from reference_trainer.training.settings import AUTO, Settings

T = TypeVar("T")

LESS_MEMORY = (
    "out of memory; what helps most: a smaller --batch-size with a larger --accumulate (the product is what is learned "
    "from at once), --checkpointing, and a smaller --max-length; --resume takes the first two"
)


def on_cpu() -> bool:
    """Tell whether to compute on the CPU: asked for (`ACCELERATE_USE_CPU=true`), or nothing else is there."""
    return parse_flag_from_env("ACCELERATE_USE_CPU") or not torch.accelerator.is_available()


def precision_of(asked: str) -> str:
    """Return the precision to compute in; raise `Refusal` if the device can't."""
    on_cuda = torch.cuda.is_available() and not on_cpu()
    has_bf16 = on_cuda and torch.cuda.is_bf16_supported(including_emulation=False)
    if asked == AUTO:
        return "bf16" if has_bf16 else "fp32"
    if asked == "fp16" and on_cpu():
        raise Refusal("--precision fp16 needs a GPU; on a CPU use bf16 or fp32")
    if asked == "bf16" and on_cuda and not has_bf16:
        raise Refusal("--precision bf16: this GPU can't compute in it; use fp16 or fp32")
    return asked


def on_first_process(action: Callable[[], T]) -> T:
    """Do something that touches files in the first process only; all return its result, or raise its `Refusal`."""
    answer: list[object] = [None, None]
    if PartialState(cpu=on_cpu()).is_main_process:
        try:
            answer[0] = action()
        except Refusal as refusal:
            answer[1] = str(refusal)
    result, refused = broadcast_object_list(answer)
    if refused is not None:
        raise Refusal(refused)
    return result  # type: ignore[no-any-return]  # what the action returned


@contextlib.contextmanager
def asked_to_end(*, alone: bool) -> Iterator[list[int]]:
    """Collect the signals that ask the process to end, so that it can write a checkpoint first; a second one ends it.

    With several processes each would stop at another step and wait for the rest for ever, so they end at once; the
    last checkpoint is whole.
    """
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if received and number != getattr(signal, "SIGHUP", None):  # a terminal that closes may say so twice
            raise KeyboardInterrupt
        received.append(number)

    watched = _signals() if alone and threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, note) for number in watched}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signals() -> tuple[signal.Signals, ...]:
    """Return what asks a process to end; a closed terminal not under nohup, which has it ignored."""
    hangup = getattr(signal, "SIGHUP", None)
    heard = hangup is not None and signal.getsignal(hangup) == signal.SIG_DFL
    return (signal.SIGINT, signal.SIGTERM, *((hangup,) if heard else ()))


def sharded(accelerator: Accelerator) -> bool:
    """Tell whether each process holds a part of the model only (FSDP, DeepSpeed)."""
    return accelerator.distributed_type in {DistributedType.FSDP, DistributedType.DEEPSPEED}


def check_sharding(accelerator: Accelerator, settings: Settings, *, resume: bool) -> None:
    """Raise `Refusal` for what a sharded run can't do; tell DeepSpeed the size of its batches."""
    if not sharded(accelerator):
        return
    kind = accelerator.distributed_type.value
    if settings.method == "ptuning":
        raise Refusal(f"--method ptuning: a prefix is too small for {kind} to shard; use several processes without it")
    if resume:
        raise Refusal(f"--resume: under {kind} only the best weights are kept, no checkpoints to go on from")
    plugin = accelerator.state.deepspeed_plugin
    if plugin:
        if settings.accumulate > 1:
            raise Refusal("--accumulate: DeepSpeed would weigh each batch by itself; use a larger --batch-size")
        plugin.deepspeed_config["train_micro_batch_size_per_gpu"] = settings.batch_size


def out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out; on a CPU torch says so in a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def tell(text: str, mark: str = "×") -> None:
    """Print a line in the first process: what a refused or stopped run ends with, or (`!`) what to know."""
    if os.environ.get("RANK", "0") == "0":
        print(on_one_line(f"{mark} {text}"), file=sys.stderr)
