"""ChatGLM's shapes, which transformers does not have: the layers with their sizes and names, and no computation.

ChatGLM-6B (Zeng et al. 2022, "GLM-130B", https://arxiv.org/abs/2210.02414; released as THUDM/chatglm-6b) has biases
everywhere, layer norms, a feed-forward network of four times the width, and shares the word embeddings with the
output layer. From ChatGLM2-6B on, two key-value heads serve all query heads (Ainslie et al. 2023, "GQA",
https://arxiv.org/abs/2305.13245), the feed-forward network is gated (SwiGLU: twice the width at once), the norms are
RMS norms, only the fused query-key-value layer has a bias, and the output layer has weights of its own.

Enough to count parameters, on torch's meta device: a card on renting a GPU needs sizes, not answers.
"""

from collections.abc import Mapping
from typing import Any

from torch import nn
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel

BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "chatglm-6b": {
        "vocab_size": 130528,
        "hidden_size": 4096,
        "num_layers": 28,
        "inner_hidden_size": 16384,
        "dtype": "float16",
    },
    "chatglm2-6b": {
        "padded_vocab_size": 65024,
        "hidden_size": 4096,
        "num_layers": 28,
        "ffn_hidden_size": 13696,
        "num_attention_heads": 32,
        "multi_query_group_num": 2,
        "tie_word_embeddings": False,
        "dtype": "float16",
    },
}
"""The published `config.json`, as far as it decides sizes. ChatGLM3-6B has the shape of ChatGLM2-6B."""


class ChatGLMConfig(PretrainedConfig):  # type: ignore[no-untyped-call]  # transformers registers it, untyped
    """ChatGLM's `config.json`; `gated` tells ChatGLM2 and later from ChatGLM-6B."""

    model_type = "chatglm"

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  (a configuration file's values)
        """Derive the sizes that the shapes need; `**values` are those of `config.json`."""
        values = {"num_attention_heads": 32, "tie_word_embeddings": True, **values, "architectures": ["ChatGLMShape"]}
        super().__init__(**{name: value for name, value in values.items() if name != "model_type"})
        self.tie_word_embeddings = bool(values["tie_word_embeddings"])
        self.vocab_size = int(values.get("padded_vocab_size", values.get("vocab_size", 130528)))
        self.num_hidden_layers = int(values.get("num_layers", 28))
        self.gated = "ffn_hidden_size" in values
        self.inner = int(values["ffn_hidden_size" if self.gated else "inner_hidden_size"])
        groups = int(values.get("multi_query_group_num", values["num_attention_heads"]))
        self.kv_width = groups * (int(values["hidden_size"]) // int(values["num_attention_heads"]))


class Block(nn.Module):
    """One layer: fused query, key and value; the attention's output; the feed-forward network; two norms."""

    def __init__(self, config: ChatGLMConfig) -> None:
        super().__init__()
        hidden, bias = config.hidden_size, not config.gated
        norm = nn.RMSNorm if config.gated else nn.LayerNorm
        self.input_layernorm, self.post_attention_layernorm = norm(hidden), norm(hidden)
        self.query_key_value = nn.Linear(hidden, hidden + 2 * config.kv_width)
        self.dense = nn.Linear(hidden, hidden, bias=bias)
        self.dense_h_to_4h = nn.Linear(hidden, config.inner * (2 if config.gated else 1), bias=bias)
        self.dense_4h_to_h = nn.Linear(config.inner, hidden, bias=bias)


class ChatGLMShape(PreTrainedModel, GenerationMixin):  # type: ignore[no-untyped-call]  # likewise
    """Every parameter of a ChatGLM under its published module name; it cannot run."""

    config_class = ChatGLMConfig

    def __init__(self, config: ChatGLMConfig) -> None:
        super().__init__(config)
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)  # (vocabulary, hidden)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers))
        self.final_layernorm = (nn.RMSNorm if config.gated else nn.LayerNorm)(config.hidden_size)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.word_embeddings.weight

    def get_input_embeddings(self) -> nn.Embedding:
        """Return the word embeddings."""
        return self.word_embeddings

    def get_output_embeddings(self) -> nn.Linear:
        """Return the output layer, which `all-linear` leaves out."""
        head: nn.Linear = self.lm_head
        return head


def prefix_encoder(config: ChatGLMConfig, tokens: int, *, projection: bool) -> nn.Module:
    """Return ChatGLM's own prefix encoder (P-tuning v2): its output has shape (tokens, 2 · layers · kv_width).

    With the projection, ChatGLM-6B embeds into the hidden width and ChatGLM2 into the keys and values themselves.
    """
    output = 2 * config.num_hidden_layers * config.kv_width
    if not projection:
        return nn.Embedding(tokens, output)
    width = output if config.gated else config.hidden_size
    mlp = (nn.Linear(width, config.hidden_size), nn.Tanh(), nn.Linear(config.hidden_size, output))
    return nn.Sequential(nn.Embedding(tokens, width), *mlp)
