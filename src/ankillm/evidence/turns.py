"""Several demos beside each other on one GPU: what is timed there is timed alone.

A demo holds a lock together with all others as long as it runs, and alone while it times. The operating system frees
it when a process ends, however that happens. Without CUDA there is nothing to wait for.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

TAKES_TURNS = fcntl is not None
"""Whether demos can wait for each other; where not, as on Windows, they run one after the other."""
_held: list[IO[bytes]] = []


def lock_file() -> Path:
    """Return the file that all demos of a user lock, in the user's cache folder."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ankillm"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "gpu.lock"


@contextlib.contextmanager
def together(*, needed: bool) -> Iterator[None]:
    """Run beside other demos; wait while one of them times. `needed`: whether there is a GPU to share."""
    if not (TAKES_TURNS and needed):
        yield
        return
    with lock_file().open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        _held.append(file)
        try:
            yield
        finally:
            _held.remove(file)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other demo computes, and have none do so meanwhile."""
    for file in _held:
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        for file in _held:
            fcntl.flock(file, fcntl.LOCK_SH)
