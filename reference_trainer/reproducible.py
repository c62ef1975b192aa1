"""The same numbers on every run, and torch left as it was found."""

import contextlib
import warnings
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """Seed every generator of torch, compute in one order, and put all of torch's settings back afterwards.

    One thread, as sums split over threads differ in their last bits with the number of cores; tiny models lose no
    time by it. Algorithms that are not deterministic (there are some on CUDA) are replaced where a replacement exists.
    """
    threads = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    dtype = torch.get_default_dtype()
    with torch.random.fork_rng(), torch.enable_grad(), warnings.catch_warnings():
        try:
            # peft asks transformers by a name that transformers is about to drop; nothing that a reader could mend
            warnings.filterwarnings("ignore", r"`is_gradient_checkpointing` is deprecated", FutureWarning)
            torch.set_num_threads(1)
            torch.use_deterministic_algorithms(mode=True, warn_only=True)
            torch.manual_seed(seed)
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(mode=deterministic, warn_only=warn_only)
            torch.set_default_dtype(dtype)
