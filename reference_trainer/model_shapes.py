"""Model shapes: how many parameters a language model has, where they lie, and what a token costs to compute.

A model's configuration decides it all: the width d (`hidden_size`), the number of layers (`num_hidden_layers`), the
width of the feed-forward part (`intermediate_size`), the size V of the vocabulary (`vocab_size`), the heads.

- Embedding: V·d, once more for the output layer where the two are not tied.
- Attention: four matrices a layer, q, k, v and o. With as many key as query heads that is 4·d². Grouped heads make k
  and v narrower. The number of heads does not matter, as d is only cut up among them.
- Feed-forward: two matrices of d·4d, so 8·d² a layer; three in a Llama, as its activation is gated.

"Rule of thumb: 12·layers·d²" is the sum of the last two. The built-in shapes are those of `config.json` of each model:
GPT-1 (Radford et al. 2018), GPT-2 (2019), GPT-3 (Brown et al. 2020, arXiv:2005.14165, table 2.1), BERT (Devlin et al.
2018, arXiv:1810.04805), ALBERT (Lan et al. 2019, arXiv:1909.11942), T5 (Raffel et al. 2019, arXiv:1910.10683), Llama 2
(Touvron et al. 2023, arXiv:2307.09288), Baichuan-7B (2023) and Qwen2.5-7B (arXiv:2412.15115). They are built on torch's
`meta` device, which knows shapes and holds no numbers.

A matrix of n parameters takes 2n operations a token, one product and one sum each, and as many again for each of two
gradients, by weight and by input: 6·N operations a token in training (Kaplan et al. 2020, arXiv:2001.08361). Looking up
an embedding takes none; the scores of attention come on top and grow with the text.

A number in fp32 takes 4 bytes, in fp16 or bf16 2. Training with Adam in fp32 takes 16: the weight, its gradient and two
averages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AlbertModel,
    AutoConfig,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaForCausalLM,
    OpenAIGPTLMHeadModel,
    Qwen2ForCausalLM,
    T5ForConditionalGeneration,
)

from ankillm.evidence import detail, fact, publish
from reference_trainer.support.models import shape_of, tiny_llama
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.versions import meta_forward

TERMS = (
    "num_hidden_layers",
    "num_key_value_heads",
    "intermediate_size",
    "隐藏层维度",
    "隐藏层大小",
    "隐层维度",
    "层数",
    "parameter count",
    "how many parameters",
    "模型的参数量",
    "BERT 的参数量",
    "GPT 的参数量",
    "总参数量",
    "模型参数量",
    "参数规模",
)
MISREADINGS = (
    {
        "pattern": (
            r"头的?数?量?(越多|增[加多]|翻倍).{0,8}参数量?(就|也|会){0,2}(越[多大]|增[加多大]|翻倍)",
            r"(more|double|doubling the) (attention )?heads.{0,16}(more|doubles?( the)?) parameters",
        ),
        "fact": "heads_parameter_ratio",
        "expectation": "> 1×",
        "zh": "宽度不变时，头数只决定怎样切分，参数量不变",
        "en": "with the same width, heads only cut it up: the parameters stay as many",
    },
    {
        "pattern": (
            r"(参数|parameters?).{0,12}(大部分|主要|大多数?|mostly|most of which)[^，,。.]{0,8}(在|位于|"
            r"集中在|in|来自)\s?(自?注意力|the attention|attention)"
        ),
        "fact": "attention_share",
        "expectation": "> 50%",
        "zh": "参数大多在前馈网络里，注意力约占三分之一",
        "en": "most parameters lie in the feed-forward part; attention has about a third",
    },
    {
        "pattern": (
            r"BERT[- _]?base(?![^。；;\n]{0,40}large)(?:(?!large|分别|respectively|xl|medium|和|与|"
            r"到)[^。；;，,\n]){0,14}(3\.4 ?亿|340 ?M\b|340 million|0\.34 ?B\b)"
        ),
        "about": ("BERT", "BERT-base", "bert-base"),
        "sure": True,
        "fact": "bert_base_parameters",
        "expectation": "= 340000000",
        "zh": "BERT-base 约 1.1 亿参数；3.4 亿的是 BERT-large",
        "en": "BERT-base has about 110 million parameters; 340 million is BERT-large",
    },
    {
        "pattern": (
            r"(?<![A-Za-z])GPT-?1(?!\.?\d)(?![^。；;\n]{0,40}GPT-?2)(?:(?!large|分别|respectively|xl|medium|"
            r"和|与|到)[^。；;，,\n]){0,14}(15 ?亿|1\.5 ?B\b|1\.5 billion)"
        ),
        "about": ("GPT-1", "GPT1"),
        "sure": True,
        "fact": "gpt1_parameters",
        "expectation": "= 1500000000",
        "zh": "GPT-1 约 1.17 亿参数；15 亿的是 GPT-2 XL",
        "en": "GPT-1 has about 117 million parameters; 1.5 billion is GPT-2 XL",
    },
    {
        "pattern": (
            r"(?<![A-Za-z])GPT-?3(?!\.?\d)(?:(?!large|分别|respectively|xl|medium|和|与|"
            r"到)[^。；;，,\n]){0,14}(?<![\d.])(175 ?亿|17\.5 ?B\b|17\.5 billion)"
        ),
        "about": ("GPT-3", "GPT3"),
        "sure": True,
        "fact": "gpt3_parameters",
        "expectation": "= 17500000000",
        "zh": "GPT-3 是 1750 亿参数：175 billion 是 1750 亿",
        "en": "GPT-3 has 175 billion parameters",
    },
    {
        "pattern": (
            (
                r"训练(时|阶段|中)?(每个|一个|单个)?(词元|token)?(大?约|的|计算量|需要|需|为|是|要|每个?|"
                r"一次){0,5} ?2 ?[×·*]? ?N ?(次|个)?(FLOPs?|浮点|运算)"
            ),
            (
                r"training (takes|needs|costs|requires|uses) (about |roughly |around |~ ?|"
                r"approximately )?2 ?[×·*]? ?N FLOPs?"
            ),
        ),
        "about": ("FLOPs", "FLOP", "浮点运算", "运算", "计算量"),
        "unless": r"前向|forward|推理|inference|反向|backward|6 ?N",
        "sure": True,
        "fact": "training_operations",
        "expectation": "< 3×",
        "zh": "训练一个词元约 6N 次运算：前向 2N，反向 4N",
        "en": "training takes about 6N operations a token: 2N forward, 4N backward",
    },
    {
        "pattern": (
            (
                r"(推理|前向)(时|阶段|计算|传播)?(每个|一个|单个)?(词元|token)?(大?约|的|计算量|需要|需|为|是|要|"
                r"每个?|一次){0,5} ?6 ?[×·*]? ?N ?(次|个)?(FLOPs?|浮点|运算)"
            ),
            (
                r"(inference|a forward pass|the forward pass) (takes|needs|costs|requires|uses) (about |roughly |"
                r"around |~ ?|approximately )?6 ?[×·*]? ?N FLOPs?"
            ),
        ),
        "about": ("FLOPs", "FLOP", "浮点运算", "运算", "计算量"),
        "unless": r"训练|training|backward|反向",
        "sure": True,
        "fact": "forward_operations",
        "expectation": "> 5×",
        "zh": "前向一个词元约 2N 次运算；6N 是训练",
        "en": "a forward pass takes about 2N operations a token; 6N is training",
    },
    {
        "pattern": (
            (
                r"(?<![\d.])7 ?B[^，,。；;\n\d]{0,14}(fp16|bf16|float16|bfloat16|"
                r"16 ?位)[^，,。；;\n\d]{0,14}(?<![\d.~～-])7 ?(GB|GiB|G)\b(?!/)"
            ),
            (
                r"(?<![\d.])7 ?B[^。；;\n\d]{0,14}(fp16|bf16|float16|bfloat16|16 ?位|半精度|"
                r"half precision)[^。；;\n\d]{0,24}(?<![\d.~～-])7 ?(GB|GiB|G)(?![A-Za-z/])"
            ),
            (
                r"(?<![\d.~～-])7 ?(GB|GiB|G)(?![A-Za-z/])[^。；;\n\d]{0,36}(?<![\d.])7 ?B[^。；;\n\d]{0,24}(fp16|"
                r"bf16|half precision|半精度|float16|16 ?位)"
            ),
        ),
        "about": ("7B",),
        "unless": (
            r"训练|微调|train|tun(e|ing)|梯度|grad|optim|优化器|kv|激活|activation|batch|adam|int8|8[- ]?bit|"
            r"8 ?位|int4|4[- ]?bit|fp32|float32|单精度|量化|quanti|×|x ?2|14 ?G|1[35] ?G|half of"
        ),
        "sure": True,
        "fact": "half_gib",
        "expectation": "< 8 GiB",
        "zh": "7B 的权重用 16 位存放约占 12.6 GiB：每个参数两字节",
        "en": "the weights of a 7B model in 16 bits take about 12.6 GiB: two bytes a parameter",
    },
    {
        "pattern": (
            (
                r"(?<![\d.])7 ?B[^，,。；;\n\d]{0,14}(fp16|bf16|float16|bfloat16|"
                r"16 ?位)[^，,。；;\n\d]{0,14}(?<![\d.~～-])28 ?(GB|GiB|G)\b(?!/)"
            ),
            (
                r"(?<![\d.])7 ?B[^。；;\n\d]{0,14}(fp16|bf16|float16|bfloat16|16 ?位|半精度|"
                r"half precision)[^。；;\n\d]{0,24}(?<![\d.~～-])28 ?(GB|GiB|G)(?![A-Za-z/])"
            ),
            (
                r"(?<![\d.~～-])28 ?(GB|GiB|G)(?![A-Za-z/])[^。；;\n\d]{0,36}(?<![\d.])7"
                r" ?B[^。；;\n\d]{0,24}(fp16|bf16|half precision|半精度|float16|16 ?位)"
            ),
            (
                r"(?<![\d.])7 ?B[^。；;\n\d]{0,24}(?<![\d.~～-])28 ?(GB|GiB|"
                r"G)(?![A-Za-z/])[^。；;\n\d]{0,14}(fp16|bf16|half precision|半精度|float16)"
            ),
        ),
        "about": ("7B",),
        "unless": (
            r"训练|微调|train|tun(e|ing)|梯度|grad|optim|优化器|kv|激活|activation|batch|adam|int8|8[- ]?bit|"
            r"8 ?位|int4|4[- ]?bit|fp32|float32|单精度|量化|quanti|×|x ?2|14 ?G|1[35] ?G"
        ),
        "sure": True,
        "fact": "half_gib",
        "expectation": "> 20 GiB",
        "zh": "7B 的权重用 16 位存放约占 12.6 GiB：28 GB 是 fp32",
        "en": "the weights of a 7B model in 16 bits take about 12.6 GiB: 28 GB is fp32",
    },
    {
        "pattern": (
            (
                r"(Transformer|Llama|GPT(-?\d)?|大模型|大语言模型|LLM)s?(模型)?(的|中)?(大部分|大多数|绝大部分|"
                r"绝大多数|多数)的?参数(都|主要)?(在|集中在|位于|来自)(于)?(自?注意力|多头注意力)"
            ),
            (
                r"most of the parameters (of|in) (a |the |an )?(Transformer|Llama|GPT|LLM)s?[^.,;\n]{0,10} (are|"
                r"lie|sit) in (the |its )?(self-?)?attention"
            ),
        ),
        "about": ("Transformer", "Llama", "GPT", "LLM", "大模型", "大语言模型"),
        "unless": r"moe|mla|vit|swin|专家",
        "sure": True,
        "fact": "attention_share",
        "expectation": "> 50%",
        "zh": "参数大多在前馈网络里，注意力约占三分之一",
        "en": "most parameters lie in the feed-forward part; attention has about a third",
    },
)

TOKENS = 128
LLAMA_7B = {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32}
QWEN_7B = {
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
}
LAYER_PARTS = {"attention": "self_attn.", "feed_forward": "mlp."}


@dataclass(frozen=True, slots=True)
class ModelShapes:
    """Parameters of published shapes, their parts, and the operations and bytes that they take."""

    gpt1_parameters: int = fact(
        zh="GPT-1（12 层、768 维）的参数量",
        en="parameters of GPT-1 (12 layers, 768 wide)",
        terms=("GPT-1 的参数", "GPT-1 parameters"),
        question_zh="GPT-1（12 层、768 维、词表 40478）有多少参数？",
        question_en="How many parameters does GPT-1 have (12 layers, 768 wide, a vocabulary of 40478)?",
    )
    gpt2_parameters: int = fact(
        zh="GPT-2 最小版（12 层、768 维）的参数量",
        en="parameters of the smallest GPT-2 (12 layers, 768 wide)",
        terms=("GPT-2 的参数", "GPT-2 parameters"),
        why_zh="12 层各 12·768² 个，再加 50257 个词元和 1024 个位置的嵌入",
        why_en="twelve layers of 12·768² each, and embeddings of 50,257 tokens and 1024 positions",
    )
    gpt3_parameters: int = fact(
        zh="GPT-3（96 层、12288 维）的参数量",
        en="parameters of GPT-3 (96 layers, 12288 wide)",
        terms=("GPT-3 的参数", "GPT-3 parameters", "1750 亿", "175 billion"),
    )
    bert_base_parameters: int = fact(
        zh="BERT-base（12 层、768 维）的参数量",
        en="parameters of BERT-base (12 layers, 768 wide)",
        terms=("BERT-base 的参数", "BERT-base parameters"),
        question_zh="BERT-base（12 层、768 维、词表 30522）有多少参数？",
        question_en="How many parameters does BERT-base have (12 layers, 768 wide, a vocabulary of 30522)?",
    )
    albert_base_parameters: int = fact(
        zh="ALBERT-base（12 层共用一层的参数，嵌入分解到 128 维）的参数量",
        en="parameters of ALBERT-base (12 layers share those of one, embeddings of 128)",
        terms=("跨层参数共享", "cross-layer parameter sharing", "嵌入分解", "factorized embedding", "词嵌入参数"),
        question_zh="ALBERT-base 与 BERT-base 同为 12 层、768 维，它有多少参数？",
        question_en="ALBERT-base is 12 layers of 768 like BERT-base: how many parameters does it have?",
        why_zh="12 层共用一层的参数，嵌入先分解到 128 维",
        why_en="twelve layers share the parameters of one, and embeddings pass through 128 dimensions",
    )
    t5_small_parameters: int = fact(
        zh="T5-small（编码器、解码器各 6 层）的参数量",
        en="parameters of T5-small (6 layers of encoder, 6 of decoder)",
        terms=("T5-small",),
        why_zh="编码器、解码器各 6 层、512 维，解码器每层多一个交叉注意力",
        why_en="six layers of 512 on each side, and cross-attention in each of the decoder's",
    )
    llama2_7b_parameters: int = fact(
        zh="Llama-2-7B 的参数量",
        en="parameters of Llama-2-7B",
        terms=("Llama-2-7B 的参数", "Llama-2-7B parameters"),
        question_zh="Llama-2-7B（32 层、4096 维、词表 32000）究竟有多少参数？",
        question_en="How many parameters exactly does Llama-2-7B have (32 layers, 4096 wide, 32000 tokens)?",
        why_zh="32 层各 4·4096² + 3·4096·11008 个，再加两张 32000×4096 的表",
        why_en="32 layers of 4·4096² + 3·4096·11008 each, and two tables of 32,000 by 4096",
    )
    baichuan_7b_parameters: int = fact(
        zh="Baichuan-7B（Llama 的形状，词表 64000）的参数量",
        en="parameters of Baichuan-7B (a Llama's shape with a vocabulary of 64000)",
        terms=("Baichuan-7B 的参数", "Baichuan-7B parameters"),
        question_zh="Baichuan-7B（32 层、4096 维、词表 64000）有多少参数？",
        question_en="How many parameters does Baichuan-7B have (32 layers, 4096 wide, 64000 tokens)?",
        why_zh="形状与 Llama-7B 相同，词表大一倍，两张嵌入表也大一倍",
        why_en="the shape of Llama-7B with twice the vocabulary, and so twice the two tables",
    )
    qwen_7b_parameters: int = fact(
        zh="Qwen2.5-7B（28 层、3584 维）的参数量",
        en="parameters of Qwen2.5-7B (28 layers, 3584 wide)",
        terms=("Qwen2.5-7B 的参数", "Qwen2.5-7B parameters"),
        question_zh="Qwen2.5-7B（28 层、3584 维）究竟有多少参数？",
        question_en="How many parameters exactly does Qwen2.5-7B have (28 layers, 3584 wide)?",
        why_zh="28 层之外，15.2 万词元的两张表就有 10.9 亿",
        why_en="beside 28 layers, the two tables of 152 thousand tokens have 1.09 billion",
    )
    attention_share: float = fact(
        zh="Llama-2-7B 的参数中注意力所占的比例",
        en="share of Llama-2-7B's parameters that is attention",
        unit="%",
        terms=("参数分布", "where the parameters lie"),
    )
    feed_forward_share: float = fact(
        zh="Llama-2-7B 的参数中前馈网络所占的比例",
        en="share of Llama-2-7B's parameters that is feed-forward",
        unit="%",
        terms=("参数分布", "where the parameters lie", "前馈网络", "position-wise feed-forward"),
        question_zh="Llama-2-7B 的参数有多大比例在前馈网络里？",
        question_en="What share of Llama-2-7B's parameters lies in its feed-forward networks?",
        why_zh="每层三个 4096×11008 的矩阵，注意力只有四个 4096×4096 的",
        why_en="a layer has three matrices of 4096 by 11,008, and four of 4096 by 4096 for attention",
    )
    embedding_share: float = fact(
        zh="Qwen2.5-7B 的参数中嵌入与输出层所占的比例",
        en="share of Qwen2.5-7B's parameters that is embedding and output layer",
        unit="%",
        terms=("词表大小", "tie_word_embeddings", "权重绑定", "weight tying", "tied embeddings"),
        question_zh="Qwen2.5-7B 的词表有十五万词元，嵌入与输出层占全部参数的多大比例？",
        question_en="Qwen2.5-7B knows 152 thousand tokens: what share of it is embedding and output layer?",
        why_zh="词表大，而输入和输出各有一张表",
        why_en="the vocabulary is large, and input and output have a table each",
    )
    heads_parameter_ratio: float = fact(
        zh="宽度不变，注意力头从 4 个变成 8 个，参数变为几倍",
        en="parameters with 8 attention heads over those with 4, at the same width",
        unit="×",
        terms=("注意力头数", "头数", "number of heads", "number of attention heads", "num_attention_heads"),
        question_zh="宽度不变，把注意力头从 4 个加到 8 个，参数变为几倍？",
        question_en="At the same width, 8 attention heads instead of 4: how many times the parameters?",
    )
    twelve_d_squared_ratio: float = fact(
        zh="12·层数·d² 与 Llama-2-7B 除嵌入外实际参数之比",
        en="12·layers·d² over the parameters of Llama-2-7B without embeddings",
        unit="×",
        terms=("12Ld²",),
        why_zh="注意力约 4d²，前馈约 8d²：每层 12d²",
        why_en="attention has about 4d², the feed-forward part about 8d²: 12d² a layer",
    )
    forward_operations: float = fact(
        zh="Llama-2-7B 前向计算一个词元的运算次数与参数量之比",
        en="operations that a token takes in the forward pass of Llama-2-7B, over its parameters",
        unit="×",
        terms=("浮点运算次数", "operations per token"),
        question_zh="Llama-2-7B 前向计算一个词元，浮点运算次数约是参数量的几倍？",
        question_en="In a forward pass, a token takes about how many operations a parameter (Llama-2-7B)?",
    )
    training_operations: float = fact(
        zh="Llama-2-7B 训练一个词元（前向加反向）的运算次数与参数量之比",
        en="operations that a token takes in training Llama-2-7B, forward and backward, over its parameters",
        unit="×",
        terms=("训练计算量", "training compute", "6ND", "scaling law", "缩放定律"),
        question_zh="训练（前向加反向）时，一个词元的浮点运算次数约是参数量的几倍？",
        question_en="In training, forward and backward, a token takes about how many operations a parameter?",
    )
    half_gib: float = fact(
        zh="Llama-2-7B 的权重用 fp16 或 bf16 存放所占的空间",
        en="memory for the weights of Llama-2-7B in fp16 or bf16",
        unit="GiB",
        terms=("模型权重的显存", "memory for the weights", "加载模型所需显存"),
        question_zh="Llama-2-7B 的权重用 bf16 存放，占多少 GiB？",
        question_en="How many GiB do the weights of Llama-2-7B take in bf16?",
    )
    training_bytes: float = fact(
        zh="用 Adam 以 fp32 训练，每个参数占几字节（权重、梯度、两个动量）",
        en="bytes a parameter while training with Adam in fp32: weight, gradient, two averages",
        terms=("训练所需显存", "全参数训练的显存", "memory for training"),
        question_zh="用 Adam 以 fp32 训练，权重、梯度和优化器状态合计每个参数几字节？",
        question_en="Training with Adam in fp32: bytes a parameter of weight, gradient and optimizer state?",
        why_zh="权重 4、梯度 4、两个动量各 4 字节",
        why_en="weights 4, gradients 4, and 4 bytes for each of the two means",
    )
    allocated_ratio: float | None = fact(
        zh="GPU 上放一个 bf16 的 GPT-2，分配的显存与 2 字节一个参数之比",
        en="memory that a GPT-2 in bf16 takes on the GPU, over 2 bytes a parameter",
        unit="×",
        varies=True,
        tolerance=0.05,
    )


@dataclass(frozen=True, slots=True)
class OwnModel:
    """Where the parameters of the user's model lie."""

    architecture: str = detail(zh="模型结构", en="architecture")
    parameters: int = detail(zh="参数量", en="parameters")
    embedding_share: float = detail(
        zh="其中嵌入表（绑定的只算一次）", en="of them embeddings, tied ones once", unit="%"
    )
    matrix_share: float = detail(zh="其中各层的矩阵", en="of them matrices of the layers", unit="%")
    half_gib: float = detail(zh="用 fp16 或 bf16 存放所占的空间", en="memory in fp16 or bf16", unit="GiB")


