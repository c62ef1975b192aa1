"""Positions: how attention learns in which order tokens stand.

Attention by itself sees a bag of tokens: shuffle them, and each token's output is the same as before. There are three
ways to tell it the order:

- Absolute: a vector for each position is added to the embedding. BERT learns a table of them (512 by 768), and has none
  beyond it; the sinusoids of Vaswani et al. 2017 (arXiv:1706.03762) are computed, and PE(p + k) is a linear function of
  PE(p), the same for all p.
- Rotary (RoPE, Su et al. 2021, arXiv:2104.09864; Llama, Qwen, GLM): pairs of numbers of each query and key are turned
  by an angle that grows with the position. Their product depends on the distance alone, lengths stay, nothing is
  learned, and values are left as they are. Pair i of a head of width d turns by base^(−2i/d) a token: the first pair
  comes round every 2π tokens, the last one after tens of thousands (base 10,000) or millions (base 1,000,000).
- A bias on scores (ALiBi, Press et al. 2021, arXiv:2108.12409): each head subtracts its slope times the distance, with
  slopes 2^(−8i/heads).

A causal mask tells something too: a model of two layers without any of these does notice the order (Haviv et al. 2022,
arXiv:2203.16634).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import nn
from transformers import AutoConfig, BertModel, LlamaModel

from ankillm.evidence import fact, publish
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible

TERMS = (
    "位置编码",
    "位置嵌入",
    "位置信息",
    "positional encoding",
    "positional encodings",
    "position encoding",
    "positional embedding",
    "position embedding",
    "position_ids",
)
MISREADINGS = (
    {
        "pattern": (
            (
                r"(RoPE|旋转位置编码)(?![^。.]{0,20}(不|无|没|without|no\b|not\b))[^。.，,]{0,12}(可学习的?参数|"
                r"可训练的?参数|learned parameters|trainable parameters|learnable parameters)"
            ),
            (
                r"(RoPE|旋转位置编码)(（[^）\n]{0,12}）)?(的)?(旋转)?(角度|角|频率)(都|均)?(是|由|通过)(模型|"
                r"网络)?(训练|学习)(中|时)?(学到|学习|学得|得到|得来|出来)(的)?"
            ),
            r"(rotation )?(angles|frequencies) (of|in) RoPE are (learned|learnt|trainable|learnable)",
            (
                r"(RoPE|旋转位置编码)(（[^）\n]{0,12}）)?(是|属于)(一种)?(可学习|可训练|学习得到|"
                r"需要学习)的?(绝对|相对)?位置(编码|嵌入)"
            ),
            r"RoPE is a (learned|learnable|trainable) (absolute |relative )?position",
            (
                r"(RoPE|旋转位置编码)(（[^）\n]{0,12}）)?(会|则|通过|是)?(把|将|给|为)(一个|一组)?(可学习|"
                r"可训练)的?(绝对)?(位置)?(向量|编码|嵌入)"
            ),
            (
                r"RoPE (adds|learns|trains|uses) (a |an )?(learned|learnable|"
                r"trainable) (absolute )?(position(al)? )?(vectors?|embeddings?|encodings?)"
            ),
            (
                r"(RoPE|旋转位置编码)(中|里)?的?(位置)?(向量|编码|嵌入|参数|矩阵|角度)(都)?(是|由|需要)?(通过|"
                r"经过|在)?(训练|学习)(中|时)?(学习|得到|学到|学得|更新)"
            ),
            r"RoPE('s)? (embeddings?|vectors?|encodings?|parameters?|matrices|angles) are (learned|learnt|trained)",
            r"(RoPE|旋转位置编码)(也)?(需要|要|会)(学习|训练)(位置|旋转)?(参数|编码|向量|矩阵|角度)",
        ),
        "about": ("RoPE", "旋转位置编码"),
        "unless": r"固定|fixed|不是|rather",
        "sure": True,
        "fact": "rope_parameters",
        "expectation": "> 0",
        "zh": "RoPE 的角度由公式给出，没有可学习的参数",
        "en": "the angles of RoPE are computed: it learns nothing",
    },
    {
        "pattern": (
            r"(自?注意力(机制)?|self-attention)\s?((本身|天然|自带)(就|地)?(能|可以|会)?(感知|区分|包含|知道|"
            r"捕捉)[^。.，,]{0,6}(顺序|位置)|(itself|inherently) (captures|encodes|knows) (the )?(order|"
            r"positions?))"
        ),
        "fact": "order_matters_without",
        "expectation": "yes",
        "zh": "没有位置编码时，打乱词元，每个词元的输出不变",
        "en": "without positions, shuffled tokens have the same outputs",
    },
    {
        "pattern": (
            (
                r"(RoPE|旋转位置编码)(（[^）\n]{0,12}）)?(中|下|的|后|之后)?[，,]?(的)?(注意力)?(分数|得分|内积|"
                r"点积)(只|仅)?(取决于|依赖于?|由)(词元|token|的|两个|查询和键){0,4}绝对位置"
            ),
            (
                r"(with|under|in) RoPE,? (the )?(attention )?(scores?|dot products?) (depends?|"
                r"depend) on (the )?absolute positions?"
            ),
        ),
        "about": ("RoPE", "旋转位置编码"),
        "unless": r"相对|relative",
        "sure": True,
        "fact": "rope_shift_change",
        "expectation": "> 0.001",
        "zh": "RoPE 的分数只取决于相对距离：两者都后移，分数不变",
        "en": "scores of RoPE hang on the distance alone: moved together, they stay",
    },
    {
        "pattern": (
            (
                r"(RoPE|旋转位置编码)(（[^）\n]{0,12}）)?(会|将)?(改变|影响|缩放|放大)(了)?(查询|键|向量|词向量|q|"
                r"k)(和|与|、|的|键|向量|k){0,4}(长度|范数|模长)"
            ),
            r"RoPE (changes|affects|scales|alters) the (norms?|lengths?|magnitudes?) of",
        ),
        "about": ("RoPE", "旋转位置编码"),
        "unless": r"YaRN|不(会)?改变",
        "sure": True,
        "fact": "rope_norm_change",
        "expectation": "> 0.001",
        "zh": "RoPE 只旋转，不改变向量的长度",
        "en": "RoPE rotates: lengths stay",
    },
    {
        "pattern": (
            (
                r"(?<![A-Za-z])BERT(模型)?(也|就)?(可以|能|能够)(直接)?(处理|接受|读取?|编码|输入)(任意|任何|"
                r"无限)(长度?|长)(的)?(文本|序列|输入|句子|文档)?"
            ),
            (
                r"\bBERT can (process|handle|read|take|encode|accept) ((inputs?|texts?|sequences?|sentences?|"
                r"documents?) )?(of |with )?(any|arbitrary|unlimited) length"
            ),
            r"\bBERT can (process|handle|read|take|encode|accept) arbitrarily long",
            r"(?<![A-Za-z])BERT(模型)?对?(输入|序列|文本)的?长度(没有|不)(做)?(任何)?限制",
            r"(?<![A-Za-z])BERT(模型)?对(输入|序列|文本)的?长度没有(任何)?(上限|限制)",
        ),
        "about": ("BERT",),
        "unless": r"分段|切分|滑动|截断|split|chunk|trunc|window|512|相对位置|relative",
        "sure": True,
        "fact": "learned_reads_beyond",
        "expectation": "yes",
        "zh": "BERT 的位置表只有 512 行，读不了第 513 个词元",
        "en": "BERT's table of positions has 512 rows: it can't read a 513th token",
    },
    {
        "pattern": (
            (
                r"(自注意力|注意力)(机制|层)?(即使|就算)?(不需要|无需|不用|没有|不加)位置(编码|信息|"
                r"嵌入)[，,]?(也|就|仍|仍然)?(能够?|可以|会)(知道|感知|分辨|区分|捕捉|理解)(词|词元|token|单词|"
                r"序列|的|元素|输入|之间){0,4}(顺序|次序|位置|先后)"
            ),
            (
                r"self-?attention (knows|captures|is aware of|understands|can tell) (the )?(word |"
                r"token )?order( of (the )?(tokens|words))? (even )?without (any )?position"
            ),
        ),
        "about": ("自注意力", "注意力", "self-attention"),
        "unless": r"因果|causal|NoPE|decoder|解码|GPT|掩码|mask|RNN|LSTM|CNN",
        "sure": True,
        "fact": "order_matters_without",
        "expectation": "yes",
        "zh": "没有位置编码时，打乱词元，每个词元的输出不变",
        "en": "without positions, shuffled tokens have the same outputs",
    },
)

WIDTH, TOKENS, SHIFT = 128, 8, 100
BASES = (10_000, 1_000_000)
DISTANCES = tuple(range(0, 257, 4))


@dataclass(frozen=True, slots=True)
class Positions:
    """What attention knows of positions, by each of the ways to tell it."""

    order_matters_without: bool = fact(
        zh="没有位置编码的（双向）注意力能分辨词元的顺序",
        en="attention that looks both ways tells the order of tokens without positions",
        terms=("为什么需要位置编码", "why positions are needed", "permutation equivariant", "置换等变"),
    )
    order_matters_with: bool = fact(
        zh="加上位置编码后，注意力能分辨词元的顺序",
        en="attention that looks both ways tells the order of tokens once positions are added",
        terms=("为什么需要位置编码", "why positions are needed"),
    )
    causal_order_without: bool = fact(
        zh="没有位置编码的两层因果模型能分辨前面词元的顺序",
        en="a causal model of two layers tells the order of earlier tokens without positions",
        terms=("NoPE", "无位置编码"),
        why_zh="每个位置能看到的词元数不同，第一层就留下了位置的痕迹",
        why_en="each position sees another number of tokens, and the first layer leaves a trace of it",
    )
    rope_shift_change: float = fact(
        zh="查询和键都后移 100 个位置，RoPE 注意力分数的最大变化",
        en="largest change of RoPE's scores when query and key both move by 100 positions",
        terms=("RoPE", "旋转位置编码", "旋转编码", "rotary position embedding", "rotary embedding", "相对位置"),
        varies=True,
        tolerance=1e-9,
        question_zh="用 RoPE 时，查询和键同时后移 100 个位置，注意力分数变化多少？",
        question_en="With RoPE, query and key both move by 100 positions: how much does their score change?",
    )
    rope_norm_change: float = fact(
        zh="RoPE 使查询和键的长度变化多少",
        en="largest change of the length of a query or key by RoPE",
        terms=("RoPE", "旋转位置编码", "旋转编码", "rotary position embedding", "rotary embedding"),
        varies=True,
        tolerance=1e-9,
    )
    rope_parameters: int = fact(
        zh="RoPE 新增的可学习参数",
        en="parameters that RoPE adds to a Llama",
        terms=("RoPE", "旋转位置编码", "旋转编码", "rotary position embedding", "rotary embedding"),
        question_zh="RoPE 给模型新增多少可学习的参数？",
        question_en="How many learned parameters does RoPE add?",
    )
    rope_longest_wavelength: float = fact(
        zh="头宽 128、base 10000 的 RoPE，转得最慢的一对多少个词元转一圈",
        en="tokens until the slowest pair of RoPE comes round, in a head of 128 with base 10,000",
        terms=("rope_theta", "rope_scaling", "RoPE 的 base", "base of RoPE", "长度外推", "length extrapolation"),
        question_zh="头宽 128、base 10000 的 RoPE，转得最慢的一对约多少个词元转一圈？",
        question_en="RoPE with base 10,000 in a head of 128: after how many tokens does the slowest pair come round?",
        why_zh="最慢的一对每个词元转 10000^(−126/128) 弧度",
        why_en="the slowest pair turns by 10000^(−126/128) radians a token",
    )
    rope_score_at_256: float = fact(
        zh="相同的查询和键相距 256 时，RoPE 分数与相距 0 时之比（base 10000、全一向量）",
        en="RoPE's score of equal vectors of ones 256 tokens apart, over that of the same token, with base 10,000",
        terms=("远程衰减", "long-term decay"),
        why_zh="各对以不同的速度转开，距离远时不再同相",
        why_en="pairs turn at different speeds and are out of step at a distance",
    )
    learned_parameters: int = fact(
        zh="BERT 的位置嵌入表的参数",
        en="parameters of BERT's table of positions",
        terms=(
            "可学习的位置编码",
            "可学习位置编码",
            "learned positional embedding",
            "绝对位置编码",
            "绝对位置",
            "absolute position",
        ),
        question_zh="BERT 学习的位置嵌入表（512 个位置、768 维）有多少参数？",
        question_en="How many parameters does BERT's learned table of positions have (512 by 768)?",
        why_zh="512 个位置各学一个 768 维的向量",
        why_en="a vector of 768 numbers is learned for each of 512 positions",
    )
    learned_reads_beyond: bool = fact(
        zh="BERT 能读第 513 个位置",
        en="BERT reads a 513th position",
        terms=("可学习的位置编码", "可学习位置编码", "max_position_embeddings", "绝对位置编码"),
    )
    sinusoid_shift_error: float = fact(
        zh="正弦位置编码：用同一个线性变换从 PE(p) 得到 PE(p+100) 的最大误差",
        en="sinusoids: largest error of PE(p + 100) as one linear function of PE(p)",
        terms=("正弦位置编码", "正余弦", "三角函数式", "sinusoidal"),
        varies=True,
        tolerance=1e-9,
        why_zh="正弦与余弦的和角公式：平移就是旋转",
        why_en="by the addition formulas of sine and cosine a shift is a rotation",
    )
    alibi_first_slope: float = fact(
        zh="8 个头的 ALiBi，第一个头的斜率",
        en="slope of the first of ALiBi's 8 heads",
        terms=("ALiBi",),
        question_zh="ALiBi 有 8 个头时，第一个头每远一个词元从分数里减去多少？",
        question_en="ALiBi with 8 heads: what does the first one subtract from a score for each token of distance?",
        why_zh="8 个头的斜率是 2⁻¹、2⁻²……2⁻⁸",
        why_en="the slopes of 8 heads are 2⁻¹, 2⁻² … 2⁻⁸",
    )
    alibi_last_slope: float = fact(
        zh="8 个头的 ALiBi，最后一个头的斜率",
        en="slope of the last of ALiBi's 8 heads",
        terms=("ALiBi",),
    )
    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """RoPE's score of equal vectors over `DISTANCES`, by its base: for the picture."""


