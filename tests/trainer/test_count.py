"""Counting before renting, held against published figures, files that peft wrote, and formulas by hand."""

import dataclasses
import json
import os
import resource
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import torch
from checkout import ROOT
from click.testing import CliRunner
from peft import LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    Conv1D,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    OPTConfig,
    PretrainedConfig,
    Qwen2Config,
)

from ankillm.cli import cli
from ankillm.cli import count as count_command
from ankillm.common.diagnostics import Refusal
from reference_trainer.count import Count, arguments, count, method_of, readable, table
from reference_trainer.support import architectures
from reference_trainer.support.peft_methods import Method
from reference_trainer.training.options import plan, read_options
from reference_trainer.training.settings import ALIASES, METHODS, SYNONYMS, Settings, flag
from reference_trainer.training.tuning import adapt, counts, save

PUBLISHED = tomllib.loads((Path(__file__).parent / "published_counts.toml").read_text(encoding="utf-8"))
SIZES: dict[str, Any] = {
    "vocab_size": 96, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
}  # fmt: skip
LLAMA_2_7B = PUBLISHED["configs"]["llama-2-7b"]


def write(folder: Path, values: object) -> str:
    """Write a `config.json` and return its folder."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("model", "options", "trainable", "everything", "source"),
    PUBLISHED["rows"],
    ids=[f"{row[0]} {row[1]}" for row in PUBLISHED["rows"]],
)
def test_published_counts_come_out_to_the_digit(  # noqa: PLR0913, PLR0917  (a row's columns)
    tmp_path: Path, model: str, options: str, trainable: int, everything: int, source: str
) -> None:
    values = PUBLISHED["configs"].get(model)
    given = arguments([write(tmp_path / model, values) if values else model, *options.split()])
    start = time.perf_counter()
    found = count(given.ref, method_of(given))
    assert (found.trainable, found.all) == (trainable, everything), source
    assert time.perf_counter() - start < 20, "counted on the meta device, this takes a tenth of a second"


def test_gpt_3_has_the_trained_parameters_of_the_lora_paper(tmp_path: Path) -> None:
    """Table 4 prints 18.9 M for r=4 on q and v; GPT-2's fused layer of 3·d outputs has as many: r·(d + 3d) = 4·r·d."""
    ref = write(tmp_path, PUBLISHED["configs"]["gpt-3-175b"])
    found = count(ref, Method(rank=4))
    assert f"{found.trainable / 1e6:.1f}" == "18.9"
    assert found.trainable == 96 * 4 * 4 * 12288
    assert round(found.all / 1e9) == 175


def test_a_mixture_of_experts_counts_every_expert(tmp_path: Path) -> None:
    """Mistral AI gives 46.7 B; attention and router by hand, and eight experts of three matrices a layer."""
    ref = write(tmp_path, PUBLISHED["configs"]["mixtral-8x7b"])
    attention, experts = 2 * 4096 * (4096 + 1024), 8 * 3 * 4096 * 14336
    layer = attention + experts + 8 * 4096 + 2 * 4096
    assert count(ref, Method("full")).all == 32 * layer + 2 * 32000 * 4096 + 4096 == 46_702_792_704
    adapted = count(ref, Method(targets=("w1", "w2", "w3")))
    assert adapted.targets == ("down_proj", "gate_up_proj")
    assert adapted.adapted == 64


def test_chatglms_own_prefix_encoder_is_not_pefts(tmp_path: Path) -> None:
    """ChatGLM2 embeds a projected prefix as wide as all its keys and values: 2 · 28 layers · 2 heads · 128 = 14,336."""
    found = count("chatglm2-6b", Method("prefix", tokens=128, projection=True))
    wide = 28 * 2 * 2 * 128
    assert found.trainable == 128 * wide + (wide * 4096 + 4096) + (4096 * wide + wide)
    assert found.all == 6_243_584_000 + found.trainable
    assert count("THUDM/chatglm2-6b", Method("prefix", tokens=128)).trainable == 1_835_008
    old = write(
        tmp_path, {"model_type": "chatglm", "hidden_size": 8, "inner_hidden_size": 32, "num_attention_heads": 2}
    )
    assert count(old, Method("prefix", tokens=5)).trainable == 5 * 2 * 28 * 8


