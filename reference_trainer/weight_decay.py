"""Weight decay: a pull towards zero at every step, for matrices and not for biases and norms.

AdamW (Loshchilov & Hutter 2017, arXiv:1711.05101) multiplies each weight by 1 − lr·wd at each step, beside the update
by the gradient and whatever that is: the decay is decoupled. Adam with an L2 term adds wd·w to the gradient instead and
then divides by the gradient's own size: where gradients are large, nothing is left of the decay.

Biases and the weights of norms shift and scale single features; pulling them to zero regularizes nothing. They are put
into a group of their own with weight_decay=0. There are three ways to find them:

- by name, as in `no_decay = ['bias', 'LayerNorm.weight']`. These are BERT's names. GPT-2 calls its norms `ln_1`, Llama,
  Qwen2 and GLM `input_layernorm`: none matches, and all of them are decayed, without a word.
- by dimension: matrices (`ndim >= 2`) are decayed, vectors are not. That finds the norms and biases of transformers;
  where other parameters have two dimensions it decays them too, as Mamba's `A_log`, the logarithm of how fast each
  state forgets.
- by class and by patterns of names, as transformers' Trainer does: what is a LayerNorm, and what is called `bias`,
  `norm`, `layernorm` or `rmsnorm`.

Under LoRA or P-tuning all this is idle: base and norms are frozen, and the group without decay holds nothing trained.

A frozen parameter has no gradient (None), so AdamW skips it, whatever its group. It keeps two moving averages for each
trained parameter, 8 bytes in fp32; frozen ones cost nothing.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import peft
import torch
from matplotlib.figure import Figure
from torch import nn
from transformers import (
    AutoConfig,
    BertForMaskedLM,
    GlmForCausalLM,
    GPT2LMHeadModel,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    Qwen2ForCausalLM,
    Trainer,
)

from ankillm.evidence import detail, fact, publish
from reference_trainer.support.gpu import Size, cost, llama, only_on_gpu, optimizer_of
from reference_trainer.support.models import shape_of
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible

TERMS = ("optimizer_grouped_parameters", "参数组", "parameter groups", "param groups", "torch.optim.AdamW")
OTHERS = ("Adam、AdamW", "Adam,AdamW", "Adam, AdamW", "Adam，AdamW")  # a list of optimizers is about none of them
MISREADINGS = (
    {
        "pattern": r"no_decay ?= ?[\[(][^\])\n]{0,80}LayerNorm\.weight",
        "about": (
            "GLM",
            "ChatGLM",
            "ChatGLM-6B",
            "Llama",
            "Qwen",
            "GPT-2",
            "GPT2",
            "Baichuan",
            "InternLM",
            "Mistral",
            "CAUSAL_LM",
            "AutoModelForCausalLM",
            "大模型",
            "大语言模型",
            "LLM",
            "LLMs",
        ),
        "unless": r"bert|ernie|electra|classif|分类",
        "sure": True,
        "fact": "norms_matched_llama",
        "expectation": "> 0",
        "zh": "'LayerNorm.weight' 只匹配 BERT 的名字：GPT-2、Llama、Qwen2、GLM 的归一化照样被衰减",
        "en": "'LayerNorm.weight' is BERT's name: the norms of GPT-2, Llama, Qwen2 and GLM are decayed all the same",
    },
    {
        "pattern": (
            (
                r"(冻结|frozen)…(参数|权重|层|parameters|weights|layers)…(也会|也要|仍会|仍然|还会|照样|依然|"
                r"still|also|too)…(衰减|decay)"
            ),
            (
                r"(衰减|decay(s|ing)?)…(也会?|still|also|even)…(缩小|影响|作用于|shrinks?|affects?|"
                r"applies to)…(冻结|frozen)"
            ),
        ),
        "about": ("权重衰减", "weight decay", "weight_decay", "AdamW", "冻结", "frozen"),
        "unless": r"SGD|requires_grad ?= ?True|零梯度|梯度为 ?0|zero grad",
        "sure": True,
        "fact": "frozen_changed",
        "expectation": "> 0",
        "zh": "冻结的参数没有梯度，AdamW 直接跳过",
        "en": "frozen parameters have no gradient and are skipped by AdamW",
    },
    {
        "pattern": (
            r"(权重衰减|weight[_ ]decay)(?:[（(][^）)\n]{0,20}[）)])?`?( |其实|本质上|本身|也|simply|really|"
            r"just){0,2}(就是|即|等价于|等于|相当于|等同于|is the same as|equals|is just|is equivalent to|"
            r"is)(一种| an?| the)? ?L2"
        ),
        "about": ("AdamW",),
        "unless": r"SGD|adam(?!w)|梯度下降|gradient descent|classic|经典|传统|而非|区别|解耦|decoupl",
        "sure": True,
        "fact": "l2_is_not_decoupled",
        "expectation": "no",
        "zh": "对 Adam 来说，L2 项与权重衰减不是一回事",
        "en": "for Adam, an L2 term and weight decay are not the same",
    },
    {
        "pattern": (
            (
                r"AdamW(优化器)?(会|是|通过)?(把|将|在)[^，,。；\n不非没未]{0,10}(L2|正则)[^，,。；\n]{0,6}(加到|"
                r"加入|添加到|加进|加在|加上)(了)?[^，,。；\n]{0,3}(损失|梯度|目标函数)"
            ),
            (
                r"AdamW adds (an? |the )?(L2|weight decay|weight-decay)( penalty| term| regulari[sz]ation|"
                r" regulari[sz]er)? to the (loss|gradients?|objective)"
            ),
            (
                r"AdamW(就)?是(一种)?(在|给)?(损失函数?|目标函数)(中|里|上)?(加入|加上|添加|"
                r"增加)(了)? ?L2(正则)?[^，,。；\n]{0,4}的 ?Adam(?!W)"
            ),
            (
                r"AdamW(的|中的?|里的?)?(权重衰减|weight decay)(项)?(是|会|被|要|直接){0,2}(加|作用|施加|叠加|"
                r"累加)(在|到|于)…梯度"
            ),
            (
                r"AdamW (is|=) (just |simply )?Adam (with|plus|\+) (an? |the )?L2 (penalty|regulari[sz]ation|"
                r"regulari[sz]er|term)"
            ),
            r"AdamW ?(=|＝|就是|即|是|等于|等价于) ?Adam ?(\+|＋|加上?) ?L2",
            r"AdamW (simply |just |basically )?adds (an? |the )?L2…(loss|objective|cost)",
            (
                r"AdamW(会|是|则|通过)?(在|给|往|向)(损失函数?|目标函数|loss|梯度)(里|中|上)?(加|添|加入|添加|"
                r"增加|加上)(了|入)?(一个)? ?L2"
            ),
            r"(in|with) AdamW,? (the |an )?L2 (penalty|regulari[sz]ation|term) is added to (the )?(loss|gradient)",
            r"AdamW(本质上?)?(就)?是(带|加了?|加上|带有|使用了?) ?L2(正则化?|惩罚|正则项)?的 ?Adam(?!W)",
        ),
        "about": ("AdamW",),
        "unless": r"区别|不同|解耦|decoupl|unlike|Adam ?\+ ?L2(正则)?(不|≠)",
        "sure": True,
        "fact": "l2_is_not_decoupled",
        "expectation": "no",
        "zh": "AdamW 不把 L2 加进损失或梯度，而是直接缩小权重",
        "en": "AdamW adds nothing to loss or gradient: it shrinks the weights themselves",
    },
    {
        "pattern": (
            (
                r"Adam(W)?(优化器)?(对|为|给)?(每个|每一个)?(参数)?(只|仅)(需|需要|要)?(保存|存储|维护|记录)(一|"
                r"1)(个|份|组)(状态|动量|矩)"
            ),
            (
                r"AdamW? (only )?(keeps|stores|maintains|needs) (only |just )?(one|a single) (state|moment|buffer|"
                r"extra value) (per|for each|for every) param"
            ),
        ),
        "about": ("Adam", "AdamW"),
        "unless": r"Adafactor|8[- ]?bit|Lion|AdaGrad|RMSProp|SGD 动量|Muon",
        "sure": True,
        "fact": "state_bytes_per_parameter",
        "expectation": "<= 4",
        "zh": "AdamW 为每个参数存两个动量：fp32 时共 8 字节",
        "en": "AdamW keeps two moments a parameter: 8 bytes in fp32",
    },
)

NO_DECAY = ("bias", "LayerNorm.weight")
LEARNING_RATE = 0.01
DECAY = 0.1
STEPS = 200

ON_GPU = ("gpu_loop_time_ratio", "gpu_foreach_time_ratio")
"""The facts that take a GPU to tell."""


@dataclass(frozen=True, slots=True)
class WeightDecay:
    """Which norms a grouping misses, on two-layer models, and what AdamW does to a weight at lr=0.01 and wd=0.1."""

    norms_matched_llama: int = fact(
        zh="'LayerNorm.weight' 匹配 Llama（2 层）的归一化几个",
        en="norms of a two-layer Llama that 'LayerNorm.weight' matches",
        terms=("LayerNorm.weight", "no_decay"),
        question_zh="按 `'LayerNorm.weight'` 子串分组，两层 Llama 的 5 个归一化匹配几个？",
        question_en="Grouped by the substring `'LayerNorm.weight'`: how many of a two-layer Llama's 5 norms match?",
    )
    norms_matched_bert: int = fact(
        zh="'LayerNorm.weight' 匹配 BERT（2 层）的归一化几个",
        en="norms of a two-layer BERT that 'LayerNorm.weight' matches",
        terms=("LayerNorm.weight", "no_decay"),
        question_zh="按 `'LayerNorm.weight'` 子串分组，两层 BERT 的 6 个归一化匹配几个？",
        question_en="Grouped by the substring `'LayerNorm.weight'`: how many of a two-layer BERT's 6 norms match?",
    )
    norms_matched_gpt2: int = fact(
        zh="'LayerNorm.weight' 匹配 GPT-2（2 层）的归一化几个",
        en="norms of a two-layer GPT-2 that 'LayerNorm.weight' matches",
        terms=("LayerNorm.weight",),
    )
    norms_matched_qwen2: int = fact(
        zh="'LayerNorm.weight' 匹配 Qwen2（2 层）的归一化几个",
        en="norms of a two-layer Qwen2 that 'LayerNorm.weight' matches",
        terms=("LayerNorm.weight",),
    )
    norms_matched_glm: int = fact(
        zh="'LayerNorm.weight' 匹配 GLM（2 层）的归一化几个",
        en="norms of a two-layer GLM that 'LayerNorm.weight' matches",
        terms=("LayerNorm.weight",),
    )
    norms_total_bert: int = fact(zh="BERT（2 层）的归一化总数", en="norms of a two-layer BERT")
    norms_total_gpt2: int = fact(zh="GPT-2（2 层）的归一化总数", en="norms of a two-layer GPT-2")
    norms_total_llama: int = fact(zh="Llama（2 层）的归一化总数", en="norms of a two-layer Llama")
    norms_total_qwen2: int = fact(zh="Qwen2（2 层）的归一化总数", en="norms of a two-layer Qwen2")
    norms_total_glm: int = fact(zh="GLM（2 层）的归一化总数", en="norms of a two-layer GLM")
    norms_missed_by_dimension: int = fact(
        zh="按维度分组（ndim >= 2 才衰减），五种结构中被衰减的归一化",
        en="norms decayed in the five architectures when grouped by dimension (ndim >= 2)",
        terms=("ndim", "按维度分组", "by dimension", "no_decay"),
        question_zh="按维度分组（`ndim >= 2` 才衰减）时，BERT、GPT-2、Llama、Qwen2、GLM 有几个归一化被误衰减？",
        question_en="Grouped by dimension (`ndim >= 2`), how many norms of BERT, GPT-2, Llama, Qwen2, GLM are decayed?",
        why_zh="归一化的权重都是一维的，矩阵都是二维的",
        why_en="weights of norms have one dimension, matrices have two",
    )
    norms_missed_by_trainer: int = fact(
        zh="按 transformers 的 Trainer 分组（类别与名字模式），五种结构中被衰减的归一化",
        en="norms decayed in the five architectures when grouped as transformers' Trainer does, by class and name",
        terms=("get_decay_parameter_names", "get_parameter_names", "no_decay"),
        why_zh="它看模块的类别，而不只看名字",
        why_en="it looks at the class of a module, and not at names alone",
    )
    mamba_decayed_by_dimension: int = fact(
        zh="按维度分组时，两层 Mamba 中被衰减、却不是权重矩阵的参数 A_log",
        en="parameters A_log of a two-layer Mamba, no weight matrices, that are decayed when grouped by dimension",
        terms=("A_log", "按维度分组", "by dimension"),
        why_zh="A_log 是二维的，却不是权重矩阵：维度分不出来",
        why_en="A_log has two dimensions and is no weight matrix: dimensions cannot tell",
    )
    no_decay_trained_under_lora: int = fact(
        zh="用 LoRA 微调两层 BERT 时，no_decay 组里被训练的参数",
        en="trained parameters in the no_decay group when a two-layer BERT is tuned by LoRA",
        terms=("no_decay 组", "no_decay group", "no_decay", "optimizer_grouped_parameters"),
        why_zh="偏置和归一化都冻结了，训练的只有 A 和 B",
        why_en="biases and norms are frozen, and only A and B are trained",
    )
    shrink_per_step: float = fact(
        zh="lr=0.01、wd=0.1：梯度为零的权重每步缩小 lr·wd",
        en="lr=0.01, wd=0.1: a weight with zero gradient shrinks at each step by lr·wd",
        unit="%",
        terms=("AdamW", "weight_decay", "权重衰减", "weight decay", "解耦权重衰减", "decoupled weight decay"),
        question_zh="AdamW、lr=0.01、`weight_decay=0.1`：梯度为零的权重每步缩小多少？",
        question_en="AdamW, lr=0.01, `weight_decay=0.1`: by how much does a weight with zero gradient shrink a step?",
        why_zh="每步先乘以 1 − lr·wd，与梯度无关：0.01·0.1",
        why_en="each step multiplies by 1 − lr·wd, whatever the gradient: 0.01·0.1",
    )
    frozen_changed: float = fact(
        zh="交给 AdamW 的冻结参数（grad 为 None）的变化",
        en="change of a frozen parameter (grad is None) that AdamW was given",
        terms=("冻结参数", "frozen parameters", "AdamW", "requires_grad"),
        question_zh="交给 AdamW 的冻结参数（`grad` 为 None），`weight_decay=0.1` 训练 200 步后变化多少？",
        question_en="A frozen parameter (`grad` is None), AdamW, `weight_decay=0.1`: its change after 200 steps?",
    )
    state_bytes_per_parameter: float = fact(
        zh="AdamW 的状态：每个被训练的 fp32 参数占几字节",
        en="bytes of AdamW's state for each trained fp32 parameter",
        terms=("AdamW", "优化器状态", "optimizer state", "optimizer states"),
        question_zh="AdamW 为每个被训练的 fp32 参数额外保存几字节的状态？",
        question_en="How many bytes of state does AdamW keep for each trained fp32 parameter?",
        why_zh="两个 fp32 的动量，每个 4 字节",
        why_en="two means in fp32, 4 bytes each",
    )
    l2_is_not_decoupled: bool = fact(
        zh="Adam 加 L2 的衰减随梯度大小而变，AdamW 的不变",
        en="the decay of Adam with L2 depends on the gradient's size, AdamW's does not",
        terms=("AdamW", "L2 正则", "L2正则化", "L2 regularization", "解耦权重衰减", "decoupled weight decay"),
    )
    gpu_loop_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状的全部参数，AdamW 一步：foreach=False 的用时是 fused=True 的几倍",
        en="GPU, all parameters of Llama-3.2-1B's shape, a step of AdamW: time with foreach=False over fused=True",
        unit="×",
        terms=(
            "AdamW",
            "fused=True",
            "fused AdamW",
        ),
        varies=True,
        tolerance=1.0,
        why_zh="循环对每个张量各启动几个内核，fused 一次处理许多",
        why_en="the loop starts some kernels a tensor, fused takes many tensors at once",
    )
    gpu_foreach_time_ratio: float | None = fact(
        zh="GPU：同样，foreach=True 的用时是 fused=True 的几倍",
        en="GPU, the same: time with foreach=True over fused=True",
        unit="×",
        terms=(
            "fused=True",
            "fused AdamW",
            "foreach",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="foreach 每一步运算各扫一遍显存，fused 只读写一遍",
        why_en="foreach goes through memory once for each operation, fused once for all",
    )
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """A norm's weight over 200 steps with zero gradient, by its group: for the picture."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """What of the user's norms would be decayed."""

    architecture: str = detail(zh="模型结构", en="architecture")
    norms: int = detail(zh="归一化总数（它们的权重不该衰减）", en="norms, whose weights should not be decayed")
    matched: int = detail(
        zh="按名字分组：'LayerNorm.weight'（BERT 的名字）匹配几个",
        en="grouped by name: those that 'LayerNorm.weight', BERT's name, matches",
    )
    decayed: int = detail(
        zh="按名字分组：其余的每步都被拉向零，没有任何提示",
        en="grouped by name: the others, pulled towards zero at each step without a word",
    )
    decayed_names: str = detail(zh="它们的名字", en="their names")
    missed_by_dimension: int = detail(
        zh="按维度分组（ndim >= 2 才衰减）：被衰减的归一化",
        en="grouped by dimension (ndim >= 2 is decayed): norms that are decayed",
    )
    missed_by_trainer: int = detail(
        zh="按 transformers 的 Trainer 分组：被衰减的归一化",
        en="grouped as transformers' Trainer does: norms that are decayed",
    )


def run(
    device: torch.device, seed: int = 0, model: str | None = None, *, trust_remote_code: bool = False
) -> WeightDecay | OwnModel:
    """Group the norms of five architectures and take steps of AdamW, or group the norms of the user's model."""
    with reproducible(seed):
        return own_model(shape_of(model, trust_remote_code=trust_remote_code)) if model else reference(device)


