"""What a run is told: options, files and their faults, each in one line and with exit code 2."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from checkout import ROOT
from click.testing import CliRunner
from torch import nn
from train_kit import ONE_THREAD, arguments, metrics, run, write_data, write_model
from transformers import GPT2Config, GPT2LMHeadModel

from ankillm.cli import cli
from ankillm.common.diagnostics import Refusal
from reference_trainer import train
from reference_trainer.support.tiny import model as tiny_model
from reference_trainer.training.optim import parameter_groups
from reference_trainer.training.options import field_help, plan, read_options, read_toml
from reference_trainer.training.settings import Settings, flag
from reference_trainer.training.tuning import adapt, counts

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the options of a run of two steps."""
    folder = tmp_path_factory.mktemp("small")
    data = write_data(folder / "data", 4, 2)
    return {"model": write_model(folder / "model"), "data": data, "epochs": 1, "batch_size": 2, "pre_seq_len": 3}


def test_every_field_has_a_docstring_and_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    """And the help shows both."""
    names = [field.name for field in dataclasses.fields(Settings)]
    assert list(field_help()) == names
    with pytest.raises(SystemExit):
        read_options(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert all(flag(name) in shown for name in names)
    assert "Default: 2e-05 for full, 0.0002 for lora, " in shown
    assert " ".join(field_help()["warmup_ratio"].split()) in shown


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--confi run.toml", "no option --confi; did you mean --config? (ankillm train --help)"),
        ("--lora-rak=8", "no option --lora-rak; did you mean --lora-rank? (ankillm train --help)"),
        ("--batch-size x", "argument --batch-size: invalid int value: 'x' (ankillm train --help)"),
        ("--model", "argument --model: expected one argument (ankillm train --help)"),
    ],
)
def test_a_mistyped_option_is_one_line(line: str, said: str) -> None:
    with pytest.raises(Refusal, match=f"^{re.escape(said)}$"):
        read_options(line.split())


def test_the_command_line_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('lora-rank = 4\nlr = 1\ntargets = ["q_proj", "v_proj"]\ncheckpointing = true\n', encoding="utf-8")
    options, resume = read_options(["--config", str(path), "--lora-rank", "2", "--no-checkpointing"])
    settings = plan({**options, "method": "lora"})[0]
    assert not resume
    assert (settings.lora_rank, settings.lr, settings.targets) == (2, 1.0, ("q_proj", "v_proj"))
    assert not settings.checkpointing