@pytest.mark.parametrize("name", ["chatglm-6b", "chatglm2-6b"])
def test_prompt_tuning_of_chatglm_trains_one_vector_a_token(name: str) -> None:
    assert count(name, Method("prompt", tokens=16)).trainable == 16 * 4096


def test_the_bytes_follow_from_the_parameters(tmp_path: Path) -> None:
    found = count(write(tmp_path, LLAMA_2_7B), Method(targets=("q_proj", "v_proj")))
    assert found.dtype == "float16"
    assert found.weight_bytes == 2 * (found.all - found.trainable) + 4 * found.trainable
    assert found.gradient_bytes == 4 * 4_194_304
    assert found.optimizer_bytes == 8 * 4_194_304
    wide = count(str(tmp_path), Method(targets=("q_proj", "v_proj")), dtype="float32")
    assert wide == replace(found, dtype="float32", weight_bytes=4 * found.all)
    full = count(str(tmp_path), Method("full"))
    assert (full.trainable, full.share, full.adapter_bytes) == (6_738_415_616, 100.0, None)
    assert full.weight_bytes + full.gradient_bytes + full.optimizer_bytes == 16 * 6_738_415_616


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # peft asks by the old name
@pytest.mark.parametrize(
    ("method", "config"),
    [
        (Method(rank=4, targets=("all-linear",)), LoraConfig(r=4, target_modules="all-linear")),
        (Method("prefix", tokens=6), PrefixTuningConfig(num_virtual_tokens=6, task_type="CAUSAL_LM")),
        (Method("prompt", tokens=6), PromptTuningConfig(num_virtual_tokens=6, task_type="CAUSAL_LM")),
    ],
    ids=["lora", "prefix", "prompt"],
)
def test_the_adapter_file_has_the_size_that_peft_writes(tmp_path: Path, method: Method, config: Any) -> None:  # noqa: ANN401  (three classes of peft)
    """With real weights on the CPU, peft's own count and the file that it saves."""
    small = LlamaConfig(
        vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, architectures=["LlamaForCausalLM"],
    )  # fmt: skip
    small.save_pretrained(tmp_path)
    tuned = get_peft_model(LlamaForCausalLM(small), config)
    tuned.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    found = count(str(tmp_path), method)
    assert (found.trainable, found.all) == tuned.get_nb_trainable_parameters()
    assert found.adapter_bytes == (tmp_path / "adapter" / "adapter_model.safetensors").stat().st_size


FAMILIES: dict[str, PretrainedConfig] = {
    "llama": LlamaConfig(**SIZES, num_key_value_heads=2),
    "gpt2": GPT2Config(vocab_size=96, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=2),
    "qwen2, tied": Qwen2Config(**SIZES, num_key_value_heads=1, tie_word_embeddings=True),
    "opt": OPTConfig(**SIZES, ffn_dim=48, word_embed_proj_dim=32),
    "mixtral": MixtralConfig(**SIZES, num_key_value_heads=2, num_local_experts=3),
}
ASKED = [
    "--method full",
    "--method lora --targets all-linear",
    "--method lora --targets default --lora-rank 3",
    "--method lora --targets FIRST --rank 5",
    "--method lora --targets HEAD",
    "--method ptuning --pre-seq-len 7",
    "--method prefix --tokens 7 --prefix-projection",
    "--method prefix --tokens 300 --projection",
]


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
@pytest.mark.parametrize("options", ASKED)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_counted_is_what_train_trains(tmp_path: Path, family: str, options: str) -> None:
    """By the same options: those of `train` put on real weights, against the count of a shape, and the saved file."""
    config = FAMILIES[family]
    model = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    config.architectures = [type(model).__name__]
    config.save_pretrained(tmp_path)
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear | Conv1D)]
    words = (
        options.replace("FIRST", linear[0].rpartition(".")[2]).replace("HEAD", linear[-1].rpartition(".")[2]).split()
    )
    given, _ = read_options(words)
    (settings,) = plan({**given, "model": "elsewhere", "data": "data.jsonl"})
    adapted = adapt(model, settings, [5, 6])
    counted = arguments([str(tmp_path), *words])
    found = count(counted.ref, method_of(counted))
    assert (found.trainable, found.all) == counts(adapted)
    if found.adapter_bytes is not None:
        save(adapted, tmp_path / "saved")
        sizes = [path.stat().st_size for path in (tmp_path / "saved").glob("*.safetensors")]
        assert sizes == [found.adapter_bytes]


