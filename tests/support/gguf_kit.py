"""The tiny Llama as a GGUF file, written by the library of llama.cpp."""

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType
from transformers import LlamaForCausalLM

from reference_trainer.support.tiny import ALPHABET, SPECIAL

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""What llama.cpp calls the parts of a layer."""


def write_gguf(model: LlamaForCausalLM, path: Path) -> Path:
    """Write a model of characters, in float32, with its tokenizer."""
    config = model.config
    writer = GGUFWriter(path, "llama")
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_attention_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    _write_tokenizer(writer)
    for name, weight in model.named_parameters():
        writer.add_tensor(_name(name), _values(name, weight.detach().numpy(), config.num_attention_heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_tokenizer(writer: GGUFWriter) -> None:
    """Write characters as the tokens of GPT-2's kind of tokenizer, which spells a space as Ġ."""
    tokens = [*SPECIAL, *ALPHABET.replace(" ", "Ġ")]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL] * len(SPECIAL) + [TokenType.NORMAL] * len(ALPHABET))
    writer.add_token_scores([0.0] * len(tokens))  # nothing is merged
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(0)


def _name(name: str) -> str:
    """Return llama.cpp's name: `model.layers.0.mlp.up_proj.weight` → `blk.0.ffn_up.weight`."""
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if name in whole:
        return whole[name]
    layer, _, part = name.removeprefix("model.layers.").removesuffix(".weight").partition(".")
    return f"blk.{layer}.{NAMES[part]}.weight"


def _values(name: str, weight: np.ndarray, heads: int) -> np.ndarray:
    """Return the numbers; llama.cpp turns queries and keys in pairs of neighbours, not of halves."""
    if not name.endswith(("q_proj.weight", "k_proj.weight")):
        return weight
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width)