def run(device: torch.device, seed: int = 0) -> Positions:
    """Measure positions on vectors, on attention, and on tiny models."""
    with reproducible(seed):
        exact = torch.float64 if device.type != "mps" else torch.float32
        queries, keys = torch.randn(2, TOKENS, WIDTH, dtype=torch.float64).to(device, exact)  # (tokens, width) each
        here, there = torch.arange(TOKENS, device=device), torch.arange(SHIFT, SHIFT + TOKENS, device=device)
        turned = rotated(queries, there)
        slopes = alibi_slopes(8)
        return Positions(
            order_matters_without=order_matters(device, positions=False),
            order_matters_with=order_matters(device, positions=True),
            causal_order_without=causal_order_without(device),
            rope_shift_change=difference(scored(queries, keys, here), scored(queries, keys, there)),
            rope_norm_change=difference(turned.norm(dim=-1), queries.norm(dim=-1)),
            rope_parameters=sum(key.count("rotary") for key, _ in tiny_llama(device).named_parameters()),
            rope_longest_wavelength=2 * math.pi / frequencies(WIDTH, BASES[0])[-1].item(),
            rope_score_at_256=score_of_ones(BASES[0])[-1],
            learned_parameters=bert().get_parameter("embeddings.position_embeddings.weight").numel(),
            learned_reads_beyond=learned_reads_beyond(device),
            sinusoid_shift_error=sinusoid_shift_error(),
            alibi_first_slope=slopes[0],
            alibi_last_slope=slopes[-1],
            scores={f"base {base:,}": score_of_ones(base) for base in BASES},
        )


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return the largest absolute difference of two tensors."""
    return (one - other).abs().max().item()


def frequencies(width: int, base: float) -> torch.Tensor:
    """Return the angles by which the pairs of a head turn a token, (width / 2)."""
    return base ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)


def rotated(vectors: torch.Tensor, positions: torch.Tensor, base: float = 10_000) -> torch.Tensor:
    """Turn the pairs of vectors (tokens, width) by their positions (tokens): number i goes with i + width / 2."""
    angles = positions.to(vectors.dtype)[:, None] * frequencies(vectors.shape[-1], base).to(vectors)
    cos, sin = angles.cos(), angles.sin()  # (tokens, width / 2)
    first, second = vectors.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def scored(queries: torch.Tensor, keys: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Return the scores of all queries with all keys, (tokens, tokens)."""
    return rotated(queries, positions) @ rotated(keys, positions).T


