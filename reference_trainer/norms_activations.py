"""Norms and activations: what keeps a deep network's numbers in range, and what makes it more than one matrix.

- LayerNorm (Ba et al. 2016, arXiv:1607.06450) takes the mean of each token's vector away, divides by the standard
  deviation and then scales and shifts: 2·d parameters.
- RMSNorm (Zhang & Sennrich 2019, arXiv:1910.07467; Llama, Qwen) only divides by the root mean square and scales: d
  parameters. Where the mean is zero both are the same.
- BatchNorm takes mean and deviation over the batch, for each channel: an example's output depends on its neighbours,
  and inference needs running averages. So it does not suit texts of different lengths.

Post-norm (Vaswani et al. 2017) norms the sum, x = Norm(x + f(x)); pre-norm norms the input of each part, x = x +
f(Norm(x)), and leaves a path on which gradients pass unchanged. With post-norm the first layers of a deep model get far
smaller gradients than the last at the start (Xiong et al. 2020, arXiv:2002.04745), hence its need of warmup.

Activations: ReLU is 0 for what is negative, and so is its gradient. GELU and SiLU (Swish) are smooth and dip below
zero. A sigmoid's slope is at most 1/4, and ten in a row leave less than a millionth of a gradient. SwiGLU (Shazeer
2020, arXiv:2002.05202) multiplies SiLU(W·x) by V·x: three matrices instead of two, so its width is 8/3·d instead of 4·d
to have as many parameters; Llama-2-7B rounds 10,923 up to 11,008.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.models import llama_2_7b
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds

TERMS = ("归一化层", "normalization layer", "激活函数", "activation function", "非线性激活")
MISREADINGS = (
    {
        "pattern": (
            (
                r"RMS\s?Norm(?![^。.]{0,20}(去掉|省|不|没|无|without|no\b|not\b))[^。.，,]{0,12}(减去|减掉了?|"
                r"subtracts? the) ?(均值|mean)"
            ),
            r"RMS ?Norm(也|会|是|则)?(先|首先)(减去|减掉|减)了?(均值|平均值)",
            r"RMSNorm first subtracts the mean",
            (
                r"RMS ?Norm…(多了|增加了|加入了|引入了|adds|includes|performs)(一步|一个|额外的|an?|the|"
                r" ){0,3}(减去?均值|减平均|均值中心化|去均值|去中心化|中心化|mean[- ](subtraction|centering))"
            ),
            r"RMS ?Norm……((减掉|减去|扣除|减)(了|掉)?(均值|平均值)|(把|将)(均值|平均值)(减掉|减去))",
            (
                r"RMS ?Norm (also |first )?(re-?)?cent(er|re)s (the )?(activations?|inputs?|features?|hidden|data|"
                r"vector)"
            ),
        ),
        "about": ("RMSNorm", "RMS Norm"),
        "unless": r"省|去掉|移除|取消|舍弃|相比|放弃|简化|remov|drop|skip|omit|without|LayerNorm|层归一化|\bLN\b",
        "sure": True,
        "fact": "rms_ignores_shift",
        "expectation": "yes",
        "zh": "RMSNorm 不减均值：给输入加一个常数，输出就变",
        "en": "RMSNorm subtracts no mean: a constant added to its input changes its output",
    },
    {
        "pattern": (
            r"(层归一化|layer\s?norm(alization)?)[^。.，,不非没未]{0,12}(依赖|取决于|depends on|"
            r"uses)[^。.，,]{0,4}(批次?大小|批次?统计|整个批次|batch (size|statistics))"
        ),
        "fact": "layernorm_sees_batch",
        "expectation": "yes",
        "zh": "层归一化只看一个词元自己的向量，与批次无关",
        "en": "LayerNorm looks at one token's vector, and not at the batch",
    },
    {
        "pattern": (
            (
                r"(LayerNorm|Layer Norm(ali[sz]ation)?|层归一化)(的结果|的输出|的效果|则|会|是){0,2}((在|"
                r"沿着?)(整个)? ?(批次?|batch) ?(的)?(维度?|方向|dimension)(上|进行|做|归一)|(依赖于?|取决于|"
                r"受)(整个)? ?(批次?|batch) ?(的)?(大小|统计|尺寸|size))"
            ),
            (
                r"(LayerNorm|Layer Norm(ali[sz]ation)?|层归一化) (normali[sz]es (over|across|"
                r"along) the batch( dimension)?|depends on (the )?batch (size|statistics)|"
                r"uses (the )?batch statistics)"
            ),
            (
                r"(LayerNorm|Layer Norm(ali[sz]ation)?|层归一化)(是|会)?(对|在)(一个|同一个?|整个|每个)? ?(batch|"
                r"批次)(内|中|里)?(的)?所有样本(做|进行|上|之间|计算|求)"
            ),
            (
                r"(LayerNorm|Layer Norm(ali[sz]ation)?|层归一化) (computes|calculates|takes) (the |"
                r"its )?mean and (the )?variance (over|across|of) (the |a |all )?(whole |entire )?(mini-?)?batch"
            ),
            (
                r"(Layer ?Norm(ali[sz]ation)?|层归一化)(是|会|则|对|在|将|针对|即){0,3}(同一个?|一个|整个|"
                r"每个)? ?(batch|批次?)(内|中|里)?的?(不同|各个?|所有|多个)样本…(归一化|标准化|求均值|计算均值)"
            ),
            (
                r"(Layer ?Norm(ali[sz]ation)?) (normali[sz]es|standardi[sz]es|computes|averages)…(across|over|"
                r"along) (the |a |all )?(mini-?)?batch(?!norm| norm)"
            ),
            (
                r"(Layer ?Norm(ali[sz]ation)?|层归一化)(是|会|则|即)?(对|针对|在)(一个|同一个?|整个)? ?(batch|"
                r"批次?)(内|中|里)?的?样本(做|进行|之间)?(归一化|标准化)"
            ),
            (
                r"Layer ?Norm(alization)? (normali[sz]es|standardi[sz]es) (over|across|along) (the |"
                r"all )?(samples|examples) (in|of) (a|the) (mini-?)?batch"
            ),
            (
                r"(Layer ?Norm|层归一化)(会|也)?(依赖|取决于|受)(于)? ?(batch|批次?|同一批)(内|中|里)?的?(其他|"
                r"其它|别的)样本"
            ),
            r"Layer ?Norm(alization)? depends on (the )?other (samples|examples|sequences) (in|of) (the|a) batch",
        ),
        "about": ("LayerNorm", "Layer Norm", "Layer Normalization", "层归一化"),
        "unless": r"与批次?(大小)?无关|unlike|while|whereas|instead|BatchNorm|Batch Norm|批归一化",
        "sure": True,
        "fact": "layernorm_sees_batch",
        "expectation": "yes",
        "zh": "层归一化只看一个词元自己的向量，与批次无关",
        "en": "LayerNorm looks at one token's vector, and not at the batch",
    },
    {
        "pattern": (
            (
                r"(BatchNorm|Batch Norm(ali[sz]ation)?|批(量|次)?归一化)(则|会|是|对)?(对)?(每个|单个)样本(独立|"
                r"单独|各自)(地)?(进行|做)?归一化"
            ),
            (
                r"(BatchNorm|Batch Norm(ali[sz]ation)?|批(量|次)?归一化)(的结果|的输出)?(与|和)(批次?|"
                r"batch) ?(的)?(大小|size|中的?其他样本)无关"
            ),
            (
                r"(BatchNorm|Batch Norm(ali[sz]ation)?|批(量|次)?归一化) (normali[sz]es each (sample|example|"
                r"token) independently|(does not|doesn't) depend on the batch|is independent of the batch)"
            ),
            (
                r"(BatchNorm|Batch Norm(ali[sz]ation)?|批(量|次)?归一化)(并)?不(依赖于?|受)(于)?(批次?|"
                r"batch) ?(的)?(大小|size|尺寸)(的)?(影响)?"
            ),
            (
                r"(BatchNorm|Batch Norm(ali[sz]ation)?|批(量|次)?归一化)的?(效果|结果|输出|性能)(与|和|"
                r"跟) ?(batch ?size|批次?大小|批大小)(无关|没有关系)"
            ),
        ),
        "about": ("BatchNorm", "Batch Norm", "Batch Normalization", "批归一化", "批量归一化", "批次归一化"),
        "unless": r"推理|测试|eval|inference|test|running|LayerNorm|层归一化|layer norm",
        "sure": True,
        "fact": "batchnorm_sees_batch",
        "expectation": "no",
        "zh": "训练时，BatchNorm 的输出取决于同批的其他样本",
        "en": "in training, BatchNorm's output hangs on the other samples of the batch",
    },
    {
        "pattern": (
            (
                r"RMS ?Norm(也)?(有|包含|含有|带有|具有)(可学习的?|两个|两组|缩放|参数|和|与|、|gamma|γ|"
                r"的){0,6}(平移|偏置|bias|β|beta|偏移)"
            ),
            (
                r"RMSNorm (has|learns) (a )?(learnable |learned )?(scale|weight|gamma|"
                r"gain)( parameter)? and (a )?(bias|shift|beta)"
            ),
            (
                r"RMS ?Norm(的)?(可学习|可训练)?的?参数(包括|包含|有|是|为)(缩放|增益|γ|gamma|g|参数| ){1,4}(和|"
                r"与|、|以及) ?(平移|偏置|偏移|β|beta|bias)"
            ),
        ),
        "about": ("RMSNorm", "RMS Norm"),
        "unless": r"LayerNorm|层归一化|去掉|省|only|只有|drop|remov",
        "sure": True,
        "fact": "rmsnorm_parameters",
        "expectation": "= 8192",
        "zh": "RMSNorm 只有缩放：参数是 LayerNorm 的一半",
        "en": "RMSNorm has a scale alone: half of LayerNorm's parameters",
    },
    {
        "pattern": (
            r"sigmoid(函数)?(的)?(导数|梯度|斜率)(的)?(最大值?)(是|为|等于)? ?1(?!\.?\d|/)",
            (
                r"(derivative|gradient|slope) of (the )?sigmoid (has a maximum of|is at most|peaks at|"
                r"has a maximum value of) 1(?!\.?\d|/)"
            ),
            r"sigmoid(函数)?……(导数|梯度|求导|斜率)…最大(值|为|是|等于){1,3} ?1(?!\.?\d|/)",
            (
                r"(maximum|max|largest|peak) (value of the )?(derivative|gradient|"
                r"slope) of (the )?sigmoid( function)? is 1(?!\.?\d|/)"
            ),
        ),
        "about": ("sigmoid",),
        "unless": r"tanh|0\.25|1/4",
        "sure": True,
        "fact": "sigmoid_slope",
        "expectation": "= 1",
        "zh": "sigmoid 的斜率最大 0.25",
        "en": "the slope of the sigmoid is at most 0.25",
    },
    {
        "pattern": (
            (
                r"GELU(函数)?(会)?(对|把|将|在)(所有|全部|任何)?(的)?(负数|负值|负输入|负的输入|负半轴|"
                r"小于 ?0 的(输入|值|数))(上|时|处|都|的|输出){0,3}(输出|变成|变为|置为|截断为|为|是) ?(0|"
                r"零)(?!\.\d)"
            ),
            r"GELU (outputs|returns|gives|is) (exactly )?(zero|0) (for|on|at) (all |any )?negative",
            (
                r"GELU(函数)?(在)?(负数区间|负半轴|负区间|负数部分|x ?< ?0)(上|时|处|的){0,2}(输出|值)?(恒|总|都|"
                r"始终)?(为|等于|是) ?(0|零)(?!\.\d)"
            ),
        ),
        "about": ("GELU",),
        "unless": r"relu|近似|approximately|接近|趋",
        "sure": True,
        "fact": "gelu_at_minus_one",
        "expectation": "= 0",
        "zh": "GELU 在负数处不为零：GELU(−1) = −0.159",
        "en": "GELU is not zero for negative numbers: GELU(−1) = −0.159",
    },
    {
        "pattern": (
            r"(SiLU|Swish)(函数)?(的)?(输出|值)?(总是|始终|恒|一定)?(是|为)?(非负的?|恒为正|不会为负|恒大于等于 ?0)",
            r"(SiLU|Swish)('s output)? is (always non-?negative|never negative|non-?negative)",
            r"(SiLU|Swish)(函数)?(的)?(输出|值)?(恒|总|总是|始终)(大于|不小于|大于等于|≥|>=|>) ?(0|零)(?!\.\d)",
        ),
        "about": ("SiLU", "Swish"),
        "unless": r"relu|当|when|x ?[>≥]",
        "sure": True,
        "fact": "silu_minimum",
        "expectation": ">= 0",
        "zh": "SiLU 可以为负，最小约 −0.278",
        "en": "SiLU goes below zero, down to −0.278",
    },
)

WIDTH, LAYERS, ROWS = 64, 12, 8
POINTS = tuple(step / 10 for step in range(-40, 41))


@dataclass(frozen=True, slots=True)
class NormsActivations:
    """What norms do to vectors, batches and gradients, and the shapes of activations."""

    layernorm_mean: float = fact(
        zh="LayerNorm 输出的均值（绝对值）",
        en="mean of LayerNorm's output, without its sign",
        terms=("[the ]LayerNorm", "LayerNorms", "layer norm", "Layer Normalization", "层归一化", "nn.LayerNorm"),
        varies=True,
        tolerance=1e-5,
        why_zh="减去了均值，余下的平均为零",
        why_en="the mean is subtracted, so that what is left averages to zero",
    )
    layernorm_deviation: float = fact(
        zh="LayerNorm 输出的标准差",
        en="standard deviation of LayerNorm's output",
        terms=("[the ]LayerNorm", "LayerNorms", "layer norm", "Layer Normalization", "层归一化", "nn.LayerNorm"),
        varies=True,
        tolerance=1e-3,
    )
    layernorm_parameters: int = fact(
        zh="4096 维的 LayerNorm 的参数（缩放与平移）",
        en="parameters of a LayerNorm 4096 wide: scales and shifts",
        terms=(
            "[the ]LayerNorm",
            "LayerNorms",
            "layer norm",
            "Layer Normalization",
            "层归一化",
            "nn.LayerNorm",
            "LN 中的可学习参数",
        ),
        question_zh="4096 维的 LayerNorm 有多少参数？",
        question_en="How many parameters does a LayerNorm 4096 wide have?",
        why_zh="每一维一个缩放和一个平移",
        why_en="a scale and a shift for each dimension",
    )
    rmsnorm_parameters: int = fact(
        zh="4096 维的 RMSNorm 的参数（只有缩放）",
        en="parameters of an RMSNorm 4096 wide: scales alone",
        terms=("RMSNorm", "RMS Norm", "RMS normalization"),
        question_zh="4096 维的 RMSNorm 有多少参数？",
        question_en="How many parameters does an RMSNorm 4096 wide have?",
    )
    same_at_zero_mean: bool = fact(
        zh="输入均值为零时，RMSNorm 与 LayerNorm 的输出相同",
        en="RMSNorm and LayerNorm give the same where the input's mean is zero",
        terms=("RMSNorm", "RMS Norm", "RMS normalization"),
    )
    rms_ignores_shift: bool = fact(
        zh="给输入的每个数加上同一个常数，RMSNorm 的输出不变",
        en="RMSNorm's output is the same when a constant is added to its input",
        terms=("RMSNorm", "RMS Norm", "RMS normalization"),
    )
    layernorm_ignores_shift: bool = fact(
        zh="给输入的每个数加上同一个常数，LayerNorm 的输出不变",
        en="LayerNorm's output is the same when a constant is added to its input",
    )
    batchnorm_sees_batch: bool = fact(
        zh="训练时，一个样本经 BatchNorm 的输出取决于同批的其他样本",
        en="in training, an example's output of BatchNorm depends on the others of its batch",
        terms=("BatchNorm", "Batch Normalization", "Batch Norm", "批归一化", "批量归一化"),
    )
    layernorm_sees_batch: bool = fact(
        zh="一个样本经 LayerNorm 的输出取决于同批的其他样本",
        en="an example's output of LayerNorm depends on the others of its batch",
        terms=("[the ]LayerNorm", "LayerNorms", "layer norm", "Layer Normalization", "层归一化", "nn.LayerNorm"),
    )
    batchnorm_learned: int = fact(
        zh="64 个通道的 BatchNorm 的可学习参数（2C）",
        en="learned parameters of a BatchNorm of 64 channels (2C)",
        terms=("BN 中的参数量", "BatchNorm", "Batch Normalization", "批归一化"),
        question_zh="64 个通道的 BatchNorm 有多少可学习参数？",
        question_en="How many learned parameters does a BatchNorm of 64 channels have?",
        why_zh="每个通道一个缩放和一个平移",
        why_en="a scale and a shift for each channel",
    )
    batchnorm_running: int = fact(
        zh="64 个通道的 BatchNorm 为推理保存的均值与方差（2C）",
        en="running means and variances that a BatchNorm of 64 channels keeps for inference (2C)",
        terms=("BatchNorm", "Batch Normalization", "批归一化", "BN 中的参数量", "running_mean", "running mean"),
        why_zh="每个通道一个均值和一个方差，推理时代替批次的统计",
        why_en="a mean and a variance for each channel, in place of the batch's at inference",
    )
    pre_norm_gradient: Spread = fact(
        zh="pre-norm，12 层，初始化时：第一层梯度是最后一层的几倍",
        en="pre-norm, 12 layers, at the start: gradient of the first layer over that of the last",
        unit="×",
        terms=("pre-norm", "Pre-normalization", "Pre-LN", "pre layer norm", "前置归一化"),
        varies=True,
        tolerance=0.3,
        why_zh="残差路上没有归一化，梯度直接通到第一层",
        why_en="no norm stands in the residual path: the gradient reaches the first layer as it is",
    )
    post_norm_gradient: Spread = fact(
        zh="post-norm，12 层，初始化时：第一层梯度是最后一层的几倍",
        en="post-norm, 12 layers, at the start: gradient of the first layer over that of the last",
        unit="×",
        terms=("post-norm", "Post-normalization", "Post-LN", "post layer norm", "后置归一化", "pre layer norm"),
        varies=True,
        tolerance=0.1,
        why_zh="每层的归一化都在残差路上，梯度一层层缩小",
        why_en="each layer's norm stands in the residual path and shrinks the gradient",
    )
    plain_gradient: Spread = fact(
        zh="没有残差连接的 12 层网络，初始化时：第一层梯度是最后一层的几倍",
        en="12 layers without residual connections, at the start: gradient of the first over that of the last",
        unit="×",
        terms=("残差连接", "残差结构", "residual connection", "skip connection", "skip-connection"),
        varies=True,
        tolerance=0.01,
        why_zh="没有残差，梯度要连乘每一层的导数",
        why_en="without residuals the gradient is a product of every layer's slopes",
    )
    residual_gradient: Spread = fact(
        zh="有残差连接的 12 层网络，初始化时：第一层梯度是最后一层的几倍",
        en="12 layers with residual connections, at the start: gradient of the first over that of the last",
        unit="×",
        terms=("残差连接", "残差结构", "residual connection", "skip connection", "skip-connection"),
        varies=True,
        tolerance=0.5,
    )
    relu_negative_gradient: float = fact(
        zh="ReLU 在 −1 处的梯度",
        en="gradient of ReLU at −1",
        terms=("ReLU", "dying ReLU", "神经元死亡"),
        question_zh="ReLU 在输入 −1 处的梯度是多少？",
        question_en="What is the gradient of ReLU at −1?",
        why_zh="ReLU 在负数处是常数 0，常数的导数是 0",
        why_en="ReLU is the constant 0 for negative numbers, and a constant has no slope",
    )
    gelu_at_minus_one: float = fact(
        zh="GELU(−1)",
        en="GELU(−1)",
        terms=("GELU",),
        varies=True,
        tolerance=1e-4,
    )
    silu_minimum: float = fact(
        zh="SiLU（Swish）的最小值",
        en="least value of SiLU (Swish)",
        terms=("SiLU", "Swish", "SwiGLU"),
        varies=True,
        tolerance=1e-3,
    )
    sigmoid_slope: float = fact(
        zh="sigmoid 的最大斜率",
        en="steepest slope of the sigmoid",
        terms=("sigmoid", "梯度消失", "vanishing gradient", "vanishing gradients", "vanishing gradient problem"),
        question_zh="sigmoid 的导数最大是多少？",
        question_en="How steep is the sigmoid at most?",
    )
    ten_sigmoids: float = fact(
        zh="梯度穿过十个 sigmoid 后至多剩下多少（权重为 1）",
        en="the most that ten sigmoids in a row leave of a gradient, with weights of 1",
        terms=("梯度消失", "vanishing gradient", "vanishing gradients", "vanishing gradient problem"),
        why_zh="每个 sigmoid 的斜率至多 0.25，十个相乘是 0.25¹⁰",
        why_en="a sigmoid's slope is at most 0.25, and ten of them make 0.25¹⁰",
    )
    swiglu_parameter_ratio: float = fact(
        zh="Llama-2-7B 的 SwiGLU（宽 11008）与普通前馈网络（宽 4d）的参数之比",
        en="parameters of Llama-2-7B's SwiGLU (11008 wide) over a plain feed-forward part 4·d wide",
        unit="×",
        terms=("SwiGLU", "GLU", "gated linear unit", "门控线性单元"),
        question_zh="Llama-2-7B 的 SwiGLU 有三个矩阵，参数是宽 4d 的普通前馈网络的几倍？",
        question_en="Llama-2-7B's SwiGLU has three matrices: how many times the parameters of a plain part 4·d wide?",
        why_zh="三个矩阵，宽度取 8d/3 左右，与两个 4d 宽的矩阵相当",
        why_en="three matrices about 8d/3 wide are as large as two that are 4d wide",
    )
    shapes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Activations over `POINTS`: for the picture."""