def reference(device: torch.device) -> WeightDecay:
    """Measure every fact."""
    models = architectures()
    return WeightDecay(
        **{f"norms_matched_{name}": len(matched(norms(model))) for name, model in models.items()},
        **{f"norms_total_{name}": len(norms(model)) for name, model in models.items()},
        norms_missed_by_dimension=sum(len(decayed_by_dimension(model)) for model in models.values()),
        norms_missed_by_trainer=sum(len(decayed_by_trainer(model)) for model in models.values()),
        mamba_decayed_by_dimension=mamba_decayed_by_dimension(),
        no_decay_trained_under_lora=no_decay_trained_under_lora(models["bert"]),
        shrink_per_step=100 * (1 - after_steps(device, torch.optim.AdamW, gradient=0.0)),
        frozen_changed=abs(after_steps(device, torch.optim.AdamW, gradient=None, steps=STEPS) - 1),
        state_bytes_per_parameter=state_bytes(device),
        l2_is_not_decoupled=depends_on_gradient(device, torch.optim.Adam)
        and not depends_on_gradient(device, torch.optim.AdamW),
        curves={
            "decayed": trajectory(device, DECAY),
            "in the no_decay group": trajectory(device, 0.0),
        },
        **only_on_gpu(device, ON_GPU, on_gpu),
    )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure a step of AdamW on all weights: one by one, in groups, and in one kernel."""
    model = llama(device, size.middle, torch.float32)
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    times = {}
    for name, options in {"loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}.items():
        times[name] = cost(device, optimizer_of(model, **options).step).milliseconds
    return {f"gpu_{name}_time_ratio": times[name] / times["fused"] for name in ("loop", "foreach")}


def architectures() -> Mapping[str, nn.Module]:
    """Build two-layer models of five families on the meta device: only names and shapes matter."""
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
    families = {
        "bert": BertForMaskedLM,
        "gpt2": GPT2LMHeadModel,
        "llama": LlamaForCausalLM,
        "qwen2": Qwen2ForCausalLM,
        "glm": GlmForCausalLM,
    }
    with torch.device("meta"):
        return {name: kind(AutoConfig.for_model(name, **sizes, head_dim=16)) for name, kind in families.items()}


def norms(model: nn.Module) -> list[str]:
    """Name the weights of a model's norms: modules whose class is a norm by name, of torch or of transformers."""
    modules = (name for name, module in model.named_modules() if type(module).__name__.endswith("Norm"))
    names = {weight for weight, _ in model.named_parameters()}
    return [f"{name}.weight" for name in modules if f"{name}.weight" in names]