def test_a_file_takes_the_shorter_names_of_options_too(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("tokens = 4\nrank = 2\nprojection = true\n", encoding="utf-8")
    assert read_toml(path) == {"pre_seq_len": 4, "lora_rank": 2, "prefix_projection": True}
    path.write_text("tokens = 4\npre_seq_len = 5\n", encoding="utf-8")
    with pytest.raises(Refusal, match="pre_seq_len is given twice, once as tokens"):
        read_toml(path)


def test_a_method_named_twice_is_trained_once() -> None:
    options, _ = read_options(["--method", "lora,prefix,lora,ptuning"])
    assert options["method"] == "lora,ptuning"
    assert [settings.method for settings in plan({"method": "full,full", "output": "r"})] == ["full"]


def test_what_was_used_can_be_used_again(tmp_path: Path) -> None:
    settings = plan({"model": 'a "name"\\', "data": "数据.jsonl", "method": "ptuning"})[0]
    (tmp_path / "settings.toml").write_text(settings.to_toml(), encoding="utf-8")
    assert plan(read_toml(tmp_path / "settings.toml")) == [settings]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("lora_rnak = 4", r"run.toml: there is no setting 'lora_rnak'; did you mean 'lora_rank'\?"),
        ('lora_rank = "4"', r"run.toml: lora_rank must be int, not '4'"),
        ("checkpointing = 1", r"run.toml: checkpointing must be bool, not 1"),
        ("lr = true", r"run.toml: lr must be float, not True"),
        ("lr = ", r"run.toml: no TOML"),
        ("lr = " + "[" * 20_000, r"run.toml: no TOML"),
        ("seed = " + "9" * 5_000, r"run.toml: no TOML"),
        (None, r"run.toml: cannot be read \(No such file"),
    ],
)
def test_a_bad_settings_file_is_refused(content: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Refusal, match=told):
        read_toml(path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"lora_rank": 0}, "--lora-rank must be at least 1, not 0"),
        ({"pre_seq_len": 0}, "--pre-seq-len must be at least 1, not 0"),
        ({"batch_size": -1}, "--batch-size must be at least 1, not -1"),
        ({"epochs": 0}, "--epochs must be at least 1, not 0"),
        ({"lr": 0}, "--lr must be above 0, not 0"),
        ({"lr": "nan"}, "--lr must be above 0, not nan"),
        ({"lora_dropout": 1}, "--lora-dropout is a share from 0 to below 1, not 1"),
        ({"warmup_ratio": 1.5}, "--warmup-ratio is a share from 0 to 1, not 1.5"),
        ({"weight_decay": -1}, "--weight-decay must be at least 0, not -1"),
        ({"lr": "inf"}, "--lr must be a finite number, not inf"),
        ({"clip": "inf"}, "--clip must be a finite number, not inf"),
        ({"clip": "nan"}, "--clip must be at least 0, not nan"),
        ({"weight_decay": "inf"}, "--weight-decay must be a finite number, not inf"),
        ({"seed": 2**32}, "--seed must be at most 4294967295, not 4294967296"),
        ({"method": "prefx"}, "--method is one of full, lora, ptuning, not 'prefx'"),
        ({"precision": "fp8"}, "--precision is one of auto, fp32, bf16, fp16, not 'fp8'"),
        ({"too_long": "drop"}, "--too-long is cut or refuse, not 'drop'"),
        ({"data": ""}, "--data is missing: only --model tiny comes with a task of its own"),
        ({"data": "none.jsonl"}, "none.jsonl: No such file or directory"),
        ({"model": "./no-such"}, "--model ./no-such: there is no such folder"),
        ({"targets": "q_porj"}, "--targets: no module of LlamaForCausalLM is named 'q_porj'; did you mean q_proj"),
        ({"max_length": 3}, ":1: nothing to learn within --max-length 3"),
        ({"max_length": 3, "too_long": "refuse"}, ":1: "),
        ({"config": "none.toml"}, "none.toml: cannot be read (No such file or directory)"),
        ({"resume": True}, "holds no run"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_one_line_and_nothing_is_written(
    options: dict[str, Any], told: str, small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(**{**small, "method": "lora", **options}, output=tmp_path / "run") == 2
    out, err = capsys.readouterr()
    assert err.startswith("× ")
    assert told in err
    assert (out, err.count("\n")) == ("", 1)
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.accelerator.is_available(), reason="the device here can compute in fp16")
def test_fp16_on_a_cpu_is_refused(small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(**small, precision="fp16", output=tmp_path / "run") == 2
    assert capsys.readouterr().err == "× --precision fp16 needs a GPU; on a CPU use bf16 or fp32\n"
    assert not (tmp_path / "run").exists()


def test_a_folder_with_something_in_it_is_refused(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another run, or anything else: both stay as they are."""
    used, other = tmp_path / "used", tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine", encoding="utf-8")
    assert run(**small, method="lora", output=used) == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    capsys.readouterr()
    assert run(**small, method="lora", output=used) == 2
    assert "holds another run; go on with it by --resume, or give another --output" in capsys.readouterr().err
    assert run(**small, method="lora", output=other) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("output", ["mine", ".", "new/a/b"])
def test_a_refused_run_leaves_what_there_was(
    output: str,
    small: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An empty folder stays, one that was made goes, and the true cause is told; so a second try is free."""
    (tmp_path / "here" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / ("mine" if output == "." else ""))
    before = sorted(tmp_path.rglob("*"))
    for _ in range(2):
        assert run(**{**small, "model": "./no-such"}, output=output) == 2
        assert capsys.readouterr().err == "× --model ./no-such: there is no such folder\n"
        assert sorted(tmp_path.rglob("*")) == before


def test_a_run_that_breaks_before_it_trains_leaves_nothing(
    small: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr(train, "untouched", broken)
    with pytest.raises(IndexError):
        run(**small, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_resuming_with_other_settings_or_data_is_refused(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What would change the result is named; a batch split otherwise is no change."""
    data, output = write_data(tmp_path / "data", 4, 2), tmp_path / "run"
    options = {**small, "data": data, "method": "lora"}
    assert run(**options, output=output) == 0
    capsys.readouterr()
    assert run(resume=True, lr=0.5, output=output) == 2
    assert "the run has lr = 0.0002, not 0.5" in capsys.readouterr().err
    assert run(resume=True, batch_size=4, output=output) == 2
    assert "batch_size × accumulate of the run is 2, not 4" in capsys.readouterr().err
    assert run(resume=True, batch_size=1, accumulate=2, output=output) == 0
    write_data(data, 4, 1)
    assert run(resume=True, output=output) == 2
    assert "the data has changed since the run was started" in capsys.readouterr().err


def test_out_of_memory_names_what_helps(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A prefix of a trillion tokens fits nowhere: one line, exit code 1."""
    assert run(**{**small, "pre_seq_len": 10**12}, method="ptuning", output=tmp_path / "run") == 1
    told = capsys.readouterr().err
    assert told.startswith("× out of memory")
    assert all(option in told for option in ("--batch-size", "--checkpointing", "--max-length"))
    assert not (tmp_path / "run").exists()


def test_a_pickled_model_is_not_loaded(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with pytorch_model.bin and no safetensors is refused."""
    folder = write_model(tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    torch.save(tiny_model(hidden=32).state_dict(), folder / "pytorch_model.bin")
    assert run(**{**small, "model": folder}, method="lora", output=tmp_path / "run") == 2
    assert "safetensors" in capsys.readouterr().err


def test_code_of_a_model_is_not_run(small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that brings a class of its own is refused, and its file is not imported."""
    folder = write_model(tmp_path / "foreign")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "foreign", "auto_map": {"AutoConfig": "foreign.C", "AutoModelForCausalLM": "foreign.M"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "foreign.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    assert run(**{**small, "model": folder}, method="lora", output=tmp_path / "run") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_ends_with_a_checkpoint(sent: signal.Signals, small: dict[str, Any], tmp_path: Path) -> None:
    """Ctrl-C in a terminal reaches the command and the training; SIGTERM and SIGHUP the command, which passes them on.

    The run ends after its step, to go on from, and the command with its exit code.
    """
    output = tmp_path / "run"
    options = arguments({**small, "epochs": 10**6, "method": "lora", "save_freq": 10**9, "output": output})
    command = [sys.executable, "-m", "ankillm", "train", *options]
    environment = {**os.environ, **ONE_THREAD}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not (output / "metrics.jsonl").exists() or not metrics(output):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT) if sent is signal.SIGINT else process.send_signal(sent)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert re.search(rf"× stopped after step \d+ of 2000000; go on with --resume --output {output}\n$", told)
    assert len(list(output.glob("checkpoint-*"))) == 1


def test_the_command_passes_its_options_on(tmp_path: Path) -> None:
    """`ankillm train` ends with the loop's own exit code."""
    result = CliRunner().invoke(cli, ["train", "--lora-rank", "0", "--output", str(tmp_path / "run")])
    assert result.exit_code == 2


def test_the_built_in_model_is_adapted_by_two_methods() -> None:
    """Alone, by LoRA and by P-tuning v2; a method named is one run, in the folder itself."""
    both = plan({"output": "here"})
    assert [(one.method, one.output) for one in both] == [("lora", "here/lora"), ("ptuning", "here/ptuning")]
    assert [(one.method, one.output) for one in plan({"output": "here", "method": "full"})] == [("full", "here")]


def test_only_matrices_decay() -> None:
    """By dimension, so that GPT-2's ln_1.weight is spared as well as BERT's LayerNorm.weight."""
    model = GPT2LMHeadModel(GPT2Config(vocab_size=8, n_embd=8, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=2))
    decayed, spared = parameter_groups(model, 0.1)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    spared_names = {names[id(parameter)] for parameter in spared["params"]}
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert {
        name for name in names.values() if name.endswith(("bias", "ln_1.weight", "ln_2.weight", "ln_f.weight"))
    } == spared_names


@pytest.mark.parametrize("targets", [("q_proj", "v_proj"), ("all-linear",)])
def test_lora_adds_r_times_in_plus_out_a_layer(targets: tuple[str, ...]) -> None:
    """And freezes all else."""
    base = tiny_model(hidden=32)
    linear = [
        (name, module)
        for name, module in base.model.named_modules()
        if isinstance(module, nn.Linear) and (targets == ("all-linear",) or name.rpartition(".")[2] in targets)
    ]
    expected = sum(4 * (module.in_features + module.out_features) for _, module in linear)
    before = counts(base)[1]
    adapted = adapt(base, Settings(lora_rank=4, targets=targets))
    assert counts(adapted) == (expected, before + expected)


def test_adapting_a_tied_output_layer_is_told_in_one_line(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Peft says it in five, with a path of its own."""
    with warnings.catch_warnings(record=True) as raw:
        warnings.simplefilter("always")
        assert run(**small, method="lora", targets="lm_head", output=tmp_path / "run") == 0
    assert not [warning for warning in raw if "tie_word_embeddings" in str(warning.message)]
    told = [line for line in capsys.readouterr().err.splitlines() if "share their weights" in line]
    assert told == ["! --targets lm_head: this model's input and output share their weights; don't merge the adapter"]