def run(
    device: torch.device, seed: int = 0, model: str | None = None, *, trust_remote_code: bool = False
) -> ModelShapes | OwnModel:
    """Count what published shapes have and take, or the user's model."""
    with reproducible(seed):
        return own_model(shape_of(model, trust_remote_code=trust_remote_code)) if model else reference(device)


def reference(device: torch.device) -> ModelShapes:
    """Measure every fact."""
    models = {name: built(name) for name in SHAPES}
    llama, qwen = models["llama2_7b"], models["qwen_7b"]
    four, eight = (tiny_llama(device, num_attention_heads=heads, num_key_value_heads=heads) for heads in (4, 8))
    everything, inner = parameters(llama), sum(part(llama, name) for name in LAYER_PARTS.values())
    return ModelShapes(
        **{f"{name}_parameters": parameters(model) for name, model in models.items()},
        attention_share=100 * part(llama, LAYER_PARTS["attention"]) / everything,
        feed_forward_share=100 * part(llama, LAYER_PARTS["feed_forward"]) / everything,
        embedding_share=100 * (part(qwen, "embed_tokens.") + part(qwen, "lm_head.")) / parameters(qwen),
        heads_parameter_ratio=parameters(eight) / parameters(four),
        twelve_d_squared_ratio=12 * llama.config.num_hidden_layers * llama.config.hidden_size**2 / inner,
        forward_operations=operations(llama, backward=False) / everything,
        training_operations=operations(llama, backward=True) / everything,
        half_gib=sum(weight.nbytes for weight in llama.to(torch.bfloat16).parameters()) / 2**30,
        training_bytes=training_bytes(four),
        allocated_ratio=allocated_ratio(device) if device.type == "cuda" else None,
    )


