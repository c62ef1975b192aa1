"""Which parameters a method trains, and how the result is kept: all of them, LoRA's or a prefix."""

import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PrefixTuningConfig, get_peft_model
from peft.utils import TRANSFORMERS_MODELS_TO_PREFIX_TUNING_POSTPROCESS_MAPPING
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from ankillm.evidence import Refusal
from reference_trainer.support.peft_methods import lora_targets
from reference_trainer.support.prefix_layers import LayerShape, PrefixEncoder, PrefixModel, layer_shapes, prefix_model
from reference_trainer.training.processes import tell
from reference_trainer.training.settings import TOKENS, Settings


def adapt(model: PreTrainedModel, settings: Settings, tokens: Sequence[int] = ()) -> nn.Module:
    """Return `model` with the parameters that the method trains, in float32; all others are frozen.

    A prefix starts as if `tokens` had been read before, if the settings have it so.
    """
    if settings.method == "full":
        return nn.Module.float(model).requires_grad_(requires_grad=True)
    if settings.method == "ptuning":
        start = tokens if settings.prefix_init == TOKENS else ()
        return prefix_model(model, settings.pre_seq_len, projection=settings.prefix_projection, tokens=start)
    return lora(model, settings)


def lora(model: PreTrainedModel, settings: Settings) -> nn.Module:
    """Add LoRA's matrices to the target modules of `model`, by peft."""
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=targets_of(model, settings.targets),
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),
    )
    with warnings.catch_warnings():
        # peft asks transformers for a property by its old name, and says in many lines what is said in one below.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        warnings.filterwarnings("ignore", "Model (has|with) `tie_word_embeddings=True`", UserWarning)
        warnings.filterwarnings("ignore", "fan_in_fan_out is set to", UserWarning)  # which it then sees to itself
        warnings.filterwarnings(
            "ignore", "The following (rank|alpha)_pattern keys did not match", RuntimeWarning
        )  # its own
        adapted: nn.Module = get_peft_model(model, config)
    tied = tied_targets(model, settings.targets)
    if tied:
        tell(f"--targets {tied}: this model's input and output share their weights; don't merge the adapter", "!")
    return adapted


def tied_targets(model: PreTrainedModel, targets: tuple[str, ...]) -> str:
    """Return the targets that are word embeddings which serve as the output layer too."""
    words, head = model.get_input_embeddings(), model.get_output_embeddings()  # type: ignore[no-untyped-call]
    if head is None or getattr(model.config, "tie_word_embeddings", False) is not True:
        return ""
    names = {name.rpartition(".")[2] for name, module in model.named_modules() if module in {words, head}}
    return ", ".join(target for target in targets if target.rpartition(".")[2] in names)


def targets_of(model: PreTrainedModel, targets: tuple[str, ...]) -> Any:  # noqa: ANN401  (a name or a list)
    """Return the targets as peft takes them; raise `Refusal`, with the nearest names, if one matches no module."""
    try:
        return lora_targets(model, targets)
    except Refusal as refusal:
        raise Refusal(f"--targets: {refusal}") from None


def counts(model: nn.Module) -> tuple[int, int]:
    """Count the trained parameters and all of them."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, trained in sizes if trained), sum(size for size, _ in sizes)


def save(model: nn.Module, folder: Path, weights: dict[str, Tensor] | None = None) -> None:
    """Write what was trained to `folder`, each file whole or not at all.

    LoRA and prefixes are written in peft's format (a prefix that peft can't read in our own), a full model in
    transformers'. `weights` replaces the model's own where those are spread over devices.
    """
    fresh = folder / ".new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    if isinstance(model, PrefixModel):
        save_prefix(model, fresh, weights)
    elif isinstance(model, PreTrainedModel):
        model.save_pretrained(fresh, state_dict=weights, max_shard_size="1TB")
    else:
        model.save_pretrained(fresh, state_dict=weights, save_embedding_layers=False)  # type: ignore[operator]
        (fresh / "README.md").unlink(missing_ok=True)  # peft's empty model card; the run has a README of its own
    for path in sorted(fresh.iterdir()):
        path.replace(folder / path.name)
    fresh.rmdir()


def save_prefix(model: PrefixModel, folder: Path, weights: dict[str, Tensor] | None = None) -> None:
    """Write the prefix as keys and values; the projection is dropped."""
    if weights:
        model.encoder.load_state_dict({name.removeprefix("encoder."): value for name, value in weights.items()})
    plain = model.encoder.without_projection()
    config = peft_config(model)
    if config:
        table = {"prompt_embeddings": plain.embedding.weight.detach().cpu()}
        save_file(table, folder / "adapter_model.safetensors", metadata={"format": "pt"})
        config.save_pretrained(str(folder))
        return
    tensors = {
        f"layers.{index}.{kind}": state[0].detach().cpu().contiguous()
        for index, states in enumerate(plain())
        for kind, state in zip(("keys", "values"), states or (), strict=bool(states))
    }
    save_file(tensors, folder / "prefix.safetensors")
    note = {"format": "prefix", "base_model_name_or_path": model.config.name_or_path, "virtual_tokens": plain.length}
    (folder / "prefix.json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")


def peft_config(model: PrefixModel) -> PrefixTuningConfig | None:
    """Return the configuration under which peft reads this prefix; None if layers differ or peft rearranges them."""
    first = model.encoder.shapes[0]
    same = all(shape == first for shape in model.encoder.shapes)
    rearranged = model.config.model_type in TRANSFORMERS_MODELS_TO_PREFIX_TUNING_POSTPROCESS_MAPPING
    if not same or rearranged or first is None or first.key_dim != first.value_dim:
        return None
    return PrefixTuningConfig(
        task_type="CAUSAL_LM",
        inference_mode=True,
        base_model_name_or_path=model.config.name_or_path,
        num_virtual_tokens=model.encoder.length,
        num_layers=len(model.encoder.shapes),
        num_attention_heads=first.heads,
        token_dim=first.heads * first.key_dim,
        num_transformer_submodules=1,
    )


@torch.no_grad()
def load_prefix(base: PreTrainedModel, folder: Path) -> PrefixModel:
    """Put the prefix that `save_prefix` wrote to `folder` in front of every layer of `base`."""
    shapes = layer_shapes(base)
    rows = _rows(folder, shapes)
    encoder = PrefixEncoder(shapes, rows.shape[0], hidden=1)
    encoder.embedding.weight.copy_(rows)
    return PrefixModel(base, encoder.to(base.device))


def _rows(folder: Path, shapes: tuple[LayerShape | None, ...]) -> Tensor:
    """Return the prefix as (n, width)."""
    if (folder / "adapter_model.safetensors").exists():
        return load_file(folder / "adapter_model.safetensors")["prompt_embeddings"]
    tensors = load_file(folder / "prefix.safetensors")
    names = [f"layers.{index}.{kind}" for index, shape in enumerate(shapes) if shape for kind in ("keys", "values")]
    return torch.cat([tensors[name].transpose(0, 1).flatten(1) for name in names], dim=1)
