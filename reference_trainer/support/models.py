"""Models for the demos: tiny ones of transformers' own classes, real shapes without weights, and the user's own.

A model that comes from elsewhere is untrusted. Its configuration is read by `architectures.py`, which lets it name
nothing that would be fetched or run; its weights are read from safetensors only, as pickles can hold code; and code in
its repository is run only where the user has asked for it.
"""

import importlib
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedModel
from transformers.utils import logging

from ankillm.evidence import Refusal


def tiny_llama(device: torch.device, layers: int = 2, **changes: Any) -> LlamaForCausalLM:  # noqa: ANN401  (any field)
    """Build a Llama of 115 thousand parameters (two layers) with random weights: 64 wide, 4 heads of 16, 256 token ids.

    Attention is written out in torch (eager): a fused kernel need not give the same bits twice on a GPU.
    """
    sizes = {"vocab_size": 256, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
    further = {"num_hidden_layers": layers, "max_position_embeddings": 512, "attn_implementation": "eager"}
    return torch.nn.Module.to(LlamaForCausalLM(LlamaConfig(**{**sizes, **further, **changes})), device)


def llama_2_7b() -> LlamaForCausalLM:
    """Build the shape of Llama-2-7B (Touvron et al. 2023, arXiv:2307.09288), as its `config.json` has it."""
    config = LlamaConfig(
        vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32
    )
    with torch.device("meta"):
        return LlamaForCausalLM(config)


def architectures() -> Any:  # noqa: ANN401  (a module)
    """Return the module that reads configurations, imported by name: the user's own model is no evidence.

    An `import` would make it part of every demo's fingerprint, and each change of it a reason to measure all again.
    """
    return importlib.import_module("reference_trainer.support.architectures")


def shape_of(ref: str, *, trust_remote_code: bool = False) -> PreTrainedModel:
    """Build the user's model without weights, on the meta device: any size takes no memory and a second or two.

    `ref` is a folder with a `config.json`, that file, a built-in name (`chatglm-6b`) or a name on the hub. Raises
    Refusal, in one line, where there is none or its architecture is not known.
    """
    shape: PreTrainedModel = _remote(ref) if trust_remote_code else architectures().build(ref)
    return shape


def _remote(ref: str) -> PreTrainedModel:
    """Build a model by the code that comes with it: the user has said that it may run."""
    try:
        config = AutoConfig.from_pretrained(ref, trust_remote_code=True)
        head = AutoModelForCausalLM if "AutoModelForCausalLM" in getattr(config, "auto_map", {}) else AutoModel
        with torch.device("meta"):
            model: PreTrainedModel = head.from_config(config, trust_remote_code=True)  # type: ignore[no-untyped-call]
    except Exception as error:  # whatever the code of a repository raises
        raise Refusal(f"{ref}: its own code builds no model: {architectures().first_line(error)}") from error
    return model


def with_weights(ref: str, device: torch.device) -> PreTrainedModel | None:
    """Load a model of transformers, in its own precision; None where there are neither safetensors nor GGUF."""
    place, kind = architectures().weights_of(ref)
    if not kind:
        return None
    shape = architectures().build(ref)
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a demo prints what it measured
    try:
        model: PreTrainedModel = type(shape).from_pretrained(
            place, config=shape.config, attn_implementation="eager", dtype="auto", **kind
        )
    except Exception as error:  # whatever damaged weights lead to
        raise Refusal(f"{ref}: its weights cannot be read: {architectures().first_line(error)}") from error
    finally:
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    return torch.nn.Module.to(model, device)
