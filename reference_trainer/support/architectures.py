"""A model's architecture from its name or its `config.json`: every parameter with its shape, and no weights.

torch's meta device knows shapes only, so 175 billion parameters take as much memory as 175. Nothing is run from a
model's repository: the classes are those of transformers, and ChatGLM's shapes are in `chatglm.py`.
Source: https://docs.pytorch.org/docs/stable/meta.html.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from transformers import CONFIG_MAPPING, PretrainedConfig, PreTrainedModel
from transformers.models.auto import modeling_auto as auto

from ankillm.evidence import Refusal, UnreadableError, read_file
from reference_trainer.support.chatglm import BUILT_IN, ChatGLMConfig, ChatGLMShape
from reference_trainer.support.gguf_files import gguf_file, gguf_values, located
from reference_trainer.support.limits import TooLongError, within
from reference_trainer.support.model_files import MOST_CONFIG, MOST_LABELS, refuse_endless, require_ordinary

HEADS = {
    "causal_lm": auto.MODEL_FOR_CAUSAL_LM_MAPPING,
    "seq_2_seq_lm": auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    "seq_cls": auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    "token_cls": auto.MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
    "question_ans": auto.MODEL_FOR_QUESTION_ANSWERING_MAPPING,
    "feature_extraction": auto.MODEL_MAPPING,
}
"""peft's names of tasks, and transformers' classes for each."""

LANGUAGE = (auto.MODEL_FOR_MASKED_LM_MAPPING, auto.MODEL_FOR_CAUSAL_LM_MAPPING)
MULTIMODAL = (
    *([auto.MODEL_FOR_MULTIMODAL_LM_MAPPING] if hasattr(auto, "MODEL_FOR_MULTIMODAL_LM_MAPPING") else []),
    auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
)
"""The first of them came with transformers 5."""

LONGEST_BUILD = 60.0
"""Seconds that a model without weights may take; the largest there is takes a few."""

FETCHED = ("attn_implementation", "experts_implementation", "quantization_config", "auto_map", "custom_pipelines")
ENCODER_DECODERS = (auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING, auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING)


def build(ref: str, task: str = "", labels: int = 0) -> PreTrainedModel:
    """Return the model that `ref` names, on the meta device.

    `ref` is a `config.json`, a GGUF file, the folder of either, a built-in name (`chatglm-6b`, `chatglm2-6b`) or a name
    on the hub.
    `task` (a key of `HEADS`) chooses the head; without it `architectures` in the configuration does.
    Raises `Refusal` if there is no such file or name, or if transformers doesn't know the architecture.
    """
    values = read(ref)
    if labels > MOST_LABELS:
        raise Refusal(f"--labels {labels:,}: more than {MOST_LABELS:,}")
    try:
        with within(LONGEST_BUILD):
            config = configuration(values, ref)
            if labels:
                config.num_labels = labels
            with torch.device("meta"):
                model: PreTrainedModel = model_class(config, task)(config)
    except Refusal:
        raise
    except (TooLongError, MemoryError):
        raise Refusal(f"{ref}: this configuration asks for more than can be built; check its numbers") from None
    except Exception as error:  # whatever a class makes of an untrusted configuration
        raise Refusal(f"{ref}: this configuration builds no model: {first_line(error)}") from error
    model.tie_weights()
    if values.get("tie_word_embeddings") is False:
        untie(model)
    return model


def untie(model: PreTrainedModel) -> None:
    """Give the output layer weights of its own: transformers 5 ties every T5, yet mT5 and Flan-T5 are not tied."""
    head: Any = model.get_output_embeddings()  # type: ignore[no-untyped-call]  # untyped in transformers
    words: Any = model.get_input_embeddings()
    if head is not None and head.weight is words.weight:
        head.weight = torch.nn.Parameter(torch.empty_like(head.weight))


def read(ref: str) -> Mapping[str, Any]:
    """Return the values of the `config.json` that `ref` names, or of the configuration in a GGUF file."""
    path = Path(ref)
    if gguf := gguf_file(ref):
        with within(LONGEST_BUILD):
            values = gguf_values(gguf)
        refuse_endless(values, ref)
        return harmless(values)
    if path.is_dir():
        path /= "config.json"
    if path.is_file():
        return parse(path)
    if name := built_in(ref):
        return {"model_type": "chatglm", **BUILT_IN[name]}
    return parse(fetch(ref))


def built_in(ref: str) -> str:
    """Return the key of `BUILT_IN` for a name such as `THUDM/chatglm-6b`; empty if it is none."""
    name = ref.rsplit("/", 1)[-1].lower()
    return name if name in BUILT_IN else ""


def fetch(ref: str) -> Path:
    """Return the path of a hub model's `config.json`, downloaded or cached."""
    if not re.fullmatch(r"[\w-][\w.-]*(/[\w.-]+)?", ref) or ref.endswith(".json"):
        raise Refusal(f"{ref}: no config.json there; give a config.json, its folder or a model's name")
    try:
        if isinstance(cached := try_to_load_from_cache(ref, "config.json"), str):
            return Path(cached)
        get_hf_file_metadata(hf_hub_url(ref, "config.json"), timeout=5)  # fails at once; a download tries five times
        return Path(hf_hub_download(ref, "config.json"))
    except Exception as error:
        reason = f"can't be had from the hub ({type(error).__name__})"
        raise Refusal(f"{ref}: no such folder, and it {reason}; give a config.json or its folder") from error


