"""The KV cache: keys and values of earlier tokens are kept, so that each new token costs one position and not all.

A causal model writes one token after the other. Attention compares the new token's query with the keys of all tokens so
far and mixes their values. What is earlier cannot see what is later, so keys and values never change once computed:
they are kept, layer by layer, and only the newest token goes through the model. Queries are used once; nothing keeps
them. The tokens come out the same, with the cache and without.

An encoder like BERT has nothing to keep: each token changes all others.

The price is memory. For each token, each layer keeps a key and a value of every head of keys and values:

    bytes a token = 2 · layers · heads of keys and values · width of a head · bytes a number

- Multi-head attention (MHA) has as many heads of keys and values as of queries.
- Multi-query attention (MQA, Shazeer 2019, arXiv:1911.02150) has one for all queries.
- Grouped-query attention (GQA, Ainslie et al. 2023, arXiv:2305.13245) has one for each group of queries. Qwen2.5-7B
  (arXiv:2412.15115) has 28 heads of queries over 4 of keys and values.

Reading the prompt (prefill) fills the cache in one pass; writing (decode) adds a token a pass.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from matplotlib.figure import Figure
from transformers import AutoConfig, BertModel, LlamaForCausalLM, Qwen2ForCausalLM

from ankillm.evidence import fact, publish
from reference_trainer.support.models import llama_2_7b, tiny_llama
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.versions import meta_forward

TERMS = ("decode 阶段", "decoding phase", "增量解码", "incremental decoding", "DynamicCache", "StaticCache")
MISREADINGS = (
    {
        "pattern": (
            (
                r"(?<!\w)(?<!\w )((使用|采用|启用|开启|引入|通过|利用) ?)?(kv[ -]?cache|kv ?缓存|"
                r"键值缓存)…([，,、]…){0,2}(可以|能够?|可)(极大|大大|大幅|有效|显著|明显)?地?(降低|减少|节省|"
                r"节约|减轻|缓解)了?(推理|模型|GPU)?时?的?(内存|显存)的?(压力|占用|消耗|使用|开销|需求)"
            ),
            (
                r"(?<!\w)(?<!\w )((using|with|enabling) )?((a|the) )?(kv|key[- ]value)[- ]cach(e|es|ing),? (can |"
                r"also |greatly |significantly |dramatically ){0,2}(reduces?|saves?|lowers?|decreases?|"
                r"cuts?) (the )?(GPU )?memory (usage|use|footprint|consumption|requirements?|pressure)"
            ),
            (
                r"(?<!\w)(?<!\w )((using|with|enabling) )?((a|the) )?(kv|key[- ]value)[- ]cach(e|es|"
                r"ing) saves (GPU )?memory(?! (bandwidth|access|transfer|traffic|reads?|by))"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存)的?(主要)?(优点|好处|作用|优势|目的)(就)?(是|在于)(可以|"
                r"能够?)?(省|节省|节约|减少|降低)了?(推理|GPU|时|的){0,3}(显存|内存)"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(之?后|可以|能|会|[，,]){0,3}(显存|"
                r"内存)的?(占用|消耗|开销|使用)?(会|也|将)?(大幅|显著|明显)?(下降|降低|减少|变小)"
            ),
        ),
        "about": (
            "KV cache",
            "KV-cache",
            "KVCache",
            "KV 缓存",
            "KV缓存",
            "键值缓存",
            "KV caching",
            "key-value cache",
        ),
        "unless": (
            r"量化|分页|压缩|分组|多查询|共享|复用前缀|驱逐|淘汰|卸载|滑动|裁剪|关闭|禁用|"
            r"占用[^，。,.]{0,4}[显内]存|增加[^，。,.]{0,6}[显内]存|(减少|降低|缩小|减小|限制|清理|"
            r"释放)[^，。,.]{0,6}(kv|缓存)|quanti|int[48]|fp[48]|[48][- ]?bit|paged|gqa|mqa|\bmla\b|grouped|"
            r"compress|evict|offload|sliding|prefix|shar(e|ing)|\d ?[%％]"
        ),
        "sure": True,
        "fact": "qwen_bytes_per_token",
        "expectation": "= 0",
        "zh": "缓存要占显存：每个词元的键和值都留着；它省的是重复的计算",
        "en": "the cache takes memory, for each token's keys and values; what it saves is computing them again",
    },
    {
        "pattern": (
            r"(KV|key[- ]value|键值)\s?(缓存|cache).{0,16}(会|可能|may|can|will)\s?(改变|影响|降低|损失|"
            r"change|affect|degrade|reduce)[^，,。.]{0,8}(输出|结果|精度|质量|output|result|quality|accuracy)"
        ),
        "fact": "same_tokens",
        "expectation": "no",
        "zh": "缓存只省去重复计算，生成的词元完全相同",
        "en": "a cache spares computing again; the tokens come out the same",
    },
    {
        "pattern": (
            (
                r"(KV|键值)\s?(缓存|cache)(会|只|需要|中)?(缓存|保存|存储|存放)[^，,。.]{0,4}(Q[、,]\s?K|查询向量|"
                r"query[^，,。.]{0,3}(、|和|,)\s?key)"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(会|只|需要|中)?(把|将)(历史|之前|过去|先前|"
                r"已生成|每个|词元|token|的|所有){0,6} ?(Q[、,，和 ]{1,2}K[、,，和 ]{1,2}V|查询、键|"
                r"查询和键)[^，,。；\n不非没未]{0,4}(都|一起|全部)?(缓存|保存|存储|存)"
            ),
            (
                r"(KV|key-value) cache (stores|holds|keeps|saves|caches) (the )?(past |previous |all )?(Q, ?K|"
                r"quer(y|ies),? (and )?(keys?|K\b)|keys?, (values?,? and )?quer)"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(缓存|保存|存储)的?(是)?(历史|之前|过去|先前|"
                r"已生成|每个|词元|token|的|所有){0,6} ?(Q[、,，和 ]{1,2}K[、,，和 ]{1,2}V|查询、键|查询和键)"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(里|中|内|会|将|就|是|的是|所|用来|用于|主要|"
                r"需要|要|把|每一?层){0,4}{stores}(了|着|的是|下来|每一?层|各层|注意力|历史|之前|过去|所有|的|"
                r"每个|词元|token|计算好|已|过){0,8} ?(Q|query|queries|查询)(向量|矩阵|s)?[、，,和与/ ]{1,2}(K|"
                r"key|键)"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache) (also )?{stores} (the |all |past |previous |"
                r"every |both |computed |each |token's ){0,4}(quer(y|ies)|Q\b)"
            ),
            r"(cache|store|save|keep)s? (the )?(Q|quer(y|ies)),? ?(and )?(the )?(K|keys?)\b",
            (
                r"(缓存|保存|存储)(了|下)?(历史|之前|每个|所有|的|词元|token){0,4} ?(Q|查询|"
                r"query)[、，,和 ]{1,2}(K|键|key)"
            ),
        ),
        "about": ("KV cache", "KV 缓存", "KV缓存", "键值缓存", "KV-cache", "KVCache", "key-value cache"),
        "sure": True,
        "fact": "queries_are_kept",
        "expectation": "yes",
        "zh": "缓存里只有键和值：查询用过一次就不再需要",
        "en": "keys and values are kept; a query is used once",
    },
    {
        "pattern": (
            (
                r"BERT(模型|类模型|推理时)?(也|同样)?(可以|能|能够|会)(使用|用|利用|采用|借助|通过) ?(KV ?-?Cache|"
                r"KV ?缓存|键值缓存)"
            ),
            r"BERT (can |also |can also )(uses?|benefits? from) (a |the )?(KV|key-value)[- ]cach",
        ),
        "about": ("BERT",),
        "unless": r"解码|decoder|cross|交叉|生成式|UniLM|前缀",
        "sure": True,
        "fact": "encoder_keys_change",
        "expectation": "no",
        "zh": "双向编码器里，后来的词元会改变先前词元的表示：缓存的键和值就不对了",
        "en": "in an encoder a later token changes what earlier ones became: their kept keys and values would be wrong",
    },
    {
        "pattern": (
            (
                r"(MQA|多查询注意力|Multi-?Query Attention)[）)]?(中|里|让|使|的)?[，,]?(每个|各个?)(查询|"
                r"注意力)?头(都)?(有|拥有|使用|保留)(了)?(一组|一套)?(自己|独立|各自|单独)的? ?(一组)?(K|键|key)"
            ),
            (
                r"(in )?(MQA|multi-?query attention),? (each|every) (query |attention )?head has its own (key|K\b|"
                r"set of key)"
            ),
            (
                r"(MQA|多查询注意力|Multi-?Query Attention)[：: ]{1,3}(每个|各个?)(查询|注意力|Q ?)?头(都)?(有|"
                r"拥有|使用)(自己|独立|各自|单独)的? ?(K|键|key)"
            ),
        ),
        "about": ("MQA", "多查询注意力", "multi-query attention", "Multi-Query Attention"),
        "unless": r"MHA|GQA|多头注意力|multi-?head attention|grouped|分组",
        "sure": True,
        "fact": "multi_query_saving",
        "expectation": "= 1×",
        "zh": "多查询注意力中所有查询头共用一组键和值，缓存缩小到头数分之一",
        "en": "in multi-query attention all heads share one set of keys and values: the cache is as many times smaller",
    },
    {
        "pattern": (
            (
                r"(GQA|分组查询注意力|Grouped-?Query Attention)[）)]?(中|里|让|使|的)?[，,]?(所有|全部)(的)?(查询|"
                r"注意力)?头(都)?(共享|共用|使用)(同)?一(组|个|对|份|套)"
            ),
            (
                r"(in )?(GQA|grouped-?query attention),? all (of the |the )?(query |"
                r"attention )?heads share (a single|one|the same) (key|K\b|pair|set)"
            ),
            (
                r"(GQA|分组查询注意力|Grouped-?Query Attention)[：: ]{1,3}(所有|全部)(的)?(查询|注意力|query|"
                r"Q)? ?头(都)?(共享|共用|使用)(同)?一(组|个|对|份|套)"
            ),
            (
                r"(GQA|分组查询注意力)(中|里|的)?(所有|全部) ?(query|Q|查询) ?(头|heads?)(都)?(共享|共用|"
                r"使用)(同)?一(组|个|对|份|套)"
            ),
            (
                r"all (of the )?(query |attention )?heads share (a single|one|the same) (key|K\b|pair|set|"
                r"KV)[^.;\n]{0,24}\bin (GQA|grouped)"
            ),
        ),
        "about": ("GQA", "分组查询注意力", "grouped-query attention", "Grouped-Query Attention"),
        "unless": r"MQA|多查询|multi-?query|(=|为|是|只有) ?1\b|极端|退化|特例|一组时|single group|one group",
        "sure": True,
        "fact": "grouped_saving",
        "expectation": "= 28×",
        "zh": "分组查询注意力中每组查询头共用一组键和值；所有头共用一组的是多查询注意力",
        "en": (
            "grouped-query attention has a set of keys and values for each group; one for all is multi-query attention"
        ),
    },
    {
        "pattern": (
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(的|所占的?)?(大小|显存|显存占用|占用|体积|"
                r"内存占用)(是)?(与|和|跟)(序列|上下文|输入|文本|生成)(的)?长度(无关|没有关系)"
            ),
            (
                r"(size|memory|footprint) of (the|a) (KV|key-value) cache (does not|"
                r"doesn't) depend on (the )?(sequence|context|input|prompt) length"
            ),
            (
                r"(KV|key-value) cache('s)? (size |memory )?(is|stays) (constant in|"
                r"independent of) (the )?(sequence|context|input|prompt) length"
            ),
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(占用|消耗)的?(显存|内存)(大小)?(是)?(与|和|"
                r"跟)(序列|上下文|输入|文本|生成)(的)?长度(无关|没有关系)"
            ),
        ),
        "about": ("KV cache", "KV-cache", "KVCache", "KV 缓存", "KV缓存", "键值缓存", "key-value cache"),
        "unless": (
            r"滑动|window|sliding|static|静态|预分配|mamba|线性注意力|linear attention|\bstate\b|\bMLA\b|"
            r"每个词元|per token"
        ),
        "sure": True,
        "fact": "qwen_bytes_per_token",
        "expectation": "= 0",
        "zh": "缓存要占显存：每个词元的键和值都留着，随长度线性增长",
        "en": "each token's keys and values are kept: the cache grows with the length",
    },
    {
        "pattern": (
            (
                r"(kv[ -]?cache|kv ?缓存|键值缓存|key-value cache)(的|所占的?)?(大小|显存|显存占用|占用|体积|"
                r"内存占用)?(会|是)?(随|与|和)(着)?(序列|上下文|输入|文本|生成)(的)?长度(的)?(增加|增长|"
                r"变长)?(而)?(呈|成|按|以)?(平方|二次)"
            ),
            r"(KV|key-value) cache (grows|scales|increases) quadratically (with|in)",
            r"(size|memory) of (the|a) (KV|key-value) cache (grows|scales|increases|is) quadratic",
            r"(KV|key-value) cache (memory|size) (grows|scales|increases) quadratically",
        ),
        "about": ("KV cache", "KV-cache", "KVCache", "KV 缓存", "KV缓存", "键值缓存", "key-value cache"),
        "unless": r"计算|复杂度|compute|flop|不用|without|没有",
        "sure": True,
        "fact": "llama2_7b_gib",
        "expectation": "= 4 GiB",
        "zh": "缓存随长度线性增长：2048 个词元 1 GiB，4096 个 2 GiB（Llama-2-7B）",
        "en": "the cache grows linearly: 1 GiB for 2048 tokens of Llama-2-7B, 2 GiB for 4096",
    },
    {
        "pattern": (
            r"(GQA|分组查询注意力|grouped-?query attention)[）)]?(中|里|的|让|使|,|，|:|：| ){0,3}(每个|"
            r"每一个|各个?|each|every) ?(查询|注意力|query|Q| ){0,3}(头|head)(?!组| ?group)(都| still|"
            r" also)?( has| gets| keeps|有|拥有|使用|保留)…(自己|独立|各自|单独|专属|its own|a separate)"
        ),
        "about": ("GQA", "分组查询注意力", "grouped-query attention"),
        "unless": r"MHA|MQA|多头注意力|multi-?head attention|多查询",
        "sure": True,
        "fact": "grouped_saving",
        "expectation": "= 1×",
        "zh": "分组查询注意力中每组查询头共用一组键和值；每个头各有一组的是多头注意力",
        "en": "in grouped-query attention the heads of a group share keys and values; in multi-head attention none do",
    },
)

PROMPT, NEW = 16, 32
LENGTHS = (1, 16384, 32768)
QWEN_7B = {
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
}


@dataclass(frozen=True, slots=True)
class AttentionCache:
    """What the cache spares and what it takes: a tiny Llama for behaviour, published shapes for bytes."""

    same_tokens: bool = fact(
        zh="贪心生成时，用 KV 缓存与不用得到的词元相同",
        en="greedy generation gives the same tokens with a KV cache and without",
        terms=(
            "[a ]KV cache",
            "KV caching",
            "key-value cache",
            "KV cache[ 是]",
            "KV cache[ 的]",
            "KV cache[ stores]",
            "KV cache[ keeps]",
            "KV cache[ grows]",
            "KV 缓存",
            "KV-Cache",
            "键值缓存",
            "past_key_values",
        ),
    )
    positions_with: int = fact(
        zh="提示 16 个词元、生成 32 个，用缓存时经过模型的位置数",
        en="positions that go through the model for a prompt of 16 tokens and 32 new ones, with a cache",
        terms=(
            "[a ]KV cache",
            "KV caching",
            "key-value cache",
            "KV cache[ 是]",
            "KV cache[ 的]",
            "KV cache[ stores]",
            "KV cache[ keeps]",
            "KV cache[ grows]",
            "KV 缓存",
            "KV-Cache",
            "键值缓存",
        ),
        question_zh="提示 16 个词元、生成 32 个词元，用 KV 缓存时共有多少个位置经过模型？",
        question_en="A prompt of 16 tokens, 32 new ones: how many positions go through the model with a KV cache?",
        why_zh="提示的 16 个一次经过，之后每步只有一个新词元，最后一个不必再经过：16 + 31",
        why_en="the prompt's 16 go through at once, then one new token a step, and the last not at all: 16 + 31",
    )
    positions_without: int = fact(
        zh="提示 16 个词元、生成 32 个，不用缓存时经过模型的位置数",
        en="positions that go through the model for a prompt of 16 tokens and 32 new ones, without a cache",
        terms=(
            "[a ]KV cache",
            "KV caching",
            "key-value cache",
            "KV cache[ 是]",
            "KV cache[ 的]",
            "KV cache[ stores]",
            "KV cache[ keeps]",
            "KV cache[ grows]",
            "KV 缓存",
            "KV-Cache",
            "键值缓存",
        ),
        question_zh="提示 16 个词元、生成 32 个词元，不用 KV 缓存时共有多少个位置经过模型？",
        question_en="A prompt of 16 tokens, 32 new ones: how many positions go through the model without a KV cache?",
    )
    earlier_keys_change: float = fact(
        zh="因果模型的最后一个词元换成另一个，先前词元的键的最大变化",
        en="largest change of an earlier token's key when a causal model's last token becomes another",
        terms=("past_key_values", "为什么可以缓存", "why keys and values can be kept"),
        question_zh="因果模型的最后一个词元换成另一个，先前词元的键变化多少？",
        question_en="The last token that a causal model reads is another: how much do the keys before it change?",
        why_zh="因果掩码使先前的词元看不到后来的，所以它们的键不变，可以留着用",
        why_en="the causal mask keeps later tokens from earlier ones: their keys stay, and can be kept",
    )
    encoder_keys_change: bool = fact(
        zh="双向编码器（BERT）的最后一个词元换成另一个，先前词元的表示会变",
        en="in an encoder like BERT, another last token changes what earlier ones became",
    )
    queries_are_kept: bool = fact(
        zh="缓存里除键和值外还有查询",
        en="the cache holds queries beside keys and values",
    )
    qwen_bytes_per_token: int = fact(
        zh="Qwen2.5-7B（28 个查询头、4 个键值头，bf16）每个词元的缓存字节数",
        en="bytes of cache a token of Qwen2.5-7B (28 heads of queries, 4 of keys and values, bf16)",
        terms=(
            "KV 缓存的大小",
            "KV cache size",
            "分组查询注意力",
            "grouped-query attention",
            "grouped query attention",
            "GQA",
            "num_key_value_heads",
        ),
        question_zh="Qwen2.5-7B（28 层、4 个键值头、头宽 128、bf16）每个词元的 KV 缓存占几字节？",
        question_en="Qwen2.5-7B (28 layers, 4 heads of keys and values, 128 wide, bf16): bytes of KV cache a token?",
    )
    qwen_bytes_without_groups: int = fact(
        zh="同一模型若有 28 个键值头（不分组），每个词元的缓存字节数",
        en="bytes a token if it had 28 heads of keys and values, without groups",
        terms=("多头注意力的缓存", "cache of multi-head attention"),
        why_zh="2（键和值）×28 层×28 头×128 宽×2 字节",
        why_en="2 (keys and values) × 28 layers × 28 heads × 128 × 2 bytes",
    )
    grouped_saving: float = fact(
        zh="Qwen2.5-7B 的分组查询注意力使缓存缩小到几分之一（倍数）",
        en="how many times smaller grouped-query attention makes the cache of Qwen2.5-7B",
        unit="×",
        terms=("分组查询注意力", "grouped-query attention", "grouped query attention", "GQA"),
        question_zh="Qwen2.5-7B 有 28 个查询头、4 个键值头，KV 缓存缩小为不分组时的几分之一（几倍）？",
        question_en="Qwen2.5-7B: 28 heads of queries over 4 of keys and values. How many times smaller is its cache?",
    )
    multi_query_saving: float = fact(
        zh="若只有一个键值头（多查询注意力），缓存缩小的倍数",
        en="how many times smaller one head of keys and values (multi-query attention) would make it",
        unit="×",
        terms=("多查询注意力", "multi-query attention", "multi query attention", "MQA"),
    )
    llama2_7b_gib: float = fact(
        zh="Llama-2-7B（fp16）4096 个词元的缓存",
        en="cache of 4096 tokens of Llama-2-7B in fp16",
        unit="GiB",
        terms=("KV 缓存的大小", "KV cache size", "缓存占用", "显存占用的缓存"),
        question_zh="Llama-2-7B（fp16）一个 4096 词元的序列，KV 缓存占多少？",
        question_en="Llama-2-7B in fp16: how large is the KV cache of one sequence of 4096 tokens?",
    )
    decode_speedup: float | None = fact(
        zh="GPU 上接着 2048 个词元写一个词元，用缓存比不用快几倍",
        en="how many times faster a cache makes one token after 2048 on the GPU",
        unit="×",
        terms=("KV 缓存", "KV-Cache", "KV caching"),
        varies=True,
        tolerance=20.0,
        why_zh="在小模型上，启动内核的时间盖过了缓存省下的计算",
        why_en="on a small model, starting the kernels takes longer than the computing that the cache saves",
    )
    gib: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Cache of a Qwen2.5-7B over `LENGTHS` tokens, by its heads of keys and values: for the picture."""


