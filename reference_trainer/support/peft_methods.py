"""Methods put on a model: LoRA, prefix tuning and prompt tuning by peft, prefix tuning of ChatGLM by its own encoder.

peft is asked wherever it knows the way, so that what is counted is what would be trained: it knows the layers that
LoRA usually takes in an architecture, the narrower prefixes of grouped-query attention, the two prompts of an
encoder-decoder, and the heads that are trained along with an adapter. The prefix of a decoder is the trainer's own
(`prefix_layers.py`), which is what `train` trains: without a projection peft's has as many numbers, but its projection
is as narrow as the keys and values, and the trainer's as wide as the model.
Source: https://huggingface.co/docs/peft/package_reference/peft_model.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from peft import (
    LoraConfig,
    PeftModel,
    PrefixTuningConfig,
    PromptTuningConfig,
    get_peft_model,
    get_peft_model_state_dict,
)
from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as DEFAULT_TARGETS
from torch import nn
from transformers import Conv1D, PreTrainedModel

from ankillm.evidence import Refusal
from reference_trainer.support.architectures import HEADS, first_line, nearest
from reference_trainer.support.chatglm import ChatGLMConfig, prefix_encoder
from reference_trainer.support.prefix_layers import PrefixEncoder, layer_shapes
from reference_trainer.support.versions import EXPERTS, meta_forward

ADAPTABLE = (nn.Linear, Conv1D, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.MultiheadAttention)


PREFIX = ("prefix", "ptuning")


@dataclass(frozen=True, slots=True)
class Method:
    """How a model is to be trained, in peft's words."""

    name: str = "lora"
    rank: int = 8
    targets: tuple[str, ...] = ()
    """Names of modules for LoRA, or `all-linear` alone; `default` or empty: peft's for the architecture."""
    bias: Literal["none", "all", "lora_only"] = "none"
    tokens: int = 20
    projection: bool = False


@dataclass(frozen=True, slots=True)
class Tuned:
    """A model with a method put on it."""

    parameters: tuple[nn.Parameter, ...]
    """All of them; those with `requires_grad` are trained."""
    adapted: tuple[str, ...] = ()
    """Full names of the modules that got LoRA."""
    file: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """The tensors that are saved beside the base model; none for full fine-tuning."""


def tune(model: PreTrainedModel, method: Method, task: str = "") -> Tuned:
    """Put a method on a model that is on the meta device; `task` is one of `HEADS`, or found by the model's head.

    Raises Refusal, in one line, where peft knows no way.
    """
    if method.name == "full":
        return Tuned(tuple(model.parameters()))
    if method.name in PREFIX and isinstance(model.config, ChatGLMConfig):
        return chatglm_prefix(model, model.config, method)
    if method.name in PREFIX and not task and model.can_generate() and not model.config.is_encoder_decoder:
        return decoder_prefix(model, method)
    tuned = adapt(model, method, task or task_of(model, method))
    return Tuned(tuple(tuned.parameters()), adapted_modules(tuned), saved(tuned))


def chatglm_prefix(model: PreTrainedModel, config: ChatGLMConfig, method: Method) -> Tuned:
    """Freeze ChatGLM and give it its own prefix encoder, which is saved whole."""
    with torch.device("meta"):
        encoder = prefix_encoder(config, method.tokens, projection=method.projection)
    base = model.requires_grad_(requires_grad=False).parameters()
    return Tuned((*base, *encoder.parameters()), file=encoder.state_dict())


def decoder_prefix(model: PreTrainedModel, method: Method) -> Tuned:
    """Freeze a decoder and give it the trainer's prefix encoder; the projection is dropped when it is saved."""
    try:
        # Experts know the meta device in this precision only; numbers are counted, not computed.
        with meta_forward():
            shapes = layer_shapes(nn.Module.to(model, torch.bfloat16))
    except Refusal:
        raise
    except Exception as error:  # what an architecture does with numbers, which a shape has not
        raise Refusal(f"{type(model).__name__} can't be asked for its keys and values: {first_line(error)}") from error
    with torch.device("meta"):
        encoder = PrefixEncoder(
            shapes, method.tokens, hidden=model.config.get_text_config().hidden_size, projection=method.projection
        )
    base = model.requires_grad_(requires_grad=False).parameters()
    return Tuned((*base, *encoder.parameters()), file={"prompt_embeddings": encoder.rows()})


def task_of(model: PreTrainedModel, method: Method) -> str:
    """Return peft's name of the task that the model's head is for; a prompt or a prefix needs one in any case."""
    for task, heads in HEADS.items():
        known: Any = heads.get(type(model.config), ())
        if isinstance(model, known):
            return task
    if method.name == "lora":
        return ""
    if model.config.is_encoder_decoder:
        return "seq_2_seq_lm"
    return "causal_lm" if model.can_generate() else "feature_extraction"


