"""Quantization: numbers of 8 or 4 bits stand for real ones, by a scale and rounding.

    q = round(x / s) + z,   x' = s · (q − z)

- The scale s is as large as the largest number asks for: s = max|x| / 127 for 8 bits. Rounding errs by half a step at
  most.
- Symmetric: the zero point z is 0. Asymmetric: z moves the range, which is worth a bit where all numbers are positive,
  as after a ReLU.
- One scale for a tensor, for a channel (row), or for a block of 64: one outlier spoils all that share its scale
  (LLM.int8(), Dettmers et al. 2022, arXiv:2208.07339).
- NF4 (QLoRA, Dettmers et al. 2023, arXiv:2305.14314) has 16 levels at the quantiles of a normal distribution, denser
  near zero, as weights are, with one scale of 32 bits for 64 weights: 4.5 bits a weight. Double quantization writes the
  scales themselves in 8 bits: 4.127.
- Rounding has the gradient 0 almost everywhere. Training with it (QAT) takes the gradient as if there was none: the
  straight-through estimator (Bengio et al. 2013, arXiv:1308.3432).
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.models import llama_2_7b
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds

TERMS = (
    "模型量化",
    "量化模型",
    "训练后量化",
    "post-training quantization",
    "quantization",
    "load_in_4bit",
    "load_in_8bit",
    "BitsAndBytesConfig",
)
MISREADINGS = (
    {
        "pattern": (
            (
                r"NF4[^。.，,不非没未]{0,14}(?<!un)(?<!non-)(均匀地?(分布|量化|划分)|等间距|evenly spaced|"
                r"uniform(ly spaced| quantization))"
            ),
            (
                r"NF4 ?的?(\d{1,2} ?个)?(量化)?(级别|级|值|取值|档位|格点)?(是|都是|为)?(均匀间隔|等距|间隔均匀|"
                r"间隔相等|均匀地?划分)"
            ),
            r"NF4 (uses|has) (16 )?(evenly|equally|uniformly)[- ]spaced",
            r"NF4 (quantization )?(levels|values|bins) are (equally|evenly|uniformly) (spaced|distributed)",
            r"NF4的?(量化)?(级别|级|点|区间|间隔|格点)(是|都是)(均匀|等距|等间距)(?!地?不)",
            r"NF4 (spaces|places|distributes) its levels (uniformly|evenly|equally)",
        ),
        "about": ("NF4",),
        "sure": True,
        "fact": "nf4_is_even",
        "expectation": "yes",
        "zh": "NF4 的级按正态分布的分位数取，零附近密、两端疏",
        "en": "NF4's levels are quantiles of a normal distribution, dense near zero",
    },
    {
        "pattern": (
            r"(NF4|4[- ]?bit|4 ?位)[^。.]{0,16}(每个(参数|权重)|a (weight|parameter))[^。.]{0,8}(只占|正好|"
            r"恰好|exactly) ?(4 ?bits?|4 ?位|0\.5 ?(个)?(字节|bytes?))"
        ),
        "fact": "nf4_bits",
        "expectation": "= 4",
        "zh": "每 64 个权重还有一个缩放系数：每个权重 4.5 位，双重量化后 4.127 位",
        "en": "64 weights share a scale: 4.5 bits a weight, 4.127 with double quantization",
    },
    {
        "pattern": (
            (
                r"(fp32|float32|32 ?位|单精度)[^。；;\n]{0,12}(int8|8 ?位|8[- ]?bit)[^。；;\n]{0,8}(模型|权重|"
                r"显存|内存|存储|大小|体积|占用|空间|的){0,4}(减少|缩小|降低|压缩|变为|减)(了|到|为|至|原来|的|"
                r"约){0,4}(一半|二分之一|50 ?%|1/2)"
            ),
            (
                r"(from )?(fp32|float32|32-bit)( weights)? to (int8|8-bit) (halves|cuts in half|"
                r"reduces by half) (the )?(model|memory|size|weights)"
            ),
            (
                r"(int8|8 ?位|8[- ]?bit) ?量化(可以|能|能够|会)?(把|将|使)(fp32|float32|32 ?位|单精度)(的)?(模型|"
                r"权重)(的)?(大小|体积|显存|内存)?(占用)?(压缩|减少|缩小|降低)(了|到|为|至|原来的){0,3}(一半|"
                r"50 ?%|1/2)"
            ),
            (
                r"(int8|8 ?位|8[- ]?bit)( ?量化| quanti[sz]ation)……(fp32|float32|32 ?位|单精度|32-bit)(模型|"
                r"权重|版本)?的?(一半|二分之一|50 ?%|1/2)"
            ),
            (
                r"(int8|8[- ]bit)( quanti[sz]ation)?……(drops?|falls?|shrinks?|reduc\w{1,4}|cuts?|is cut) (by |"
                r"to )?(a )?(half|50 ?%)……(fp32|float32|32-bit|full precision)"
            ),
        ),
        "about": ("int8", "INT8", "8 位", "8-bit", "量化", "quantization"),
        "unless": r"fp16|bf16|float16|int4|4[- ]?bit|4 ?位|半精度|激活|速度|speed|faster|吞吐|时间|latency|延迟|带宽",
        "sure": True,
        "fact": "int8_saving",
        "expectation": "<= 2×",
        "zh": "fp32 量化为 int8，大小变为四分之一",
        "en": "int8 makes weights of fp32 four times smaller",
    },
    {
        "pattern": (
            (
                r"(from )?(fp32|float32|32-bit)( weights)? to (int8|8-bit) (makes|leaves) (the )?(model|weights|"
                r"memory) (8|eight) (times|x) smaller"
            ),
            (
                r"(fp32|float32|32 ?位)[^。；;\n]{0,12}(int8|8 ?位|8[- ]?bit)[^。；;\n]{0,8}(模型|权重|显存|内存|"
                r"存储|大小|体积|占用|空间|的){0,4}(减少|缩小|降低|压缩|变为|减)(了|到|为|至|原来|的|"
                r"约){0,4}(八分之一|1/8|8 ?倍)"
            ),
        ),
        "about": ("int8", "INT8", "8 位", "8-bit", "量化", "quantization"),
        "unless": r"fp16|bf16|float16|int4|4[- ]?bit|4 ?位|半精度|激活|速度|speed|faster|吞吐|时间|latency|延迟|带宽",
        "sure": True,
        "fact": "int8_saving",
        "expectation": "= 8×",
        "zh": "fp32 量化为 int8，大小变为四分之一",
        "en": "int8 makes weights of fp32 four times smaller",
    },
    {
        "pattern": (
            (
                r"(离群值|异常值|outliers?)(对)(于)?(量化|INT8|int8)(的)?(误差|精度|结果|效果)?(没有|没什么|无|"
                r"几乎没有|不会有)(任何|什么|明显)?影响"
            ),
            (
                r"outliers? (do not|don't|does not|have no) (affect|effect on|impact on|influence|"
                r"impact) (the )?quanti[sz]ation"
            ),
        ),
        "about": ("离群值", "异常值", "outlier", "outliers"),
        "unless": r"单独|分离|separat|LLM\.int8|smooth|gptq|awq|逐通道|per-(channel|row)|每行",
        "sure": True,
        "fact": "outlier_error",
        "expectation": "<= 1.1×",
        "zh": "共用一个缩放系数时，一个百倍大的离群值使其余数的误差变为近九十倍",
        "en": (
            "with one scale for all, an outlier a hundred times as large makes the others' error some ninety "
            "times larger"
        ),
    },
    {
        "pattern": (
            r"(INT8|8 ?位|8[- ]?bit) ?量化(是)?(完全|绝对|百分之百|100 ?%)(是)?无损",
            r"(INT8|8-bit) quanti[sz]ation is (completely|perfectly|entirely|totally|100 ?%) lossless",
        ),
        "about": ("int8", "INT8", "8 位", "8-bit"),
        "sure": True,
        "fact": "int8_error",
        "expectation": "= 0%",
        "zh": "int8 有约 0.7% 的相对误差",
        "en": "int8 has a relative error of about 0.7%",
    },
    {
        "pattern": (
            r"(取整|round|四舍五入)(函数|操作)?(的)?(梯度|导数)(是|为|等于|恒为) ?1(?!\.?\d)",
            r"gradient of (the )?rounding( function)? is 1(?!\.?\d)",
        ),
        "about": ("取整", "四舍五入", "round", "rounding"),
        "unless": r"STE|直通|straight|当作|近似|视为|看作",
        "sure": True,
        "fact": "rounding_gradient",
        "expectation": "= 1",
        "zh": "取整的梯度处处为 0；直通估计才把它当作 1",
        "en": "the gradient of rounding is 0; the straight-through estimator takes it for 1",
    },
)

SIZE, BLOCK, SCALES = 256, 64, 256
NORMAL_TAIL = 0.9677083
"""Where QLoRA's code cuts the normal distribution off: a quantile of 1 would be infinite."""