def run(device: torch.device, seed: int = 0) -> AttentionCache:
    """Write with a cache and without, and weigh the caches of published shapes."""
    with reproducible(seed):
        model = torch.nn.Module.to(tiny_llama(device), torch.float64 if device.type != "mps" else torch.float32)
        prompt = torch.randint(256, (1, PROMPT)).to(device)  # (batch, tokens)
        (tokens, counted), (again, counted_again) = (written(model, prompt, cache=cache) for cache in (True, False))
        groups = {heads: qwen_7b(heads) for heads in (28, 4, 1)}
        bytes_of = {heads: cached(shape, 1) for heads, shape in groups.items()}
        return AttentionCache(
            same_tokens=torch.equal(tokens, again),
            positions_with=counted,
            positions_without=counted_again,
            earlier_keys_change=earlier_keys_change(model, prompt),
            encoder_keys_change=encoder_keys_change(device),
            queries_are_kept=tensors_per_layer(model, prompt) > 2,
            qwen_bytes_per_token=bytes_of[4],
            qwen_bytes_without_groups=bytes_of[28],
            grouped_saving=bytes_of[28] / bytes_of[4],
            multi_query_saving=bytes_of[28] / bytes_of[1],
            llama2_7b_gib=cached(torch.nn.Module.to(llama_2_7b(), torch.float16), 4096) / 2**30,
            decode_speedup=decode_speedup(device) if device.type == "cuda" else None,
            gib={names(heads): tuple(cached(shape, n) / 2**30 for n in LENGTHS) for heads, shape in groups.items()},
        )


