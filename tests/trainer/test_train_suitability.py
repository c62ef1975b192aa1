"""Models that can't be trained on the data are refused in one line before anything is trained; all others are not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import transformers
from train_kit import run
from transformers import AutoModelForCausalLM, PreTrainedModel

from reference_trainer.support import tiny
from reference_trainer.training.suitability import read_few

VOCABULARY = len(tiny.SPECIAL) + len(tiny.ALPHABET)
POSITIONS = 40
COMMON: Mapping[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": POSITIONS,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
OWN: Mapping[str, Mapping[str, Any]] = {
    "GPTNeo": {"num_layers": 2, "attention_types": [[["global", "local"], 1]]},
    "GPTJ": {"rotary_dim": 4},
    "OPT": {"word_embed_proj_dim": 32},
    "Mixtral": {"num_local_experts": 4, "num_key_value_heads": 2},
    "Qwen2": {"num_key_value_heads": 2},
}
TABLES = {"GPT2": 40, "GPTNeo": 40, "GPTJ": 40, "OPT": 40, "BioGpt": 40}
"""Decoders with a table of positions, and the tokens that it has rows for."""
WITHOUT = ("Llama", "Qwen2", "Mixtral", "Bloom", "GPTNeoX", "Mamba")
ENCODERS = ("Bert", "Roberta", "Electra", "RoFormer")


def model(kind: str, **changes: Any) -> PreTrainedModel:  # noqa: ANN401  (any field)
    """Build a tiny model of an architecture with random weights."""
    config = getattr(transformers, f"{kind}Config")(**{**COMMON, **OWN.get(kind, {}), **changes})
    built: PreTrainedModel = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    return built


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return data whose longest example has 47 tokens."""
    lines = [{"prompt": "go>", "response": "abc"}] * 9 + [{"prompt": "a" * 40 + ">", "response": "abcde"}]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return tmp_path / "data.jsonl"


def saved(built: PreTrainedModel, folder: Path) -> Path:
    """Write a model beside the tiny tokenizer."""
    built.save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


def refusal(capsys: pytest.CaptureFixture[str], **options: object) -> str:
    """Run a training that is refused; return its one line, without what is told of the data."""
    capsys.readouterr()
    assert run(**options) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("! ")]
    assert len(lines) == 1, lines
    assert not Path(str(options["output"])).exists()
    return lines[0]


@pytest.mark.parametrize("kind", ENCODERS)
def test_an_encoder_sees_ahead_and_as_a_decoder_does_not(kind: str) -> None:
    assert read_few(model(kind)).sees_ahead
    assert not read_few(model(kind, is_decoder=True)).sees_ahead


@pytest.mark.parametrize("kind", [*TABLES, *WITHOUT])
def test_a_decoder_does_not_see_ahead_whatever_its_configuration_says(kind: str) -> None:
    built = model(kind)
    assert not getattr(built.config, "is_decoder", False)
    reading = read_few(built)
    assert (reading.sees_ahead, reading.positions) == (False, TABLES.get(kind))


@pytest.mark.parametrize("method", ["full", "lora", "ptuning"])
def test_an_encoder_is_refused(method: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = saved(model("Bert", max_position_embeddings=256), tmp_path / "m")
    said = refusal(capsys, model=place, data=data, method=method, output=tmp_path / "r")
    assert "this bert reads in both directions" in said


def test_a_model_without_the_positions_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cut to what there is it is trained; a prefix takes positions too."""
    options = {"model": saved(model("GPT2"), tmp_path / "m"), "data": data, "output": tmp_path / "r", "epochs": 1}
    said = refusal(capsys, **options, method="full")
    assert "it has 40 positions, and the longest example has 47 tokens; lower --max-length, to 40 at most" in said
    said = refusal(capsys, **options, method="ptuning", max_length=20, tokens=34)
    assert "it has 40 positions" in said
    assert "--tokens 34; lower --tokens and --max-length, to 40 together" in said
    assert run(**options, method="ptuning", max_length=20, tokens=33) == 0


def test_tokens_that_the_model_does_not_know_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = saved(model("Llama", vocab_size=20), tmp_path / "m")
    said = refusal(capsys, model=place, data=data, method="lora", output=tmp_path / "r")
    assert "its embeddings have 20 rows; take the tokenizer that belongs to the model" in said


def test_padding_that_the_model_does_not_know_is_masked(data: Path, tmp_path: Path) -> None:
    """A padding token that was added to the tokenizer alone."""
    place = saved(model("Llama"), tmp_path / "m")
    tokenizer = tiny.tokenizer()
    tokenizer.add_special_tokens({"pad_token": "<filler>"})
    tokenizer.save_pretrained(place)
    assert tokenizer.pad_token_id == VOCABULARY
    assert run(model=place, data=data, method="lora", epochs=1, output=tmp_path / "r") == 0


@pytest.mark.parametrize(
    ("kind", "targets", "told"),
    [
        ("Mamba", "all-linear", "lora can't be put on MambaForCausalLM with --targets all-linear: "),
        ("Mixtral", "w1", "lora can't be put on MixtralForCausalLM with --targets w1: "),
    ],
)
def test_what_peft_refuses_is_one_line(  # noqa: PLR0913, PLR0917  (a case and its fixtures)
    kind: str, targets: str, told: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = saved(model(kind), tmp_path / "m")
    assert told in refusal(capsys, model=place, data=data, method="lora", targets=targets, output=tmp_path / "r")


def test_a_full_model_keeps_its_cache(data: Path, tmp_path: Path) -> None:
    """Training does without; whoever generates with what is saved wants it."""
    options = {"data": data, "method": "full", "epochs": 2, "save_freq": 1}
    assert run(**options, model=saved(model("Llama"), tmp_path / "m"), output=tmp_path / "r") == 0
    assert json.loads((tmp_path / "r" / "config.json").read_text(encoding="utf-8"))["use_cache"] is True


def test_a_run_that_moves_no_weight_says_so(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One step, at a learning rate of 0."""
    options = {"model": saved(model("Llama"), tmp_path / "m"), "data": data, "method": "full", "batch_size": 16}
    assert run(**options, epochs=1, output=tmp_path / "still") == 0
    assert capsys.readouterr().err.count("! full: the run has one step, whose learning rate is 0") == 1
    assert run(**options, epochs=1, warmup_ratio=0, output=tmp_path / "moved") == 0
    assert run(**options, epochs=2, output=tmp_path / "longer") == 0
    assert "! " not in capsys.readouterr().err