@dataclass(frozen=True, slots=True)
class Quantization:
    """Errors and bytes of quantized weights, drawn from a normal distribution as those of a model nearly are."""

    int8_saving: float = fact(
        zh="fp32 权重量化为 int8，大小变为几分之一（倍数）",
        en="how many times smaller int8 makes weights of fp32",
        unit="×",
        terms=("int8 量化", "int8 quantization", "8-bit quantization", "8 位量化"),
        question_zh="fp32 权重量化为 int8，缩小为几分之一（几倍）？",
        question_en="How many times smaller does int8 make weights of fp32?",
    )
    largest_error_steps: float = fact(
        zh="int8 量化的最大误差是几个步长",
        en="largest error of int8, in steps",
        terms=("量化误差", "quantization error", "舍入误差", "rounding error", "量化步长"),
        varies=True,
        tolerance=0.01,
        why_zh="取整到最近的一级，最远差半步",
        why_en="rounding goes to the nearest level, at most half a step away",
    )
    int8_error: Spread = fact(
        zh="int8（每行一个缩放系数）的相对误差",
        en="relative error of int8 with a scale for each row",
        unit="%",
        terms=("int8 量化", "int8 quantization", "8-bit quantization", "8 位量化", "量化误差", "quantization error"),
        varies=True,
        tolerance=0.1,
    )
    int4_error: Spread = fact(
        zh="int4（每 64 个一个缩放系数）的相对误差",
        en="relative error of int4 with a scale for 64",
        unit="%",
        terms=("int4 量化", "int4 quantization", "4-bit quantization", "4 位量化", "4bit 量化"),
        varies=True,
        tolerance=1.0,
        why_zh="4 位只有 16 级，步长是 int8 的约十六倍",
        why_en="4 bits have 16 levels, with steps some sixteen times those of int8",
    )
    nf4_gain: Spread = fact(
        zh="正态权重：int4 的误差是 NF4 的几倍",
        en="on normal weights: error of int4 over that of NF4",
        unit="×",
        terms=("NF4", "nf4", "NormalFloat", "bnb_4bit_quant_type"),
        varies=True,
        tolerance=0.1,
        why_zh="NF4 的级按正态分布的分位数取，权重密的地方级也密",
        why_en="NF4 has its levels at the quantiles of a normal distribution, dense where the weights are",
    )
    nf4_is_even: bool = fact(
        zh="NF4 的 16 个级间距相等",
        en="the 16 levels of NF4 are evenly spaced",
        terms=("NF4", "nf4", "NormalFloat"),
    )
    nf4_bits: float = fact(
        zh="NF4（每 64 个权重一个 32 位缩放系数）每个权重的位数",
        en="bits a weight of NF4, with a scale of 32 bits for 64 weights",
        terms=("NF4", "nf4", "NormalFloat", "QLoRA", "bnb_4bit_quant_type"),
        question_zh="NF4 每 64 个权重共用一个 32 位的缩放系数，平均每个权重几位？",
        question_en="In NF4, 64 weights share a scale of 32 bits: how many bits a weight is that?",
    )
    nf4_double_bits: float = fact(
        zh="NF4 加双重量化，每个权重的位数",
        en="bits a weight of NF4 with double quantization",
        terms=("双重量化", "二次量化", "double quantization", "double quant", "bnb_4bit_use_double_quant", "QLoRA"),
        question_zh="NF4 加上双重量化，平均每个权重几位？",
        question_en="NF4 with double quantization: how many bits a weight?",
        why_zh="4 位，加上 8 位的系数除以 64，再加系数的系数",
        why_en="4 bits, a scale of 8 bits over 64 weights, and the scales' own scales",
    )
    llama2_7b_nf4_gib: float = fact(
        zh="Llama-2-7B 的全部权重以 NF4 加双重量化存放",
        en="all weights of Llama-2-7B in NF4 with double quantization",
        unit="GiB",
        terms=("QLoRA", "load_in_4bit", "4-bit quantization", "4 位量化", "4bit 量化"),
        why_zh="67 亿个权重，每个约 4.127 位",
        why_en="6.7 billion weights of about 4.127 bits each",
    )
    outlier_error: Spread = fact(
        zh="一个百倍大的离群值使同一张量（共用一个缩放系数）其余数的误差变为几倍",
        en="one outlier, a hundred times as large, with one scale for all: error of the others over that without it",
        unit="×",
        terms=("离群值", "outliers", "异常值", "per-tensor", "逐张量"),
        varies=True,
        tolerance=10.0,
    )
    outlier_error_by_row: Spread = fact(
        zh="同样的离群值，每行一个缩放系数时，其余各行的误差变为几倍",
        en="the same outlier with a scale for each row: error of all other rows over that without it",
        unit="×",
        terms=("离群值", "outliers", "per-channel", "逐通道", "per channel"),
        varies=True,
        tolerance=0.01,
        why_zh="别的行有自己的缩放系数，离群值碰不到",
        why_en="other rows have scales of their own, which the outlier does not touch",
    )
    asymmetric_gain: Spread = fact(
        zh="全为正的数（ReLU 之后）：对称 int8 的误差是非对称的几倍",
        en="numbers all positive, as after a ReLU: error of symmetric int8 over that of asymmetric",
        unit="×",
        terms=(
            "非对称量化",
            "asymmetric quantization",
            "对称量化",
            "symmetric quantization",
            "零点",
            "zero point",
            "zero-point",
        ),
        varies=True,
        tolerance=0.2,
        why_zh="对称量化把一半的级留给了没有的负数",
        why_en="symmetric levels leave half of themselves to negative numbers that do not occur",
    )
    rounding_gradient: float = fact(
        zh="取整函数的梯度",
        en="gradient of rounding",
        terms=(
            "量化感知训练",
            "quantization-aware training",
            "伪量化",
            "fake quantization",
            "STE",
            "直通估计",
            "straight-through",
        ),
        question_zh="量化里的取整函数，梯度是多少？",
        question_en="What is the gradient of the rounding in quantization?",
    )
    straight_through_gradient: float = fact(
        zh="用直通估计时，取整的梯度",
        en="gradient of rounding with the straight-through estimator",
        terms=("STE", "直通估计", "straight-through"),
        why_zh="前向照样取整，反向把取整当作恒等：梯度原样通过",
        why_en="forwards it rounds, backwards it takes rounding for the identity: the gradient passes as it is",
    )
    errors: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Relative error in percent over 2 to 8 bits, by what shares a scale: for the picture."""


def run(device: torch.device, seed: int = 0) -> Quantization:
    """Quantize normal weights in several ways."""
    with reproducible(seed):
        weights = normal(device)
        steps, scale = quantized(weights, 8, weights.abs().max())
        kept = stored_bits(weights, double=False)
        double = stored_bits(weights, double=True)
        llama = sum(weight.numel() for weight in llama_2_7b().parameters())
        return Quantization(
            int8_saving=weights.nbytes / steps.to(torch.int8).nbytes,
            largest_error_steps=((steps * scale - weights).abs().max() / scale).item(),
            int8_error=over_seeds(seed, lambda: error(normal(device), by_row(8))),
            int4_error=over_seeds(seed, lambda: error(normal(device), by_block(4))),
            nf4_gain=over_seeds(seed, lambda: nf4_gain(device)),
            nf4_is_even=len({round(gap, 3) for gap in nf4_levels().diff().tolist()}) == 1,
            nf4_bits=kept,
            nf4_double_bits=double,
            llama2_7b_nf4_gib=llama * double / 8 / 2**30,
            outlier_error=over_seeds(seed, lambda: outlier_effect(device, whole(8))),
            outlier_error_by_row=over_seeds(seed, lambda: outlier_effect(device, by_row(8))),
            asymmetric_gain=over_seeds(seed, lambda: asymmetric_gain(device)),
            rounding_gradient=gradient(torch.round),
            straight_through_gradient=gradient(straight_through),
            errors={
                "one scale for all": error_by_bits(weights, whole),
                "a scale a row": error_by_bits(weights, by_row),
                "a scale for 64": error_by_bits(weights, by_block),
            },
        )


Rounding = Callable[[torch.Tensor], torch.Tensor]
"""From numbers to what stands for them, in the same shape."""


def normal(device: torch.device) -> torch.Tensor:
    """Draw weights as a model has them, (256, 256)."""
    return (0.02 * torch.randn(SIZE, SIZE)).to(device)


def quantized(numbers: torch.Tensor, bits: int, largest: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return whole numbers and the scale; `largest` is the greatest magnitude of all that share it."""
    scale = largest / (2 ** (bits - 1) - 1)
    return torch.round(numbers / scale), scale


