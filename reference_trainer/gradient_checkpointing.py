"""Gradient checkpointing: keep only each block's input, and compute the rest again when it is needed.

The backward pass needs what the forward pass computed. Kept in full, these activations grow with layers, tokens and
batch, and are often larger than the model. Checkpointing (Chen et al. 2016, arXiv:1604.06174) keeps the input of each
block alone and runs the block's forward pass a second time in the backward pass: less memory for more computing.

- `gradient_checkpointing_enable()` (transformers 5: `activation_checkpointing_enable`) switches it on. The gradients
  are the same to the last bit, with dropout too, as the random state is kept for the second forward pass.
- `enable_input_require_grads()` lets gradients reach a block through a frozen embedding. Re-entrant checkpointing needs
  it: there a block whose input needs no gradient counts as having none, whatever is trained inside it. Today's default
  is not re-entrant, and transformers 5 calls it by itself.
- `use_cache=False`: the key-value cache holds keys and values of past tokens, so that generating the next one need not
  compute them again. Training sees all tokens at once and never reads it; together with checkpointing it is switched
  off by transformers, as the second forward pass would fill it twice. For generation it is switched on again.

How much is saved hangs on the attention. Written out (eager), each layer keeps the weights of every pair of tokens,
which is most of what a long sequence takes; fused (`sdpa`, today's default, and flash attention) keeps none of them.

Sources: https://docs.pytorch.org/docs/stable/checkpoint.html, transformers' `modeling_utils.py`.
"""

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import peft
import torch
from matplotlib.figure import Figure
from torch import nn
from transformers import AttentionInterface, PreTrainedModel

from ankillm.evidence import Refusal, detail, fact, publish
from reference_trainer.support.gpu import (
    Cost,
    Size,
    cost,
    llama,
    only_on_gpu,
    optimizer_of,
    training_step,
)
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.models import llama_2_7b, shape_of, tiny_llama
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.versions import checkpoint_layers, meta_forward

