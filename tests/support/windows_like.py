"""Runs a program without what Windows lacks: modules, functions and signals of POSIX, and the removal of open files.

python tests/support/windows_like.py -m ankillm build NOTES

It is no Windows: paths stay those of this system, and of `msvcrt` there is a stand-in for its lock alone. What it shows
is that nothing that Windows lacks is needed, that other processes start anew (`spawn`), and that no text is read or
written in the encoding of the system.
"""

import concurrent.futures.process
import errno
import fcntl
import multiprocessing
import os
import runpy
import signal
import sys
import warnings
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = frozenset("fcntl grp pty pwd readline resource syslog termios tty".split())
FUNCTIONS = """fork forkpty getuid geteuid getgid getegid getpgid killpg setsid mkfifo mknod chown lchown fchmod fchown
    sched_getaffinity symlink O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_DIRECTORY""".split()
SIGNALS = "SIGHUP SIGQUIT SIGKILL SIGUSR1 SIGUSR2 SIGPIPE SIGALRM".split()


HANDLES = Path("/proc/self/fd")
"""What this process has open; only Linux tells so."""


class Missing:
    """Finds nothing for the modules that Windows lacks."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Refuse these names; leave the others to the next finder."""
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def locking(handle: int, _mode: int, _length: int) -> None:
    """Lock as `msvcrt` does: another's lock is a permission that is denied."""
    try:
        flock(handle, 6)  # exclusive, without waiting
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


def refuse_open(path: Any) -> None:  # noqa: ANN401  (whatever names a file)
    """Refuse to remove or replace a file that this process has open."""
    if not HANDLES.is_dir():
        return
    place = os.path.realpath(path)
    handles = (os.path.realpath(HANDLES / name) for name in os.listdir(HANDLES))  # noqa: PTH208
    if place in handles:
        raise PermissionError(errno.EACCES, "The process cannot access the file because it is being used", str(path))


def without() -> None:
    """Take away what Windows lacks, in this process."""
    remove, replace, open_file = os.unlink, os.replace, os.open

    def unlink(path: Any, *args: Any, **more: Any) -> None:  # noqa: ANN401  (as `os` has it)
        refuse_open(path)
        remove(path, *args, **more)

    def replaced(source: Any, target: Any, **more: Any) -> None:  # noqa: ANN401  (likewise)
        refuse_open(source)
        refuse_open(target)
        replace(source, target, **more)

    def opened(path: Any, flags: int, *args: Any, **more: Any) -> int:  # noqa: ANN401  (likewise)
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open_file(path, flags, *args, **more)

    os.unlink = os.remove = unlink
    os.replace, os.open = replaced, opened  # type: ignore[assignment]
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Missing())
    for module, names in ((os, FUNCTIONS), (signal, SIGNALS)):
        for name in names:
            vars(module).pop(name, None)
    stand_in = ModuleType("msvcrt")
    vars(stand_in).update(LK_NBLCK=2, locking=locking)
    sys.modules["msvcrt"] = stand_in
    warnings.filterwarnings("error", category=EncodingWarning, module=r"ankillm|reference_trainer")


flock = fcntl.flock
concurrent.futures.process.ProcessPoolExecutor  # noqa: B018  (complete before anything is taken away)
without()

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    _, way, what, *rest = sys.argv
    sys.argv = [what, *rest]
    if way == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what)  # noqa: S102  (a test's own lines)