def whole(bits: int) -> Rounding:
    """Round with one scale for the tensor."""

    def rounded(numbers: torch.Tensor) -> torch.Tensor:
        steps, scale = quantized(numbers, bits, numbers.abs().max())
        return steps * scale

    return rounded


def by_row(bits: int) -> Rounding:
    """Round with a scale for each row."""

    def rounded(numbers: torch.Tensor) -> torch.Tensor:
        steps, scale = quantized(numbers, bits, numbers.abs().amax(-1, keepdim=True))
        return steps * scale

    return rounded


def by_block(bits: int) -> Rounding:
    """Round with a scale for each block of 64."""
    return lambda numbers: by_row(bits)(numbers.reshape(-1, BLOCK)).reshape_as(numbers)


def asymmetric(bits: int) -> Rounding:
    """Round with one scale and a zero point that puts the least number at the least level."""

    def rounded(numbers: torch.Tensor) -> torch.Tensor:
        least, most = numbers.min(), numbers.max()
        scale = (most - least) / (2**bits - 1)
        zero = torch.round(-least / scale)
        steps = (torch.round(numbers / scale) + zero).clamp(0, 2**bits - 1)
        back: torch.Tensor = (steps - zero) * scale
        return back

    return rounded


def error(numbers: torch.Tensor, rounding: Rounding) -> float:
    """Return the error of rounding in percent of the numbers, both by root mean square."""
    return 100 * float((rounding(numbers) - numbers).norm() / numbers.norm())