def run(device: torch.device, seed: int = 0) -> NormsActivations:
    """Measure norms on vectors and batches, gradients on stacks of layers, and activations point by point."""
    with reproducible(seed):
        rows = (3 * torch.randn(ROWS, WIDTH) + 2).to(device)  # (rows, width)
        layer, rms = (nn.Module.to(kind(WIDTH), device) for kind in (nn.LayerNorm, nn.RMSNorm))
        batch = nn.Module.to(nn.BatchNorm1d(WIDTH), device)
        centred = rows - rows.mean(-1, keepdim=True)
        normed = layer(rows)
        llama = llama_2_7b()
        return NormsActivations(
            layernorm_mean=normed.mean(-1).abs().max().item(),
            layernorm_deviation=normed.std(-1, correction=0).mean().item(),
            layernorm_parameters=size(nn.LayerNorm(4096)),
            rmsnorm_parameters=size(llama.model.norm),
            same_at_zero_mean=torch.allclose(layer(centred), rms(centred), atol=1e-4),
            rms_ignores_shift=torch.allclose(rms(rows), rms(rows + 1), atol=1e-4),
            layernorm_ignores_shift=torch.allclose(layer(rows), layer(rows + 1), atol=1e-4),
            batchnorm_sees_batch=sees_batch(batch, rows),
            layernorm_sees_batch=sees_batch(layer, rows),
            batchnorm_learned=size(nn.BatchNorm1d(64)),
            batchnorm_running=sum(part.numel() for part in nn.BatchNorm1d(64).buffers() if part.ndim),
            pre_norm_gradient=over_seeds(seed, lambda: norm_gradient(device, first=True)),
            post_norm_gradient=over_seeds(seed, lambda: norm_gradient(device, first=False)),
            plain_gradient=over_seeds(seed, lambda: chain_gradient(device, residual=False)),
            residual_gradient=over_seeds(seed, lambda: chain_gradient(device, residual=True)),
            relu_negative_gradient=slope(torch.relu, -1),
            gelu_at_minus_one=functional.gelu(torch.tensor(-1.0)).item(),
            silu_minimum=functional.silu(torch.linspace(-4, 4, 8001)).min().item(),
            sigmoid_slope=max(slope(torch.sigmoid, point) for point in POINTS),
            ten_sigmoids=max(slope(torch.sigmoid, point) for point in POINTS) ** 10,
            swiglu_parameter_ratio=size(llama.model.layers[0].mlp) / (2 * 4 * llama.config.hidden_size**2),
            shapes={name: values(shape) for name, shape in SHAPES.items()},
        )


