"""The training loop on a GPU: its precision and its memory."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch
from train_kit import metrics, run, write_data, write_model

from reference_trainer.training.processes import precision_of

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the options of a short run on a tiny random model."""
    folder = tmp_path_factory.mktemp("small")
    files = {"model": write_model(folder / "model"), "data": write_data(folder / "data")}
    return {**files, "batch_size": 4, "accumulate": 2, "epochs": 4, "lr": 5e-3, "pre_seq_len": 4, "save_freq": 6}


@pytest.mark.parametrize("method", ["full", "lora", "ptuning"])
def test_it_learns_in_the_precision_of_the_gpu(method: str, small: dict[str, Any], tmp_path: Path) -> None:
    """bf16 where the GPU has it; the peak of memory is told."""
    output = tmp_path / "run"
    assert run(**small, method=method, output=output) == 0
    expected = "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    assert tomllib.loads((output / "settings.toml").read_text(encoding="utf-8"))["precision"] == expected
    assert precision_of("auto") == expected
    losses = [line["dev_loss"] for line in metrics(output) if "dev_loss" in line]
    assert losses[-1] < losses[0]
    assert "| peak memory |" in (output / "README.md").read_text(encoding="utf-8")
