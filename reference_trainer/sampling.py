"""Sampling: how the next token is chosen from a model's probabilities.

- Greedy takes the likeliest token. It is the same every time, and need not find the likeliest text.
- Beam search keeps the k likeliest beginnings; with k = 1 it is greedy. Log-probabilities are negative, so their sum
  prefers short texts; dividing by the length corrects that.
- Temperature divides the logits before the softmax: below 1 sharper, above 1 flatter, 1 nothing; near 0 it is greedy,
  and 0 itself would divide by zero.
- Top-k keeps the k likeliest tokens (Fan et al. 2018, arXiv:1805.04833). Top-p (nucleus; Holtzman et al. 2019,
  arXiv:1904.09751) keeps the fewest whose probabilities reach p, so few where the model is sure and many where it is
  not.
- A repetition penalty (Keskar et al. 2019, arXiv:1909.05858) divides the logits of tokens that occurred, or multiplies
  negative ones.
- Speculative decoding (Leviathan et al. 2022, arXiv:2211.17192) lets a small model propose a token x and keeps it with
  the probability min(1, p(x)/q(x)), else draws from what p has more than q. What comes out is distributed as p.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from transformers import (
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from ankillm.evidence import fact, publish
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible

TERMS = ("do_sample", "采样策略", "解码策略", "decoding strategy", "sampling strategy", "随机采样", "num_beams")
MISREADINGS = (
    {
        "pattern": (
            (
                r"(贪心|贪婪)(搜索|解码|策略)?(总是?|一定|必定|必然)?(能|会)(找到|得到|"
                r"保证)[^。.，,不非没未]{0,6}(全局最优|概率最[大高]的(序列|句子|文本))"
            ),
            (
                r"greedy (search|decoding) (always )?(finds|guarantees) the (most likely|most probable|optimal|"
                r"best) (sequence|sentence|text|output)"
            ),
            (
                r"greedy (search|decoding) (is guaranteed to|will always|is sure to) (find|return|"
                r"produce) the (most likely|most probable|optimal|best)"
            ),
            (
                r"(贪心|贪婪)(搜索|解码|策略)?(能|会|可以)?保证(能)?(得到|找到|生成|"
                r"获得)[^，,。；;\n不非没未]{0,4}概率最[高大]的?(序列|句子|文本|输出)"
            ),
            (
                r"greedy (search|decoding) always (returns|produces|gives|yields) the (most likely|most probable|"
                r"optimal|best) (sequence|text|sentence|output)"
            ),
        ),
        "about": ("贪心", "贪婪", "greedy"),
        "sure": True,
        "fact": "greedy_share",
        "expectation": "= 100%",
        "zh": "贪心只看眼前一步，可能错过整体概率更高的序列",
        "en": "greedy looks one step ahead, and may miss a likelier text",
    },
    {
        "pattern": (
            r"(温度|temperature)(系数|参数)?\s?(越高|越大|调高)[^。.]{0,14}(越确定|越保守|越稳定|更确定|更保守)",
            r"(higher|larger) temperature[^.]{0,24}(more deterministic|more conservative|more focused)",
        ),
        "fact": "hot_entropy_gain",
        "expectation": "< 1×",
        "zh": "温度越高，分布越平，输出越随机",
        "en": "a higher temperature makes the distribution flatter, and the output more random",
    },
    {
        "pattern": (
            (
                r"(温度|temperature)(系数|参数|值)?`?\s?(越高|越大|调高|升高)[，,]?(?:(?!低|小|随机|平|"
                r"反)[^。.；;\n不非没未]){0,8}(越|更)(确定|保守|集中|尖锐)"
            ),
            (
                r"(higher|larger|raising the|increasing the) temperature(?:(?!lower|random|low\b|"
                r"flat)[^.;\n]){0,24}(more deterministic|more conservative|more focused|less random|less diverse)"
            ),
            (
                r"(温度|temperature)(系数|参数|值|超参数)?`? ?T?`?(越高|越大|升高|增大|调高|提高)[，,]?(?:(?!越低|"
                r"越小|低温|随机|平|lower|random|smaller)[^，,。；;\n不非没未]){0,20}(越|更|变得?)(加)?(陡峭|尖锐|"
                r"集中|锐利|确定|保守)"
            ),
            (
                r"(higher|larger|raising|increasing|bigger)( the)? temperatures?( →| leads to| gives| makes|"
                r" means|:|,|-)(?:(?!越低|越小|低温|随机|平|lower|random|"
                r"smaller)[^，,。；;\n不非没未]){0,20}(sharper|more deterministic|peakier|more peaked|"
                r"more focused|less random)"
            ),
            (
                r"(温度|temperature)(系数|参数|值)?`?(调大|调高|提高|升高|增大|设大|变大|较高|越高|越大)(后|时|"
                r"之后)?[，,]?(?:(?!越低|越小|低温|随机|平|lower|random|smaller|"
                r"less)[^，,。；;\n不非没未]){0,24}(更加?|越|变得?)(确定|保守|集中|尖锐|稳定)"
            ),
            (
                r"(high|higher|large|larger|raising|increasing)( the)? temperatures? (makes?|gives?|leads? to|"
                r"means|results? in|produces?)(?:(?!越低|越小|低温|随机|平|lower|random|smaller|"
                r"less)[^，,。；;\n不非没未]){0,24}(deterministic|confident|focused|sharper|conservative|"
                r"predictable)"
            ),
            (
                r"(升高|提高|调高|增大|加大|提升)(了)?(采样)?(温度|temperature)(?:(?!越低|越小|低温|随机|平|lower|"
                r"random|smaller|less)[^，,。；;\n不非没未]){0,24}(更加?|越|变得?)(保守|确定|集中|稳定)"
            ),
        ),
        "about": ("温度", "temperature", "temperatures"),
        "unless": r"蒸馏|distil|退火|anneal|1 ?/ ?T|β",
        "sure": True,
        "fact": "hot_entropy_gain",
        "expectation": "< 1×",
        "zh": "温度越高，分布越平，输出越随机",
        "en": "a higher temperature makes the distribution flatter, and the output more random",
    },
    {
        "pattern": (
            (
                r"(温度|temperature)(系数|参数|值)?`?\s?(越低|越小|调低)[，,]?(?:(?!高|大|确定|集中|尖|"
                r"反)[^。.；;\n不非没未]){0,8}(越|更)(随机|多样|平缓|平坦|发散|有创造力)"
            ),
            (
                r"(lower|smaller) temperatures?(?:(?!higher|determin|large|focus)[^.;\n]){0,20}(more random|"
                r"more diverse|more creative|flatter)"
            ),
            (
                r"(温度|temperature|\bT)(系数|参数|值)?`?(越低|越小|降低|调低)[，,]?(?:(?!越高|越大|高温|确定|尖|"
                r"higher|determin|larger)[^，,。；;\n不非没未]){0,20}(越|更|变得?)(加)?(随机|多样|有创造|有创意|"
                r"发散)"
            ),
            (
                r"(lower|smaller|lowering|decreasing|reducing)( the)? temperatures?(?:(?!越高|越大|高温|确定|尖|"
                r"higher|determin|larger)[^，,。；;\n不非没未]){0,20}(more random|more diverse|more creative|"
                r"flatter|more varied)"
            ),
            (
                r"(温度|temperature)(系数|参数|值)?`?(设置?得?|调得?|取得?)?(越低|越小|较低)[，,]?(?:(?!越高|越大|"
                r"高温|确定|尖|higher|determin|larger)[^，,。；;\n不非没未]){0,20}(越|更|变得?)(加)?(有)?(随机|"
                r"多样|创造)"
            ),
        ),
        "about": ("温度", "temperature", "temperatures", "T"),
        "unless": r"退火|anneal|1 ?/ ?T|β",
        "sure": True,
        "fact": "cold_top_probability",
        "expectation": "< 0.5",
        "zh": "温度越低，分布越尖：0.1 时原为 0.5 的概率变为 0.999",
        "en": "a lower temperature makes the distribution sharper: at 0.1 a probability of 0.5 becomes 0.999",
    },
    {
        "pattern": (
            (
                r"top[-_ ]?p( ?采样| sampling)?(会|每一步|每步|都|总是|只){0,3}(保留|选取|选择|取)(固定|恒定|"
                r"同样)(数量|个数|数目)?的?"
            ),
            r"top[-_ ]?p (sampling )?(always )?(keeps|selects|uses|picks) a fixed number of",
            (
                r"top[-_ ]?p( ?采样| sampling)?(会|每一?步|每次|都|总是|只|是){0,3}从(固定|恒定|同样)(数量|个数|"
                r"数目)的?(候选|词元|词|token)"
            ),
            (
                r"top[-_ ]?p( ?采样| sampling)?(会|每一?步|每次|都){0,2} ?(总是?|始终|always|only){1,2}…(same|"
                r"fixed|constant|固定|相同|同样)(的)?( number|数量|个数|数目)"
            ),
            r"top[-_ ]?p ?(采样)?(每次|每一?步|总是?|会){0,2}(选取|保留|选择|取|从)固定(数量|个数|数目)",
            r"nucleus sampling (always )?(keeps|selects|uses|picks) a fixed number of",
            r"top[-_ ]?p (sampling )?(always )?(keeps|selects|uses|picks) a constant number of",
        ),
        "about": ("top-p", "top_p", "top p", "nucleus", "核采样"),
        "sure": True,
        "fact": "flat_top_p_kept",
        "expectation": "= 3",
        "zh": "top-p 保留的词元数随分布而变：分布越平，留得越多",
        "en": "how many tokens top-p keeps hangs on the distribution: the flatter, the more",
    },
    {
        "pattern": (
            (
                r"top[-_ ]?k( ?采样)?的?(候选|保留的?)(集|词元|token|数|数量|集合|大小|的){0,4}(会|是)?(随|"
                r"根据)[^，,。；;\np]{0,8}(动态|自适应)?(变化|调整)"
            ),
            r"top[-_ ]?k (sampling )?(dynamically|adaptively) (adjusts|changes|selects)",
        ),
        "about": ("top-k", "top_k", "top k"),
        "unless": r"top[-_ ]?p|动态 ?top|dynamic top",
        "sure": True,
        "fact": "top_k_kept",
        "expectation": "> 2",
        "zh": "top-k 总是保留 k 个",
        "en": "top-k keeps k tokens, always",
    },
    {
        "pattern": (
            (
                r"(repetition_penalty|重复惩罚)(系数|参数|值)?`?(大于|超过|>|设为大于) ?1(\.0)?(时)?[，,]?(会|"
                r"可以|将)?(鼓励|增加|促进|增强)(模型)?(的|生成|输出)?重复"
            ),
            (
                r"repetition[_ ]penalty`? (above|greater than|larger than|over|>) 1(\.0)? (encourages|promotes|"
                r"increases|favou?rs) repet"
            ),
            (
                r"(repetition_penalty|重复惩罚)(系数|参数|值)?`?(越大|越高)[，,]?(模型|输出|生成|就){0,3}越(容易|"
                r"爱|倾向于?)(出现)?重复"
            ),
            r"(higher|larger) repetition[_ ]penalty[^.;\n]{0,16} more repetit",
        ),
        "about": ("repetition_penalty", "重复惩罚", "repetition penalty"),
        "sure": True,
        "fact": "penalized_logit",
        "expectation": "> 3",
        "zh": "大于 1 的 repetition_penalty 压低已出现词元的 logit",
        "en": "a repetition_penalty above 1 lowers the logits of tokens that occurred",
    },
    {
        "pattern": (
            (
                r"(投机|推测)(性|式)?(解码|采样|推理)(会|可能会?|将)(略微|稍微|轻微)?(降低|影响|改变|损失|损害|"
                r"牺牲)(了|模型|生成|输出|的|目标|一定){0,4}(质量|精度|分布|准确率)"
            ),
            (
                r"speculative (decoding|sampling) (slightly |may |can |will ){0,2}(changes?|degrades?|lowers?|"
                r"hurts?|reduces?|alters?|sacrifices?) (the )?(model's |output |generation |text |"
                r"model ){0,2}(quality|accuracy|distribution)"
            ),
            (
                r"(投机|推测)(性|式)?(解码|采样)(是)?(以)?(牺牲|降低)(了|一定|部分|的|少量){0,3}(生成|输出|"
                r"模型)?(的)?(质量|精度|准确率)"
            ),
            r"(投机|推测)(性|式)?(采样|解码)(是|属于)(一种)?有损",
            (
                r"speculative (decoding|sampling) (trades|gives up|sacrifices) (off )?((some|output|generation|"
                r"a little|model) ){0,2}(quality|accuracy)"
            ),
            (
                r"(投机|推测)(性|式)?(解码|采样)……(损失|牺牲|降低)(了|一定的?|部分|模型|生成|输出|的){0,4}(质量|"
                r"精度|准确率)"
            ),
            (
                r"speculative (decoding|sampling)……quality( of the (output|text|generation)s?)?( gets| becomes|"
                r" is)? (worse|lower|degraded|reduced|suffers)"
            ),
        ),
        "about": (
            "投机解码",
            "投机采样",
            "推测解码",
            "推测采样",
            "推测性解码",
            "speculative decoding",
            "speculative sampling",
        ),
        "unless": r"medusa|近似|typical|lossy|宽松|阈值|threshold|relax",
        "sure": True,
        "fact": "speculative_distance",
        "expectation": "> 0.01",
        "zh": "投机解码按接受规则校正：词元的分布与目标模型相同",
        "en": "speculative decoding corrects by its rule of acceptance: tokens come with the target's probabilities",
    },
    {
        "pattern": (
            r"(transformers|generate)(\(\))?`?[^。；;\n]{0,12}temperature`? ?(=|为|设为|设成|"
            r"设置为) ?`?0`?(?!\.?\d)(时)?[，,]?(就是|即|等价于|相当于|等于|会变成)(贪心|贪婪|greedy)"
        ),
        "about": ("transformers",),
        "unless": r"do_sample ?= ?False|vllm|openai|ollama|报错|error",
        "sure": True,
        "fact": "zero_temperature_accepted",
        "expectation": "yes",
        "zh": "transformers 不接受温度 0：贪心要写 do_sample=False",
        "en": "transformers refuses a temperature of 0: greedy is do_sample=False",
    },
)

PROBABILITIES = (0.5, 0.25, 0.15, 0.06, 0.04)
FLAT = (0.22, 0.21, 0.2, 0.19, 0.18)
DRAWS = 200_000
CHAIN: Mapping[str, Mapping[str, float]] = {
    "<s>": {"the": 0.6, "a": 0.4},
    "the": {"cat": 0.35, "dog": 0.33, "bird": 0.32},
    "a": {"cat": 0.9, "dog": 0.05, "bird": 0.05},
    "cat": {"sat": 0.5, "ran": 0.5},
    "dog": {"sat": 0.5, "ran": 0.5},
    "bird": {"sat": 0.1, "ran": 0.9},
}
"""What may follow which word, for texts of three words."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Five tokens of probabilities 0.5, 0.25, 0.15, 0.06 and 0.04, and texts of three words."""

    greedy_share: float = fact(
        zh="贪心搜索所得序列的概率是最优序列的百分之几",
        en="probability of the greedy text, as a share of the likeliest one's",
        unit="%",
        terms=("贪心搜索", "贪心解码", "贪婪搜索", "greedy search", "greedy decoding"),
    )
    beam_share: float = fact(
        zh="束宽为 2 的束搜索所得序列的概率是最优序列的百分之几",
        en="probability of the text that a beam of 2 finds, as a share of the likeliest one's",
        unit="%",
        terms=("束搜索", "集束搜索", "beam search", "num_beams", "束宽", "beam width"),
        why_zh="第二可能的开头也留着，它后来成了最优的",
        why_en="the second likeliest start is kept, and turns out the best",
    )
    beam_of_one_is_greedy: bool = fact(
        zh="束宽为 1 的束搜索就是贪心搜索",
        en="a beam of 1 is greedy search",
        terms=("束搜索", "集束搜索", "beam search", "束宽", "beam width", "beam size"),
        why_zh="每步只留最可能的一个，那就是贪心",
        why_en="only the likeliest is kept at each step, and that is greedy",
    )
    beam_looked_at: int = fact(
        zh="束宽为 2、3 步、词表 8：束搜索打分的候选数",
        en="candidates that a beam of 2 scores in 3 steps over a vocabulary of 8",
        terms=("穷举搜索", "exhaustive search", "束搜索", "集束搜索", "beam search"),
        question_zh="束宽 2、词表 8、生成 3 步，束搜索要给多少个候选打分（第一步只有一个开头）？",
        question_en="A beam of 2 over a vocabulary of 8, 3 steps: how many candidates does it score?",
        why_zh="第一步 8 个，之后每步 2·8 个：8 + 16 + 16",
        why_en="8 in the first step, then 2·8 in each: 8 + 16 + 16",
    )
    exhaustive_looked_at: int = fact(
        zh="3 步、词表 8：穷举搜索打分的序列数",
        en="texts that exhaustive search scores in 3 steps over a vocabulary of 8",
        terms=("穷举搜索", "exhaustive search"),
    )
    cold_top_probability: float = fact(
        zh="温度 0.1 时最大概率（原为 0.5）",
        en="largest probability at temperature 0.1 (0.5 before)",
        terms=("temperature", "温度参数", "温度系数", "低温"),
        question_zh="概率 (0.5, 0.25, 0.15, 0.06, 0.04)，温度 0.1 时最大的概率变成多少？",
        question_en="Probabilities (0.5, 0.25, 0.15, 0.06, 0.04): what is the largest at temperature 0.1?",
    )
    hot_entropy_gain: float = fact(
        zh="温度 2 时的熵是温度 1 时的几倍",
        en="entropy at temperature 2 over that at 1",
        unit="×",
        terms=("temperature", "温度参数", "温度系数"),
    )
    zero_temperature_accepted: bool = fact(
        zh="transformers 接受温度 0",
        en="transformers accepts a temperature of 0",
        terms=("temperature=0", "温度为 0", "temperature of 0"),
    )
    top_k_kept: int = fact(
        zh="top_k=2 保留几个词元",
        en="tokens that top_k=2 keeps",
        terms=("top_k", "top-k", "topk", "Top-K 采样"),
    )
    top_p_kept: int = fact(
        zh="概率 (0.5, 0.25, 0.15, 0.06, 0.04)，top_p=0.8 保留几个词元",
        en="tokens that top_p=0.8 keeps of (0.5, 0.25, 0.15, 0.06, 0.04)",
        terms=("top_p", "top-p", "nucleus sampling", "核采样", "Top-P 采样"),
        question_zh="概率 (0.5, 0.25, 0.15, 0.06, 0.04)，`top_p=0.8` 保留几个词元？",
        question_en="Of probabilities (0.5, 0.25, 0.15, 0.06, 0.04), how many tokens does `top_p=0.8` keep?",
        why_zh="0.5 + 0.25 还不到 0.8，加上 0.15 才到",
        why_en="0.5 + 0.25 is below 0.8, and 0.15 more is above it",
    )
    flat_top_p_kept: int = fact(
        zh="分布平坦时（五个都约为 0.2），top_p=0.8 保留几个词元",
        en="tokens that top_p=0.8 keeps of five that are nearly as likely",
        terms=("top_p", "top-p", "nucleus sampling", "核采样"),
    )
    penalized_logit: float = fact(
        zh="repetition_penalty=1.2：已出现词元的 logit 3 变成多少",
        en="what repetition_penalty=1.2 makes of a logit of 3 of a token that occurred",
        terms=("repetition_penalty", "重复惩罚", "repetition penalty"),
        question_zh="`repetition_penalty=1.2`：已出现词元的 logit 是 3，变成多少？",
        question_en="`repetition_penalty=1.2`: what becomes of the logit 3 of a token that occurred?",
    )
    penalized_negative_logit: float = fact(
        zh="repetition_penalty=1.2：已出现词元的 logit −3 变成多少",
        en="what repetition_penalty=1.2 makes of a logit of −3 of a token that occurred",
        terms=("repetition_penalty", "重复惩罚", "repetition penalty"),
    )
    speculative_distance: float = fact(
        zh="投机解码 20 万次的词元分布与目标分布的最大差",
        en="largest difference between 200,000 tokens of speculative decoding and the target's probabilities",
        terms=("投机解码", "推测解码", "投机采样", "speculative decoding", "speculative sampling"),
        varies=True,
        tolerance=0.005,
    )
    speculative_accepted: float = fact(
        zh="草稿为均匀分布时，投机解码接受的比例",
        en="share of proposals that speculative decoding keeps when the draft is uniform",
        unit="%",
        terms=("接受率", "acceptance rate", "草稿模型", "draft model"),
        varies=True,
        tolerance=1.0,
        why_zh="每个提议以 min(1, p/q) 的概率接受，合起来是两个分布重叠的部分",
        why_en="a proposal is kept with a chance of min(1, p/q): together, where both distributions overlap",
    )
    softened: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """The five probabilities by temperature: for the picture."""


