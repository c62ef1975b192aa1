"""Mixed precision: compute in 16 bits, keep in 32 bits what is trained.

fp16 has 5 bits of exponent: below 3e-8 a number is rounded to 0, above 65,519 to infinity. bf16 has the 8 bits of
fp32, hence its range, and fewer digits. Mixed precision (Micikevicius et al. 2017, arXiv:1710.03740) has three parts:

- `autocast` casts the inputs of large products to 16 bits, operation by operation, and keeps losses in fp32. Parameters
  stay what they are. `torch.cuda.amp.autocast()` is an old name and does nothing on a CPU:
  `torch.amp.autocast(device_type, dtype)`.
- a master copy: what is trained stays in fp32. This is why `prefix_encoder.float()` stands in training scripts of a
  model that is half precision: AdamW's epsilon of 1e-8 is 0 in fp16, which divides 0 by 0, and most steps of SGD are
  smaller than the gap between two numbers of fp16. The fused AdamW (`fused=True`) computes each step in fp32 and gives
  no NaN, but what it writes is rounded to fp16 all the same. In bf16, whose gaps are eight times as wide, most steps
  of AdamW are lost.
- `GradScaler` multiplies the loss before the backward pass and divides the gradients after it, so that small ones do
  not become 0 in fp16. bf16 needs none. It refuses gradients that are fp16 themselves, which is what weights in fp16
  have: "Attempting to unscale FP16 gradients" is the usual error of a script without a master copy.

`CastOutputToFloat` wraps the output layer and turns its logits into fp32, for a loss that would be computed in half
precision otherwise. transformers has since come to do that itself, so it changes nothing but the layer's name, to
`lm_head.0.weight`: a model whose embeddings and output share their weights can't be saved with it.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import math
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from transformers import LlamaForCausalLM, PreTrainedModel

from ankillm.evidence import Spread, detail, fact, publish
from reference_trainer.prefix_tuning import loss_of, small
from reference_trainer.support.gpu import Cost, Size, cost, llama, only_on_gpu, optimizer_of, training_step
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.models import shape_of, tiny_llama
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds

TERMS = (
    "混合精度训练",
    "mixed precision training",
    "torch.cuda.amp",
    "torch.amp",
    "半精度训练",
    "torch.bfloat16",
    "torch.float16",
    "损失缩放",
    "loss scaling",
    "master weights",
)
MISREADINGS = (
    {
        "pattern": (
            (
                r"(autocast|自动混合精度)(\(\))?`?…((参数|权重)…(转换?|变|换|存)(为|成|到)?…(半精度|fp16|bf16|"
                r"float16|bfloat16)|(converts?|casts?|turns?)…(parameters|weights)…(half|fp16|bf16|float16|"
                r"bfloat16))"
            ),
            (
                r"(自动混合精度|autocast)(训练)?(下|中|里|时)?[，,]?(模型|网络)?的?(权重|参数)(都|会|将)?(以|用|"
                r"被存为|存为|存成) ?(fp16|半精度|bf16|float16|bfloat16)( ?格式|精度)?(的形式)?(存储|存放|保存)"
            ),
            (
                r"(under|with|in) (autocast|automatic mixed precision),? (the )?(model's |model )?(parameters|"
                r"weights) are (stored|kept|saved) in (half|fp16|bf16|float16)"
            ),
        ),
        "about": ("autocast", "自动混合精度", "automatic mixed precision"),
        "unless": (
            r"运算|计算|前向|临时|操作|算子|主权重|副本|动态|激活|输入|master|copy|copies|during|forward|"
            r"\bops?\b|operation|temporar|activation|input|计算图|纯|pure|O2|O3|apex|FSDP|deepspeed"
        ),
        "sure": True,
        "fact": "parameter_dtype",
        "expectation": "= bfloat16",
        "zh": "autocast 不改变参数：仍为 fp32，只在运算时转换",
        "en": "autocast leaves parameters in fp32 and casts inputs operation by operation",
    },
    {
        "pattern": r"CastOutputToFloat`?(\*\*)?[：:]?…(损失|loss)",
        "about": ("CastOutputToFloat",),
        "unless": r"自己|手写|自定义|自行|own|custom|by hand",
        "sure": True,
        "fact": "cast_changes_loss",
        "expectation": "yes",
        "zh": "今天的 transformers 自己用 fp32 计算损失：CastOutputToFloat 不改变损失",
        "en": "transformers computes the loss in fp32 itself: CastOutputToFloat does not change it",
    },
    {
        "pattern": (
            (
                r"autocast(\(\))?`?(下|中|里|时|模式下|之下){0,2}[，,]?(的)?(损失|loss)(函数)?(也|都|仍|同样|会|"
                r"将)?(是|用|以|为|在)(用|以|用的是)? ?(bf16|fp16|半精度|bfloat16|float16)"
            ),
            (
                r"(under|with|in|inside) autocast(\(\))?,? (the )?loss is (also )?(computed|calculated|kept|"
                r"stored) in (bf16|fp16|half|bfloat16|float16)"
            ),
        ),
        "about": ("autocast",),
        "unless": r"自定义|custom|手写|转换?[为成]|fp32|float32",
        "sure": True,
        "fact": "loss_dtype",
        "expectation": "= bfloat16",
        "zh": "autocast 下损失用 fp32 计算",
        "en": "under autocast the loss is computed in fp32",
    },
    {
        "pattern": (
            (
                r"autocast(\(\))?`?(下|中|里|时|模式下|之下){0,2}[，,]?(的)?(线性层|Linear 层|"
                r"矩阵乘法?)(的)?(输出|结果|计算)?(仍|仍然|也|都)?(是|为|用|保持为?) ?(fp32|float32|单精度)"
            ),
            (
                r"(under|with|in|inside) autocast(\(\))?,? (the )?(linear layers?|matrix products?|"
                r"matmuls?) (outputs?|returns?|computes?|runs?|are (computed|kept))[^.,;\n]{0,8}(fp32|float32)"
            ),
        ),
        "about": ("autocast",),
        "unless": r"cpu|enabled ?= ?False|禁用|关闭",
        "sure": True,
        "fact": "linear_dtype",
        "expectation": "= float32",
        "zh": "autocast 下线性层的输出是半精度",
        "en": "under autocast linear layers give half precision",
    },
)

TINY = 1e-8
STEPS = 3
HALF = torch.float16
ON_GPU = (
    *(f"gpu_{name}_speedup" for name in ("tf32", "bf16", "fp16")),
    *(f"gpu_{name}_peak" for name in ("fp32", "bf16", "bf16_weights")),
)
"""The facts that take a GPU to tell."""


@dataclass(frozen=True, slots=True)
class MixedPrecision:
    """Which precision stands where in a tiny Llama, and what is lost in fp16."""

    linear_dtype: str = fact(
        zh="bf16 autocast 下线性层输出的精度",
        en="precision of a linear layer's output under bf16 autocast",
        terms=("autocast", "混合精度", "mixed precision", "自动混合精度", "AMP"),
        question_zh="bf16 `autocast` 下，线性层的输出是什么精度？",
        question_en="Under bf16 `autocast`, in which precision is a linear layer's output?",
    )
    loss_dtype: str = fact(
        zh="bf16 autocast 下损失的精度",
        en="precision of the loss under bf16 autocast",
        terms=("autocast", "混合精度", "mixed precision", "自动混合精度", "AMP"),
        question_zh="bf16 `autocast` 下，损失是什么精度？",
        question_en="Under bf16 `autocast`, in which precision is the loss?",
    )
    parameter_dtype: str = fact(
        zh="bf16 autocast 下参数的精度",
        en="precision of the parameters under bf16 autocast",
        terms=("autocast", "混合精度", "mixed precision", "自动混合精度", "AMP"),
        question_zh="bf16 `autocast` 之后，模型参数是什么精度？",
        question_en="After bf16 `autocast`, in which precision are the model's parameters?",
    )
    cuda_autocast_on_cpu_dtype: str = fact(
        zh="CPU 上用 CUDA 的 autocast() 时线性层输出的精度（不起作用）",
        en="precision of a linear layer's output on a CPU under CUDA's autocast(), which does nothing there",
        terms=("torch.cuda.amp.autocast",),
        why_zh="它只管 CUDA 上的运算，CPU 上的照旧",
        why_en="it is for operations on CUDA alone; those on a CPU stay as they are",
    )
    half_bytes_ratio: float = fact(
        zh="fp32 的模型是 half() 之后的几倍大",
        en="size of a model in fp32 over its size after half()",
        unit="×",
        terms=("model.half", "半精度", "half precision"),
        why_zh="每个数从 4 字节变为 2 字节",
        why_en="each number takes 2 bytes and no longer 4",
    )
    cast_changes_logits_dtype: bool = fact(
        zh="CastOutputToFloat 把 fp16 模型的 logits 变为 fp32",
        en="CastOutputToFloat turns the logits of an fp16 model into fp32",
        terms=("CastOutputToFloat",),
    )
    cast_changes_loss: bool = fact(
        zh="CastOutputToFloat 改变 transformers 算出的损失",
        en="CastOutputToFloat changes the loss that transformers computes",
        terms=("CastOutputToFloat",),
        question_zh="用今天的 transformers，`CastOutputToFloat` 会改变损失吗？",
        question_en="With today's transformers, does `CastOutputToFloat` change the loss?",
    )
    cast_key: str = fact(
        zh="套上 CastOutputToFloat 之后，输出层权重的名字",
        en="name of the output layer's weight inside CastOutputToFloat",
        terms=("CastOutputToFloat",),
    )
    cast_saves_tied_weights: bool = fact(
        zh="词嵌入与输出层共享权重时，套上 CastOutputToFloat 后还能 save_pretrained",
        en="a model with tied embeddings can be saved with CastOutputToFloat around its output layer",
        terms=("CastOutputToFloat",),
    )
    raw_half_loss_error: float = fact(
        zh="256 个词元均匀预测时，直接用 fp16 的 logits 计算损失的误差",
        en="error of a loss computed from fp16 logits as they are: a uniform prediction over 256 tokens",
        terms=("半精度损失", "half-precision loss"),
        varies=True,
        tolerance=0.01,
        why_zh="fp16 只有约三位有效数字，对许多词元求和又取对数，误差就出来了",
        why_en="fp16 has some three digits, and the sum over many tokens and its logarithm show it",
    )
    fp16_tiny_gradient: float = fact(
        zh="fp16、无 GradScaler：1e-8 的梯度变成多少",
        en="what a gradient of 1e-8 becomes in fp16 without GradScaler",
        terms=("GradScaler", "梯度下溢", "gradient underflow", "underflow", "loss scaling", "损失缩放"),
        question_zh="fp16 训练不用 `GradScaler`：大小为 1e-8 的梯度会变成多少？",
        question_en="fp16 without `GradScaler`: what does a gradient of 1e-8 become?",
        why_zh="fp16 最小的正数约为 6e-8，更小的都成为 0",
        why_en="the smallest positive number of fp16 is about 6e-8; what is smaller becomes 0",
    )
    scaled_tiny_gradient: float = fact(
        zh="fp16、有 GradScaler：1e-8 的梯度变成多少",
        en="what a gradient of 1e-8 becomes in fp16 with GradScaler",
        terms=("GradScaler", "梯度下溢", "gradient underflow", "underflow", "loss scaling", "损失缩放"),
    )
    fp16_prefix_is_nan: bool = fact(
        zh="fp16 的前缀编码器用未融合的 AdamW（fused=False）训练 3 步后成为 NaN",
        en="an fp16 prefix encoder is NaN after 3 steps of AdamW that is not fused (fused=False)",
        terms=("prefix_encoder.float", "prefix_encoder", "全精度", "full precision"),
        question_zh="fp16 的 `prefix_encoder` 不加 `.float()`，用 AdamW（`fused=False`）训练几步，参数会成为 NaN 吗？",
        question_en="An fp16 `prefix_encoder` without `.float()`: NaN after a few steps of AdamW (`fused=False`)?",
        why_zh="AdamW 的 eps=1e-8 在 fp16 里是 0，梯度为 0 处就是 0 除以 0",
        why_en="AdamW's eps of 1e-8 is 0 in fp16: where a gradient is 0, 0 is divided by 0",
    )
    fp16_prefix_is_nan_fused: bool = fact(
        zh="同样的 fp16 前缀编码器，用融合的 AdamW（fused=True）训练 3 步后成为 NaN",
        en="the same fp16 prefix encoder is NaN after 3 steps of the fused AdamW (fused=True)",
        terms=("prefix_encoder.float", "fused=True", "fused AdamW"),
        why_zh="融合的内核在 fp32 里计算一步，eps 不会成为 0",
        why_en="the fused kernel computes the step in fp32, where eps is not 0",
    )
    scaler_refuses_fp16_weights: bool = fact(
        zh="权重本身是 fp16 时，GradScaler 报错（Attempting to unscale FP16 gradients）",
        en="GradScaler refuses weights that are fp16 themselves (Attempting to unscale FP16 gradients)",
        terms=("GradScaler", "unscale_", "scaler.step", "scaler.unscale_", "Attempting to unscale FP16 gradients"),
        question_zh="模型整体 `.half()` 之后再用 `GradScaler` 训练，会怎样：能正常更新，还是报错？（报错为“是”）",
        question_en="A model in `.half()`, trained with `GradScaler`: is an error raised?",
        why_zh="它要在更新前把梯度除回去，而 fp16 的梯度除回去又会下溢，所以拒绝",
        why_en="it has to divide gradients back before the step, and in fp16 they would underflow again: it refuses",
    )
    bf16_unchanged_by_adamw: Spread = fact(
        zh="bf16 的前缀（N(0,1)）、AdamW、lr=1e-3：3 步后一点没变的权重",
        en="bf16 prefix (N(0,1)), AdamW, lr=1e-3: weights that 3 steps leave as they were",
        unit="%",
        terms=("bf16 权重", "bf16 weights", "主权重", "master weights", "master copy"),
        varies=True,
        tolerance=3.0,
        why_zh="bf16 只有约两到三位有效数字，小的更新加上去就被舍掉了",
        why_en="bf16 has two to three digits: a small update is rounded away",
    )
    fp32_prefix_is_nan: bool = fact(
        zh="fp32 的前缀编码器（主干 fp16）用 AdamW 训练 3 步后成为 NaN",
        en="an fp32 prefix encoder on an fp16 model is NaN after 3 steps of AdamW",
        terms=("prefix_encoder.float", "全精度", "full precision"),
        why_zh="fp32 里 AdamW 的 eps（1e-8）不是 0，没有除以零",
        why_en="in fp32 AdamW's eps of 1e-8 is no zero, and nothing is divided by zero",
    )
    fp16_unchanged_by_sgd: Spread = fact(
        zh="fp16、SGD、lr=1e-3：3 步后一点没变的权重",
        en="fp16, SGD, lr=1e-3: weights that 3 steps leave as they were",
        unit="%",
        terms=("prefix_encoder.float", "master weights", "主权重"),
        varies=True,
        tolerance=3.0,
        why_zh="更新不到 fp16 在该处间隔的一半，舍入后权重不变",
        why_en="the update is less than half the step of fp16 there, and rounding drops it",
    )
    gpu_tf32_speedup: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、全参数、4×512 词元，fp32 的一步用时是 tf32 的几倍",
        en="GPU, Llama-3.2-1B's shape, all weights trained, 4×512 tokens, time of a step in fp32 over tf32",
        unit="×",
        terms=(
            "autocast",
            "混合精度",
            "mixed precision",
        ),
        varies=True,
        tolerance=0.5,
    )
    gpu_bf16_speedup: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、全参数、4×512 词元，fp32 的一步用时是 bf16 autocast 的几倍",
        en="GPU, Llama-3.2-1B's shape, all weights trained, 4×512 tokens, time of a step in fp32 over bf16 autocast",
        unit="×",
        terms=(
            "autocast",
            "混合精度",
            "mixed precision",
        ),
        varies=True,
        tolerance=0.5,
    )
    gpu_fp16_speedup: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、全参数、4×512 词元，fp32 的一步用时是 fp16 autocast 加 GradScaler 的几倍",
        en="GPU, Llama-3.2-1B's shape, all weights trained, 4×512 tokens, "
        "time of a step in fp32 over fp16 autocast with GradScaler",
        unit="×",
        terms=(
            "autocast",
            "混合精度",
            "mixed precision",
            "GradScaler",
        ),
        varies=True,
        tolerance=0.5,
    )
    gpu_fp32_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、全参数、4×512 词元，fp32：一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, all weights trained, 4×512 tokens, fp32: peak memory of a step",
        unit="GiB",
        terms=(
            "混合精度",
            "mixed precision",
            "峰值显存",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="权重、梯度和 AdamW 的两个状态各 4 字节一个参数",
        why_en="weights, gradients and the two states of AdamW take 4 bytes a parameter each",
    )
    gpu_bf16_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、全参数、4×512 词元，bf16 autocast（权重 fp32）：一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, all weights trained, 4×512 tokens, bf16 autocast, "
        "weights in fp32: peak memory of a step",
        unit="GiB",
        terms=(
            "autocast",
            "混合精度",
            "mixed precision",
            "峰值显存",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="autocast 下权重和状态仍是 fp32，只有激活减半",
        why_en="under autocast weights and states stay in fp32, and only activations halve",
    )
    gpu_bf16_weights_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、全参数、4×512 词元，权重也是 bf16（无主权重）：一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, all weights trained, 4×512 tokens, "
        "weights in bf16 without a master copy: peak memory of a step",
        unit="GiB",
        terms=(
            "bf16 权重",
            "bf16 weights",
            "主权重",
            "master weights",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="权重、梯度和状态都是 2 字节一个参数",
        why_en="weights, gradients and states take 2 bytes a parameter",
    )


@dataclass(frozen=True, slots=True)
class OwnModel:
    """What precision means for the user's model, by its shape."""

    architecture: str = detail(zh="模型结构", en="architecture")
    single: float = detail(zh="fp32 的权重", en="weights in fp32", unit="GiB")
    half: float = detail(zh="fp16 或 bf16 的权重", en="weights in fp16 or bf16", unit="GiB")
    tied: bool = detail(zh="共享词嵌入（不可套 CastOutputToFloat）", en="tied: not to be cast by CastOutputToFloat")


