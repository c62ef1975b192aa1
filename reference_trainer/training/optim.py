"""AdamW's parameter groups and the learning rate over time."""

import math
from typing import Any

from torch import nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR
from transformers import get_linear_schedule_with_warmup

from reference_trainer.training.settings import Settings


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return two groups of the trained parameters: matrices, which decay, and vectors, which don't.

    Norms and biases of transformers are vectors; their names differ from one architecture to the next. (A recurrent
    one may have other parameters of two dimensions, such as Mamba's A_log, which decay here.)
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in trained if parameter.ndim >= 2]
    vectors = [parameter for parameter in trained if parameter.ndim < 2]
    groups = (matrices, weight_decay), (vectors, 0.0)
    return [{"params": parameters, "weight_decay": decay} for parameters, decay in groups if parameters]


def adamw(model: nn.Module, settings: Settings) -> AdamW:
    """Return AdamW over the trained parameters, in its fused form: one kernel a step instead of one a tensor."""
    return AdamW(parameter_groups(model, settings.weight_decay), lr=settings.lr, fused=True)


def linear_warmup(optimizer: Optimizer, steps: int, ratio: float) -> LambdaLR:
    """Return the schedule over `steps` optimizer steps: up from 0 in the first `ratio` of them, then down to 0.

    The number of warmup steps is rounded up, so that a small run warms up too.
    """
    warmup = math.ceil(steps * ratio)
    schedule: LambdaLR = get_linear_schedule_with_warmup(optimizer, warmup, steps)  # type: ignore[no-untyped-call]
    return schedule
