"""The model and the data that the settings name, read from safetensors and JSONL; never code, never pickle."""

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from ankillm.evidence import Refusal
from reference_trainer import tiny
from reference_trainer.data import Example, Line, encode, hold_out, read_lines
from reference_trainer.settings import TINY, Settings

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def write_tiny(folder: Path) -> None:
    """Pretrain the built-in model and write it and its tokenizer to `folder`, unless it is there already."""
    if (folder / "tokenizer.json").exists():
        return
    with torch.random.fork_rng():
        tiny.pretrained().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)


def load(settings: Settings, base: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load model and tokenizer; the built-in ones from `base`. Raises `Refusal` if that can't be done.

    A frozen model is loaded in the precision of the run, which halves its memory under bf16 and fp16; a fully trained
    one in float32, as small steps vanish otherwise.
    """
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # this run has its own
    name = str(base) if settings.model == TINY else settings.model
    dtype = torch.float32 if settings.method == "full" else DTYPES[settings.precision]
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype, use_safetensors=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise Refusal(f"--model {name}: {' '.join(str(error).split())[:300] or type(error).__name__}") from None
    return model, tokenizer


def encode_all(lines: Sequence[Line], tokenizer: PreTrainedTokenizerBase, settings: Settings) -> list[Example]:
    """Return the examples as tokens."""
    return [encode(line, tokenizer, settings.max_length, cut=settings.too_long == "cut") for line in lines]


def lines(settings: Settings) -> tuple[list[Line], list[Line]]:
    """Read the data that the settings name; a tenth is held out where they name none to evaluate on."""
    if not settings.data:
        train, dev = tiny.task()
        return _builtin(train), read_lines(Path(settings.dev)) if settings.dev else _builtin(dev)
    data = Path(settings.data)
    dev_file = Path(settings.dev) if settings.dev else data / "dev.jsonl"
    train_lines = read_lines(data / "train.jsonl" if data.is_dir() else data)
    if settings.dev or (data.is_dir() and dev_file.exists()):
        return train_lines, read_lines(dev_file)
    return hold_out(train_lines, settings.seed)


def _builtin(values: list[dict[str, str]]) -> list[Line]:
    return [Line(f"built-in task:{number}", value) for number, value in enumerate(values, 1)]
