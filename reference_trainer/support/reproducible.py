"""The same numbers on every run, and torch left as it was found."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator

import torch

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
"""What makes cuBLAS deterministic; without it torch warns at each product of matrices."""


@contextlib.contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """Seed every generator of torch, compute in one order, and put all of torch's settings back afterwards.

    One thread, as sums split over threads differ in their last bits with the number of cores; tiny models lose no
    time by it. Algorithms that are not deterministic (there are some on CUDA) are replaced where a replacement exists:
    https://docs.pytorch.org/docs/stable/notes/randomness.html.
    """
    log = logging.getLogger("transformers")
    level = log.level
    threads = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    dtype = torch.get_default_dtype()
    workspace = os.environ.get(WORKSPACE)
    forked = torch.random.fork_rng(devices=range(torch.cuda.device_count()))
    with forked, torch.enable_grad(), warnings.catch_warnings():
        try:
            log.setLevel(logging.ERROR)  # transformers tells what the demos show
            # peft asks transformers by a name that transformers is about to drop; nothing that a reader could mend
            warnings.filterwarnings("ignore", r"`is_gradient_checkpointing` is deprecated", FutureWarning)
            warnings.filterwarnings("ignore", ".*does not have a deterministic implementation", UserWarning)
            os.environ[WORKSPACE] = ":4096:8"
            torch.set_num_threads(1)
            torch.use_deterministic_algorithms(mode=True, warn_only=True)
            torch.set_default_dtype(torch.float32)
            torch.manual_seed(seed)
            yield
        finally:
            log.setLevel(level)
            restore(WORKSPACE, workspace)
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(mode=deterministic, warn_only=warn_only)
            torch.set_default_dtype(dtype)


def restore(name: str, value: str | None) -> None:
    """Set a variable of the environment to what it was; None: it was not set."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