SHAPES: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "ReLU": torch.relu,
    "GELU": functional.gelu,
    "SiLU": functional.silu,
    "sigmoid": torch.sigmoid,
}


def size(module: nn.Module) -> int:
    """Count a module's parameters."""
    return sum(weight.numel() for weight in module.parameters())


def sees_batch(norm: nn.Module, rows: torch.Tensor) -> bool:
    """Whether the first row's output changes when the others do, in training."""
    other = torch.cat([rows[:1], 2 * rows[1:] + 5])
    return not torch.allclose(norm(rows)[0], norm(other)[0], atol=1e-4)


def norm_gradient(device: torch.device, *, first: bool) -> float:
    """Return the gradient of the first layer over that of the last, in a new Transformer with norms first or last."""
    layer = nn.TransformerEncoderLayer(WIDTH, 4, 4 * WIDTH, dropout=0.0, batch_first=True, norm_first=first)
    model = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(WIDTH) if first else None, enable_nested_tensor=False)
    for weight in model.layers.parameters():
        if weight.ndim > 1:
            nn.init.xavier_uniform_(weight)  # as in the Transformer; each layer is another
    nn.Module.to(model, device)
    tokens, asked = torch.randn(8, 32, WIDTH).to(device), torch.randint(WIDTH, (8 * 32,)).to(device)
    functional.cross_entropy(model(tokens).flatten(0, 1), asked).backward()  # type: ignore[no-untyped-call]
    return ratio([layer.linear1.weight for layer in model.layers])