SHAPES: Mapping[str, tuple[type[nn.Module], str, Mapping[str, int]]] = {
    "gpt1": (OpenAIGPTLMHeadModel, "openai-gpt", {}),
    "gpt2": (GPT2LMHeadModel, "gpt2", {}),
    "gpt3": (GPT2LMHeadModel, "gpt2", {"n_embd": 12288, "n_layer": 96, "n_head": 96, "n_positions": 2048}),
    "bert_base": (BertModel, "bert", {}),
    "albert_base": (
        AlbertModel,
        "albert",
        {"embedding_size": 128, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072},
    ),
    "t5_small": (T5ForConditionalGeneration, "t5", {}),
    "llama2_7b": (LlamaForCausalLM, "llama", {"vocab_size": 32000, **LLAMA_7B}),
    "baichuan_7b": (LlamaForCausalLM, "llama", {"vocab_size": 64000, **LLAMA_7B}),
    "qwen_7b": (Qwen2ForCausalLM, "qwen2", QWEN_7B),
}


def built(name: str) -> Any:  # noqa: ANN401  (a model of any class)
    """Build a model without numbers, on the meta device."""
    kind, family, sizes = SHAPES[name]
    with torch.device("meta"):
        return kind(AutoConfig.for_model(family, **sizes))


def parameters(model: nn.Module) -> int:
    """Count a model's parameters; what is tied counts once."""
    return sum(weight.numel() for weight in model.parameters())


