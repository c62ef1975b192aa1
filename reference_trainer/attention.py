"""Attention: each token asks all others, and mixes what they offer by how well they fit.

softmax(Q·Kᵀ / √d)·V (Vaswani et al. 2017, arXiv:1706.03762): a query is held against every key by a dot product,
softmax makes weights of a row of these scores, and the output is the mean of the values by these weights. In
self-attention all three are made of one sequence; in cross-attention queries are of the one that is written, keys and
values of the one that is read, so weights are (written, read).

- Why √d: the product of two vectors of d independent numbers of variance 1 has the variance d. Unscaled, one score of a
  row towers above the others, softmax gives it nearly all the weight, and for many queries hardly any gradient comes
  back to the scores: the wider, the more of them.
- A mask adds −∞ to a score before softmax: its weight is 0, and the others of the row add up to 1. To set weights to 0
  after softmax, and divide each row by what is left, comes to the same. A finite −10⁹ does as well in fp32; where a row
  is masked as a whole, −∞ gives NaN.
- Several heads share the width: each has queries, keys and values of width d_model / heads, so their number changes
  neither parameters nor operations. Four matrices, d_model by d_model: three to make them, one that mixes the heads.
- Every query has a weight for every key: twice as many tokens, four times as many weights.
"""

# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from torch import nn

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds

TERMS = (
    "自注意力机制",
    "self-attention mechanism",
    "attention layer",
    "attention scores",
    "注意力分数",
)
MISREADINGS = (
    {
        "pattern": (
            (
                r"(自注意力|注意力)(机制|层)?的?(计算量|时间复杂度|计算复杂度|复杂度|计算开销|计算成本)(是)?(随|"
                r"与|和)(着)?(序列|输入|文本|上下文|句子)(的)?长度(的)?(增加|增长|变长)?(而)?(呈|成|是)?(线性|"
                r"正比)"
            ),
            r"自注意力(机制|层)?的?(时间|计算)?复杂度(是|为) ?\$?O\([nNLT]\)",
            (
                r"(cost|complexity|time complexity|compute) of self-?attention (grows|scales|increases|rises|"
                r"is) linear(ly)? (with|in) (the )?(sequence|input|context|length|number)"
            ),
            r"self-?attention (scales|grows) linearly (with|in) (the )?(sequence|input|context|length|number)",
            r"self-?attention (has|is) (a )?(time |computational )?(complexity of )?O\([nNLT]\)",
            (
                r"self-?attention has linear (time |computational )?(complexity|cost) in (the )?(sequence|input|"
                r"context|length)"
            ),
            (
                r"(自注意力|注意力)(机制|层)?的?(时间|计算){0,2}复杂度(是|为|只有|"
                r"仅为)? ?\$?O\( ?[nNLT] ?(\\?log ?\(?[nNLT]\)?)? ?\)"
            ),
            (
                r"attention( mechanism| layer)?('s)? (is|scales|grows) (only )?linear(ly)? (in|"
                r"with) (the )?(sequence|input|context|number of tokens|length)"
            ),
            r"self-?attention has linear (time |computational )?(complexity|cost)(?! (in|with) (the )?(number|size))",
        ),
        "about": ("自注意力", "注意力", "self-attention", "attention", "Transformer"),
        "unless": (
            r"线性注意力|linear(ized)? attention|flash|稀疏|sparse|滑动|窗口|window|局部|local|近似|performer|"
            r"linformer|mamba|longformer|bigbird|reformer|kernel|核函数|显存|内存|memory|解码|decod|每个(词元|"
            r"token)|每一?步|单步|per (token|step)|kv|缓存|cache|rwkv|retnet|\bRNN|循环|改进|优化|降|"
            r"from quadratic"
        ),
        "sure": True,
        "fact": "weights_growth",
        "expectation": "= 2×",
        "zh": "词元数翻倍，注意力权重变为 4 倍",
        "en": "with twice as many tokens there are four times as many attention weights",
    },
    {
        "pattern": (
            (
                r"(多头(自)?注意力|\d{1,3} ?个头)(的)?参数(数?量)?(就)?(是|为|会?变为|"
                r"会?变成)单头(注意力)?(的)?(参数)?(量)?(的)? ?(\d{1,3}|h|头数|若干|多|几|八|十二) ?倍"
            ),
            (
                r"multi-?head attention( with \d{1,3} heads)? has (\d{1,3}|h|eight|n|several) times (as many|more|"
                r"the) param"
            ),
            r"多头(自)?注意力(机制)?(会|将|使|让|也|的){0,3}(模型)?的?参数(数?量)?(会|也|比单头){0,2}{grows}",
            r"multi-?head attention (has|uses|needs|adds|requires) (many )?(more|extra|additional) param",
        ),
        "about": ("多头注意力", "多头自注意力", "multi-head attention", "multihead attention", "单头"),
        "unless": (
            r"不降维|不切分|完整维度|full (width|d_model|dimension)|d_k ?= ?d_model|GAT|图注意力|每个?头(都|"
            r"也|仍)?(用|有|是|保持)|GQA|MQA|头数越多"
        ),
        "sure": True,
        "fact": "one_head_parameters",
        "expectation": "> 1048576",
        "zh": "宽度不变时，头只是切分：参数与单头一样多",
        "en": "with the same width, heads only cut it up: there are as many parameters as with one head",
    },
    {
        "pattern": (
            (
                r"除以 ?\$?(√|根号|\\?sqrt|\\sqrt)[^，,。；\n不非没未]{0,10}(会|使得?|让|可以|能)(让|使)?(得|"
                r"注意力|softmax|权重|分布|的|输出|结果){0,6}(更|变得?更?|越)(尖锐|集中|陡|接近 ?one-?hot)"
            ),
            (
                r"(dividing|scaling|division) by (the )?`?(sqrt|√|square root|"
                r"1/√)[^.;\n]{0,16} makes (the )?(softmax|distribution|attention|weights)[^.,;\n]{0,14}(sharper|"
                r"peakier|more peaked|more concentrated)"
            ),
        ),
        "about": ("自注意力", "注意力", "self-attention", "attention", "Transformer", "softmax"),
        "unless": r"防止|避免|avoid|prevent|否则|otherwise|过于|太|too ",
        "sure": True,
        "fact": "scaled_top_weight",
        "expectation": "> 81%",
        "zh": "除以 √d 使权重更平：不除时最大的权重大得多",
        "en": "dividing by √d makes the weights flatter: without it the largest one is far larger",
    },
)
WIDTH, KEYS, QUERIES, DRAWN = 64, 32, 64, 8
MODEL, HEADS = 512, 8
WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(frozen=True, slots=True)
class Attention:
    """Attention on random vectors of variance 1: scores, weights, masks and heads."""

    score_deviation: Spread = fact(
        zh="64 维、方差为 1 的查询与键，点积的标准差（√64）",
        en="standard deviation of dot products of queries and keys of 64 numbers of variance 1 (√64)",
        terms=(
            "缩放点积注意力",
            "scaled dot-product attention",
            "dot-product attention",
            "dot product attention",
            "点积注意力",
            "dot-product of two vectors",
        ),
        varies=True,
        tolerance=0.2,
        question_zh="查询和键各有 64 个方差为 1 的分量，它们点积的标准差约是多少？",
        question_en="Queries and keys have 64 numbers of variance 1: what is the standard deviation of their products?",
        why_zh="点积是 64 个互相独立、方差为 1 的乘积之和，方差是 64，标准差是 √64",
        why_en="a product is a sum of 64 independent terms of variance 1: its variance is 64, its deviation √64",
    )
    scaled_deviation: Spread = fact(
        zh="同样的点积除以 √64 之后的标准差",
        en="standard deviation of the same products divided by √64",
        terms=(
            "缩放点积注意力",
            "scaled dot-product attention",
            "scaled dot product",
            "sqrt(d_k)",
            "sqrt{d_k}",
            "√d_k",
        ),
        varies=True,
        tolerance=0.02,
    )
    unscaled_top_weight: Spread = fact(
        zh="不除以 √64 时，32 个键中最大的注意力权重（平均）",
        en="largest attention weight among 32 keys without dividing by √64, the mean over queries",
        unit="%",
        terms=("注意力权重", "attention weight", "softmax(QK^T)"),
        varies=True,
        tolerance=2.0,
        why_zh="分数的标准差约为 8，指数把最大的一个远远拉开",
        why_en="scores deviate by about 8, and the exponential pulls the largest far ahead",
    )
    scaled_top_weight: Spread = fact(
        zh="除以 √64 时，32 个键中最大的注意力权重（平均）",
        en="largest attention weight among 32 keys divided by √64, the mean over queries",
        unit="%",
        terms=("注意力权重", "attention weight"),
        varies=True,
        tolerance=2.0,
    )
    vanished_share: Spread = fact(
        zh="512 维：不除以 √512 时，softmax 传回的梯度不到除后 1% 的查询占多少",
        en="512 numbers: share of queries that get under 1% of the gradient of scores if not divided by √512",
        unit="%",
        terms=(
            "缩放点积注意力",
            "scaled dot-product attention",
            "scaled dot product",
            "sqrt(d_k)",
            "sqrt{d_k}",
            "√d_k",
        ),
        varies=True,
        tolerance=5.0,
        question_zh="查询宽 512，点积不除以 √512：softmax 传回的梯度不到除后 1% 的查询约占多少？",
        question_en="Queries of 512 numbers, not divided by √512: how many get under 1% of the gradient?",
        why_zh="点积大时 softmax 几乎成为 one-hot，饱和处的导数接近 0",
        why_en="with large products softmax is nearly one-hot, and its slope there is close to 0",
    )
    weights_sum: float = fact(
        zh="一行注意力权重之和",
        en="sum of a row of attention weights",
        terms=("注意力权重", "attention weight"),
        varies=True,
        tolerance=1e-6,
    )
    masked_weight: float = fact(
        zh="用 −10⁹ 遮住的位置的注意力权重（fp32）",
        en="attention weight at a position masked by −10⁹, in fp32",
        terms=("attention mask", "注意力掩码", "填充掩码", "padding mask", "-1e9"),
        question_zh="分数加上 −10⁹ 来遮住一个位置，它的注意力权重是多少（fp32）？",
        question_en="A position is masked by adding −10⁹ to its score: what is its attention weight, in fp32?",
        why_zh="exp(−10⁹) 在 fp32 里下溢为 0",
        why_en="exp(−10⁹) underflows to 0 in fp32",
    )
    renormalized_difference: float = fact(
        zh="先遮后 softmax 与先 softmax、置零再归一，结果的最大差",
        en="largest difference of masking before softmax from setting to 0 after it and dividing rows by their sums",
        terms=("renormalize", "重新归一化"),
        varies=True,
        tolerance=1e-6,
        why_zh="两种做法都让留下的指数之比不变、和为 1",
        why_en="both keep the ratios of the exponentials that are left, and make them add up to 1",
    )
    all_masked_is_nan: bool = fact(
        zh="整行都用 −∞ 遮住时，权重是否为 NaN",
        en="whether weights are NaN where a whole row is masked by −∞",
        terms=("attention mask", "注意力掩码", "填充掩码", "padding mask"),
    )
    parameters: int = fact(
        zh="d_model=512 的多头注意力的参数（4·512²，不含偏置）",
        en="parameters of multi-head attention at d_model=512 (4·512², without biases)",
        terms=("多头注意力", "multi-head attention", "multi head attention", "multi-headed attention", "MultiHead"),
        question_zh="d_model=512 的多头注意力（不含偏置）有多少参数？",
        question_en="How many parameters has multi-head attention at d_model=512, without biases?",
        why_zh="查询、键、值和输出各一个 512×512 的矩阵：4·512²",
        why_en="queries, keys, values and output have a matrix of 512×512 each: 4·512²",
    )
    one_head_parameters: int = fact(
        zh="d_model=512 的单头注意力的参数（不含偏置）",
        en="parameters of attention with one head at d_model=512, without biases",
        terms=("单头注意力", "single-head attention", "多头注意力", "multi-head attention", "multi-headed attention"),
    )
    cross_weights: int = fact(
        zh="交叉注意力：写 3 个词元、读 5 个时，一个头的权重个数（3×5）",
        en="cross-attention: weights of a head for 3 tokens written and 5 read (3 by 5)",
        terms=("交叉注意力", "cross-attention weights", "encoder-decoder attention", "encoder/decoder attention"),
        why_zh="每个要写的词元对每个源词元有一个权重：3×5",
        why_en="each token written has a weight for each token read: 3 by 5",
    )
    weights_growth: float = fact(
        zh="词元数翻倍时，注意力权重的个数变为几倍",
        en="number of attention weights with twice as many tokens",
        unit="×",
        terms=("二次复杂度", "quadratic complexity", "注意力的复杂度"),
    )
    top_weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """The largest of 32 weights, in per cent, over `WIDTHS`, unscaled and scaled: for the picture."""