def score_of_ones(base: float) -> tuple[float, ...]:
    """Return the score of two vectors of ones over `DISTANCES`, as a share of that at distance 0."""
    ones = torch.ones(1, WIDTH, dtype=torch.float64)
    start = rotated(ones, torch.zeros(1), base)
    return tuple((start @ rotated(ones, torch.tensor([far]), base).T).item() / WIDTH for far in DISTANCES)


@torch.no_grad()
def order_matters(device: torch.device, *, positions: bool) -> bool:
    """Whether shuffled tokens have other outputs, in attention that looks both ways."""
    attention = nn.Module.to(nn.MultiheadAttention(32, 4, batch_first=True), device)
    tokens = torch.randn(1, TOKENS, 32).to(device)
    order = torch.randperm(TOKENS).to(device)
    added = sinusoids(TOKENS, 32).to(tokens) if positions else torch.zeros_like(tokens[0])

    def attended(inner: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = attention(*3 * (inner + added,), need_weights=False)[0]
        return out

    return not torch.allclose(attended(tokens)[:, order], attended(tokens[:, order]), atol=1e-5)


@torch.no_grad()
def causal_order_without(device: torch.device) -> bool:
    """Whether the last of some tokens notices that two earlier ones have changed places, with RoPE turned off."""
    model: LlamaModel = tiny_llama(device).model
    tokens = torch.randint(256, (1, TOKENS)).to(device)
    swapped = tokens[:, [1, 0, *range(2, TOKENS)]]
    still = torch.zeros(1, TOKENS, dtype=torch.long, device=device)  # every token says that it stands at 0
    mask = torch.full((TOKENS, TOKENS), torch.finfo(torch.float32).min).triu(1)[None, None].to(device)
    one, other = (
        model(input_ids=read, position_ids=still, attention_mask=mask, use_cache=False).last_hidden_state[0, -1]
        for read in (tokens, swapped)
    )
    return not torch.allclose(one, other, atol=1e-5)


def bert() -> BertModel:
    """Build the shape of BERT-base."""
    config: Any = AutoConfig.for_model("bert")
    with torch.device("meta"):
        return BertModel(config)


def learned_reads_beyond(device: torch.device) -> bool:
    """Whether a tiny BERT with a table of 512 positions reads 513 tokens; on the CPU, where the error is Python's."""
    del device
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config: Any = AutoConfig.for_model("bert", vocab_size=8, **sizes)
    try:
        BertModel(config)(input_ids=torch.zeros(1, 513, dtype=torch.long))
    except (IndexError, RuntimeError):
        return False
    return True


def sinusoids(length: int, width: int) -> torch.Tensor:
    """Return the encodings of Vaswani et al., (length, width): sines, then cosines."""
    angles = torch.arange(length, dtype=torch.float64)[:, None] * frequencies(width, 10_000)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def sinusoid_shift_error(length: int = 512, width: int = 16) -> float:
    """Fit the one matrix that makes PE(p + 100) of PE(p), and return its largest error."""
    encoded = sinusoids(length + SHIFT, width)
    here, there = encoded[:length], encoded[SHIFT:]
    matrix = torch.linalg.lstsq(here, there).solution
    return difference(here @ matrix, there)


def alibi_slopes(heads: int) -> list[float]:
    """Return the slope of each head, for a power of two of them."""
    return [2.0 ** (-8 * (head + 1) / heads) for head in range(heads)]


def draw(result: Positions) -> Mapping[str, Figure]:
    """Draw how RoPE's score falls with the distance."""
    return {"decay": curves(result.scores, xs=DISTANCES, x="distance, tokens", y="score, as a share of distance 0")}


if __name__ == "__main__":
    publish(run, draw)
