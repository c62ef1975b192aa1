"""P-tuning v2: trained keys and values in front of every layer's own (Li & Liang 2021; Liu et al. 2021).

The input does not get longer: every attention layer is given `n` more keys and values to look at, as if `n` tokens had
been read before. They come from a table (`n` rows), or from a smaller table through a two-layer perceptron, the
projection, which can be dropped after training.

Where they start matters. Random numbers are no keys and values that a pretrained model has ever seen: attention goes
astray, and it takes hundreds of steps to get back to what the untouched model could do. So they start as what the model
itself computes for real tokens (Li & Liang 2021, section 7.4): as if these tokens had been read before.

transformers passes such keys and values as a cache. A usual cache stores what it is given, so a layer that is computed
a second time, as gradient checkpointing does, would find its own tokens in it. The cache here stores nothing: computing
a layer twice gives the same result twice, and the prefix works under checkpointing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import Cache, DynamicLayer
from transformers.modeling_layers import GradientCheckpointingLayer

from ankillm.evidence import Refusal
from reference_trainer.support.versions import (
    RecurrentLayer,
    UnusedLayer,
    checkpoint_layers,
    keep_cache_under_checkpointing,
)

READ = 512
"""Tokens that are read for a start at most: a longer prefix repeats them, as models have an end of their positions."""


@dataclass(frozen=True, slots=True)
class LayerShape:
    """The keys and values of one token in one layer; `heads` are those of keys and values, not of queries."""

    heads: int
    key_dim: int
    value_dim: int
    sliding: bool = False
    """Whether the layer looks only at a window of the last tokens."""

    @property
    def numbers(self) -> int:
        """Count the numbers that a token leaves in this layer's cache."""
        return self.heads * (self.key_dim + self.value_dim)


def layer_shapes(model: PreTrainedModel) -> tuple[LayerShape | None, ...]:
    """Read a token through `model` and look at what its cache holds, a shape a layer; None where a layer has no own.

    Asking the model needs no knowledge of any architecture's configuration.
    Raises `Refusal` if a layer keeps something else than keys and values, such as a recurrent state.
    """
    was_training = model.training
    cache = DynamicCache(config=model.config)
    token = torch.zeros(1, 1, dtype=torch.long, device=model.device)
    try:
        with torch.no_grad():
            nn.Module.eval(model).base_model(input_ids=token, past_key_values=cache, use_cache=True)
    except TypeError:  # an older transformers: no cache of this kind at all
        kind = model.config.model_type
        raise Refusal(f"{kind} keeps no keys and values: P-tuning v2 has nothing to put a prefix to") from None
    nn.Module.train(model, was_training)
    shapes = tuple(_shape(layer, index, model) for index, layer in enumerate(cache.layers))
    if not any(shapes):
        raise Refusal(f"{model.config.model_type} keeps no keys and values: P-tuning v2 has nothing to put a prefix to")
    return shapes


def _shape(layer: object, index: int, model: PreTrainedModel) -> LayerShape | None:
    if isinstance(layer, UnusedLayer):
        return None
    keys, values = getattr(layer, "keys", None), getattr(layer, "values", None)
    if isinstance(layer, RecurrentLayer) or keys is None or values is None or keys.ndim != 4:
        kind = model.config.model_type
        raise Refusal(f"layer {index} of {kind} keeps no keys and values: P-tuning v2 needs attention in every layer")
    return LayerShape(keys.shape[1], keys.shape[3], values.shape[3], bool(getattr(layer, "is_sliding", False)))


