"""Demos on a GPU: what does not vary by device is there what it is on the CPU; what only a GPU tells, everywhere tried.

`make gpu` measures all demos first, so that their evidence is at hand here.
"""

import importlib
import math
from types import ModuleType

import pytest
import torch
from checkout import ROOT
from torch_settings import unchanged

from ankillm.common.project import trainer_folder
from ankillm.evidence.schema import Evidence, Value
from ankillm.evidence.source import demos
from ankillm.evidence.store import load
from reference_trainer.support.gpu import TRIAL, only_on_gpu

EVIDENCE = {(file.demo, file.device): file for file in load([ROOT / "deck" / "evidence"])[0]}
DEMOS = demos(trainer_folder())
ON_GPU = [demo.name for demo in DEMOS if "ON_GPU" in (ROOT / demo.path).read_text(encoding="utf-8")]
CPU = torch.device("cpu")
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
no_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


def module(name: str) -> ModuleType:
    return importlib.import_module(f"reference_trainer.{name}")


def same(one: Value, other: Value) -> bool:
    """Whether two values agree: numbers to five digits."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-5, abs=0.0)
    return one == other


def differing(cpu: Evidence, other: Evidence) -> dict[str, tuple[Value, Value]]:
    """Return the exact facts that two devices give otherwise."""
    exact = {name: fact.value for name, fact in cpu.facts.items() if not fact.varies}
    return {
        name: (other.facts[name].value, value)
        for name, value in exact.items()
        if not same(other.facts[name].value, value)
    }


def test_evidence_of_a_gpu_agrees_with_that_of_the_cpu() -> None:
    """In every fact that does not vary by device; and it names the GPU."""
    there = [file for (_, device), file in EVIDENCE.items() if device == "cuda"]
    assert {file.demo: differing(EVIDENCE[file.demo, "cpu"], file) for file in there} == {
        file.demo: {} for file in there
    }
    assert all(file.hardware for file in there)


@pytest.mark.parametrize("name", ["weight_decay", "mixed_precision"])
def test_exact_facts_are_those_that_were_committed(name: str) -> None:
    with unchanged():
        result = module(name).run(CPU)
    exact = {fact: measured.value for fact, measured in EVIDENCE[name, "cpu"].facts.items() if not measured.varies}
    assert {fact: getattr(result, fact) for fact in exact} == pytest.approx(exact)


@pytest.mark.gpu
@no_gpu
@pytest.mark.parametrize("name", [demo.name for demo in DEMOS])
def test_each_demo_was_measured_on_this_gpu(name: str) -> None:
    """As it is now, with every fact that takes a GPU."""
    file = EVIDENCE[name, "cuda"]
    assert file.source == next(demo.source for demo in DEMOS if demo.name == name)
    assert file.hardware is not None
    assert file.hardware.name == torch.cuda.get_device_name()
    assert set(getattr(module(name), "ON_GPU", ())) <= file.facts.keys()


@pytest.mark.parametrize("name", ON_GPU)
def test_what_a_gpu_tells_is_tried_on_small_shapes(name: str) -> None:
    """The same code, on a CPU: every fact comes out as a number; what a CPU takes is no fact."""
    with torch.random.fork_rng():
        found = module(name).on_gpu(CPU, TRIAL)
    assert found.keys() == set(module(name).ON_GPU)
    assert all(math.isfinite(value) for value in found.values())
    assert only_on_gpu(CPU, module(name).ON_GPU, module(name).on_gpu) == dict.fromkeys(found)


@pytest.mark.parametrize("name", ON_GPU)
def test_what_a_gpu_tells_is_declared_as_such(name: str) -> None:
    """The label says so, the value may vary, and the tolerance is told."""
    facts = {fact.name: fact for demo in DEMOS if demo.name == name for fact in demo.facts}
    for fact in (facts[name] for name in module(name).ON_GPU):
        assert fact.en.startswith("GPU, ")
        assert fact.zh.startswith("GPU：")
        assert fact.varies
