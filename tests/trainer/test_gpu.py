"""Every demo on a GPU: what does not vary by device is there what it is on the CPU."""

import dataclasses
import importlib

import pytest
import torch
from checkout import ROOT
from torch_settings import unchanged

from ankillm.common.project import trainer_folder
from ankillm.evidence.schema import Value
from ankillm.evidence.source import demos
from ankillm.evidence.store import load

EVIDENCE, _ = load([ROOT / "deck" / "evidence"])


def differing(name: str, device: str) -> dict[str, tuple[Value, Value]]:
    """Return the exact facts that a run on a device gives otherwise than the committed run on the CPU."""
    (cpu,) = (file for file in EVIDENCE if (file.demo, file.device) == (name, "cpu"))
    module = importlib.import_module(f"reference_trainer.{name}")
    with unchanged():
        result = module.run(torch.device(device))
    exact = {fact: measured.value for fact, measured in cpu.facts.items() if not measured.varies}
    now = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    return {fact: (now[fact], value) for fact, value in exact.items() if not same(now[fact], value)}


def same(one: Value, other: Value) -> bool:
    """Whether two values agree: numbers to five digits."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-5, abs=0.0)
    return one == other


@pytest.mark.parametrize("name", ["weight_decay", "mixed_precision"])
def test_exact_facts_are_those_that_were_committed(name: str) -> None:
    assert differing(name, "cpu") == {}


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", [demo.name for demo in demos(trainer_folder())])
def test_exact_facts_are_those_of_the_cpu(name: str) -> None:
    assert differing(name, "cuda") == {}