class PrefixEncoder(nn.Module):
    """The trained prefix: `n` rows, each one virtual token's keys and values in all layers.

    Without projection a row holds the numbers themselves; with it, `hidden` numbers that two layers map to them.
    Parameters are float32 whatever the model is: fp16 has no room for AdamW's small steps.
    Names and order are those of peft's prefix tuning.
    """

    def __init__(
        self,
        shapes: Sequence[LayerShape | None],
        length: int,
        *,
        hidden: int,
        projection: bool = False,
    ) -> None:
        super().__init__()
        self.shapes = tuple(shapes)
        self.length = length
        width = sum(shape.numbers for shape in self.shapes if shape)
        self.embedding = nn.Embedding(length, hidden if projection else width, dtype=torch.float32)
        self.transform = (
            nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, width)).float()
            if projection
            else nn.Identity()
        )
        self.start: Tensor | None
        self.register_buffer("start", None)

    @torch.no_grad()
    def begin_with(self, start: Tensor) -> None:
        """Make the rows `start`, (m, width), from its beginning again where m < n.

        They become the table itself, or what a projection that is zero at first adds to. Until then they are numbers
        from N(0, 1), or what the projection makes of them.
        """
        start = start[torch.arange(self.length, device=start.device) % len(start)]
        if isinstance(self.transform, nn.Sequential):
            self.start = start
            for parameter in self.transform[-1].parameters():
                parameter.zero_()
        else:
            self.embedding.weight.copy_(start)

    def forward(self) -> list[tuple[Tensor, Tensor] | None]:
        """Return each layer's keys and values, (1, heads, n, dim) each; None for a layer without its own."""
        with torch.autocast(self.embedding.weight.device.type, enabled=False):
            rows = self.rows()  # (n, width)
        sizes = [size for shape in self.shapes if shape for size in _sizes(shape)]
        parts = iter(torch.split(rows, sizes, dim=1))
        return [(_heads(next(parts), shape), _heads(next(parts), shape)) if shape else None for shape in self.shapes]

    def rows(self) -> Tensor:
        """Return what is left when the projection is dropped: (n, width), a virtual token a row."""
        rows: Tensor = self.transform(self.embedding.weight)
        return rows if self.start is None else rows + self.start

    @torch.no_grad()
    def without_projection(self) -> "PrefixEncoder":
        """Return an encoder with the same keys and values and no projection."""
        plain = PrefixEncoder(self.shapes, self.length, hidden=1)
        plain.embedding.weight.copy_(self.rows())
        return plain.to(self.embedding.weight.device)


def _sizes(shape: LayerShape) -> tuple[int, int]:
    return shape.heads * shape.key_dim, shape.heads * shape.value_dim


def _heads(part: Tensor, shape: LayerShape) -> Tensor:
    """Split (n, heads·dim) into (1, heads, n, dim)."""
    return part.view(part.shape[0], shape.heads, -1).transpose(0, 1).unsqueeze(0)


class _PrefixLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # untyped in transformers
    """One layer's prefix: put in front of whatever keys and values come, which are not kept."""

    def __init__(self, keys: Tensor, values: Tensor, *, sliding: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.prefix = self.keys, self.values = keys, values
        self.is_sliding = sliding
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Return prefix + states, (batch, heads, n + tokens, dim), in the states' own precision."""
        return _before(self.prefix[0], key_states), _before(self.prefix[1], value_states)


def _before(prefix: Tensor, states: Tensor) -> Tensor:
    return torch.cat([prefix.to(states.dtype).expand(states.shape[0], -1, -1, -1), states], dim=2)


class PrefixModel(nn.Module):
    """A frozen decoder and the trained prefix in front of each of its layers."""

    def __init__(self, base: PreTrainedModel, encoder: PrefixEncoder) -> None:
        super().__init__()
        self.base = base.requires_grad_(requires_grad=False)
        self.encoder = encoder
        self.config = base.config
        _keep_prefix_under_checkpointing(base)

    def get_output_embeddings(self) -> nn.Module | None:
        """Return the decoder's output layer."""
        head: nn.Module | None = self.base.get_output_embeddings()  # type: ignore[no-untyped-call]
        return head

    def checkpoint(self) -> None:
        """Checkpoint the decoder's layers; the prefix stays in front of them."""
        checkpoint_layers(self.base)
        _keep_prefix_under_checkpointing(self.base)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **others: object) -> object:
        """Run the decoder on (batch, tokens) behind the prefix; logits are (batch, tokens, vocabulary)."""
        return self.base(
            input_ids=input_ids,
            attention_mask=self.mask(torch.ones_like(input_ids) if attention_mask is None else attention_mask),
            past_key_values=self.cache(),
            use_cache=False,
            **others,
        )

    def mask(self, attention_mask: Tensor) -> Tensor:
        """Let every token see the prefix: (batch, tokens) → (batch, n + tokens)."""
        seen = attention_mask.new_ones(attention_mask.shape[0], self.encoder.length)
        return torch.cat([seen, attention_mask], dim=1)

    def cache(self) -> Cache:
        """Return the prefix as a cache that keeps nothing else."""
        return Cache(
            layers=[
                _PrefixLayer(*states, sliding=shape.sliding) if shape and states else UnusedLayer()
                for shape, states in zip(self.encoder.shapes, self.encoder(), strict=True)
            ]
        )