class CastOutputToFloat(nn.Sequential):
    """The wrapper of training scripts: the output layer, and its logits in fp32."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return logits in fp32, (batch, tokens, vocabulary)."""
        logits: torch.Tensor = super().forward(hidden)  # type: ignore[no-untyped-call]  # untyped in torch
        return logits.to(torch.float32)


def run(
    device: torch.device, seed: int = 0, model: str | None = None, *, trust_remote_code: bool = False
) -> MixedPrecision | OwnModel:
    """Measure precision on a tiny Llama, or sizes of the user's model."""
    with reproducible(seed):
        return own_model(shape_of(model, trust_remote_code=trust_remote_code)) if model else reference(device, seed)


def own_model(shape: PreTrainedModel) -> OwnModel:
    """Measure a model's shape."""
    parameters, words = shape.num_parameters(), shape.get_input_embeddings()
    head = shape.get_output_embeddings()  # type: ignore[no-untyped-call]  # untyped in transformers
    return OwnModel(
        architecture=type(shape).__name__,
        single=parameters * 4 / 2**30,
        half=parameters * 2 / 2**30,
        tied=head is not None and head.weight is words.weight,
    )


def reference(device: torch.device, seed: int) -> MixedPrecision:
    """Measure every fact."""
    model, tokens = tiny_llama(device), torch.randint(256, (2, 16)).to(device)  # (batch, tokens)
    linear, loss, parameters = dtypes(model, tokens, torch.amp.autocast(device.type, dtype=torch.bfloat16))
    on_cpu = tiny_llama(torch.device("cpu"))
    half = nn.Module.to(tiny_llama(device), HALF)
    plain = half(input_ids=tokens, labels=tokens)
    half.lm_head = CastOutputToFloat(half.lm_head)
    cast = half(input_ids=tokens, labels=tokens)
    return MixedPrecision(
        linear_dtype=linear,
        loss_dtype=loss,
        parameter_dtype=parameters,
        cuda_autocast_on_cpu_dtype=dtypes(on_cpu, tokens.cpu(), cuda_autocast())[0],
        half_bytes_ratio=size(model) / size(half),
        cast_changes_logits_dtype=(plain.logits.dtype, cast.logits.dtype) == (HALF, torch.float32),
        cast_changes_loss=not torch.equal(plain.loss, cast.loss),
        cast_key=next(name for name, _ in half.named_parameters() if name.startswith("lm_head")),
        cast_saves_tied_weights=saves_tied_weights(device),
        raw_half_loss_error=raw_half_loss_error(device),
        fp16_tiny_gradient=tiny_gradient(device, scaled=False),
        scaled_tiny_gradient=tiny_gradient(device, scaled=True),
        fp16_prefix_is_nan=becomes_nan(tokens, HALF, fused=False),
        fp16_prefix_is_nan_fused=becomes_nan(tokens, HALF, fused=True),
        scaler_refuses_fp16_weights=scaler_refuses(device),
        bf16_unchanged_by_adamw=over_seeds(seed, lambda: unchanged(tokens, torch.bfloat16, torch.optim.AdamW)),
        fp32_prefix_is_nan=becomes_nan(tokens, torch.float32, fused=False),
        fp16_unchanged_by_sgd=over_seeds(seed, lambda: unchanged(tokens, HALF, torch.optim.SGD)),
        **only_on_gpu(device, ON_GPU, on_gpu),
    )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure full training steps in every precision."""
    costs = {name: step_cost(device, size, name) for name in ("fp32", "tf32", "bf16", "fp16", "weights")}
    slow = costs["fp32"].milliseconds
    return {
        **{f"gpu_{name}_speedup": slow / costs[name].milliseconds for name in ("tf32", "bf16", "fp16")},
        "gpu_fp32_peak": costs["fp32"].peak,
        "gpu_bf16_peak": costs["bf16"].peak,
        "gpu_bf16_weights_peak": costs["weights"].peak,
    }


def step_cost(device: torch.device, size: Size, precision: str) -> Cost:
    """Measure a step: products in fp32, tf32, or 16 bits by autocast; `weights`: everything in bf16."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    model = llama(device, size.middle, torch.bfloat16 if precision == "weights" else torch.float32)
    autocast = {"bf16": torch.bfloat16, "fp16": HALF}.get(precision)
    ids = tokens_of(device, size.of(4), size.of(512))
    try:
        return cost(device, training_step(model, ids, optimizer_of(model, fused=True), autocast=autocast), runs=3)
    finally:
        torch.set_float32_matmul_precision(before)