def run(device: torch.device, seed: int = 0) -> Attention:
    """Measure scores, weights, masks and heads on random vectors."""
    with reproducible(seed):
        scores = over_seeds(seed, lambda: deviation(WIDTH))
        masked = torch.zeros(1, KEYS, device=device)
        masked[0, -1] = -1e9
        inner = torch.randn(KEYS, KEYS, dtype=torch.float64)
        return Attention(
            score_deviation=scores,
            scaled_deviation=over_seeds(seed, lambda: deviation(WIDTH) / math.sqrt(WIDTH)),
            unscaled_top_weight=over_seeds(seed, lambda: top_weight(WIDTH, 1.0)),
            scaled_top_weight=over_seeds(seed, lambda: top_weight(WIDTH, math.sqrt(WIDTH))),
            vanished_share=over_seeds(seed, lambda: vanished_share(MODEL)),
            weights_sum=torch.softmax(inner, dim=-1)[0].sum().item(),
            masked_weight=torch.softmax(masked, dim=-1)[0, -1].item(),
            renormalized_difference=renormalized_difference(inner),
            all_masked_is_nan=bool(torch.softmax(torch.full((1, KEYS), -math.inf), dim=-1).isnan().all()),
            parameters=parameters(HEADS),
            one_head_parameters=parameters(1),
            cross_weights=weights(3, 5, device),
            weights_growth=weights(2 * KEYS, 2 * KEYS, device) / weights(KEYS, KEYS, device),
            top_weights={
                "not divided": tuple(top_weight(width, 1.0) for width in WIDTHS),
                "divided by √d": tuple(top_weight(width, math.sqrt(width)) for width in WIDTHS),
            },
        )


