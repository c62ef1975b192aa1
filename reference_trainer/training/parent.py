"""The command that started a training, watched: if it dies, the training is asked to end, and writes a checkpoint."""

import os
import signal
import threading
import time

PARENT = "ANKILLM_PARENT"
"""Names in the environment the process that waits for this one."""
PAUSE = 0.5


def end_with_parent() -> None:
    """Watch the process that waits for this one, if one does."""
    told = os.environ.get(PARENT, "")
    if told.isdecimal() and int(told) == os.getppid():
        threading.Thread(target=_watch, args=(int(told),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os.kill(os.getpid(), signal.SIGTERM)
