"""The training loop: what it learns, what it writes, and that stopping it changes nothing."""

import contextlib
import gc
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from checkout import ROOT
from peft import PeftModel
from safetensors.torch import load_file
from torch import Tensor, nn
from train_kit import ONE_THREAD, arguments, metrics, result, run, write_data, write_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DeepseekV3Config, DeepseekV3ForCausalLM, PreTrainedModel

from reference_trainer import train
from reference_trainer.support import tiny
from reference_trainer.support.prefix_layers import PrefixModel
from reference_trainer.training import inputs, journal, scoring, suitability
from reference_trainer.training.batches import Example, collate
from reference_trainer.training.encoding import encode
from reference_trainer.training.journal import Progress
from reference_trainer.training.jsonl import read_lines
from reference_trainer.training.scoring import summed_loss

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
METHODS = ("full", "lora", "ptuning")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the options of a run of 12 steps on a tiny random model."""
    folder = tmp_path_factory.mktemp("small")
    files = {"model": write_model(folder / "model"), "data": write_data(folder / "data")}
    steps = {"batch_size": 2, "accumulate": 2, "epochs": 2, "logging_steps": 2, "save_freq": 4}
    return {**files, **steps, "lr": 5e-3, "pre_seq_len": 4, "lora_dropout": 0.1, "seed": 5}


@contextlib.contextmanager
def asked_to_end_after(step: int) -> Iterator[None]:
    """Have the process ask itself to end once a step is done."""
    taken_in = journal.Journal.step

    def step_then_signal(self: journal.Journal, loss: Tensor, examples: Sequence[Example], progress: Progress) -> None:
        taken_in(self, loss, examples, progress)
        if progress.step == step:
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.Journal, "step", step_then_signal)
        yield


def test_alone_it_learns_the_built_in_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without options, LoRA and P-tuning v2 write 95 % of unseen answers exactly, which the model before can't."""
    monkeypatch.chdir(tmp_path)
    assert run() == 0
    table = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in table] == ["method", "lora", "ptuning"]
    for method, row in zip(("lora", "ptuning"), table[1:], strict=True):
        _, before, after = (float(share) for share in re.findall(r"([\d.]+)%", row))
        assert before < 20
        assert after >= 95
        lines = metrics(tmp_path / "runs" / "001" / method)
        assert max(line.get("dev_exact", 0.0) for line in lines) == pytest.approx(after / 100, abs=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_stopped_run_goes_on_bit_by_bit(method: str, small: dict[str, Any], tmp_path: Path) -> None:
    """Asked to end at some step and resumed, a run ends with the same weights, moments, random states and metrics."""
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    assert run(**small, method=method, output=straight) == 0
    with asked_to_end_after(7):
        assert run(**small, method=method, output=stopped) == 1
    assert [path.name for path in stopped.glob("checkpoint-*")] == ["checkpoint-00000007"]
    assert run(resume=True, output=stopped) == 0
    assert metrics(stopped) == metrics(straight)
    assert result(stopped) == result(straight)


def test_a_killed_run_goes_on_bit_by_bit(small: dict[str, Any], tmp_path: Path) -> None:
    """Killed without warning at any moment, a run goes on from its last whole checkpoint to the same end."""
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    options = {**small, "epochs": 20, "method": "lora"}
    assert run(**options, output=straight) == 0
    command = [sys.executable, "-m", "reference_trainer.train", *arguments({**options, "output": killed})]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not any(killed.glob("checkpoint-0*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert run(resume=True, output=killed) == 0
    assert metrics(killed) == metrics(straight)
    assert result(killed) == result(straight)


def test_two_processes_learn_what_one_learns(small: dict[str, Any], tmp_path: Path) -> None:
    """Under accelerate, with half the batch on each of two CPU processes, every loss is the same to 1e-5."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    options = {**small, "method": "lora", "lora_dropout": 0, "logging_steps": 1}
    assert run(**{**options, "batch_size": 4}, output=alone) == 0
    launch = "accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no"
    port = ["--dynamo_backend", "no", "--main_process_port", "0", "-m", "reference_trainer.train"]
    command = [sys.executable, "-m", *launch.split(), *port, *arguments({**options, "output": together})]
    environment = {**os.environ, **ONE_THREAD, "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    one, two = metrics(alone), metrics(together)
    assert [line["step"] for line in one] == [line["step"] for line in two]
    for name in ("loss", "dev_loss", "gradient_norm"):
        pairs = [(first[name], second[name]) for first, second in zip(one, two, strict=True) if name in first]
        assert pairs
        assert max(abs(first - second) for first, second in pairs) < 1e-5


def test_a_split_of_the_batch_changes_nothing(small: dict[str, Any], tmp_path: Path) -> None:
    """Accumulated over four batches of one, or in one batch of four: the same losses, as tokens are what is counted."""
    options = {**small, "method": "full", "lora_dropout": 0}
    assert run(**{**options, "batch_size": 1, "accumulate": 4}, output=tmp_path / "split") == 0
    assert run(**{**options, "batch_size": 4, "accumulate": 1}, output=tmp_path / "whole") == 0
    split, whole = metrics(tmp_path / "split"), metrics(tmp_path / "whole")
    assert [line.get("loss") for line in split] == pytest.approx([line.get("loss") for line in whole], abs=1e-5)


@pytest.mark.parametrize("options", [{"checkpointing": True}, {"precision": "bf16"}], ids=["checkpointing", "bf16"])
@pytest.mark.parametrize("method", METHODS)
def test_memory_and_precision_keep_the_result(
    method: str, options: dict[str, Any], small: dict[str, Any], tmp_path: Path
) -> None:
    """Checkpointing changes no bit of the losses; bf16 little, and what is trained stays float32."""
    common = {**small, "method": method, "lora_dropout": 0}
    assert run(**common, output=tmp_path / "plain") == 0
    assert run(**common, **options, output=tmp_path / "other") == 0
    plain, other = (
        [line["loss"] for line in metrics(tmp_path / name) if "loss" in line] for name in ("plain", "other")
    )
    assert other == pytest.approx(plain, abs=0 if "checkpointing" in options else 0.05)
    weights = load_file(next((tmp_path / "other").glob("checkpoint-*")) / "weights.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}


@pytest.mark.parametrize("method", METHODS)
def test_the_result_is_loaded_by_transformers_and_peft(method: str, small: dict[str, Any], tmp_path: Path) -> None:
    """What is written gives, through from_pretrained, the lowest evaluation loss that was reported."""
    output = tmp_path / "run"
    assert run(**small, method=method, prefix_projection=True, output=output) == 0
    model: nn.Module = AutoModelForCausalLM.from_pretrained(output if method == "full" else small["model"])
    if method != "full":
        model = PeftModel.from_pretrained(model, str(output))
    tokenizer = AutoTokenizer.from_pretrained(output)
    examples = [
        one for line in read_lines(small["data"] / "dev.jsonl") for one in encode(line, tokenizer, 512, cut=False)
    ]
    with torch.no_grad():
        loss = summed_loss(nn.Module.eval(model), collate(examples, 0)) / sum(example.learned for example in examples)
    assert float(loss) == pytest.approx(
        min(line["dev_loss"] for line in metrics(output) if "dev_loss" in line), abs=1e-5
    )


def test_what_a_run_leaves_behind(small: dict[str, Any], tmp_path: Path) -> None:
    """The settings as used, the picture, the README with a snippet that runs, and no pickle."""
    output = tmp_path / "run"
    assert run(**small, method="ptuning", output=output) == 0
    saved = tomllib.loads((output / "settings.toml").read_text(encoding="utf-8"))
    assert (saved["method"], saved["pre_seq_len"], saved["lr"], saved["clip"]) == ("ptuning", 4, 5e-3, 1.0)
    assert (output / "loss.png").read_bytes().startswith(b"\x89PNG")
    readme = (output / "README.md").read_text(encoding="utf-8")
    snippet = readme.partition("```python\n")[2].partition("```")[0]
    loaded: dict[str, Any] = {}
    exec(snippet, loaded)  # noqa: S102  (the README's own lines)
    assert isinstance(loaded["model"], PeftModel)
    suffixes = {path.suffix for path in output.rglob("*") if path.is_file()}
    assert suffixes <= {".safetensors", ".json", ".jsonl", ".png", ".md", ".toml", ".jinja"}


def test_the_readme_merges_an_adapter(small: dict[str, Any], tmp_path: Path) -> None:
    """Its lines give a model that transformers reads alone and that does what base and adapter do together."""
    output = tmp_path / "run"
    assert run(**small, method="lora", output=output) == 0
    use, merge = re.findall(r"```python\n(.*?)```", (output / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(use, names)  # noqa: S102  (the README's own lines)
    ids = torch.tensor([names["tokenizer"].encode("red cup")])
    adapted = names["model"].eval()(input_ids=ids).logits
    exec(merge, names)  # noqa: S102  (likewise)
    merged = AutoModelForCausalLM.from_pretrained(output / "merged")
    assert not any("lora" in name for name, _ in merged.named_parameters())
    torch.testing.assert_close(merged(input_ids=ids).logits, adapted)


def test_an_adapter_of_tied_words_is_not_told_to_be_merged(small: dict[str, Any], tmp_path: Path) -> None:
    output = tmp_path / "run"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert run(**small, method="lora", targets="lm_head", output=output) == 0
    assert "merge_and_unload" not in (output / "README.md").read_text(encoding="utf-8")


def test_what_was_cut_stands_in_the_readme(small: dict[str, Any], tmp_path: Path) -> None:
    output = tmp_path / "run"
    assert run(**small, method="lora", max_length=30, output=output) == 0
    readme = (output / "README.md").read_text(encoding="utf-8")
    assert re.search(r"- \d+ of 22 examples are over --max-length 30 and were cut .* end tokens are kept", readme)


def test_perplexity_is_e_to_the_loss_of_each_evaluation(small: dict[str, Any], tmp_path: Path) -> None:
    output = tmp_path / "run"
    assert run(**small, method="lora", output=output) == 0
    found = [line for line in metrics(output) if "dev_loss" in line]
    assert [line["dev_perplexity"] for line in found] == [pytest.approx(math.exp(line["dev_loss"])) for line in found]
    best = min(line["dev_perplexity"] for line in found)
    assert f"| perplexity | {best:.2f} |" in (output / "README.md").read_text(encoding="utf-8")


def test_a_run_keeps_the_precision_that_its_device_chose(small: dict[str, Any], tmp_path: Path) -> None:
    """`auto` is told as what it became: a CPU's fp32."""
    output = tmp_path / "run"
    assert run(**small, method="lora", output=output) == 0
    assert tomllib.loads((output / "settings.toml").read_text(encoding="utf-8"))["precision"] == "fp32"


def test_a_prefix_that_peft_cannot_read_is_loaded_by_the_readme_s_lines(small: dict[str, Any], tmp_path: Path) -> None:
    """Of a model whose keys are wider than its values (DeepSeek's latent attention)."""
    tokenizer = tiny.tokenizer()
    sizes: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    latent: dict[str, Any] = {
        "num_key_value_heads": 4,
        "moe_intermediate_size": 16,
        "first_k_dense_replace": 2,
        "q_lora_rank": 8,
    }
    latent |= {"kv_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 8, "v_head_dim": 8}
    DeepseekV3ForCausalLM(DeepseekV3Config(vocab_size=len(tokenizer), **sizes, **latent)).save_pretrained(
        tmp_path / "model"
    )
    tokenizer.save_pretrained(tmp_path / "model")
    output = tmp_path / "run"
    assert run(**{**small, "model": tmp_path / "model", "epochs": 1}, method="ptuning", output=output) == 0
    assert (output / "prefix.safetensors").exists()
    loaded: dict[str, Any] = {}
    exec((output / "README.md").read_text("utf-8").partition("```python\n")[2].partition("```")[0], loaded)  # noqa: S102  (as above)
    assert isinstance(loaded["model"], PrefixModel)


def test_the_learning_rate_rises_and_falls_linearly(small: dict[str, Any], tmp_path: Path) -> None:
    """Of 12 steps a quarter warms up from 0; the rest falls to 0."""
    assert run(**{**small, "logging_steps": 1}, method="lora", warmup_ratio=0.2, output=tmp_path / "run") == 0
    rates = [line["lr"] for line in metrics(tmp_path / "run") if "lr" in line]
    assert rates == pytest.approx([5e-3 * min(step / 3, (12 - step) / 9) for step in range(12)])


def test_the_saved_adapter_is_the_best_one(small: dict[str, Any], tmp_path: Path) -> None:
    """When a large learning rate spoils the model later, the weights of the better evaluation are kept."""
    output = tmp_path / "run"
    options = {**small, "lr": 1.0, "warmup_ratio": 1.0, "method": "full"}
    assert run(**options, output=output) == 0
    losses = [line["dev_loss"] for line in metrics(output) if "dev_loss" in line]
    assert min(losses) < losses[-1]
    last = load_file(next(output.glob("checkpoint-*")) / "weights.safetensors")
    kept = load_file(output / "model.safetensors")
    assert any(not torch.equal(kept[name], last[name]) for name in kept)


def test_a_loss_that_is_no_number_stops_the_run(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The step is named, exit code 1, and the checkpoint before it stays."""
    output = tmp_path / "run"
    options = {**small, "clip": 0, "lr": 1e18, "warmup_ratio": 1.0, "epochs": 8, "method": "full", "save_freq": 1}
    assert run(**options, output=output) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.match(r"× the (loss of|evaluation loss after) step \d+ is (nan|inf); the checkpoint of step", told)
    weights = load_file(next(output.glob("checkpoint-*")) / "weights.safetensors")
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())


def test_a_loss_that_is_no_number_before_anything_was_saved_says_so(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {**small, "clip": 0, "lr": 1e18, "warmup_ratio": 0, "method": "full", "save_freq": 10}
    assert run(**options, output=tmp_path / "run") == 1
    assert "; nothing was saved yet; " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_only_rows_in_front_of_a_learned_token_reach_the_output_layer(
    method: str, precision: str, small: dict[str, Any], tmp_path: Path
) -> None:
    """Logits of the prompt would be most of the memory of a step."""
    shapes: list[tuple[int, int]] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if module is getattr(owner[0], "lm_head", None):
            shapes.append((inputs[0].numel() // inputs[0].shape[-1], output.numel() // output.shape[-1]))

    owner: list[nn.Module] = []
    load = inputs.load

    def load_and_keep(*given: Any) -> Any:  # noqa: ANN401  (as `load` has them)
        loaded = load(*given)
        owner[:] = [loaded[0]]
        return loaded

    handle = nn.modules.module.register_module_forward_hook(note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inputs, "load", load_and_keep)
            assert run(**{**small, "epochs": 1}, method=method, precision=precision, output=tmp_path / "run") == 0
    finally:
        handle.remove()
    tokenizer = AutoTokenizer.from_pretrained(small["model"])
    lines = read_lines(small["data"] / "train.jsonl")
    learned = sum(one.learned for line in lines for one in encode(line, tokenizer, 512, cut=False))
    lines = read_lines(small["data"] / "dev.jsonl")
    held_out = sum(one.learned for line in lines for one in encode(line, tokenizer, 512, cut=False))
    evaluations = 3  # before, at step 4 and at the end
    told = learned + evaluations * held_out + suitability.TOKENS  # of the pass that shows whether the model sees ahead
    assert sum(rows for rows, _ in shapes) == sum(rows for _, rows in shapes) == told


def test_nothing_of_one_method_is_left_when_the_next_one_starts(small: dict[str, Any], tmp_path: Path) -> None:
    """Else the memory of both is counted for the second, and held."""
    alive: list[int] = []
    load = inputs.load

    def count_and_load(*given: Any) -> Any:  # noqa: ANN401  (as `load` has them)
        gc.collect()
        alive.append(sum(issubclass(type(one), PreTrainedModel | torch.optim.Optimizer) for one in gc.get_objects()))
        return load(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "load", count_and_load)
        assert run(**{**small, "epochs": 1}, method="full,lora,ptuning", output=tmp_path / "run") == 0
    assert len(alive) == 3
    assert alive[1] <= alive[0]
    assert alive[2] <= alive[0]


def test_a_run_that_leaves_the_model_worse_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A prefix of random numbers in front of a model that knew its task, and two steps to mend that."""
    folder = tmp_path / "known"
    tiny.pretrained(steps=60).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    lines = [json.dumps({"prompt": f"C{one['prompt']}", "response": one["response"]}) for one in tiny.task()[0][:16]]
    (tmp_path / "known.jsonl").write_text("\n".join(lines), encoding="utf-8")
    options = {"model": folder, "data": tmp_path / "known.jsonl", "method": "ptuning", "epochs": 1, "pre_seq_len": 16}
    assert run(**options, prefix_init="random", output=tmp_path / "random") == 0
    said = r"! ptuning: the loss [\d.]+ is above the untouched model's [\d.]+: .*--prefix-init tokens"
    assert re.search(said, capsys.readouterr().err)
    assert "makes it worse" in (tmp_path / "random" / "README.md").read_text(encoding="utf-8")
    assert run(**{**options, "method": "full"}, output=tmp_path / "full") == 0
    assert "untouched" not in capsys.readouterr().err


def test_what_was_cut_and_what_was_left_out_is_told(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each; a line that can't be used does not stop the run."""
    data = write_data(tmp_path / "data")
    with (data / "train.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"messages": [{"role": "user", "content": "a"}]}) + "\n")
    assert run(**{**small, "data": data, "epochs": 1}, method="lora", max_length=30, output=tmp_path / "run") == 0
    told = capsys.readouterr().err
    assert re.search(r"^! \S+train.jsonl:23: nothing to learn .*; the line is left out$", told, re.MULTILINE)
    assert re.search(
        r"^! (\d+) of 22 examples are over --max-length 30 and were cut at their ends, by up to \d+ tokens",
        told,
        re.MULTILINE,
    )


def test_evaluating_often_does_not_slow_the_tokens_a_second(small: dict[str, Any], tmp_path: Path) -> None:
    """What an evaluation takes is not counted as training."""
    evaluate = scoring.evaluate

    def slow(*given: Any) -> Any:  # noqa: ANN401  (as `evaluate` has them)
        time.sleep(0.5)
        return evaluate(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "evaluate", slow)
        options = {**small, "save_freq": 1, "logging_steps": 1, "method": "lora"}
        assert run(**options, output=tmp_path / "run") == 0
    text = (tmp_path / "run" / "metrics.jsonl").read_text(encoding="utf-8")
    speeds = [json.loads(line)["tokens_per_second"] for line in text.splitlines() if "tokens_per_second" in line]
    tokens = 12 * 4 * 20  # at least
    assert len(speeds) == 12
    assert min(speeds) > tokens / 12 / 0.5
