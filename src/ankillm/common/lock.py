"""A lock on an open file, which a process that dies lets go: `flock`, or `msvcrt` on Windows."""

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]
try:
    import msvcrt
except ImportError:
    msvcrt = None  # type: ignore[assignment]

REMOVES_OPEN = fcntl is not None
"""Whether the system removes a file that is open: a lock's file can go before its lock does."""


def lock(handle: int) -> None:
    """Lock an open file, without waiting; where a system has no such lock, nothing is held.

    :raises BlockingIOError: if another process holds it.
    """
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    elif msvcrt is not None:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from None