def matched(names: list[str]) -> list[str]:
    """Return the names that the grouping by name leaves undecayed."""
    return [name for name in names if any(part in name for part in NO_DECAY)]


def decayed_by_dimension(model: nn.Module) -> list[str]:
    """Name the norms that the grouping by dimension decays."""
    return [name for name in norms(model) if model.get_parameter(name).ndim >= 2]


def decayed_by_trainer(model: nn.Module) -> list[str]:
    """Name the norms that transformers' Trainer decays: its method reads the model alone."""
    decayed = Trainer.get_decay_parameter_names(cast("Trainer", None), model)
    return [name for name in norms(model) if name in decayed]


def mamba_decayed_by_dimension() -> int:
    """Count the A_log, (inner width, states), of a two-layer Mamba."""
    with torch.device("meta"):
        model = MambaForCausalLM(MambaConfig(vocab_size=64, hidden_size=32, num_hidden_layers=2, state_size=4))
    return sum(name.endswith("A_log") and weight.ndim >= 2 for name, weight in model.named_parameters())


def no_decay_trained_under_lora(model: nn.Module) -> int:
    """Count what is trained of the group without decay, by name, once a model has LoRA."""
    tuned = peft.get_peft_model(copy.deepcopy(model), peft.LoraConfig(target_modules=["query", "value"]))
    trained = [name for name, weight in tuned.named_parameters() if weight.requires_grad]
    assert trained  # noqa: S101  (else there would be nothing to count)
    return len(matched(trained))