TERMS = ("重计算", "recomputation", "中间激活", "use_reentrant", "激活重计算")
MISREADINGS = (
    {
        "pattern": r"(必须|一定要|务必|must|has to|have to)…enable_input_require_grads(\(\))?",
        "about": ("gradient_checkpointing", "gradient checkpointing", "梯度检查", "梯度检查点"),
        "fact": "nonreentrant_needs_input_grads",
        "expectation": "yes",
        "zh": "只有重入式检查点需要，而且现在的 transformers 启用检查点时自己会做",
        "en": "only re-entrant checkpointing needs it, and transformers now sees to it itself",
    },
    {
        "pattern": (
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)…((改变|影响|降低|损害|"
                r"损失|牺牲)(了|模型|训练|的|最终|一些|部分|一定|数值|到){0,4}(梯度(?!的?(计算|检查|累积))|精度|"
                r"准确率|收敛|效果|质量)|(chang(e|es|ing)|affect(s|ing)?|hurt(s|ing)?|degrad(e|es|ing)|alter(s|"
                r"ing)?|lower(s|ing)?|reduc(e|es|ing)) ((the|model|training|its|your|final|numerical|"
                r"of) ){0,3}(gradients?\b(?! comp)|accuracy|precision|convergence))"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)…(使得?|让|导致|"
                r"造成)(了)?(模型|训练|最终|的){0,3}(效果|精度|准确率)(的)?(变差|下降|降低|损失|受损)"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing) (comes at|has|at) (the |"
                r"a )?(cost|expense|loss) of (some |a little |slight |a bit of )?(accuracy|precision|"
                r"model quality)"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|"
                r"activation) checkpointing)[^。；;，,\n不非没未]{0,8}梯度(是|只是|为|都是)(一种)?(近似|估计)(值|"
                r"的)?"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing),? (the )?gradients (are|"
                r"become) (only )?(approximate|approximations|estimates|inexact)"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing) (only )?(approximates|"
                r"estimates) (the )?gradients"
            ),
            (
                r"(用|以|牺牲|损失)(了|一定的?|部分|少量|一些|训练|模型|计算){0,3}(精度|准确率|效果)(来|去|"
                r"为代价){0,2}[，,]?(换取?|节省|降低|减少)…(显存|内存)"
            ),
            (
                r"trad(es?|ing) (off )?((some|a little|a bit of|model|training|a small amount of) ){0,2}(accuracy|"
                r"precision|quality) (for|against) (less |lower |GPU |reduced ){0,2}memory"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)……(训练|模型|"
                r"最终)(的)?(效果|精度|准确率)(会|将|也|可能会?|略有|略微|稍有|有所|一定){0,4}(下降|变差|降低|"
                r"损失|受损)"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing) makes (the )?(gradients?|"
                r"training|model|results?) (less (accurate|precise|exact)|worse|approximate)"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)…(reduces?|lowers?|"
                r"degrades?|hurts?|decreases?) (the |a )?((model|network|final|training)('s)? ){0,2}(accuracy|"
                r"quality)\b"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)…(产生|引入|带来|造成|"
                r"出现)(了|一些|一定的?|少量){0,2}(误差|偏差)"
            ),
        ),
        "about": ("梯度检查点", "激活检查点", "激活重计算", "gradient checkpointing", "activation checkpointing"),
        "unless": r"\bhow\b|方式|速度|speed|重入|reentrant|re-entrant|随机状态|rng",
        "sure": True,
        "fact": "gradient_difference",
        "expectation": "> 0",
        "zh": "梯度检查点不改变梯度：逐位相等",
        "en": "gradient checkpointing changes no gradient: they are equal to the last bit",
    },
    {
        "pattern": (
            (
                r"(use_cache( ?= ?(True|False))?|kv[ -]?cache|kv ?缓存|键值缓存)`?(会|都会|也会|将|略微|轻微|稍微|"
                r"can|will|may|slightly|really| |了){0,4}((改变|影响|降低|损害)(了|模型|的|最终|生成|推理|"
                r"到){0,4}(输出|结果|精度|准确率|质量|logits)(?!格式|长度|速度)|(chang(e|es|ing)|affects?|hurts?|"
                r"degrades?|alters?|lowers?) ((the|model|its|your|final|of) ){0,3}(outputs?|results?|accuracy|"
                r"logits|quality|precision)(?! (format|length|speed)))"
            ),
            (
                r"use_cache`?( ?= ?(True|False))`?(时|之?后|与否)?[，,]?(模型|生成)?的?(输出|结果|logits)(会|将|"
                r"就|也){0,2}(有所|略有|稍有|有)?(不同|变化|改变|差异)"
            ),
        ),
        "about": ("use_cache", "KV cache", "KV-cache", "KVCache", "KV 缓存", "KV缓存", "键值缓存"),
        "unless": (
            r"量化|quanti|压缩|compress|evict|驱逐|滑动|sliding|offload|past_key_values|格式|format|int8|fp8|"
            r"批|类型|元组|结构"
        ),
        "sure": True,
        "fact": "cache_logits_difference",
        "expectation": "> 0.001",
        "zh": "use_cache 不改变 logits",
        "en": "use_cache does not change the logits",
    },
    {
        "pattern": (
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)(技术|方法)?(会|需要|要|"
                r"将)?(保存|存储|保留|缓存)(下|住|了)?(所有|全部|每一?层|各层)(层|的|全部|中间|前向){0,4}激活"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing) (stores|saves|keeps|"
                r"caches) (all|every) (of )?(the )?(intermediate )?activation"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)(技术)?(会|将|"
                r"可能会?)?(增加|增大|加大)(了)?(显存|内存)(的)?(占用|消耗|开销|使用|需求)"
            ),
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing) (increases|"
                r"raises) (the )?(GPU )?memory (usage|use|consumption|footprint|requirements?)"
            ),
            (
                r"(启用|开启|打开|使用)(梯度检查点|激活检查点)(后|之后|时)?[，,](所有|全部|"
                r"每层的?)(的)?(中间)?激活(值)?(都)?(会|被|会被)?(保存|存储|保留)"
            ),
        ),
        "about": ("梯度检查点", "激活检查点", "激活重计算", "gradient checkpointing", "activation checkpointing"),
        "unless": r"只|only|输入|inputs?\b|关闭|禁用|disabl",
        "sure": True,
        "fact": "saved_bytes_ratio",
        "expectation": "<= 1×",
        "zh": "梯度检查点只留每块的输入，激活在反向时重算：保存的字节少约十倍",
        "en": "checkpointing keeps each block's input and computes the rest again: some ten times fewer bytes are kept",
    },
    {
        "pattern": (
            (
                r"(梯度检查点|激活检查点|激活重计算|(gradient|activation) checkpointing)(技术)?(可以|能够?|会|"
                r"有助于|用来|用于)?(显著|大幅|有效)?(地)?((加快|加速)(了|模型|的){0,2}(训练|计算)|(提升|提高)(了|"
                r"模型|的){0,2}(训练|计算)的?速度)"
            ),
            r"(gradient|activation) checkpointing (speeds up|accelerates) (the |model )?(training|computation)",
            (
                r"gradient_checkpointing(_enable\(\)|`? ?[=:] ?[Tt]rue)`?,? {0,8}# {0,4}(用于|用来|可以|能)?(加速|"
                r"加快|提高速度|提升速度|speeds? up|faster training)"
            ),
            r"(gradient|activation) checkpointing makes (the )?training (faster|quicker)",
            (
                r"(开启|启用|打开|使用)(梯度检查点|激活检查点)(后|之后)?[，,]?(可以|能|会)?(让|"
                r"使)?(训练)(速度)?(更快|变快|加快|提速)"
            ),
            (
                r"gradient_checkpointing(`? ?[=:] ?[Tt]rue)?`?[：:，, ]{0,2}(用于|用来|可以|能)?(加速|加快|"
                r"提升)(训练|速度)"
            ),
            (
                r"(启用|开启|打开|使用)(梯度检查点|激活检查点)(之?后|时)?[，,]?训练的?(速度)?(会|也|将)?(更快|"
                r"变快|加快|提升)"
            ),
        ),
        "about": (
            "梯度检查点",
            "激活检查点",
            "激活重计算",
            "gradient checkpointing",
            "activation checkpointing",
            "gradient_checkpointing",
            "gradient_checkpointing_enable",
        ),
        "unless": r"批|batch|吞吐|关闭|禁用|disabl|turn(ing)? off|更大|larger|慢|slow|=? ?False",
        "sure": True,
        "fact": "forwards_per_block",
        "expectation": "= 1",
        "zh": "检查点使每个块多做一次前向：省的是显存，训练更慢",
        "en": "checkpointing runs each block forward twice: it saves memory, and training is slower",
    },
)

