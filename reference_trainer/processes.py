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
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from ankillm.evidence import Refusal

T = TypeVar("T")

LESS_MEMORY = (
    "out of memory; what helps most: a smaller --batch-size (with a larger --accumulate the result stays the same), "
    "--checkpointing, a smaller --max-length; what was saved is whole, and --resume goes on from it"
)


def on_first_process(action: Callable[[], T]) -> T:
    """Do something that touches files in the first process only; all return its result, or raise its `Refusal`."""
    answer: list[object] = [None, None]
    if PartialState().is_main_process:
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
        if received:
            raise KeyboardInterrupt
        received.append(number)

    watched = (signal.SIGINT, signal.SIGTERM) if alone and threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, note) for number in watched}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out; on a CPU torch says so in a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def tell(text: str) -> None:
    """Print the one line that a refused or stopped run ends with, in the first process."""
    if os.environ.get("RANK", "0") == "0":
        print(f"× {text}", file=sys.stderr)