def run(device: torch.device, seed: int = 0) -> Sampling:
    """Choose tokens by each rule."""
    with reproducible(seed):
        logits = torch.tensor([PROBABILITIES], device=device).log()  # (1, tokens)
        likeliest = max(itertools.product(*[WORDS] * 3), key=probability)
        greedy, _ = beam(1)
        found, looked_at = beam(2)
        drawn, accepted = speculative(PROBABILITIES, 5 * (0.2,))
        return Sampling(
            greedy_share=100 * probability(greedy) / probability(likeliest),
            beam_share=100 * probability(found) / probability(likeliest),
            beam_of_one_is_greedy=greedy == step_by_step(),
            beam_looked_at=looked_at,
            exhaustive_looked_at=len(WORDS) ** 3,
            cold_top_probability=at_temperature(logits, 0.1).max().item(),
            hot_entropy_gain=entropy(at_temperature(logits, 2.0)) / entropy(at_temperature(logits, 1.0)),
            zero_temperature_accepted=zero_temperature_accepted(),
            top_k_kept=kept(TopKLogitsWarper(2)(NONE, logits)),
            top_p_kept=kept(TopPLogitsWarper(0.8)(NONE, logits)),
            flat_top_p_kept=kept(TopPLogitsWarper(0.8)(NONE, torch.tensor([FLAT], device=device).log())),
            penalized_logit=penalized(3.0, device),
            penalized_negative_logit=penalized(-3.0, device),
            speculative_distance=max(abs(a - b) for a, b in zip(drawn, PROBABILITIES, strict=True)),
            speculative_accepted=100 * accepted,
            softened={
                f"temperature {temperature:g}": tuple(at_temperature(logits, temperature)[0].tolist())
                for temperature in (0.5, 1.0, 2.0)
            },
        )