def scores_of(width: int) -> torch.Tensor:
    """Return the products of random queries and keys of a width, (drawn, queries, keys)."""
    queries = torch.randn(DRAWN, QUERIES, width, dtype=torch.float64)
    keys = torch.randn(DRAWN, KEYS, width, dtype=torch.float64)
    return queries @ keys.transpose(-1, -2)


def deviation(width: int) -> float:
    """Return the standard deviation of products of a width."""
    return scores_of(width).std().item()


def top_weight(width: int, divisor: float) -> float:
    """Return the largest weight of a row in per cent, the mean over rows."""
    return 100 * torch.softmax(scores_of(width) / divisor, dim=-1).amax(dim=-1).mean().item()


def vanished_share(width: int) -> float:
    """Return to how many per cent of queries softmax hands back under 1 % of what it does if scores are scaled."""
    scores = scores_of(width)
    given = torch.randn_like(scores)
    unscaled, scaled = (handed_back(inner, given) for inner in (scores, scores / math.sqrt(width)))
    return 100 * (unscaled < scaled / 100).double().mean().item()


def handed_back(scores: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Return the length of the gradient of each row of scores, for the gradient given of their weights."""
    inner = scores.detach().requires_grad_()
    (found,) = torch.autograd.grad(torch.softmax(inner, dim=-1), inner, given)
    lengths: torch.Tensor = found.norm(dim=-1)
    return lengths


def renormalized_difference(scores: torch.Tensor) -> float:
    """Mask what comes later before softmax, and after it; return the largest difference of weights."""
    later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    before = torch.softmax(scores.masked_fill(later, -math.inf), dim=-1)
    after = torch.softmax(scores, dim=-1).masked_fill(later, 0)
    return (before - after / after.sum(dim=-1, keepdim=True)).abs().max().item()


def parameters(heads: int) -> int:
    """Count the parameters of torch's own attention."""
    layer = nn.MultiheadAttention(MODEL, heads, bias=False, device="meta")
    return sum(weight.numel() for weight in layer.parameters())


@torch.no_grad()
def weights(written: int, read: int, device: torch.device) -> int:
    """Count the weights of torch's own attention, averaged over its heads: (written, read)."""
    layer = nn.Module.to(nn.MultiheadAttention(16, 2, batch_first=True), device)
    target, source = torch.randn(1, written, 16).to(device), torch.randn(1, read, 16).to(device)
    found: torch.Tensor = layer(target, source, source)[1]
    return found.numel()


def draw(result: Attention) -> Mapping[str, Figure]:
    """Draw how softmax saturates as heads get wider, unless scores are scaled."""
    return {"saturation": curves(result.top_weights, xs=WIDTHS, x="numbers of a query", y="largest of 32 weights, %")}


if __name__ == "__main__":
    publish(run, draw)