def test_the_command_has_the_options_of_train() -> None:
    """The same names and defaults, but for targets; `ankillm count` declares them itself, to be quick with its help."""
    command = count_command.command
    options = {name: one for one in command.params if isinstance(one, click.Option) for name in one.opts}
    for name in ("lora_rank", "targets", "pre_seq_len", "prefix_projection"):
        assert flag(name) in options
        assert ALIASES.get(name, flag(name)) in options[flag(name)].opts
    fields = {field.name: field.default for field in dataclasses.fields(Settings)}
    assert options["--lora-rank"].default == fields["lora_rank"]
    assert options["--pre-seq-len"].default == fields["pre_seq_len"]
    assert {*METHODS, *SYNONYMS, "prompt"} == set(count_command.METHODS)
    assert method_of(arguments(["x"])) == Method(tokens=128)


def test_tied_embeddings_count_once_as_they_are_held_once(tmp_path: Path) -> None:
    config = GPT2Config(n_embd=32, n_layer=2, n_head=2, vocab_size=100)
    config.save_pretrained(tmp_path)
    weights = GPT2LMHeadModel(config).state_dict().values()
    distinct = {weight.data_ptr(): weight.numel() for weight in weights}
    assert count(str(tmp_path), Method("full")).all == sum(distinct.values())


def test_the_class_is_the_one_that_the_configuration_names(tmp_path: Path) -> None:
    bert = {"model_type": "bert", "num_hidden_layers": 1}
    classes = ("BertForSequenceClassification", "BertForMaskedLM", "BertModel")
    found = {name: count(write(tmp_path, {**bert, "architectures": [name]}), Method()) for name in classes}
    assert [found[name].architecture for name in classes] == list(classes)
    assert found["BertForSequenceClassification"].trainable == found["BertModel"].trainable + 2 * 768 + 2
    assert count(write(tmp_path, {**bert, "architectures": ["Unheard"]}), Method()).architecture == "BertForMaskedLM"
    assert count(write(tmp_path, {"architectures": ["BertModel"]}), Method("full")).architecture == "BertModel"
    assert count(write(tmp_path, bert), Method(), task="seq_cls", labels=5).trainable == (
        found["BertModel"].trainable + 5 * 768 + 5
    )


def test_an_encoder_decoder_gets_both_its_prompts(tmp_path: Path) -> None:
    """The encoder's and the decoder's input get a prompt each; a prefix has one embedding."""
    t5 = write(tmp_path, {"model_type": "t5", "d_model": 64, "num_layers": 3, "num_heads": 4, "vocab_size": 50})
    assert count(t5, Method("prompt", tokens=10)).trainable == 2 * 10 * 64
    assert count(t5, Method("prefix", tokens=10)).trainable == 10 * 3 * 2 * 64


@pytest.mark.parametrize(
    ("kind", "widths"),
    [("xglm", 1024), ("qwen3_5", 4096), ("t5gemma", 2 * 2304), ("gemma4_text", 2304), ("mamba", 768)],
)
def test_sizes_are_found_by_whatever_name_they_have(tmp_path: Path, kind: str, widths: int) -> None:
    """Hidden widths of default configurations: by other names, inside a larger one, of layers that differ, twice."""
    assert count(write(tmp_path, {"model_type": kind}), Method("prompt", tokens=20)).trainable == 20 * widths