def own_model(shape: nn.Module) -> OwnModel:
    """Group the norms of a model."""
    names = norms(shape)
    decayed = sorted(set(names) - set(matched(names)))
    shown = ", ".join(dict.fromkeys(".".join(name.split(".")[-2:]) for name in decayed))
    return OwnModel(
        architecture=type(shape).__name__,
        norms=len(names),
        matched=len(matched(names)),
        decayed=len(decayed),
        decayed_names=shown or "–",
        missed_by_dimension=len(decayed_by_dimension(shape)),
        missed_by_trainer=len(decayed_by_trainer(shape)),
    )


def after_steps(
    device: torch.device,
    kind: type[torch.optim.Adam],
    *,
    gradient: float | None,
    decay: float = DECAY,
    steps: int = 1,
) -> float:
    """Return what a weight of 1 becomes by some steps with a constant gradient; None: frozen."""
    weight = nn.Parameter(torch.ones(1, device=device, dtype=torch.float64 if device.type != "mps" else torch.float32))
    optimizer = kind([weight], lr=LEARNING_RATE, weight_decay=decay)
    for _ in range(steps):
        weight.grad = None if gradient is None else torch.full_like(weight, gradient)
        optimizer.step()
    return weight.item()


def depends_on_gradient(device: torch.device, kind: type[torch.optim.Adam]) -> bool:
    """Whether the part of a step that is decay differs between a gradient of 0 and of 1."""

    def part(gradient: float) -> float:
        return after_steps(device, kind, gradient=gradient, decay=0.0) - after_steps(device, kind, gradient=gradient)

    return abs(part(0.0) - part(1.0)) > 1e-6


