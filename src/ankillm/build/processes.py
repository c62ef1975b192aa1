"""Work shared among processes; what they fail to do is done here."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

Item = TypeVar("Item")
Given = TypeVar("Given")
Result = TypeVar("Result")
ITEMS_A_TASK = 4
ITEMS_HERE = 8
"""Items from all over that are worked on before there are other processes, which inherit all that these import and
compile."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared(
    work: Callable[[Item, Given], Result], items: Sequence[Item], given: Given, processes: int
) -> Iterator[Result]:
    """Yield what `work` makes of each item and what is given with all, in their order."""
    here = range(0, len(items), max(1, len(items) // ITEMS_HERE)) if processes > 1 else ()
    made = {at: work(items[at], given) for at in here}
    rest = [item for at, item in enumerate(items) if at not in made] if processes > 1 else ()
    elsewhere = _elsewhere(work, rest, given, processes) if rest else iter(())
    for at, item in enumerate(items):
        found = [made[at]] if at in made else next(elsewhere, [])
        yield found[0] if found else work(item, given)


def _elsewhere(
    work: Callable[[Item, Given], Result], items: Sequence[Item], given: Given, processes: int
) -> Iterator[list[Result]]:
    """Yield what comes of each item, in a list; no more where the system grants no process, or one was killed."""
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  (only where there is much to do)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415  (as above)

    with suppress(OSError, BrokenProcessPool):
        pool = ProcessPoolExecutor(processes, initializer=_begin, initargs=(work, given))
        try:
            yield from ([result] for result in pool.map(_made, items, chunksize=ITEMS_A_TASK))
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
    from multiprocessing import parent_process  # noqa: PLC0415  (as above)

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _made(item: object) -> Any:  # noqa: ANN401  (whatever the work returns)
    work, given = _job
    return work(item, given)