LAYERS = (2, 4, 8, 16)
TOKENS = 2048
FUSED = "fused_by_shape"
LENGTHS = (512, 2048, 8192)
ON_GPU = (
    "peak_memory_ratio",
    *(f"gpu_{what}" for what in ("peak_sdpa", "peak_sdpa_with", "time_ratio_sdpa")),
    *(f"gpu_{what}" for what in ("peak_eager", "peak_eager_with", "time_ratio_eager")),
    "gpu_uncached_time_ratio",
    *(f"gpu_attention_time_{length}" for length in LENGTHS),
    "gpu_attention_memory_8192",
)
"""The facts that take a GPU to tell."""


@dataclass(frozen=True, slots=True)
class GradientCheckpointing:
    """What checkpointing saves, costs and leaves alone; on an 8-layer Llama of 64 units, or Llama-2-7B's shape."""

    saved_bytes_ratio: float = fact(
        zh="8 层小模型（eager 注意力）：为反向传播保存的字节数，不用检查点是用检查点的几倍",
        en="8-layer model, eager attention: bytes kept for the backward pass, without checkpointing over with it",
        unit="×",
        terms=(
            "gradient_checkpointing_enable",
            "梯度检查点",
            "gradient checkpointing",
            "激活检查点",
            "activation checkpointing",
            "activation_checkpointing_enable",
        ),
        varies=True,
        tolerance=0.5,
    )
    saved_bytes_ratio_sdpa: float = fact(
        zh="同一小模型，sdpa 注意力：不用检查点是用检查点的几倍",
        en="the same model with sdpa attention: bytes kept without checkpointing over with it",
        unit="×",
        terms=("gradient_checkpointing_enable", "梯度检查点", "gradient checkpointing", "attn_implementation"),
        varies=True,
        tolerance=0.5,
        why_zh="不用检查点时每层的所有中间结果都留着，用时只留每层的输入",
        why_en="without it each layer keeps all that it computes on the way, with it its input alone",
    )
    llama2_7b_kept: float = fact(
        zh="Llama-2-7B，2048 词元、fp16、不用检查点：为反向传播保存的激活（eager 注意力）",
        en="Llama-2-7B, 2048 tokens, fp16, no checkpointing: activations kept for the backward pass (eager attention)",
        unit="GiB",
        terms=("中间激活", "激活值显存", "activation memory"),
        why_zh="eager 注意力每层都留下每个头 2048×2048 的权重",
        why_en="eager attention keeps weights of 2048 by 2048 for each head of each layer",
    )
    llama2_7b_kept_sdpa: float = fact(
        zh="Llama-2-7B，2048 词元、fp16、不用检查点：为反向传播保存的激活（sdpa 注意力）",
        en="Llama-2-7B, 2048 tokens, fp16, no checkpointing: activations kept for the backward pass (sdpa attention)",
        unit="GiB",
        terms=("中间激活", "激活值显存", "activation memory", "attn_implementation"),
    )
    llama2_7b_kept_with: float = fact(
        zh="Llama-2-7B，2048 词元、fp16、用检查点：为反向传播保存的激活（eager 与 sdpa 相同）",
        en="Llama-2-7B, 2048 tokens, fp16, with checkpointing: activations kept for backward (eager and sdpa alike)",
        unit="GiB",
        terms=("gradient_checkpointing_enable", "梯度检查点", "gradient checkpointing"),
        question_zh="Llama-2-7B、2048 词元、fp16 启用梯度检查点后保存多少激活（不用时 eager 35.7、sdpa 11.7 GiB）？",
        question_en="Llama-2-7B, 2048 tokens, fp16: what does checkpointing keep (without: 35.7 GiB eager, 11.7 sdpa)?",
        why_zh="只留每层的输入：32 层×2048×4096×2 字节，再加 logits",
        why_en="each layer's input alone is kept: 32 layers × 2048 × 4096 × 2 bytes, and the logits",
    )
    gradient_difference: float = fact(
        zh="用与不用检查点，梯度的最大差（含 dropout）",
        en="largest difference of a gradient with and without checkpointing (with dropout)",
        terms=("gradient_checkpointing_enable", "梯度检查点", "gradient checkpointing"),
        question_zh="启用梯度检查点后，梯度改变多少？",
        question_en="How much does gradient checkpointing change the gradients?",
    )
    forwards_per_block: int = fact(
        zh="用检查点时，一个训练步中每个块做几次前向",
        en="forward passes of a block in a training step with checkpointing",
        terms=("重计算", "recomputation", "gradient_checkpointing_enable", "梯度检查点", "gradient checkpointing"),
        question_zh="启用梯度检查点后，一个训练步里每个块做几次前向？",
        question_en="With gradient checkpointing, how often does each block run forward in a training step?",
    )
    reentrant_needs_input_grads: bool = fact(
        zh="重入式检查点 + 冻结的嵌入：没有 enable_input_require_grads 就无法反向传播",
        en="re-entrant checkpointing with a frozen embedding fails without enable_input_require_grads",
        terms=("enable_input_require_grads", "use_reentrant"),
    )
    nonreentrant_needs_input_grads: bool = fact(
        zh="非重入式检查点（今天的默认）也需要 enable_input_require_grads",
        en="checkpointing that is not re-entrant (today's default) needs enable_input_require_grads too",
        terms=("enable_input_require_grads", "use_reentrant"),
        question_zh="非重入式检查点（今天的默认）需要 `enable_input_require_grads()` 吗？",
        question_en="Does checkpointing that is not re-entrant (the default) need `enable_input_require_grads()`?",
    )
    reentrant_skips_silently: bool = fact(
        zh="重入式、嵌入冻结、头可训练：块内参数静默得到 grad=None",
        en="re-entrant, frozen embedding, trainable head: parameters of a block silently get grad=None",
        terms=("enable_input_require_grads", "use_reentrant"),
    )
    input_grads_come_with_checkpointing: bool = fact(
        zh="transformers 启用检查点时自己调用 enable_input_require_grads",
        en="transformers calls enable_input_require_grads itself when checkpointing is enabled",
        terms=("enable_input_require_grads",),
    )
    cache_bytes: int = fact(
        zh="KV 缓存的字节数：8 层、64 维、fp32、16 个词元",
        en="bytes of the key-value cache: 8 layers of 64 units, fp32, 16 tokens",
        terms=("past_key_values",),
        why_zh="键和值各有 8 层×64 维×16 个词元，每个数 4 字节",
        why_en="keys and values of 8 layers × 64 × 16 tokens, 4 bytes a number",
    )
    llama2_7b_cache: float = fact(
        zh="Llama-2-7B，2048 词元、fp16：一个样本的 KV 缓存",
        en="Llama-2-7B, 2048 tokens, fp16: key-value cache of a sample",
        unit="GiB",
        terms=("KV 缓存", "KV缓存", "键值缓存", "past_key_values", "use_cache"),
        question_zh="Llama-2-7B 在 fp16 下，2048 个词元的 KV 缓存占多少？",
        question_en="How large is Llama-2-7B's key-value cache of 2048 tokens in fp16?",
        why_zh="2（键和值）×32 层×4096 宽×2048 词元×2 字节",
        why_en="2 (keys and values) × 32 layers × 4096 × 2048 tokens × 2 bytes",
    )
    cache_logits_difference: float = fact(
        zh="use_cache 为 True 与 False 时 logits 的最大差",
        en="largest difference of the logits with use_cache on and off",
        terms=("use_cache", "KV 缓存", "KV缓存", "键值缓存"),
        question_zh="`use_cache=False` 使训练时的 logits 改变多少？",
        question_en="How much does `use_cache=False` change the logits?",
    )
    checkpointing_switches_cache_off: bool = fact(
        zh="启用检查点训练时，transformers 自己关闭 use_cache",
        en="with checkpointing, transformers switches use_cache off in training by itself",
        terms=("use_cache",),
    )
    peak_memory_ratio: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，sdpa：一步的峰值显存，不用检查点是用检查点的几倍",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "sdpa: peak of a step without checkpointing over with it",
        unit="×",
        terms=("gradient_checkpointing_enable", "梯度检查点", "gradient checkpointing", "峰值显存"),
        varies=True,
        tolerance=0.3,
        why_zh="检查点只留每层的输入，其余在反向时重算",
        why_en="checkpointing keeps the input of each layer alone and computes the rest again",
    )
    gpu_peak_sdpa: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，sdpa：不用检查点时一步的峰值显存",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "sdpa: peak memory of a step without checkpointing",
        unit="GiB",
        terms=(
            "峰值显存",
            "attn_implementation",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="权重在 bf16 里约 12.6 GiB，其余大多是各层为反向留下的激活",
        why_en="the weights take some 12.6 GiB in bf16; most of the rest is what the layers keep for backward",
    )
    gpu_peak_sdpa_with: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，sdpa：用检查点时一步的峰值显存",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "sdpa: peak memory of a step with checkpointing",
        unit="GiB",
        terms=(
            "峰值显存",
            "gradient_checkpointing_enable",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="几乎只剩权重：每层只留输入",
        why_en="hardly more than the weights: of each layer the input alone is kept",
    )
    gpu_time_ratio_sdpa: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，sdpa：用检查点的一步用时是不用的几倍",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "sdpa: time of a step with checkpointing over without",
        unit="×",
        terms=(
            "gradient_checkpointing_enable",
            "梯度检查点",
            "gradient checkpointing",
            "重计算",
            "recomputation",
        ),
        varies=True,
        tolerance=0.1,
        why_zh="每层的前向要再算一遍",
        why_en="each layer runs forward a second time",
    )
    gpu_peak_eager: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，eager：不用检查点时一步的峰值显存",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "eager: peak memory of a step without checkpointing",
        unit="GiB",
        terms=(
            "峰值显存",
            "attn_implementation",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="eager 为反向留下每个头 2048×2048 的权重矩阵",
        why_en="eager keeps a matrix of 2048 by 2048 weights a head for backward",
    )
    gpu_peak_eager_with: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，eager：用检查点时一步的峰值显存",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "eager: peak memory of a step with checkpointing",
        unit="GiB",
        terms=(
            "峰值显存",
            "gradient_checkpointing_enable",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="同一时刻只有一层的矩阵在",
        why_en="the matrices of one layer alone are there at a time",
    )
    gpu_time_ratio_eager: float | None = fact(
        zh="GPU：Llama-2-7B 形状、LoRA（q、v）、bf16、1×2048 词元，eager：用检查点的一步用时是不用的几倍",
        en="GPU, Llama-2-7B's shape, LoRA on q and v, bf16, 1×2048 tokens, "
        "eager: time of a step with checkpointing over without",
        unit="×",
        terms=(
            "gradient_checkpointing_enable",
            "梯度检查点",
            "gradient checkpointing",
            "重计算",
            "recomputation",
        ),
        varies=True,
        tolerance=0.1,
    )
    gpu_uncached_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、512 词元之后再生成 128 个：不用 KV 缓存的用时是用的几倍",
        en="GPU, Llama-3.2-1B's shape, 128 tokens written after 512: time without the key-value cache over with it",
        unit="×",
        terms=("use_cache",),
        varies=True,
        tolerance=0.5,
        why_zh="在这块 GPU 上启动内核的时间占多数，带缓存时每步的内核更多",
        why_en="on this GPU it takes most time to start kernels, and with a cache a step has more of them",
    )
    gpu_attention_time_512: float | None = fact(
        zh="GPU：注意力（32 头、128 维、bf16、前向加反向），512 词元：eager 的用时是 sdpa 的几倍",
        en="GPU, attention of 32 heads of 128, bf16, forward and backward, 512 tokens: time of eager over sdpa",
        unit="×",
        terms=(
            "attn_implementation",
            "sdpa",
            "FlashAttention",
        ),
        varies=True,
        tolerance=2.0,
        why_zh="sdpa 是一个融合的内核，不把分数写进显存",
        why_en="sdpa is one fused kernel that writes no scores to memory",
    )
    gpu_attention_time_2048: float | None = fact(
        zh="GPU：注意力（32 头、128 维、bf16、前向加反向），2048 词元：eager 的用时是 sdpa 的几倍",
        en="GPU, attention of 32 heads of 128, bf16, forward and backward, 2048 tokens: time of eager over sdpa",
        unit="×",
        terms=(
            "attn_implementation",
            "sdpa",
            "FlashAttention",
        ),
        varies=True,
        tolerance=2.0,
    )
    gpu_attention_time_8192: float | None = fact(
        zh="GPU：注意力（32 头、128 维、bf16、前向加反向），8192 词元：eager 的用时是 sdpa 的几倍",
        en="GPU, attention of 32 heads of 128, bf16, forward and backward, 8192 tokens: time of eager over sdpa",
        unit="×",
        terms=(
            "attn_implementation",
            "sdpa",
            "FlashAttention",
        ),
        varies=True,
        tolerance=2.0,
    )
    gpu_attention_memory_8192: float | None = fact(
        zh="GPU：同样的注意力，8192 词元：eager 的峰值显存是 sdpa 的几倍",
        en="GPU, the same attention, 8192 tokens: peak memory of eager over sdpa",
        unit="×",
        terms=(
            "attn_implementation",
            "sdpa",
            "FlashAttention",
        ),
        varies=True,
        tolerance=5.0,
    )
    kept: Mapping[bool, tuple[float, ...]] = field(default_factory=dict)
    """KiB kept for the backward pass with 2, 4, 8 and 16 layers, by whether checkpointing is on: for the picture."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """What checkpointing would save on the user's model, by its shape, with 2048 tokens in half precision."""

    architecture: str = detail(zh="模型结构", en="architecture")
    kept: float = detail(
        zh="2048 词元、半精度、eager 注意力：不用检查点时保存的激活",
        en="2048 tokens, half precision, eager attention: activations kept without checkpointing",
        unit="GiB",
    )
    kept_sdpa: float = detail(
        zh="同样，sdpa 注意力：不用检查点时保存的激活",
        en="the same with sdpa attention: activations kept without checkpointing",
        unit="GiB",
    )
    kept_with: float = detail(
        zh="2048 词元、半精度、eager 注意力：用检查点时保存的激活",
        en="2048 tokens, half precision, eager attention: activations kept with checkpointing",
        unit="GiB",
    )
    cache: float = detail(
        zh="2048 词元、半精度：一个样本的 KV 缓存",
        en="2048 tokens, half precision: key-value cache of a sample",
        unit="GiB",
    )