def adapt(model: PreTrainedModel, method: Method, task: str) -> PeftModel:
    """Put the adapter on the model, still on the meta device."""
    try:
        config = peft_config(model, method, task.upper() or None)
        with torch.device("meta"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft corrects fan_in_fan_out by itself and says so
            tuned: PeftModel = get_peft_model(model, config)
    except Refusal:
        raise
    except Exception as error:  # whatever peft makes of an architecture that it has not met
        raise Refusal(f"peft can't put {method.name} on {type(model).__name__}: {first_line(error)}") from error
    return tuned


def peft_config(model: PreTrainedModel, method: Method, task: str | None) -> Any:  # noqa: ANN401  (one of three classes)
    """Translate the method into peft's configuration."""
    if method.name == "lora":
        targets = lora_targets(model, method.targets)
        return LoraConfig(r=method.rank, target_modules=targets, bias=method.bias, task_type=task)
    common = {"num_virtual_tokens": method.tokens, "task_type": task, **sizes(model)}
    if method.name in PREFIX:
        return PrefixTuningConfig(prefix_projection=method.projection, **common)
    return PromptTuningConfig(**{"num_attention_heads": 1, **common})  # heads, which it has no use for


def sizes(model: PreTrainedModel) -> dict[str, Any]:
    """Return what peft would look for in the configuration: it knows fewer names of these sizes than transformers."""
    text = model.config.get_text_config(decoder=True)
    names = {
        "num_layers": "num_hidden_layers",
        "num_attention_heads": "num_attention_heads",
        "token_dim": "hidden_size",
    }
    if text.to_dict().get("per_layer_config"):
        return {}  # layers that differ: peft reads them one by one
    found = {name: getattr(text, attribute, None) for name, attribute in names.items()}
    return {name: size for name, size in found.items() if size is not None}


def lora_targets(model: PreTrainedModel, wanted: tuple[str, ...]) -> Any:  # noqa: ANN401  (as peft takes them: a name or a list)
    """Return the targets, or peft's default; refuse one that no module has, with the nearest names."""
    kind, layers = model.config.model_type, sorted({name.rsplit(".", 1)[-1] for name in linear_layers(model)})
    some = ", ".join(layers[:12])
    if wanted == ("all-linear",):
        return "all-linear"
    wanted = () if wanted == ("default",) else wanted
    if not wanted and kind not in DEFAULT_TARGETS:
        raise Refusal(f"peft has no default targets for {kind}: give --targets all-linear, or some of {some}")
    for target in wanted:
        if problem := unfit(model, target):
            near = nearest(target, layers) or f"; its linear layers are {some}"
            raise Refusal(f"{problem}{near}")
    default: Any = DEFAULT_TARGETS.get(kind)
    return list(wanted) or default


def unfit(model: PreTrainedModel, target: str) -> str:
    """Return why peft can't adapt the target, found by a module's whole name or its end; empty if it can."""
    if target in EXPERTS.get(model.config.model_type, {}):
        return ""  # experts, which peft still knows by the names that they had as single layers
    named = [module for name, module in model.named_modules() if name == target or name.endswith(f".{target}")]
    if not named:
        return f"no module of {type(model).__name__} is named {target!r}"
    other = next((module for module in named if not isinstance(module, ADAPTABLE)), None)
    return f"{target!r} is a {type(other).__name__}, which LoRA does not adapt" if other else ""


def linear_layers(model: nn.Module) -> list[str]:
    """Return the full names of the layers that LoRA is usually put on."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear | Conv1D)]


def adapted_modules(model: PeftModel) -> tuple[str, ...]:
    """Return the full names of the modules that LoRA was put on; none for the other methods."""
    found = (getattr(model.base_model, f"targeted_{kind}_names", ()) for kind in ("module", "parameter"))
    return tuple(name.removesuffix(".weight") for names in found for name in names)


def saved(model: PeftModel) -> Mapping[str, torch.Tensor]:
    """Return the tensors that peft saves; of a projected prefix the keys and values only, its network is dropped."""
    config: Any = model.peft_config["default"]
    if config.is_prompt_learning:
        tokens = config.num_virtual_tokens * (
            1 if config.peft_type == "PREFIX_TUNING" else config.num_transformer_submodules
        )
        return {"prompt_embeddings": model.prompt_encoder["default"](torch.arange(tokens, device="meta"))}
    state: Mapping[str, torch.Tensor] = get_peft_model_state_dict(model, save_embedding_layers=False)
    return state