@torch.no_grad()
def written(model: LlamaForCausalLM, prompt: torch.Tensor, *, cache: bool) -> tuple[torch.Tensor, int]:
    """Write the likeliest token `NEW` times; return all tokens, (1, tokens), and the positions computed for them."""
    tokens, read, past, positions = prompt, prompt, None, 0
    for _ in range(NEW):
        positions += read.shape[1]
        out = model(input_ids=read, past_key_values=past, use_cache=cache)
        newest = out.logits[:, -1:].argmax(-1)  # (1, 1)
        tokens = torch.cat([tokens, newest], dim=1)
        read, past = (newest, out.past_key_values) if cache else (tokens, None)
    return tokens, positions


@torch.no_grad()
def earlier_keys_change(model: LlamaForCausalLM, prompt: torch.Tensor) -> float:
    """Return the largest change of a key of all tokens but the last, in any layer, when the last is another."""
    other = torch.cat([prompt[:, :-1], (prompt[:, -1:] + 1) % 256], dim=1)
    one, two = (model(input_ids=tokens, use_cache=True).past_key_values.layers for tokens in (prompt, other))
    pairs = zip(one, two, strict=True)
    changes = [(before.keys - after.keys)[:, :, :-1].abs().max().item() for before, after in pairs]
    return float(max(changes))


