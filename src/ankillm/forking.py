"""Work shared with further processes, where the system can fork and has further processors.

A fork has everything that was read and imported at hand, so only results travel, as `marshal` writes them: texts,
numbers and tuples, between parts of one program. Whoever is free takes the next turn, so that all end together.
"""

import marshal
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_TURNS = 8192
"""Their numbers fit into a pipe, which holds 64 KiB at least."""
WIDTH = 4
"""Bytes of a turn's number. A pipe's readers take turns, so that nobody reads a part of one."""


def helpers() -> int:
    """Return how many processes would help: on Linux, where a fork is safe, with no thread that might hold a lock."""
    threads = sys.modules.get("threading")
    alone = threads is None or threads.active_count() == 1
    return len(os.sched_getaffinity(0)) - 1 if sys.platform == "linux" and alone else 0


def shared(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    tell: Callable[[float], None],
    helpers: int = 1,
    first: Callable[[], object] = lambda: None,
) -> list[Result]:
    """Return what `work` makes of each item, in their order; other processes help with them.

    Where one fails, its share is done here, so that an error shows as it would without it. This process does `first`
    before it takes any item. `tell` is told how much of all is done.
    """
    turns = _turns(len(items))
    helping = [_helper(work, items, turns) for _ in range(helpers)]
    made: dict[int, Result] = {}
    try:
        first()
        for at in _taken(turns, len(items)):
            made[at] = work(items[at])
            tell((at + 1) / len(items))
    except BaseException:
        for process, _ in helping:
            os.kill(process, signal.SIGKILL)  # nobody waits for its share any more
        raise
    finally:
        os.close(turns)
        for process, delivery in helping:
            with os.fdopen(delivery, "rb") as pipe:
                delivered = pipe.read()
            _, status = os.waitpid(process, 0)
            made |= marshal.loads(delivered) if status == 0 else {}  # noqa: S302  (what this program wrote)
    return [made[at] if at in made else work(item) for at, item in enumerate(items)]


def told(items: Sequence[Item], tell: Callable[[float], None]) -> Iterator[Item]:
    """Yield items, and tell how much of them is done."""
    for number, item in enumerate(items):
        yield item
        tell((number + 1) / len(items))


def _turns(items: int) -> int:
    """Return a pipe that holds the number of each turn."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(turn.to_bytes(WIDTH) for turn in range(min(items, MOST_TURNS))))
    os.close(writing)
    return reading


def _taken(turns: int, items: int) -> Iterator[int]:
    """Take turns while there are any, and yield the places of their items."""
    long = -(-items // MOST_TURNS)
    while turn := os.read(turns, WIDTH):
        start = int.from_bytes(turn) * long
        yield from range(start, min(start + long, items))


def _helper(work: Callable[[Item], Result], items: Sequence[Item], turns: int) -> tuple[int, int]:
    """Start a process that helps; return it, and the pipe through which its results come."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _deliver(work, items, turns, writing)
    os.close(writing)
    return process, reading


def _deliver(work: Callable[[Item], Result], items: Sequence[Item], turns: int, writing: int) -> None:
    """Write the results and end this process, without what a program does at its end."""
    status = 1
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(marshal.dumps({at: work(items[at]) for at in _taken(turns, len(items))}))
        status = 0
    finally:
        os._exit(status)
