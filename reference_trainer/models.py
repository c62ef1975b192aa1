"""Models for the demos: tiny ones of transformers' own classes, real shapes without weights, and the user's own.

A model that comes from elsewhere is untrusted. Its weights are read from safetensors only, as pickles can hold code;
code in its repository is run only where the user has asked for it; and its configuration cannot name an attention
kernel or a quantization that would be fetched and run.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
)

from ankillm.evidence import Refusal

HEADS = (AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoModelForMaskedLM, AutoModel)


def tiny_llama(device: torch.device, layers: int = 2, **changes: Any) -> LlamaForCausalLM:  # noqa: ANN401  (any field)
    """Build a Llama of about 100 k parameters with random weights: 64 wide, 4 heads of 16, 256 token ids."""
    sizes = {"vocab_size": 256, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
    config = LlamaConfig(**{**sizes, "num_hidden_layers": layers, "max_position_embeddings": 512, **changes})
    return torch.nn.Module.to(LlamaForCausalLM(config), device)


def llama_2_7b() -> LlamaConfig:
    """Return the configuration of Llama-2-7B (Touvron et al. 2023, table 1), as published with its weights."""
    return LlamaConfig(
        vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32
    )


def config_of(ref: str, *, trust_remote_code: bool = False) -> PreTrainedConfig:
    """Read the configuration of a folder with a `config.json`, of that file, or of a name on the hub.

    Raises Refusal, in one line, where there is none or transformers does not know its architecture.
    """
    path = Path(ref)
    folder = path.parent if path.name == "config.json" else path
    if folder.is_dir() and not (folder / "config.json").is_file():
        raise Refusal(f"{ref}: no config.json in this folder")
    try:
        config: PreTrainedConfig = AutoConfig.from_pretrained(str(folder), trust_remote_code=trust_remote_code)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal(f"{ref}: {_reason(folder, error)}") from error
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    return config


def _reason(folder: Path, error: Exception) -> str:
    """Say in one line why a configuration could not be read."""
    if not folder.is_dir() and isinstance(error, OSError):
        return "no such folder, and no such model on the hub within reach: check the name, the network or the login"
    if "trust_remote_code" in str(error):
        return "this model comes with code of its own: read it, then add --trust-remote-code to run it"
    return f"its config.json cannot be used ({str(error).splitlines()[0] if str(error) else type(error).__name__})"


def on_meta(config: PreTrainedConfig, *, trust_remote_code: bool = False) -> PreTrainedModel:
    """Build a model's shapes without weights: a model of any size takes no memory and a second or two."""
    with torch.device("meta"):
        return _build(config, trust_remote_code=trust_remote_code)


def _build(config: PreTrainedConfig, *, trust_remote_code: bool) -> PreTrainedModel:
    for head in HEADS:
        remote = trust_remote_code and head.__name__ in (getattr(config, "auto_map", None) or {})
        if remote or type(config) in head._model_mapping:  # noqa: SLF001  (what each head can build is public nowhere)
            model: PreTrainedModel = head.from_config(  # type: ignore[no-untyped-call]  # untyped in transformers
                config, trust_remote_code=trust_remote_code, attn_implementation="eager"
            )
            return model
    raise Refusal(f"transformers builds no model of the type {config.model_type}")


def with_weights(ref: str, device: torch.device) -> PreTrainedModel | None:
    """Load a model from a folder in float32; None where no safetensors lie there. A hub name is never downloaded."""
    if not any(Path(ref).glob("*.safetensors")):
        return None
    config = config_of(ref)
    for head in HEADS:
        if type(config) in head._model_mapping:  # noqa: SLF001  (as above)
            model: PreTrainedModel = head.from_pretrained(
                ref, config=config, use_safetensors=True, attn_implementation="eager", dtype=torch.float32
            )
            return torch.nn.Module.to(model, device)
    return None