def run(
    device: torch.device, seed: int = 0, model: str | None = None, *, trust_remote_code: bool = False
) -> GradientCheckpointing | OwnModel:
    """Measure checkpointing and the cache on tiny Llamas and on a real shape, or on the user's."""
    with reproducible(seed):
        if model is None:
            return reference(device)
        shape = shape_of(model, trust_remote_code=trust_remote_code)
        return OwnModel(type(shape).__name__, *sizes(shape))


def reference(device: torch.device) -> GradientCheckpointing:
    """Measure every fact."""
    model = tiny_llama(device, layers=8, attention_dropout=0.1)
    tokens = torch.randint(256, (2, 16)).to(device)  # (batch, tokens)
    kept = {on: kept_by_layers(device, on=on) for on in (False, True)}
    switched = checkpointed(model, on=True)
    fused = [kept_bytes(checkpointed(tiny_llama(device, 8, attn_implementation="sdpa"), on=on)) for on in (False, True)]
    large, large_sdpa, large_with, cache = sizes(llama_2_7b())
    return GradientCheckpointing(
        saved_bytes_ratio=kept[False][2] / kept[True][2],
        saved_bytes_ratio_sdpa=fused[0] / fused[1],
        llama2_7b_kept=large,
        llama2_7b_kept_sdpa=large_sdpa,
        llama2_7b_kept_with=large_with,
        gradient_difference=gradient_difference(model, tokens),
        forwards_per_block=forwards_per_block(switched, tokens),
        reentrant_needs_input_grads=needs_input_grads(model, tokens, reentrant=True),
        nonreentrant_needs_input_grads=needs_input_grads(model, tokens, reentrant=False),
        reentrant_skips_silently=skips_silently(model, tokens),
        input_grads_come_with_checkpointing=embedded(switched, tokens).requires_grad,
        cache_bytes=cache_bytes(forward(model, tokens[:1], use_cache=True)),
        llama2_7b_cache=cache,
        cache_logits_difference=cache_difference(model, tokens),
        checkpointing_switches_cache_off=not forward(switched, tokens, use_cache=True).past_key_values,
        kept=kept,
        **only_on_gpu(device, ON_GPU, on_gpu),
    )