WORDS = ("the", "a", "cat", "dog", "bird", "sat", "ran", "</s>")
NONE: torch.LongTensor = torch.zeros(1, 0, dtype=torch.long)  # type: ignore[assignment]
"""No tokens so far, (1, 0): what these rules of transformers do not look at."""


def probability(words: Sequence[str]) -> float:
    """Return the probability of a text."""
    pairs = itertools.pairwise(("<s>", *words))
    return math.prod(CHAIN.get(first, {}).get(second, 0.0) for first, second in pairs)


def beam(width: int, steps: int = 3) -> tuple[tuple[str, ...], int]:
    """Keep the likeliest beginnings at each step; return the best text, and how many candidates were scored."""
    kept_texts: list[tuple[str, ...]] = [()]
    looked_at = 0
    for _ in range(steps):
        candidates = [(*text, word) for text in kept_texts for word in WORDS]
        looked_at += len(candidates)
        kept_texts = sorted(candidates, key=probability, reverse=True)[:width]
    return kept_texts[0], looked_at


def step_by_step() -> tuple[str, ...]:
    """Take the likeliest word at each step."""
    text: tuple[str, ...] = ("<s>",)
    for _ in range(3):
        following = CHAIN[text[-1]]
        text = (*text, max(following, key=lambda word: following[word]))
    return text[1:]


