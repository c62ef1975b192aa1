"""Work shared with further processes, where the system can fork and has further processors.

A fork has everything that was read and imported at hand, so only results travel, as `marshal` writes them: texts,
numbers and tuples, between parts of one program. Whoever is free takes the next turn, so that all end together.
"""

import marshal
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_TURNS = 1024
"""Their numbers fit into a pipe, which holds one page of 4 KiB at least (`man 7 pipe`)."""
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
    helping: int = 1,
    first: Callable[[], object] = lambda: None,
) -> list[Result]:
    """Return what `work` makes of each item, in their order; up to so many other processes are `helping`.

    What one that fails had taken is done here, so that an error shows as it would without it. This process does `first`
    before it takes any item. `tell` is told how much of all is done.
    """
    turns = _turns(len(items))
    helpers: list[tuple[int, int]] = []
    made: dict[int, Result] = {}
    try:
        with suppress(OSError):  # no more processes, or files, than the system grants
            helpers.extend(_helper(work, items, turns) for _ in range(helping))
        first()
        for at in _taken(turns, len(items)):
            made[at] = work(items[at])
            tell((at + 1) / len(items))
    except BaseException:
        for process, _ in helpers:
            os.kill(process, signal.SIGKILL)  # nobody waits for its share any more
        raise
    finally:
        os.close(turns)
        for process, delivery in helpers:
            with os.fdopen(delivery, "rb") as pipe:
                delivered = pipe.read()
            made |= marshal.loads(delivered) if _did_well(process) else {}  # noqa: S302  (what this program wrote)
    return [made[at] if at in made else work(item) for at, item in enumerate(items)]


def _did_well(process: int) -> bool:
    """Wait for a process to end; one that the system has reaped itself counts as failed."""
    try:
        return os.waitpid(process, 0)[1] == 0
    except ChildProcessError:
        return False


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
    parent = os.getpid()
    reading, writing = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        raise
    if process == 0:
        os.close(reading)
        needed = takewhile(lambda _: os.getppid() == parent, _taken(turns, len(items)))
        _deliver(((at, work(items[at])) for at in needed), writing)
    os.close(writing)
    return process, reading


def _deliver(results: Iterable[tuple[int, Result]], writing: int) -> None:
    """Write results and end this process, without what a program does at its end."""
    status = 1
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(marshal.dumps(dict(results)))
        status = 0
    finally:
        os._exit(status)