def error_by_bits(numbers: torch.Tensor, rounding: Callable[[int], Rounding]) -> tuple[float, ...]:
    """Return the error over 2 to 8 bits."""
    return tuple(error(numbers, rounding(bits)) for bits in range(2, 9))


def nf4_levels() -> torch.Tensor:
    """Return the levels of NF4, (16): 8 quantiles above zero, 7 below, and zero itself, as QLoRA's code takes them."""
    above = torch.special.ndtri(torch.linspace(NORMAL_TAIL, 0.5, 9, dtype=torch.float64)[:-1])
    below = -torch.special.ndtri(torch.linspace(NORMAL_TAIL, 0.5, 8, dtype=torch.float64)[:-1])
    levels = torch.cat([above, below, torch.zeros(1, dtype=torch.float64)]).sort().values
    scaled: torch.Tensor = levels / levels.max()
    return scaled


def nf4_codes(numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the number of the nearest level, (blocks, 64), and the scale of each block, (blocks, 1)."""
    blocks = numbers.reshape(-1, BLOCK)
    scale = blocks.abs().amax(-1, keepdim=True)
    return (blocks[..., None] / scale[..., None] - nf4_levels().to(blocks)).abs().argmin(-1), scale


def nf4(numbers: torch.Tensor) -> torch.Tensor:
    """Round to NF4, each block of 64 by its largest magnitude."""
    codes, scale = nf4_codes(numbers)
    return (nf4_levels().to(numbers)[codes] * scale).reshape_as(numbers)


def nf4_gain(device: torch.device) -> float:
    """Return the error of int4 over that of NF4, on the same weights."""
    weights = normal(device)
    return error(weights, by_block(4)) / error(weights, nf4)


def stored_bits(numbers: torch.Tensor, *, double: bool) -> float:
    """Pack numbers as NF4, two in a byte, with their scales; return the bits a number.

    Double: scales in 8 bits, and one of 32 bits for 256 of them.
    """
    codes, scales = nf4_codes(numbers)
    pairs = codes.to(torch.uint8).reshape(-1, 2)
    parts = [pairs[:, 0] * 16 + pairs[:, 1]]
    if double:
        groups = scales.reshape(-1, SCALES)
        largest = groups.amax(-1, keepdim=True)
        parts += [torch.round(groups / largest * 255).to(torch.uint8), largest]
    else:
        parts.append(scales)
    return 8 * sum(part.nbytes for part in parts) / numbers.numel()


def outlier_effect(device: torch.device, rounding: Rounding) -> float:
    """Return the error of all rows but the first when that holds an outlier, over what it was without."""
    weights = normal(device)
    spoiled = weights.clone()
    spoiled[0, 0] = 100 * weights.abs().max()
    before, after = ((rounding(part) - part)[1:].norm() for part in (weights, spoiled))
    return float(after / before)


def asymmetric_gain(device: torch.device) -> float:
    """Return the error of symmetric int8 over that of asymmetric, on numbers that are all positive."""
    positive = normal(device).abs()
    return error(positive, whole(8)) / error(positive, asymmetric(8))


def straight_through(number: torch.Tensor) -> torch.Tensor:
    """Round, with the gradient of a number that was not rounded."""
    return number + (torch.round(number) - number).detach()


def gradient(rounding: Rounding) -> float:
    """Return the gradient of rounding at 0.3."""
    number = torch.tensor(0.3, requires_grad=True)
    (slope,) = torch.autograd.grad(rounding(number), number)
    return slope.item()


def draw(result: Quantization) -> Mapping[str, Figure]:
    """Draw the error over the bits."""
    return {"errors": curves(result.errors, xs=range(2, 9), x="bits", y="relative error, %", log=True)}


if __name__ == "__main__":
    publish(run, draw)
