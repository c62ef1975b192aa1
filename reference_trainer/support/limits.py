"""What comes from elsewhere may take so long and no longer: configurations, and templates that a model brings along."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import torch

AGAIN = 0.2
"""Seconds after which it is said once more, where it was not heard, as in a callback."""


class TooLongError(BaseException):
    """Something took longer than it may; no `except Exception` on the way up keeps it."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `TooLongError` in what takes longer than `seconds` by the clock.

    In a callback, or where an object is let go, nothing can be raised: there nothing is printed, and it is said again.
    Raised on the way out of `torch.no_grad()`, it would leave gradients off for good: they are as they were before.
    Outside of the main thread, and on Windows, there are no alarms, and it takes as long as it takes.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError

    unheard, graded = sys.unraisablehook, torch.is_grad_enabled()

    def hush(told: "sys.UnraisableHookArgs") -> None:
        if not isinstance(told.exc_value, TooLongError):  # which is said again after AGAIN
            unheard(told)

    sys.unraisablehook = hush
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = unheard
        torch.set_grad_enabled(graded)


def take_at_most(more: int) -> None:
    """Let this process take `more` bytes beside what it has; beyond that it raises `MemoryError`. Linux alone."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415  (Windows has none)

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit, hard = pages * resource.getpagesize() + more, resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
