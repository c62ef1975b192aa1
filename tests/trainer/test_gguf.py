"""Models as GGUF: trained, counted and measured like any other; what is no GGUF is one line."""

from pathlib import Path
from typing import Any

import pytest
import torch
from gguf_kit import write_gguf
from train_kit import run, write_data
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from ankillm.evidence import Refusal
from reference_trainer import lora
from reference_trainer.support import tiny
from reference_trainer.support.architectures import build
from reference_trainer.support.gguf_files import gguf_file
from reference_trainer.support.models import with_weights

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model() -> LlamaForCausalLM:
    """Return a tiny model with random weights."""
    return tiny.model(seed=3, hidden=32)


@pytest.fixture(scope="module")
def folder(model: LlamaForCausalLM, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the model as GGUF and nothing else."""
    return write_gguf(model, tmp_path_factory.mktemp("gguf") / "small.gguf").parent


def test_the_shape_is_read_by_folder_and_by_file(folder: Path, model: LlamaForCausalLM) -> None:
    expected = {name: weight.shape for name, weight in model.named_parameters()}
    for ref in (folder, folder / "small.gguf"):
        assert {name: weight.shape for name, weight in build(str(ref)).named_parameters()} == expected


def test_weights_are_those_that_were_written(folder: Path, model: LlamaForCausalLM) -> None:
    loaded = with_weights(str(folder), CPU)
    assert loaded is not None
    for name, weight in model.named_parameters():
        assert torch.equal(loaded.get_parameter(name), weight)


def test_a_demo_measures_it(folder: Path) -> None:
    own = lora.run(CPU, model=str(folder))
    assert isinstance(own, lora.OwnModel)
    assert (own.init_output_difference, own.base_weight_change) == (0.0, 0.0)


@pytest.mark.parametrize("method", ["full", "lora", "ptuning"])
def test_it_is_trained_and_its_readme_loads_the_result(folder: Path, method: str, tmp_path: Path) -> None:
    """The lines under "Use it" are run as they stand."""
    data, out = write_data(tmp_path / "data"), tmp_path / "run"
    options: dict[str, Any] = {"pre_seq_len": 4, "epochs": 1, "save_freq": 100, "output": out}
    assert run(model=folder, data=data, method=method, **options) == 0
    code = (out / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  (what a reader would do)
    ids = names["tokenizer"].encode("red cup", add_special_tokens=False)
    assert ids == tiny.tokenizer().encode("red cup")
    assert names["model"](input_ids=torch.tensor([ids])).logits.isfinite().all()
    if method == "full":
        assert not list(out.glob("*.gguf"))
        assert AutoModelForCausalLM.from_pretrained(out).num_parameters() == names["model"].num_parameters()


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no weights" * 9])
def test_a_damaged_file_is_one_line(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "small.gguf").write_bytes(content)
    with pytest.raises(Refusal, match=r"small\.gguf: not GGUF") as refusal:
        build(str(tmp_path / "model"))
    assert len(str(refusal.value).splitlines()) == 1
    data = write_data(tmp_path / "data")
    assert run(model=tmp_path / "model", data=data, method="lora", output=tmp_path / "run") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_of_several_files_one_has_to_be_named(tmp_path: Path) -> None:
    for name in ("b.gguf", "a.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    with pytest.raises(Refusal, match=r"2 GGUF files; name the one to read, .*a\.gguf for one"):
        gguf_file(str(tmp_path))
    assert gguf_file(str(tmp_path / "b.gguf")) == tmp_path / "b.gguf"


def test_safetensors_beside_it_are_preferred(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert gguf_file(str(tmp_path)) is None


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Refusal, match=r"to read GGUF: .* gguf$"):
        gguf_file(str(tmp_path))
