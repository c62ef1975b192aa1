"""A file handed to the system, as a double click does."""

import os
import subprocess
import sys
from pathlib import Path

PATIENCE = 3.0
"""Seconds after which a program that still runs is one that shows the file."""


def is_opened(file: Path) -> bool:
    """Open a file by the program that the system has for it; return whether there is one."""
    try:
        if sys.platform == "win32":
            os.startfile(file)  # noqa: S606  (a package that was written just now)
            return True
        command = ["open" if sys.platform == "darwin" else "xdg-open", str(file)]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
        return process.wait(PATIENCE) == 0
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False