def chain_gradient(device: torch.device, *, residual: bool) -> float:
    """Return the gradient of the first layer over that of the last, in a chain of layers with tanh."""
    layers = nn.Module.to(nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS)), device)
    carried = torch.randn(32, WIDTH).to(device)  # (rows, width)
    for layer in layers:
        carried = torch.tanh(layer(carried)) + (carried if residual else 0)
    asked = torch.randint(WIDTH, (32,)).to(device)
    functional.cross_entropy(carried, asked).backward()  # type: ignore[no-untyped-call]
    return ratio([layer.weight for layer in layers])  # type: ignore[misc]


def ratio(weights: Sequence[torch.Tensor]) -> float:
    """Return the length of the first weight's gradient over that of the last."""
    lengths = [weight.grad.norm().item() for weight in (weights[0], weights[-1]) if weight.grad is not None]
    return float(lengths[0] / lengths[1])


def slope(activation: Callable[[torch.Tensor], torch.Tensor], point: float) -> float:
    """Return an activation's derivative at a point."""
    at = torch.tensor(float(point), requires_grad=True)
    (gradient,) = torch.autograd.grad(activation(at), at)
    return gradient.item()


def values(activation: Callable[[torch.Tensor], torch.Tensor]) -> tuple[float, ...]:
    """Return an activation at `POINTS`."""
    return tuple(activation(torch.tensor(POINTS)).tolist())


def draw(result: NormsActivations) -> Mapping[str, Figure]:
    """Draw the activations."""
    return {"activations": curves(result.shapes, xs=POINTS, x="input", y="output")}


if __name__ == "__main__":
    publish(run, draw)