def checkpointed(model: PreTrainedModel, *, on: bool, reentrant: bool = False) -> PreTrainedModel:
    """Return a copy of a model in training mode, with or without checkpointing."""
    model = copy.deepcopy(model).train()
    if on:
        checkpoint_layers(model, reentrant=reentrant)
    return model


def forward(model: PreTrainedModel, tokens: torch.Tensor, *, use_cache: bool = False) -> Any:  # noqa: ANN401  (untyped)
    """Run a model with labels. The mask of ones spares it a look at positions, which meta tensors cannot give."""
    return model(input_ids=tokens, labels=tokens, attention_mask=torch.ones_like(tokens), use_cache=use_cache)


def kept_bytes(model: PreTrainedModel, batch: int = 4, length: int = 64) -> int:
    """Return the bytes that a forward pass keeps for the backward pass, each storage once, parameters aside."""
    tokens = torch.zeros(batch, length, dtype=torch.long, device=model.device)
    parameters = {weight.untyped_storage()._cdata for weight in model.parameters()}  # noqa: SLF001  (its identity)
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in parameters:  # noqa: SLF001  (a storage on meta has no address)
            kept[storage._cdata] = storage  # noqa: SLF001
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        forward(model, tokens)
    return sum(storage.nbytes() for storage in kept.values())