def part(model: nn.Module, name: str) -> int:
    """Count the parameters in whose names something stands."""
    return sum(weight.numel() for key, weight in model.named_parameters() if name in key)


def operations(model: Any, *, backward: bool) -> float:  # noqa: ANN401  (a causal model)
    """Count the operations of products a token, forward or also backward, as torch does: nothing is computed."""
    tokens = torch.zeros(1, TOKENS, dtype=torch.long, device="meta")
    with FlopCounterMode(display=False) as counter, meta_forward():
        loss = model(input_ids=tokens, labels=tokens).loss
        if backward:
            loss.backward()
    total: int = counter.get_total_flops()
    return total / TOKENS


def training_bytes(model: nn.Module) -> float:
    """Take one step of Adam; return the bytes of weights, gradients and averages over the parameters."""
    optimizer = torch.optim.Adam(model.parameters())
    torch.stack([weight.sum() for weight in model.parameters()]).sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    held = [*model.parameters(), *(weight.grad for weight in model.parameters() if weight.grad is not None)]
    held += [state[name] for state in optimizer.state.values() for name in ("exp_avg", "exp_avg_sq")]
    return sum(tensor.nbytes for tensor in held) / parameters(model)


def allocated_ratio(device: torch.device) -> float:
    """Return the memory that CUDA hands out for a GPT-2 in bf16 over the bytes of its numbers."""
    before = torch.cuda.memory_allocated(device)
    model = nn.Module.to(GPT2LMHeadModel(GPT2Config()), device, torch.bfloat16)
    return (torch.cuda.memory_allocated(device) - before) / (2 * parameters(model))


def own_model(shape: nn.Module) -> OwnModel:
    """Count the parts of a model: tables of embeddings, and matrices elsewhere."""
    tables = {id(module.weight) for module in shape.modules() if isinstance(module, nn.Embedding)}
    embedding = sum(weight.numel() for weight in shape.parameters() if id(weight) in tables)
    matrices = sum(weight.numel() for weight in shape.parameters() if weight.ndim >= 2 and id(weight) not in tables)
    everything = parameters(shape)
    return OwnModel(
        architecture=type(shape).__name__,
        parameters=everything,
        embedding_share=100 * embedding / everything,
        matrix_share=100 * matrices / everything,
        half_gib=2 * everything / 2**30,
    )


if __name__ == "__main__":
    publish(run)
