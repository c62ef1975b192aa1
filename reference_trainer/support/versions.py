"""What is called otherwise in the older versions that are supported: transformers 4.56, peft 0.17, to today's.

The oldest versions are in `constraints-oldest.txt`, and `make test-oldest` runs everything on them.
"""

import contextlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, TrainingArguments, cache_utils
from transformers.modeling_layers import GradientCheckpointingLayer

KEEPS_CACHE = "_can_checkpoint_with_cache"
"""The switch of a layer that leaves it a cache which stores nothing; transformers before 5 hasn't got it."""


EXPERTS: Mapping[str, Mapping[str, Any]] = {}
"""Targets of LoRA that are experts, by the names that they had as single layers; none in peft before 0.19."""
with contextlib.suppress(ImportError):
    from peft.utils.transformers_weight_conversion import _MOE_TARGET_MODULE_MAPPING

    EXPERTS = _MOE_TARGET_MODULE_MAPPING


class _Absent:
    """Stands for a class that an older version hasn't got, and nothing is an instance of."""


UnusedLayer: type = getattr(cache_utils, "DummyLayer", _Absent)
"""A cache's place for a layer that has no keys and values of its own."""
RecurrentLayer: type = getattr(cache_utils, "LinearAttentionCacheLayerMixin", _Absent)
"""A cache's place for a layer that keeps a state instead."""


def checkpoint_layers(model: PreTrainedModel, *, reentrant: bool = False) -> None:
    """Have a model keep each layer's input only, and compute the rest again in the backward pass."""
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": reentrant})


def keep_cache_under_checkpointing(layer: nn.Module) -> None:
    """Let a checkpointed layer have its cache, which transformers takes away lest it be filled twice."""
    if not hasattr(GradientCheckpointingLayer, KEEPS_CACHE):
        setattr(GradientCheckpointingLayer, KEEPS_CACHE, False)
        GradientCheckpointingLayer.__call__ = _call_with_switch(GradientCheckpointingLayer.__call__)  # type: ignore[method-assign]
    setattr(layer, KEEPS_CACHE, True)


def _call_with_switch(before: Any) -> Any:  # noqa: ANN401  (a method of transformers, untyped)
    """Return a layer's call with the switch; without it the layer is called as before."""

    def call(self: Any, *args: object, **kwargs: object) -> Any:  # noqa: ANN401  (whatever a layer gives)
        if self.gradient_checkpointing and self.training and getattr(self, KEEPS_CACHE):
            return self._gradient_checkpointing_func(partial(nn.Module.__call__, self, **kwargs), *args)
        return before(self, *args, **kwargs)

    return call


def warmup_share(share: float) -> TrainingArguments:
    """Return arguments of transformers' Trainer with a share of all steps as warmup, whatever it is called."""
    try:
        return TrainingArguments(warmup_steps=share)
    except (TypeError, ValueError):
        return TrainingArguments(warmup_ratio=share)  # type: ignore[call-arg]  # its name before 5


@contextlib.contextmanager
def meta_forward() -> Iterator[None]:
    """Let a model run on the meta device: transformers before 5 asks there for autocast, which torch hasn't got."""
    autocast = torch.autocast

    def autocast_or_none(device_type: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (as torch's own)
        return contextlib.nullcontext() if device_type == "meta" else autocast(device_type, *args, **kwargs)

    torch.autocast = autocast_or_none  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        torch.autocast = autocast  # type: ignore[misc]
