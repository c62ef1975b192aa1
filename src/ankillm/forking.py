"""Work shared with a second process, where the system can fork and has a second processor.

A fork has everything that was read and imported at hand, so only results travel, as `marshal` writes them: texts,
numbers and tuples, between two halves of one program.
"""

import marshal
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from msgspec import Struct

Item = TypeVar("Item")
Result = TypeVar("Result")


def can_share() -> bool:
    """Whether a second process would help: on Linux, where a fork is safe, with no thread that might hold a lock."""
    threads = sys.modules.get("threading")
    alone = threads is None or threads.active_count() == 1
    return sys.platform == "linux" and alone and len(os.sched_getaffinity(0)) > 1


class Chore(Struct, frozen=True):
    """What this process has to do besides, and its weight, by which the second one does more of the items."""

    do: Callable[[], object]
    weight: int


IDLE = Chore(lambda: None, 0)


def shared(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    weights: Sequence[int],
    tell: Callable[[float], None],
    chore: Chore = IDLE,
) -> list[Result]:
    """Return what `work` makes of each item, in their order; a second process does its share of them, by weight.

    Where it fails, its share is done here, so that an error shows as it would without it. `tell` is told how much of
    this process's share is done.
    """
    share = (sum(weights) - chore.weight) / 2
    cut = 1 + sum(weight < share for weight in accumulate(weights))
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _deliver(work, items[cut:], writing)
    os.close(writing)
    try:
        chore.do()
        mine = [work(item) for item in told(items[:cut], tell)]
    except BaseException:
        os.kill(process, signal.SIGKILL)  # nobody waits for its share any more
        raise
    finally:
        with os.fdopen(reading, "rb") as pipe:
            delivered = pipe.read()
        _, status = os.waitpid(process, 0)
    theirs: list[Result] = marshal.loads(delivered) if status == 0 else [work(item) for item in items[cut:]]  # noqa: S302
    return [*mine, *theirs]


def told(items: Sequence[Item], tell: Callable[[float], None]) -> Iterator[Item]:
    """Yield items, and tell how much of them is done."""
    for number, item in enumerate(items):
        yield item
        tell((number + 1) / len(items))


def _deliver(work: Callable[[Item], Result], items: Sequence[Item], writing: int) -> None:
    """Write the results and end this process, without what a program does at its end."""
    status = 1
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(marshal.dumps([work(item) for item in items]))
        status = 0
    finally:
        os._exit(status)