def cache_bytes(outputs: Any) -> int:  # noqa: ANN401  (transformers' output)
    """Return the size of a key-value cache: 2 · layers · batch · tokens · width of keys · bytes a number."""
    return sum(layer.keys.nbytes + layer.values.nbytes for layer in outputs.past_key_values.layers)


def kept_by_layers(device: torch.device, *, on: bool) -> tuple[float, ...]:
    """Return the KiB kept by models of 2, 4, 8 and 16 layers."""
    return tuple(kept_bytes(checkpointed(tiny_llama(device, layers), on=on)) / 1024 for layers in LAYERS)


def fused_attention(  # noqa: PLR0913, PLR0917  (as transformers calls it)
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Attend by the fused kernel that `sdpa` takes on a CPU, causally: what it keeps is known without numbers too.

    On the meta device torch's own `sdpa` is written out, for want of a device to choose a kernel for.
    """
    del module, attention_mask
    kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu  # noqa: SLF001  (it has no other name)
    output: torch.Tensor = kernel(query, key, value, dropout, True, scale=scaling)[0]  # noqa: FBT003  (is causal)
    return output.transpose(1, 2).contiguous(), None


def sizes(shape: PreTrainedModel) -> tuple[float, float, float, float]:
    """Return GiB kept for 2048 tokens in half precision, and of the cache.

    Without checkpointing and with eager attention, with fused attention; with checkpointing; the cache.
    """
    AttentionInterface.register(FUSED, fused_attention)
    shape = torch.nn.Module.to(shape, dtype=torch.float16)
    tokens = torch.zeros(1, TOKENS, dtype=torch.long, device="meta")
    try:
        with meta_forward():
            kept = []
            for attention, on in (("eager", False), (FUSED, False), ("eager", True)):
                shape.set_attn_implementation(attention)
                kept.append(kept_bytes(checkpointed(shape, on=on), 1, TOKENS))
            cache = cache_bytes(forward(shape.train(mode=False), tokens, use_cache=True))
    except Exception as error:  # whatever an architecture does that takes numbers, not shapes
        raise Refusal(f"{type(shape).__name__} cannot be measured without weights ({type(error).__name__})") from error
    eager, fused, with_checkpointing = (size / 2**30 for size in kept)
    return eager, fused, with_checkpointing, cache / 2**30


def cache_difference(model: PreTrainedModel, tokens: torch.Tensor) -> float:
    """Return the largest difference of the logits with the cache on and off, without dropout."""
    model = copy.deepcopy(model).train(mode=False)
    logits = [forward(model, tokens, use_cache=use_cache).logits.detach() for use_cache in (True, False)]
    return float((logits[0] - logits[1]).abs().max())


def gradient_difference(model: PreTrainedModel, tokens: torch.Tensor) -> float:
    """Return the largest difference of a gradient with and without checkpointing, with the same dropout."""
    gradients = []
    for on in (False, True):
        copied = checkpointed(model, on=on)
        torch.manual_seed(1)
        forward(copied, tokens).loss.backward()
        gradients.append([weight.grad for weight in copied.parameters()])
    return max(float((one - other).abs().max()) for one, other in zip(*gradients, strict=True))


def forwards_per_block(model: PreTrainedModel, tokens: torch.Tensor) -> int:
    """Count how often a block's inner layer is entered in one step; the second pass stops before leaving it."""
    entered = 0

    def count(*_: object) -> None:
        nonlocal entered
        entered += 1

    model.get_submodule("model.layers.0.mlp").register_forward_pre_hook(count)
    forward(model, tokens).loss.backward()
    return entered


def embedded(model: PreTrainedModel, tokens: torch.Tensor) -> torch.Tensor:
    """Return what the frozen embedding gives to the first block, (batch, tokens, hidden)."""
    embedding: torch.nn.Module = copy.deepcopy(model).get_input_embeddings()
    output: torch.Tensor = embedding.requires_grad_(requires_grad=False)(tokens)
    return output


def partly_frozen(
    model: PreTrainedModel, tokens: torch.Tensor, *, reentrant: bool, inputs: bool, trained: tuple[str, ...]
) -> list[torch.Tensor | None]:
    """Return the gradients of the trained parameters; `inputs`: whether the embedding's output takes gradients."""
    model = checkpointed(model, on=True, reentrant=reentrant)
    on = hasattr(model, "_require_grads_hook")  # transformers 5 has switched it on, an older one hasn't
    if inputs and not on:
        model.enable_input_require_grads()  # type: ignore[no-untyped-call]  # untyped in transformers
    elif on and not inputs:
        model.disable_input_require_grads()  # type: ignore[no-untyped-call]
    for name, weight in model.named_parameters():
        weight.requires_grad = any(part in name for part in trained)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "None of the inputs have requires_grad=True", UserWarning)  # what is shown
        forward(model, tokens).loss.backward()
    return [weight.grad for weight in model.parameters() if weight.requires_grad]