def dtypes(model: LlamaForCausalLM, tokens: torch.Tensor, context: torch.amp.autocast) -> tuple[str, str, str]:
    """Return the precision of a linear layer's output, of the loss and of the parameters in a forward pass."""
    seen: list[torch.dtype] = []
    layer = model.get_submodule("model.layers.0.self_attn.q_proj")
    handle = layer.register_forward_hook(lambda _, __, output: seen.append(output.dtype))
    with context:
        loss = model(input_ids=tokens, labels=tokens).loss
    handle.remove()
    (parameters,) = {weight.dtype for weight in model.parameters()}
    return name_of(seen[0]), name_of(loss.dtype), name_of(parameters)


def name_of(dtype: torch.dtype) -> str:
    """Return `float32` of `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def cuda_autocast() -> torch.amp.autocast:
    """Return what `torch.cuda.amp.autocast()` is today, without its warning where there is no CUDA."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*CUDA is not available", UserWarning)
        return torch.amp.autocast("cuda")


def size(model: nn.Module) -> int:
    """Return the bytes of all parameters."""
    return sum(weight.nbytes for weight in model.parameters())


def saves_tied_weights(device: torch.device) -> bool:
    """Whether a model with tied embeddings can be saved once its output layer is wrapped."""
    model = tiny_llama(device, tie_word_embeddings=True)
    model.lm_head = CastOutputToFloat(model.lm_head)
    with tempfile.TemporaryDirectory() as folder:
        try:
            model.save_pretrained(folder)
        except RuntimeError:  # shared tensors whose name is not the one that is known to be tied
            return False
    return True