@torch.no_grad()
def encoder_keys_change(device: torch.device) -> bool:
    """Whether another last token changes what the earlier ones are after the first layer of a tiny BERT."""
    sizes = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    config: Any = AutoConfig.for_model("bert", **sizes, intermediate_size=64, attn_implementation="eager")
    model = torch.nn.Module.to(BertModel(config).train(mode=False), device)
    tokens = torch.randint(64, (1, 8)).to(device)
    other = torch.cat([tokens[:, :-1], (tokens[:, -1:] + 1) % 64], dim=1)
    one, two = (model(input_ids=read, output_hidden_states=True).hidden_states[1] for read in (tokens, other))
    return not torch.allclose(one[:, :-1], two[:, :-1], atol=1e-5)


@torch.no_grad()
def tensors_per_layer(model: LlamaForCausalLM, prompt: torch.Tensor) -> int:
    """Count the tensors that the cache keeps in a layer."""
    layer = model(input_ids=prompt, use_cache=True).past_key_values.layers[0]
    return sum(isinstance(part, torch.Tensor) and part.ndim == prompt.ndim + 2 for part in vars(layer).values())


def qwen_7b(heads: int) -> Qwen2ForCausalLM:
    """Build the shape of Qwen2.5-7B in bf16 with so many heads of keys and values."""
    config: Any = AutoConfig.for_model("qwen2", **QWEN_7B, num_key_value_heads=heads)
    with torch.device("meta"):
        model = Qwen2ForCausalLM(config)
    return torch.nn.Module.to(model, torch.bfloat16)