def at_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return probabilities at a temperature, (1, tokens)."""
    warmed: torch.Tensor = TemperatureLogitsWarper(temperature)(NONE, logits)
    return warmed.softmax(-1)


def entropy(probabilities: torch.Tensor) -> float:
    """Return the entropy in natural units."""
    return float(torch.special.entr(probabilities).sum())


def zero_temperature_accepted() -> bool:
    """Whether transformers takes 0 as a temperature."""
    try:
        TemperatureLogitsWarper(0.0)
    except ValueError:
        return False
    return True


def kept(logits: torch.Tensor) -> int:
    """Count the tokens that can still be drawn."""
    return int(logits.isfinite().sum())


def penalized(logit: float, device: torch.device) -> float:
    """Return what becomes of the logit of a token that has occurred."""
    scores = torch.tensor([[logit, 0.0]], device=device)
    occurred = torch.tensor([[0]], device=device)  # (1, tokens so far)
    return float(RepetitionPenaltyLogitsProcessor(1.2)(occurred, scores)[0, 0])


def speculative(target: Sequence[float], draft: Sequence[float]) -> tuple[list[float], float]:
    """Draw tokens by speculative decoding, a step each; return how often each came, and the share of drafts kept."""
    wanted, proposed = torch.tensor(target), torch.tensor(draft)
    tokens = torch.multinomial(proposed, DRAWS, replacement=True)
    keep = torch.rand(DRAWS) < (wanted / proposed)[tokens]
    rest = torch.multinomial((wanted - proposed).clamp_min(0), DRAWS, replacement=True)
    came = torch.where(keep, tokens, rest)
    return (torch.bincount(came, minlength=len(target)) / DRAWS).tolist(), keep.double().mean().item()


def draw(result: Sampling) -> Mapping[str, Figure]:
    """Draw the probabilities by temperature."""
    return {"temperature": curves(result.softened, x="token, from the likeliest", y="probability")}


if __name__ == "__main__":
    publish(run, draw)