def tiny_gradient(device: torch.device, *, scaled: bool) -> float:
    """Return the gradient that reaches a weight through an fp16 product, where 1e-8 is right."""
    weight = nn.Parameter(torch.ones(1, 1, device=device))
    scaler = torch.amp.GradScaler(device.type, enabled=scaled)  # times 65,536 at first
    with torch.amp.autocast(device.type, dtype=HALF):
        output = nn.functional.linear(torch.ones(1, 1, device=device), weight)
    torch.autograd.backward(scaler.scale(TINY * output.float().sum()))
    scaler.unscale_(torch.optim.SGD([weight]))
    return 0.0 if weight.grad is None else weight.grad.item()


def raw_half_loss_error(device: torch.device) -> float:
    """Return how far the loss of a uniform prediction is from ln 256 if it is computed in fp16.

    A model whose output layer is zero predicts each of its 256 tokens with the same probability.
    """
    model, tokens = nn.Module.to(tiny_llama(device), HALF), torch.arange(16, device=device)[None]
    nn.init.zeros_(model.lm_head.weight)
    logits = model(input_ids=tokens).logits[0, :-1]  # (tokens, vocabulary), in fp16
    return abs(nn.functional.cross_entropy(logits, tokens[0, 1:]).item() - math.log(256))


def scaler_refuses(device: torch.device) -> bool:
    """Whether a step of GradScaler fails on a weight that is fp16."""
    weight = nn.Parameter(torch.ones(4, 4, device=device, dtype=HALF))
    scaler = torch.amp.GradScaler(device.type)
    torch.autograd.backward(scaler.scale((weight @ weight).float().sum()))
    try:
        scaler.step(torch.optim.AdamW([weight]))
    except ValueError:  # Attempting to unscale FP16 gradients.
        return True
    return False