@torch.no_grad()
def cached(model: Any, tokens: int) -> int:  # noqa: ANN401  (a causal model on the meta device)
    """Let a model read so many tokens; return the bytes of all keys and values in its cache."""
    read = torch.zeros(1, tokens, dtype=torch.long, device="meta")
    with meta_forward():
        cache = model.model(input_ids=read, use_cache=True).past_key_values
    return sum(part.nbytes for layer in cache.layers for part in (layer.keys, layer.values))


@torch.no_grad()
def decode_speedup(device: torch.device) -> float:
    """Time one more token after 2048 with a cache and without, on a Llama of 12 layers; the fastest of five runs."""
    model = tiny_llama(device, 12, hidden_size=768, num_attention_heads=12, max_position_embeddings=4096)
    tokens = torch.randint(256, (1, 2049)).to(device)
    past = model(input_ids=tokens[:, :-1], use_cache=True).past_key_values
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(5):
        for cache, took in times.items():
            torch.cuda.synchronize(device)
            start = time.perf_counter()
            if cache:
                model(input_ids=tokens[:, -1:], past_key_values=past, use_cache=True)
            else:
                model(input_ids=tokens, use_cache=False)
            torch.cuda.synchronize(device)
            took.append(time.perf_counter() - start)
    return min(times[False]) / min(times[True])


def names(heads: int) -> str:
    """Name a curve of the picture."""
    return f"{heads} heads of keys and values" if heads > 1 else "1 head of keys and values"


def draw(result: AttentionCache) -> Mapping[str, Figure]:
    """Draw how the cache grows with the text."""
    return {"growth": curves(result.gib, xs=LENGTHS, x="tokens", y="cache of Qwen2.5-7B, GiB")}


if __name__ == "__main__":
    publish(run, draw)