def needs_input_grads(model: PreTrainedModel, tokens: torch.Tensor, *, reentrant: bool) -> bool:
    """Whether training the query layers under a frozen embedding fails without input gradients, and works with them."""
    outcomes = []
    for inputs in (False, True):
        try:
            partly_frozen(model, tokens, reentrant=reentrant, inputs=inputs, trained=("q_proj",))
            outcomes.append(True)
        except RuntimeError:  # element 0 of tensors does not require grad
            outcomes.append(False)
    return outcomes == [False, True]


def skips_silently(model: PreTrainedModel, tokens: torch.Tensor) -> bool:
    """Whether, with a trainable head, the backward pass runs but leaves every block without gradients."""
    gradients = partly_frozen(model, tokens, reentrant=True, inputs=False, trained=("q_proj", "lm_head"))
    return gradients[-1] is not None and all(gradient is None for gradient in gradients[:-1])


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure what checkpointing, the cache and the kernels of attention cost on a GPU, at real shapes."""
    found = {"gpu_uncached_time_ratio": uncached_time_ratio(device, size)}
    for attention in ("sdpa", "eager"):
        plain, kept = (step_cost(device, size, attention, on=on) for on in (False, True))
        found[f"gpu_peak_{attention}"], found[f"gpu_peak_{attention}_with"] = plain.peak, kept.peak
        found[f"gpu_time_ratio_{attention}"] = kept.milliseconds / plain.milliseconds
        if attention == "sdpa":
            found["peak_memory_ratio"] = plain.peak / max(kept.peak, 1e-9)
    for length in LENGTHS:
        eager, fused = (attention_cost(device, size.of(length), fused=on) for on in (False, True))
        found[f"gpu_attention_time_{length}"] = eager.milliseconds / fused.milliseconds
        found["gpu_attention_memory_8192"] = eager.peak / max(fused.peak, 1e-9)  # the last, longest one stays
    return found


def step_cost(device: torch.device, size: Size, attention: str, *, on: bool) -> Cost:
    """Measure a training step of LoRA in half precision, with checkpointing or without."""
    model = llama(device, size.large, attention=attention)
    if on:
        checkpoint_layers(model)
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16)).train()
    ids = tokens_of(device, 1, size.of(TOKENS))
    return cost(device, training_step(tuned, ids, optimizer_of(tuned)), runs=3)


@torch.no_grad()
def uncached_time_ratio(device: torch.device, size: Size) -> float:
    """Return the time of writing tokens without the cache over the time with it."""
    model: Any = nn.Module.eval(llama(device, size.middle))
    ids, more = tokens_of(device, 1, size.of(512)), size.of(128)

    def write(*, cached: bool) -> None:
        options = {"min_new_tokens": more, "max_new_tokens": more, "do_sample": False, "pad_token_id": 0}
        model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=cached, **options)

    without, cached = (cost(device, partial(write, cached=on), warm=1, runs=2).milliseconds for on in (False, True))
    return without / cached


def attention_cost(device: torch.device, length: int, *, fused: bool) -> Cost:
    """Measure causal attention forward and backward, written out or by the kernel that torch chooses."""
    shape = 1, 32, length, 128  # (batch, heads, tokens, width)
    query, key, value = (torch.randn(shape, dtype=torch.bfloat16).to(device).requires_grad_() for _ in range(3))
    above = torch.ones(length, length, dtype=torch.bool, device=device).triu(1)

    def attend() -> torch.Tensor:
        if fused:
            return torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        scores = (query @ key.transpose(-1, -2)) * shape[-1] ** -0.5
        weights = scores.masked_fill(above, float("-inf")).float().softmax(-1)
        attended: torch.Tensor = weights.to(query.dtype) @ value
        return attended

    def step() -> None:
        query.grad = key.grad = value.grad = None
        torch.autograd.backward(attend().float().sum())

    return cost(device, step)


def draw(result: GradientCheckpointing | OwnModel) -> Mapping[str, Figure]:
    """Draw what is kept, over the number of layers."""
    if isinstance(result, OwnModel):
        return {}
    lines = {"without": result.kept[False], "with checkpointing": result.kept[True]}
    return {"kept": curves(lines, xs=LAYERS, x="layers", y="KiB kept for backward")}


if __name__ == "__main__":
    publish(run, draw)