def becomes_nan(tokens: torch.Tensor, dtype: torch.dtype, *, fused: bool) -> bool:
    """Whether a prefix encoder of this precision holds a NaN after a few steps of AdamW, fused or not."""
    return bool(train_prefix(tokens, dtype, torch.optim.AdamW, fused=fused)[1].isnan().any())


def unchanged(tokens: torch.Tensor, dtype: torch.dtype, kind: type[torch.optim.Optimizer]) -> float:
    """Return the share, in per cent, of a prefix encoder's numbers that a few steps leave as they were."""
    before, after = train_prefix(tokens, dtype, kind, backbone=HALF if dtype == HALF else torch.float32)
    return 100 * (before == after).float().mean().item()


def train_prefix(
    tokens: torch.Tensor,
    dtype: torch.dtype,
    kind: type[torch.optim.Optimizer],
    *,
    fused: bool = False,
    backbone: torch.dtype = HALF,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Train a prefix encoder of this precision on a frozen model; return its numbers before and after."""
    model = small(tokens.device)
    nn.Module.to(model.base, backbone)
    weight = model.encoder.to(dtype).embedding.weight
    before = weight.detach().clone()
    optimizer = kind([weight], lr=1e-3, fused=fused)  # type: ignore[call-arg]  # every optimizer here has both
    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.autograd.backward(loss_of(model, tokens))
        optimizer.step()
    return before, weight.detach()


if __name__ == "__main__":
    publish(run)