def state_bytes(device: torch.device) -> float:
    """Return the bytes of AdamW's moving averages over the trained parameters; a frozen layer is given to it too."""
    trained, frozen = nn.Linear(32, 64, device=device), nn.Linear(64, 32, device=device)
    frozen.requires_grad_(requires_grad=False)
    optimizer = torch.optim.AdamW([*trained.parameters(), *frozen.parameters()])
    frozen(trained(torch.ones(1, 32, device=device))).sum().backward()
    optimizer.step()
    averages = [state[name] for state in optimizer.state.values() for name in ("exp_avg", "exp_avg_sq")]
    size: int = sum(tensor.nbytes for tensor in averages)
    return size / sum(weight.numel() for weight in trained.parameters())


def trajectory(device: torch.device, decay: float) -> tuple[float, ...]:
    """Return a norm's weight after 0, 20, 40 … 200 steps with zero gradient."""
    return tuple(
        after_steps(device, torch.optim.AdamW, gradient=0.0, decay=decay, steps=steps)
        for steps in range(0, STEPS + 1, STEPS // 10)
    )


def draw(result: WeightDecay | OwnModel) -> Mapping[str, Figure]:
    """Draw how a norm's weight shrinks."""
    if isinstance(result, OwnModel):
        return {}
    steps = range(0, STEPS + 1, STEPS // 10)
    return {
        "norms": curves(result.curves, xs=steps, x="steps with zero gradient (lr 0.01, wd 0.1)", y="weight of a norm")
    }


if __name__ == "__main__":
    publish(run, draw)