def parse(path: Path) -> Mapping[str, Any]:
    """Read a `config.json`."""
    try:
        values = json.loads(read_file(path, MOST_CONFIG).decode("utf-8"))
    except UnreadableError as error:
        raise Refusal(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Refusal(f"{path}{line}: not a JSON configuration: {first_line(error)}") from error
    if not isinstance(values, dict):
        raise Refusal(f"{path}: not a model's configuration: an object is expected")
    refuse_endless(values, str(path))
    return harmless(values)


def harmless(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a configuration without what could fetch or run code: no attention kernel, no quantizer, no classes."""
    kept = {name: value for name, value in values.items() if not name.strip("_").startswith(FETCHED)}
    return {name: harmless(value) if isinstance(value, dict) else value for name, value in kept.items()}


def configuration(values: Mapping[str, Any], ref: str) -> PretrainedConfig:
    """Return the configuration object of the architecture that `values` names."""
    kind = values.get("model_type") or type_of_classes(values)
    if kind == "chatglm":
        return ChatGLMConfig(**values)
    if not isinstance(kind, str) or kind not in CONFIG_MAPPING:
        near = nearest(str(kind), CONFIG_MAPPING.keys())
        raise Refusal(f"{ref}: transformers knows no model_type {kind!r}{near}")
    config: PretrainedConfig = CONFIG_MAPPING[kind].from_dict(dict(values))
    return config


def type_of_classes(values: Mapping[str, Any]) -> str:
    """Return the model type of the class in `architectures`, for a configuration that names no type."""
    kinds = (kind.model_type for _, kind in known_classes(values.get("architectures")))
    return next(kinds, "")


def model_class(config: PretrainedConfig, task: str) -> type[PreTrainedModel]:
    """Return the class for the task, or the one that the configuration names, or the likeliest."""
    if isinstance(config, ChatGLMConfig):
        return ChatGLMShape
    if task:
        if type(config) not in HEADS[task]:
            raise Refusal(f"transformers has no {config.model_type} model for the task {task}")
        return one(HEADS[task][type(config)])
    for named, kind in known_classes(config.architectures):
        if isinstance(config, kind):
            return named
    for choice in likeliest(config):
        if type(config) in choice:
            return one(choice[type(config)])
    raise Refusal(f"the configuration of a {config.model_type} names no class in architectures")


def likeliest(config: PretrainedConfig) -> tuple[Any, ...]:
    """Return the kinds of models to look for where the configuration names no class, the likeliest first.

    An encoder predicts masked words, a decoder the next one; a decoder that is part of a model that sees or hears
    has a configuration inside that model's.
    """
    first = ENCODER_DECODERS if config.is_encoder_decoder else ()
    middle = (*LANGUAGE, *MULTIMODAL) if config.get_text_config() is config else (*MULTIMODAL, *LANGUAGE)
    return (*first, *middle, auto.MODEL_MAPPING)


def known_classes(names: object) -> Iterator[tuple[type[PreTrainedModel], type[PretrainedConfig]]]:
    """Yield those of the names that are model classes of transformers, with their configurations' classes."""
    for name in names if isinstance(names, list) else ():
        found = getattr(transformers, str(name), None)
        if isinstance(found, type) and issubclass(found, PreTrainedModel) and found.config_class is not None:
            yield found, found.config_class


def one(entry: Any) -> type[PreTrainedModel]:  # noqa: ANN401  (transformers maps to a class or to several)
    """Return the class, or the first of several."""
    chosen: type[PreTrainedModel] = entry[0] if isinstance(entry, tuple | list) else entry
    return chosen


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean a, b?` for the names close to `name`, or nothing."""
    near = get_close_matches(name, sorted(names), n=3)
    return f"; did you mean {', '.join(near)}?" if near else ""


def first_line(error: BaseException) -> str:
    """Return an error's text in one line: the first, and what stands below it where that only announces it."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2] if lines and lines[0].endswith(":") else lines[:1]) or type(error).__name__


def weights_of(ref: str) -> tuple[str, dict[str, Any]]:
    """Return what `from_pretrained` takes for a model's weights, and how; nothing where there are none to be read."""
    place, gguf = located(ref)
    require_ordinary(Path(place))
    return place, gguf or ({"use_safetensors": True} if any(Path(ref).glob("*.safetensors")) else {})
