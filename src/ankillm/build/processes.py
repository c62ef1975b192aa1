"""Work shared among processes; what they fail to do is done here."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

Item = TypeVar("Item")
Given = TypeVar("Given")
Result = TypeVar("Result")
ITEMS_A_TASK = 4
ITEMS_HERE = 4
"""Items that are worked on before there are other processes, which inherit all that these import and compile."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared(
    work: Callable[[Item, Given], Result], items: Sequence[Item], given: Given, processes: int
) -> Iterator[Result]:
    """Yield what `work` makes of each item and what is given with all, in their order."""
    done = 0
    if processes > 1:
        for item in items[:ITEMS_HERE]:
            yield work(item, given)
            done += 1
        with suppress(OSError, BrokenProcessPool):  # no more processes than the system grants, or one was killed
            for result in _elsewhere(work, items[done:], given, processes):
                yield result
                done += 1
    for item in items[done:]:
        yield work(item, given)


def _elsewhere(
    work: Callable[[Item, Given], Result], items: Sequence[Item], given: Given, processes: int
) -> Iterator[Result]:
    pool = ProcessPoolExecutor(processes, initializer=_begin, initargs=(work, given))
    try:
        yield from pool.map(_made, items, chunksize=ITEMS_A_TASK)
    finally:
        pool.shutdown(cancel_futures=True)


_job: list[Any] = []
"""In a process that takes items from another: what to do with each, and what is given with all."""


def _begin(work: Callable[[Any, Any], Any], given: object) -> None:
    _job[:] = [work, given]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that shares its work hears it, and ends this one
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Do nothing more for a process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _made(item: object) -> Any:  # noqa: ANN401  (whatever the work returns)
    work, given = _job
    return work(item, given)
