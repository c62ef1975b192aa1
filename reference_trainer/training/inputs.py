"""The model and the data that the settings name, read from safetensors and JSONL; never code, never pickle."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from ankillm.evidence import Refusal
from reference_trainer.support import architectures, tiny
from reference_trainer.support.gguf_files import dequantized, gguf_file, located
from reference_trainer.support.model_files import require_ordinary
from reference_trainer.training.batches import Example
from reference_trainer.training.encoding import Unfit, encode
from reference_trainer.training.jsonl import Line, hold_out, read_lines
from reference_trainer.training.processes import out_of_memory
from reference_trainer.training.settings import TINY, Settings

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
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # what matters is said in one line below
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # this run has its own
    name = str(base) if settings.model == TINY else settings.model
    dtype = torch.float32 if settings.method == "full" else DTYPES[settings.precision]
    place, gguf = located(name)
    if settings.model.startswith((".", "/", "~")) and not Path(name).exists():
        raise Refusal(f"--model {name}: there is no such folder")
    require_ordinary(Path(place))
    if (config := Path(place) / "config.json").exists():
        architectures.parse(config)  # refused in words: transformers would build whatever it asks for
    kind: dict[str, Any] = gguf or {"use_safetensors": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False, **gguf)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            place, dtype=dtype, trust_remote_code=False, output_loading_info=True, **kind
        )
    except Exception as error:  # whatever files lead to that anyone may have written
        if out_of_memory(error):
            raise
        raise Refusal(f"--model {name}: {_reason(name, error)}") from None
    model, missing = loaded[0], sorted(loaded[1]["missing_keys"])
    if missing:
        raise Refusal(f"--model {name}: its files lack {len(missing)} weights, {missing[0]} for one: is it a decoder?")
    return dequantized(model) if gguf else model, tokenizer


def _reason(name: str, error: Exception) -> str:
    """Return in one line why a model can't be loaded."""
    text = " ".join(str(error).split())
    if "trust_remote_code" in text:
        return "it comes with code of its own, which is never run; take one that transformers knows by itself"
    if "model.safetensors" in text:
        return "it has no weights as safetensors; pickled weights can hold code and are not read"
    if "ignore_mismatched_sizes" in text:
        return "its weights have other shapes than its config.json says"
    if gguf_file(name):
        return f"not GGUF, or of an architecture that transformers does not read: {text[:200]}"
    if (isinstance(error, OSError) and "offline" in text.lower()) or "connect" in text.lower():
        return "no such folder, and the hub can't be reached: check the name and the network"
    return f"it can't be loaded: {text.partition('. ')[0][:200] or type(error).__name__}"


PAIR, CHAT = frozenset({"prompt", "response"}), frozenset({"messages", "tools"})
"""Keys that are read of an example, by its form."""
SILENT = frozenset(
    {"id", "index", "source", "dataset", "meta", "metadata", "license", "url", "split", "category", "lang"}
)
"""Keys that say where an example is from, and nothing that is to be learned."""
SHOWN = 3
"""Lines that are left out are told of one by one up to here."""


def encode_all(
    lines: Sequence[Line], tokenizer: PreTrainedTokenizerBase, settings: Settings
) -> tuple[list[Example], list[str]]:
    """Return the examples as tokens, and what there is to be told: which lines are left out, how many were cut.

    Raises `Refusal` if no line can be used.
    """
    examples: list[Example] = []
    unfit: list[Unfit] = []
    for line in lines:
        try:
            examples += encode(line, tokenizer, settings.max_length, cut=settings.too_long == "cut")
        except Unfit as reason:
            unfit.append(reason)
    if not examples:
        raise Refusal(str(unfit[0]) + (f" (nor can the other {len(unfit) - 1} lines be used)" if unfit[1:] else ""))
    told = [f"{reason}; the line is left out" for reason in unfit[:SHOWN]]
    told += [f"{len(unfit) - SHOWN} more lines are left out for such reasons"] if len(unfit) > SHOWN else []
    told += _unread(lines)
    lost = [example.lost for example in examples if example.lost]
    if lost:
        told.append(
            f"{len(lost)} of {len(examples)} examples are over --max-length {settings.max_length} and were cut at "
            f"their ends, by up to {max(lost)} tokens; end tokens are kept"
        )
    return examples, told


def _unread(lines: Sequence[Line]) -> list[str]:
    """Return what there is to be told of keys that only seem to be learned from, such as a system prompt."""
    names = dict.fromkeys(key for line in lines for key in line.value if key not in _read(line) | SILENT)
    return [
        f"{key[:40]!a} is not read in an example; what the model is to see stands in its prompt or messages"
        for key in list(names)[:SHOWN]
    ]


def _read(line: Line) -> frozenset[str]:
    return CHAT if "messages" in line.value else PAIR


def lines(settings: Settings) -> tuple[list[Line], list[Line]]:
    """Read the data that the settings name; a tenth is held out where they name none to evaluate on."""
    if not settings.data:
        train, dev = tiny.task()
        return _builtin(train), read_lines(Path(settings.dev)) if settings.dev else _builtin(dev)
    data = _existing(settings.data)
    dev_file = _existing(settings.dev) if settings.dev else data / "dev.jsonl"
    train_lines = read_lines(data / "train.jsonl" if data.is_dir() else data)
    if settings.dev or (data.is_dir() and dev_file.exists()):
        return train_lines, read_lines(dev_file)
    return hold_out(train_lines, settings.seed)


def _existing(name: str) -> Path:
    """Return a path; raise `Refusal` if the disk can have none of that name, or nothing is there."""
    try:
        Path(name).stat()
    except (OSError, ValueError) as error:
        raise Refusal(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    return Path(name)


def _builtin(values: list[dict[str, str]]) -> list[Line]:
    return [Line(f"built-in task:{number}", value) for number, value in enumerate(values, 1)]
