"""A model from elsewhere is untrusted: no pickle is read, and no code of a repository runs unless asked to."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from checkout import ROOT

from ankillm.common.diagnostics import Refusal
from reference_trainer import lora
from reference_trainer.support.models import shape_of, tiny_llama, with_weights

CPU = torch.device("cpu")
CODE = """
from pathlib import Path
from transformers import LlamaConfig, LlamaForCausalLM
Path({canary!r}).touch()
class OwnConfig(LlamaConfig):
    model_type = "own"
class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
"""


@pytest.fixture
def with_code(tmp_path: Path) -> Path:
    """Make a model with a type and code of its own; running the code leaves a file `canary`."""
    folder = tmp_path / "model"
    config = tiny_llama(CPU).config
    config.auto_map = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    config.save_pretrained(folder)
    text = (folder / "config.json").read_text(encoding="utf-8").replace('"llama"', '"own"')
    (folder / "config.json").write_text(text.replace('"LlamaForCausalLM"', '"OwnModel"'), encoding="utf-8")
    (folder / "own.py").write_text(CODE.format(canary=str(tmp_path / "canary")), encoding="utf-8")
    return folder


class Payload:
    """A pickle that creates a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


def demo(folder: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    environment |= {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "reference_trainer.lora", "--model", str(folder), "--device", "cpu", *arguments]
    return subprocess.run(
        command, cwd=home, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


def test_code_of_a_model_is_not_run(with_code: Path, tmp_path: Path) -> None:
    answer = demo(with_code, tmp_path)
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"× {with_code}")
    assert len(answer.stderr.splitlines()) == 1
    assert not (tmp_path / "canary").exists()


def test_code_of_a_model_is_run_when_asked_to_and_says_so(with_code: Path, tmp_path: Path) -> None:
    answer = demo(with_code, tmp_path, "--trust-remote-code")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.startswith("! --trust-remote-code: code that comes with the model is run")
    assert "OwnModel" in answer.stdout
    assert (tmp_path / "canary").exists()


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    tiny_llama(CPU).config.save_pretrained(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps(Payload(tmp_path / "canary")))
    own = lora.run(CPU, model=str(tmp_path))
    assert isinstance(own, lora.OwnModel)
    assert own.init_output_difference is None
    assert not (tmp_path / "canary").exists()


def test_safetensors_are_read_as_saved(tmp_path: Path) -> None:
    model = tiny_llama(CPU)
    model.save_pretrained(tmp_path)
    loaded = with_weights(str(tmp_path), CPU)
    assert loaded is not None
    for name, weight in model.named_parameters():
        assert torch.equal(loaded.get_parameter(name), weight)


def test_a_demo_of_a_model_prints_what_it_measured_alone(tmp_path: Path) -> None:
    """No bar of transformers, and the rank beside the numbers that hang on it."""
    tiny_llama(CPU).save_pretrained(tmp_path / "model")
    answer = demo(tmp_path / "model", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "%|" not in answer.stderr
    assert "r=8" in answer.stdout


@pytest.mark.parametrize("content", [b"", b"no weights", b"\xff" * 64])
def test_damaged_weights_are_one_line(tmp_path: Path, content: bytes) -> None:
    tiny_llama(CPU).config.save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(Refusal, match=r"its weights cannot be read: .+") as refusal:
        with_weights(str(tmp_path), CPU)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"model_type": "no-such"}', '{"model_type": "llama", "hidden_size": "x"}'])
def test_a_bad_configuration_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        shape_of(str(tmp_path))
    assert len(str(refusal.value).splitlines()) == 1