def test_a_model_without_attention_takes_no_prefix(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="layer 0 of mamba keeps no keys and values"):
        count(write(tmp_path, {"model_type": "mamba"}), Method("prefix"))


def test_a_model_that_looks_for_padding_is_counted(tmp_path: Path) -> None:
    """GPT-2 does, in what it reads; a token has 2·768 numbers in each of 12 layers."""
    ref = write(tmp_path, {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "pad_token_id": 0})
    assert count(ref, Method("prefix", tokens=20)).trainable == 20 * 2 * 768 * 12


def test_a_prefix_is_as_narrow_as_the_keys_and_values(tmp_path: Path) -> None:
    """Grouped-query attention: Qwen3-0.6B has 8 key-value heads of 128, its hidden width is 1024."""
    found = count(write(tmp_path, PUBLISHED["configs"]["qwen3-0.6b"]), Method("prefix", tokens=20))
    assert found.trainable == 20 * 2 * 28 * 8 * 128


@pytest.mark.parametrize(
    ("values", "method", "told"),
    [
        (LLAMA_2_7B, Method(targets=("q_porj",)), "'q_porj'; did you mean q_proj"),
        (LLAMA_2_7B, Method(targets=("q_proj", "qqq")), "named 'qqq'; its linear layers are down_proj, gate_proj"),
        (LLAMA_2_7B, Method(targets=("mlp",)), "'mlp' is a LlamaMLP, which LoRA does not adapt"),
        ({"model_type": "glm"}, Method(), "peft has no default targets for glm: give --targets all-linear, or some of"),
        ({"model_type": "lama"}, Method(), "knows no model_type 'lama'; did you mean llama"),
        ({}, Method(), "knows no model_type ''"),
        ({"model_type": ["llama"]}, Method(), "knows no model_type"),
        ([1], Method(), "an object is expected"),
        ({**LLAMA_2_7B, "hidden_size": "wide"}, Method(), "error for field 'hidden_size': TypeError"),
        ({**LLAMA_2_7B, "hidden_size": -8}, Method(), "this configuration builds no model"),
        ({"model_type": "chatglm"}, Method(), "this configuration builds no model: 'inner_hidden_size' is missing"),
        ({**LLAMA_2_7B, "num_hidden_layers": 10**7}, Method(), "num_hidden_layers is 10,000,000, over 10,000"),
        ({"model_type": "qwen2", "num_hidden_layers": 10**9}, Method(), "num_hidden_layers is 1,000,000,000, over"),
        ({"model_type": "gpt2", "n_layer": 10**9}, Method(), "n_layer is 1,000,000,000, over"),
        ({**LLAMA_2_7B, "num_labels": 2**31}, Method(), "num_labels is 2,147,483,648, over 1,000,000"),
        ({"model_type": "llava", "vision_config": {"num_hidden_layers": 10**9}}, Method(), "num_hidden_layers is"),
        ({"model_type": "mixtral", "num_local_experts": 10**9}, Method(), "num_local_experts is"),
        ({"model_type": "swin", "depths": [2, 10**9]}, Method(), "depths is"),
        ({**LLAMA_2_7B, "dtype": "float99"}, Method(), "float99"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_said_in_one_line(tmp_path: Path, values: object, method: Method, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        count(write(tmp_path, values), method)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("put", "told"),
    [
        (lambda path: os.truncate(path, 20 * 10**9), r"config\.json: is over 16 MiB"),
        (lambda path: (path.unlink(), path.symlink_to("/dev/zero")), "is not a regular file|no config.json there"),
        (lambda path: path.write_text("[" * 100_000), "not a JSON configuration"),
    ],
)
def test_a_configuration_is_a_regular_file_of_a_fitting_size(tmp_path: Path, put: Any, told: str) -> None:  # noqa: ANN401  (what puts it there)
    write(tmp_path, LLAMA_2_7B)
    put(tmp_path / "config.json")
    with pytest.raises(Refusal, match=told):
        count(str(tmp_path), Method())


def test_a_configuration_that_is_never_built_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no rule knows the number that is too large, time ends it."""
    monkeypatch.setattr(architectures, "LONGEST_BUILD", 0.5)
    monkeypatch.setattr(architectures, "refuse_endless", lambda *_: None)
    endless = {**LLAMA_2_7B, "num_hidden_layers": 10**6}
    with pytest.raises(Refusal, match="asks for more than can be built"):
        count(write(tmp_path, endless), Method("full"))


def test_bad_json_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{\n "model_type": llama\n}', encoding="utf-8")
    with pytest.raises(Refusal, match=r"config\.json:2: not a JSON configuration"):
        count(str(tmp_path / "config.json"), Method())


@pytest.mark.parametrize(
    "ref", ["a" * 300, "a" * 300 + ".gguf", "./nowhere", "some/folder/config.json", "an/unknown-model", "", "../.."]
)
def test_a_reference_to_nothing_is_said_in_one_line(ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Refusal, match=r"^.*(no config\.json there|File name too long|can't be had from the hub).*$"):
        count(ref, Method())


def test_a_hub_that_is_out_of_reach_is_said_at_once_in_one_line(tmp_path: Path) -> None:
    """Nothing listens on port 9 of this machine; a plain download would try five times and tell each."""
    nowhere = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "reference_trainer.count", "an/unknown-model"]
    ended = subprocess.run(
        command, env={**os.environ, **nowhere}, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "can't be had from the hub" in ended.stderr


def test_no_code_and_no_kernel_is_fetched_for_a_configuration(tmp_path: Path) -> None:
    """What would make transformers fetch or run something is dropped before it sees the configuration."""
    hostile = {
        "auto_map": {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"},
        "attn_implementation": "evil/kernels",
        "_attn_implementation_internal": "evil/kernels",
        "quantization_config": {"quant_method": "evil"},
    }
    (tmp_path / "evil.py").write_text("raise SystemExit('run')", encoding="utf-8")
    plain, given = (count(write(tmp_path, {**LLAMA_2_7B, **more}), Method()) for more in ({}, hostile))
    assert plain == given


def test_every_number_of_the_table_is_in_the_count() -> None:
    found = count("chatglm-6b", Method("prefix", tokens=128))
    text = table(found)
    assert text.startswith("✓ prefix trains 29,360,128 of 6,202,646,528 parameters of ChatGLMShape (0.4733 %)")
    for size in (found.weight_bytes, found.gradient_bytes, found.optimizer_bytes, found.adapter_bytes or 0):
        assert readable(size) in text
    assert [readable(size) for size in (0, 1023, 1024, 3 * 2**29)] == ["0 B", "1023 B", "1.0 KiB", "1.5 GiB"]


def test_the_command_prints_json_and_refuses_with_exit_code_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ref = write(tmp_path, LLAMA_2_7B)
    result = CliRunner().invoke(cli, ["count", ref, "--rank", "8", "--targets", "q_proj,v_proj", "--json"])
    found = Count(**json.loads(capfd.readouterr().out))
    assert (result.exit_code, found.trainable, found.all) == (0, 4_194_304, 6_742_609_920)
    refused = CliRunner().invoke(cli, ["count", ref, "--targets", "q_porj"])
    shown = capfd.readouterr()
    assert (refused.exit_code, shown.out, shown.err.count("\n")) == (2, "", 1)
    assert shown.err.startswith("× no module of LlamaForCausalLM is named 'q_porj'; did you mean q_proj")
    assert isinstance(CliRunner().invoke(cli, ["count", ref, "--rank", "0"]).exception, Refusal)


def test_no_weights_are_held(tmp_path: Path) -> None:
    """175 billion parameters take as much memory as 175: this process grows by less than 64 MiB."""
    unit = 1024 if sys.platform == "linux" else 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    count(write(tmp_path, PUBLISHED["configs"]["gpt-3-175b"]), Method("prefix", tokens=128, projection=True))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before < 64 * 2**20
    assert torch.get_default_device() == torch.device("cpu")
