"""What a demo may not change: used by the test of each demo."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator

import torch


def settings() -> tuple[object, ...]:
    """Return torch's global settings and what else a demo could leave behind."""
    return (
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.is_grad_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_rng_state().tolist(),
        os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
        logging.getLogger("transformers").level,
        list(warnings.filters),
    )


@contextlib.contextmanager
def unchanged() -> Iterator[None]:
    """Check that all settings are afterwards what they were before."""
    before = settings()
    yield
    assert settings() == before
