"""Models as GGUF, the single file that llama.cpp reads: configuration, tokenizer and quantized weights in one.

transformers reads it with the package `gguf`, and turns each weight into a floating-point number again: what is trained
then is an ordinary model, whose weights have the precision that the file left them. Nothing in such a file is code.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ankillm.evidence import Refusal, installing


def gguf_file(ref: str) -> Path | None:
    """Return the GGUF file that `ref` names, itself or by its folder; None if it is a model of another kind.

    Raises `Refusal` if a folder has several, or if the package that reads them is missing.
    """
    path = Path(ref)
    if path.suffix == ".gguf":
        return _readable(path)
    if not _is_folder(path) or any(path.glob("*.safetensors")) or (path / "config.json").exists():
        return None
    files = sorted(path.glob("*.gguf"))
    if len(files) > 1:
        raise Refusal(f"{ref}: {len(files)} GGUF files; name the one to read, {files[0]} for one")
    return _readable(files[0]) if files else None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name that no disk takes
        raise Refusal(f"{path}: {error.strerror}; give a model's folder, or its name on the hub") from None


def _readable(path: Path) -> Path:
    if _is_folder(path) or not path.is_file():
        raise Refusal(f"{path}: there is no such file")
    if importlib.util.find_spec("gguf") is None:
        raise Refusal(f"{path}: to read GGUF: {installing(['gguf'])}")
    return path


def located(ref: str) -> tuple[str, dict[str, str]]:
    """Return what `from_pretrained` takes for a model: its folder or name, and `gguf_file` where it is one."""
    path = gguf_file(ref)
    return (str(path.parent), {"gguf_file": path.name}) if path else (ref, {})


def gguf_values(path: Path) -> Mapping[str, Any]:
    """Return the configuration in a GGUF file, as a `config.json` would hold it."""
    from transformers import AutoConfig  # noqa: PLC0415  (a demo without a model of its own has no use for it)

    try:
        config = AutoConfig.from_pretrained(str(path.parent), gguf_file=path.name)
        values: dict[str, Any] = json.loads(config.to_json_string())
    except Exception as error:  # whatever a damaged file leads to
        raise Refusal(
            f"{path}: not GGUF, or of an architecture that transformers does not read: {_line(error)}"
        ) from error
    return values


def dequantized(model: Any) -> Any:  # noqa: ANN401  (a model of transformers)
    """Have a model forget that its weights came quantized, which would keep it from being saved; return it."""
    model.hf_quantizer = None
    for name in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(model.config, name):
            delattr(model.config, name)
    return model


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