def _keep_prefix_under_checkpointing(base: PreTrainedModel) -> None:
    """Checkpointing takes the cache from layers, lest computing one twice stores twice; this cache stores nothing.

    Raises `Refusal` where an older transformers checkpoints an architecture in a way of its own.
    """
    on = any(getattr(module, "gradient_checkpointing", False) for module in base.modules())
    if on and not any(isinstance(module, GradientCheckpointingLayer) for module in base.modules()):
        kind = base.config.model_type
        raise Refusal(f"a prefix of {kind} would be lost under checkpointing: take a newer transformers, or none of it")
    for module in base.modules():
        if isinstance(module, GradientCheckpointingLayer):
            keep_cache_under_checkpointing(module)
        elif any(isinstance(child, GradientCheckpointingLayer) for child in module.modules()):
            module.gradient_checkpointing = False  # type: ignore[assignment]  # the layers checkpoint; GPT-2's model would withhold the cache too


def prefix_model(
    base: PreTrainedModel,
    length: int,
    *,
    projection: bool = False,
    hidden: int | None = None,
    tokens: Sequence[int] = (),
) -> PrefixModel:
    """Put a fresh prefix of `length` virtual tokens in front of every layer of `base`, which is frozen.

    It starts as if `tokens` had been read before; without any, as random numbers. `hidden` is the width inside the
    projection; the model's own by default.
    """
    shapes = layer_shapes(base)
    width = hidden or base.config.get_text_config().hidden_size
    encoder = PrefixEncoder(shapes, length, hidden=width, projection=projection).to(base.device)
    if tokens:
        encoder.begin_with(states_of(base, tokens[: min(length, READ)], shapes))
    return PrefixModel(base, encoder)


@torch.no_grad()
def states_of(base: PreTrainedModel, tokens: Sequence[int], shapes: Sequence[LayerShape | None]) -> Tensor:
    """Return the keys and values that `base` computes for tokens, a row a token: (n, width), in float32."""
    kept = [_StatesLayer(sliding=shape.sliding) for shape in shapes if shape]
    waiting = iter(kept)
    cache = Cache(layers=[next(waiting) if shape else UnusedLayer() for shape in shapes])
    was_training = base.training
    ids = torch.tensor([tokens], device=base.device)
    nn.Module.eval(base).base_model(input_ids=ids, past_key_values=cache, use_cache=True)
    nn.Module.train(base, was_training)
    return torch.cat([_rows(states) for layer in kept for states in (layer.keys, layer.values)], dim=1)


class _StatesLayer(DynamicLayer):  # type: ignore[no-untyped-call]  # untyped in transformers
    """One layer's keys and values of all tokens, those outside of a sliding window too."""

    def __init__(self, *, sliding: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.is_sliding = sliding


def _rows(states: Tensor | None) -> Tensor:
    """Join the heads: (1, heads, n, dim) → (n, heads·dim)."""
    assert states is not None  # noqa: S101  (for the type checker: the layer has read tokens)
    return states[0].transpose(0, 1).flatten(1).float()
