"""LoRA: a frozen weight W learns an update of low rank, W + (α/r)·B·A.

Full fine-tuning changes every weight. LoRA (Hu et al. 2021, arXiv:2106.09685) supposes that the change which a task
needs has a low rank: beside a linear layer with the weight W (out × in) it puts two thin matrices, A (r × in) and
B (out × r), trains only these, and adds their product, scaled:

    y = W·x + (α / r) · B·A·x

- `r` is the rank: r·(in + out) new parameters a layer instead of in·out.
- `lora_alpha` is α. It is not the factor: that is α/r, so r=8 with α=32 scales by 4.
- B starts as zeros, so a model that has just been wrapped by `get_peft_model` answers exactly as before.
- `lora_dropout` drops inputs of the A·B branch, in training only; the frozen branch sees all of x.
- `inference_mode=True` freezes A and B too: nothing is left to train.
- Merged, W' = W + (α/r)·B·A has W's shape: no cost at inference.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import peft
import torch
from transformers import PreTrainedModel

from ankillm.evidence import Refusal, Spread, detail, fact, publish
from reference_trainer.support.gpu import Size, cost, llama, only_on_gpu, optimizer_of, training_step
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.models import llama_2_7b, shape_of, tiny_llama, with_weights
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import SEEDS

TERMS = ("peft.LoraConfig", "TaskType", "target_modules", "低秩适配", "低秩分解矩阵", "旁路矩阵")
MISREADINGS = (
    {
        "pattern": (
            r"lora_alpha`?(\*\*)?(?:[ =:：,，#（(）)\|'\"`*-]|\d|是|为|即|就是|表示|代表|LoRA|中|里|的|这|该|"
            r"超?参数|\bint\b|is |the |a ){0,24}(缩放因子|缩放系数|缩放倍数|放大倍数|缩放比例|scaling factor|"
            r"scale factor)"
        ),
        "about": ("lora_alpha",),
        "unless": (
            r"/ ?`?\\?(r|rank|lora_rank|lora_r)\b|α ?/|alpha ?/|除以|分子|分母|之比|比值|比例(系数)?[是为] ?α|"
            r"共同|一起|numerator|divided|\bratio of|rslora"
        ),
        "sure": True,
        "fact": "scaling",
        "expectation": "= 32",
        "zh": "lora_alpha 不是缩放倍数：倍数是 lora_alpha / r",
        "en": "lora_alpha is not the scaling factor: that is lora_alpha / r",
    },
    {
        "pattern": (
            r"lora_dropout…(推理|评估|预测|inference|evaluation)(时|阶段|中|期间)?(也|仍然?|still|"
            r"also)…(生效|起作用|随机|丢弃|active|drops?)"
        ),
        "about": ("lora_dropout",),
        "sure": True,
        "fact": "dropout_eval_difference",
        "expectation": "> 0",
        "zh": "lora_dropout 只在训练时起作用：评估时输出一样",
        "en": "lora_dropout acts in training only: in evaluation the output is the same",
    },
    {
        "pattern": (
            (
                r"(更新量?|增量|旁路|支路|ΔW|BA|输出)(会|要|再|都|被|需要|将){0,2}(乘以|乘上|"
                r"乘)[^，,。；\n]{0,4}lora_alpha(?! ?[/÷]|除|与|和|之)"
            ),
            (
                r"(update|product|output)s? (is|are|gets?|is then) (multiplied|"
                r"scaled) by (the )?lora_alpha(?! ?[/÷]| over| and| divided)"
            ),
            (
                r"lora_alpha`? (is|=) (the |a )?(factor|multiplier|coefficient|number) (by which|that|"
                r"with which) (the )?(LoRA |adapter |low-rank )?(update|output|branch|product|BA)s? (is|are|"
                r"gets?) (multiplied|scaled)"
            ),
            r"lora_alpha`?(就)?(是|表示|即)(LoRA)?(的)?(更新|支路|旁路|输出|增量)(的)?(放大|缩放)(倍数|倍率|比例)",
            r"(缩放系数|缩放因子|缩放倍数)(就)?(是|等于|为) ?`?lora_alpha`?(?! ?[/÷]|除|与|和|之)",
        ),
        "about": ("lora_alpha",),
        "unless": r"/ ?`?\\?(r|rank|lora_rank|lora_r)\b|除以|分子|分母|之比|比值|numerator|divided|\bratio of|rslora",
        "sure": True,
        "fact": "scaling",
        "expectation": "= 32",
        "zh": "更新乘的是 lora_alpha / r，不是 lora_alpha",
        "en": "the update is multiplied by lora_alpha / r, not by lora_alpha",
    },
    {
        "pattern": (
            (
                r"(A ?(和|与|、) ?B|B ?(和|与|、) ?A|两个(低秩)?矩阵)(矩阵|两个|这){0,2}(都|均|全都)(是|用|采用|"
                r"使用|由|以|进行|被|从|要){0,2}[^，,。；\n不零0非没未]{0,4}(随机|高斯|"
                r"正态)[^，,。；\n]{0,4}(初始化|分布|生成)"
            ),
            (
                r"both (A and B|B and A|matrices|of them|low-rank matrices) (are |"
                r"get ){0,1}(initiali[sz]ed )?(random|gaussian|normal)"
            ),
            (
                r"(训练之?前|刚(套|加|接|插)上[^，,。；\n]{0,8}|还没(开始)?训练时?|初始时)[，,]?(模型)?的?(输出|"
                r"结果|预测)(就|便|会|就会|就已经|已经){1,2}(变了|变化|改变|不同|受影响|变差)"
            ),
            (
                r"(adding|attaching|inserting|injecting) (a |the )?LoRA( adapters?| layers?)? (already )?(changes|"
                r"alters|shifts) (the )?(model's )?(outputs?|predictions?)[^.\n]{0,8}before (any )?training"
            ),
            r"(A ?(和|与|、) ?B|B ?(和|与|、) ?A)(矩阵)?(都|均)(为|是)随机(值|数)",
            (
                r"both (LoRA |low-rank )?(matrices|A and B) are (initiali[sz]ed )?(with |from )?(a )?(random(ly)?|"
                r"gaussian)"
            ),
        ),
        "about": ("LoRA",),
        "unless": r"如果|若|假如|倘若|\bif\b|PiSSA|LoftQ|init_lora_weights|\bwere\b|would",
        "sure": True,
        "fact": "init_output_difference",
        "expectation": "> 0",
        "zh": "LoRA 的 B 从 0 开始：未训练时输出与原模型逐位相同",
        "en": "LoRA's B starts at 0: before training the output is that of the base model",
    },
    {
        "pattern": (
            (
                r"LoRA ?(微调|训练)?(时|中|过程中|期间)?[，,]?(会|将|也|还|直接|同时|需要|要){1,3}(更新|修改|改变|"
                r"改动|训练)(了|模型|所有|全部)?的?(原始|原有|原来|预训练|基座|主干|原)(模型)?的?(权重|"
                r"参数)(?!矩阵的增量|的(增量|变化|更新))"
            ),
            (
                r"LoRA (directly (updates|modifies|changes|trains)|(updates|trains|"
                r"overwrites) all( of)?) (the )?(original|pre-?trained|base) (model('s)? )?(weights|parameters)"
            ),
            (
                r"LoRA (updates|modifies|changes) the (original|pre-?trained|base) (model('s)? )?(weights|"
                r"parameters) (directly|during training)"
            ),
            (
                r"(基座|原始|原有|原来的?|预训练|底座|基础)(大)?(模型|网络)?的?(权重|参数)(也|都|同样|会|将|一起|"
                r"一同|同时|随之|跟着|继续|仍|仍然|被){2,6}(更新|训练|修改|调整)"
            ),
            (
                r"(base|pre-?trained|original) (model|model's|network's)? ?(weights|parameters) (are|get) ((also|"
                r"still|all|jointly) )?(updated|trained|modified|fine-tuned)( too| as well| together| along|"
                r" jointly)?"
            ),
            (
                r"(同步|同时|一起|直接|也会?)(更新|训练|修改)(了)?(大模型|基座模型|预训练模型|原模型|模型)(本身|"
                r"自身|原有|原来|原始)(的)?(参数|权重)"
            ),
            r"(预训练|原始|基座|原有)(模型)?的?权重(和|与|、)…(都|均)(会|被|要)?(参与)?…(更新|训练)",
            (
                r"LoRA (updates|changes|modifies|trains) (the )?(original|pre-?trained|base) (model's |"
                r"model )?(weights|parameters)(?! (by|with|via|through|indirectly|using))"
            ),
            (
                r"(原模型|基座模型|预训练模型)的?(参数|权重)(在)?[^，,。；;\n不非没未]{0,10}(也|都|同样)(会|"
                r"被){1,2}(更新|训练)"
            ),
            (
                r"(base|pre-?trained|original) (model )?weights (keep|continue) (being updated|to be updated|"
                r"training|changing)"
            ),
        ),
        "about": ("LoRA",),
        "unless": (
            r"合并|增量|低秩(增量|更新|分解|近似)|frozen|are frozen|merg|low-rank (update|approx|increment|"
            r"delta|decomp)|ReLoRA|全参|全量|full|prompt|前缀|prefix"
        ),
        "sure": True,
        "fact": "base_weight_change",
        "expectation": "> 0",
        "zh": "LoRA 训练时原权重一个也不变，只更新 A 和 B",
        "en": "LoRA training changes no base weight: A and B alone are updated",
    },
    {
        "pattern": (
            (
                r"(合并|融合)(LoRA|适配器|到|进|回|入|原|基座|模型|权重|的| ){0,8}(之?后|时)?[，,]?(的)?(模型|"
                r"LoRA)?的?(输出|结果|效果|精度|准确率)(也|就)?(会|将|可能会?)?(明显|显著|大幅|略微|稍微|有所|"
                r"有些)?(改变|变化|变差|下降|降低|受损|不同)"
            ),
            (
                r"merging (the |a )?(LoRA( adapters?| weights)?|adapters?)[^.,\n]{0,24} (degrades?|hurts?|lowers?|"
                r"reduces?|changes?|alters?) (the )?(model's )?(accuracy|quality|outputs?|performance)"
            ),
            (
                r"(LoRA|适配器)(的)?(权重|参数)?(合并|融合)(到|进|回|入)[^，,。；\n不非没未]{0,8}(后|"
                r"之后)[，,]?(模型|推理|生成)?的?(输出|结果|效果|精度)(也|就)?(会)?(略有|有所|有些|稍有|"
                r"发生)(变化|改变|不同|下降)"
            ),
            (
                r"(合并|融合)(之?后|时)?[，,]?(模型|推理)?的?(输出|结果|效果)(会|将|可能)?(产生|出现|有)(较大|"
                r"一定|明显|很大|轻微|一些)?的?(偏差|误差|变化|差异|损失)"
            ),
        ),
        "about": ("LoRA",),
        "unless": (
            r"量化|quanti|[48][- ]?bit|int[48]|nf4|qlora|多个|几个|multiple|several|two |DARE|TIES|fp16|bf16|"
            r"半精度|两个|三个|两份|\bboth\b"
        ),
        "sure": True,
        "fact": "merge_difference",
        "expectation": "> 0.001",
        "zh": "把 LoRA 合并进权重，输出只差浮点误差",
        "en": "merging LoRA into the weights changes the output by rounding only",
    },
    {
        "pattern": (
            (
                r"(peft|LoraConfig|target_modules)[^，,。；\n]{0,16}(默认|缺省)(会|情况下|就|是)?(给|对|在|为|"
                r"作用于|应用于|选择|选)?(所有|全部)(的)?(线性层|Linear ?层)"
            ),
            (
                r"by default,? (peft|LoraConfig) (applies|adds|attaches|puts) (a |the )?LoRA (to|on) (all|"
                r"every) (the )?linear (layers?|modules?)"
            ),
            (
                r"(peft|LoraConfig|target_modules) (defaults to|targets by default) (all|"
                r"every) (the )?linear (layers?|modules?)"
            ),
        ),
        "about": ("peft", "LoraConfig", "target_modules"),
        "unless": r"all-linear|unsloth|factory|swift|axolotl|qlora",
        "sure": True,
        "fact": "default_targets",
        "expectation": "= all-linear",
        "zh": "不写 target_modules 时，peft 给 Llama 只选 q_proj 和 v_proj",
        "en": "without target_modules, peft picks q_proj and v_proj alone for Llama",
    },
    {
        "pattern": (
            r"inference_mode`? ?= ?`?True`?,? {0,8}(#|表示|即|是|为|：|:|means|for|"
            r"is)? {0,4}(用于)?(训练(模式|时用)|training mode|for training)"
        ),
        "about": ("inference_mode",),
        "sure": True,
        "fact": "inference_mode_trainable",
        "expectation": "> 0",
        "zh": "inference_mode=True 时一个参数也不训练",
        "en": "with inference_mode=True no parameter is trained",
    },
    {
        "pattern": (
            r"(LoRA|ΔW)(的)?(权重)?(更新|增量)?(矩阵)?(ΔW)?(是|为)满秩",
            r"LoRA('s)? updates? (is|are|is of|are of) full[- ]rank",
        ),
        "about": ("LoRA",),
        "unless": r"ReLoRA|全参数|全量|full[- ]fine",
        "sure": True,
        "fact": "update_rank",
        "expectation": "> 8",
        "zh": "LoRA 的更新是 A 与 B 的积，秩至多为 r",
        "en": "LoRA's update is a product of A and B: its rank is at most r",
    },
    {
        "pattern": (
            r"lora_alpha`? ?= ?(\d{1,4})[^，,。；\n]{0,16}(放大|扩大|增强|乘以|缩放)(了|到)?(为|"
            r"原来的)? ?\1 ?倍"
        ),
        "about": ("lora_alpha",),
        "unless": r"(?<![A-Za-z_])r`? ?= ?1(?!\d)|/ ?`?r(?![a-z])|除以",
        "sure": True,
        "fact": "scaling",
        "expectation": "= 32",
        "zh": "倍数是 lora_alpha / r：r=8、lora_alpha=32 时是 4 倍",
        "en": "the factor is lora_alpha / r: 4 with r=8 and lora_alpha=32",
    },
)

RANK = 8
ALPHA = 32
STEPS = 40
ON_GPU = ("gpu_unmerged_time_ratio", "gpu_merged_time_ratio", "gpu_step_peak")
"""The facts that take a GPU to tell."""
FIRST_Q = "base_model.model.model.layers.0.self_attn.q_proj"


@dataclass(frozen=True, slots=True)
class Lora:
    """What LoRA does: r=8, α=32 on the attention's q and v of a two-layer Llama, or of Llama-2-7B where it says so."""

    init_output_difference: float = fact(
        zh="刚套上 LoRA、未训练时，输出与原模型的最大差",
        en="largest difference of the output right after wrapping, before training",
        terms=("get_peft_model", "lora_B", "零初始化", "初始化为零", "zero initialization"),
        question_zh="刚用 `get_peft_model` 套上 LoRA、尚未训练时，模型输出与原模型最多差多少？",
        question_en="Right after `get_peft_model`, before any training: how far is the output from the base model's?",
    )
    base_weight_change: float = fact(
        zh="训练 LoRA 后，原权重的最大变化",
        en="largest change of a base weight after training with LoRA",
        terms=("冻结原权重", "冻结原模型", "frozen base", "get_peft_model"),
        question_zh="训练 LoRA 之后，原模型的权重变化了多少？",
        question_en="How much do the base model's weights change while LoRA is trained?",
    )
    trainable: int = fact(
        zh="r=8、作用于 q 和 v 时的可训练参数（演示用小模型）",
        en="trainable parameters with r=8 on q and v (the demo's small model)",
        terms=("print_trainable_parameters",),
        why_zh="每个被选中的线性层加 r·(in+out) 个参数",
        why_en="each chosen linear layer gets r·(in + out) parameters",
    )
    trainable_share: float = fact(
        zh="r=8、作用于 q 和 v 时的可训练参数占比（演示用小模型）",
        en="share of trainable parameters with r=8 on q and v (the demo's small model)",
        unit="%",
        terms=("print_trainable_parameters",),
    )
    layer_parameters: int = fact(
        zh="4096×4096 的线性层加 r=8 的 LoRA，新增参数 r·(in+out)",
        en="new parameters of a 4096×4096 linear layer with r=8, r·(in+out)",
        terms=("LoraConfig", "r", "lora_rank", "LoRA秩", "LoRA 的秩", "LoRA rank"),
        question_zh="给一个 4096×4096 的线性层加上秩 r=8 的 LoRA，新增多少参数？",
        question_en="How many new parameters does LoRA of rank 8 give a 4096×4096 linear layer?",
        why_zh="A 是 8×4096，B 是 4096×8：r·(in+out)",
        why_en="A is 8 by 4096, B 4096 by 8: r·(in + out)",
    )
    llama2_7b_trainable: int = fact(
        zh="Llama-2-7B、r=8、作用于 q 和 v 时的可训练参数",
        en="trainable parameters of Llama-2-7B with r=8 on q and v",
        terms=("LoRA", "LoraConfig"),
    )
    llama2_7b_share: float = fact(
        zh="Llama-2-7B、r=8、作用于 q 和 v 时的可训练参数占比",
        en="share of trainable parameters of Llama-2-7B with r=8 on q and v",
        unit="%",
        terms=("LoRA", "LoraConfig", "低秩适应", "low-rank adaptation"),
        question_zh="Llama-2-7B 用 r=8 的 LoRA（q、v）微调时，可训练参数占多少？",
        question_en="Llama-2-7B with LoRA r=8 on q and v: what share of the parameters is trained?",
        why_zh="32 层、每层两个 4096×4096 的矩阵，各加 8·(4096+4096) 个参数",
        why_en="32 layers with two matrices of 4096 by 4096 each, 8·(4096 + 4096) parameters apiece",
    )
    update_rank: int = fact(
        zh="r=8 训练后，权重更新 ΔW 的秩",
        en="rank of the weight update ΔW after training with r=8",
        terms=("r", "lora_rank", "LoRA秩", "LoRA 的秩", "LoRA rank", "低秩更新", "low-rank update"),
        question_zh="LoRA 取 r=8，训练后权重更新 ΔW 的秩是多少？",
        question_en="With r=8, what is the rank of the weight update ΔW after training?",
    )
    scaling: float = fact(
        zh="r=8、lora_alpha=32 时 LoRA 支路的缩放倍数 α/r",
        en="factor α/r of the LoRA branch with r=8 and lora_alpha=32",
        unit="×",
        terms=("lora_alpha", "lora_alpha / r", "alpha / r", "α/r", "LoRA 的缩放", "LoRA scaling"),
        question_zh="`r=8, lora_alpha=32` 时，LoRA 支路的输出乘以多少？",
        question_en="With `r=8, lora_alpha=32`, by what is the LoRA branch multiplied?",
    )
    dropout_eval_difference: float = fact(
        zh="评估时，lora_dropout=0.1 与 0 的输出最大差",
        en="largest difference in evaluation between lora_dropout=0.1 and 0",
        terms=("lora_dropout",),
        question_zh="`lora_dropout=0.1` 在评估（`model.eval()`）时使输出改变多少？",
        question_en="How much does `lora_dropout=0.1` change the output in evaluation (`model.eval()`)?",
    )
    merge_difference: Spread = fact(
        zh="把 LoRA 合并进权重前后，输出的最大差",
        en="largest difference of the output before and after merging LoRA into the weights",
        terms=("merge_and_unload", "合并权重", "merge weights", "merged weights"),
        varies=True,
        tolerance=1e-5,
    )
    inference_mode_trainable: int = fact(
        zh="inference_mode=True 时的可训练参数",
        en="trainable parameters with inference_mode=True",
        terms=("inference_mode",),
        question_zh="`inference_mode=True` 时，LoRA 有多少可训练参数？",
        question_en="How many parameters can LoRA train with `inference_mode=True`?",
    )
    adapter_bytes_ratio: float = fact(
        zh="Llama-2-7B 的全部权重是 r=8 适配器的几倍（同一精度）",
        en="size of all weights of Llama-2-7B over its r=8 adapter, in the same precision",
        unit="×",
        terms=("adapter_model.safetensors", "LoRA 适配器", "LoRA adapter", "LoRA 权重", "LoRA weights"),
        why_zh="适配器只有每层的两个窄矩阵，不含原权重",
        why_en="the adapter holds two narrow matrices a layer, and none of the base weights",
    )
    trained_loss_drop: Spread = fact(
        zh="只训练 LoRA 40 步后，损失下降",
        en="drop of the loss after 40 steps of training LoRA alone",
        terms=("get_peft_model",),
        varies=True,
        tolerance=0.2,
    )
    default_targets: str = fact(
        zh="不写 target_modules 时，peft 给 Llama 选的层",
        en="layers that peft takes for Llama without target_modules",
        terms=("target_modules",),
        question_zh="`LoraConfig` 不写 `target_modules` 时，peft 给 Llama 的哪些层加 LoRA？",
        question_en="Without `target_modules`, which layers of a Llama does peft give LoRA?",
    )
    gpu_unmerged_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、单个词元：未合并的 LoRA（全部线性层，r=8）前向用时是原模型的几倍",
        en="GPU, Llama-3.2-1B's shape, bf16, one token: forward time with LoRA (all linear layers, "
        "r=8) not merged over the base",
        unit="×",
        terms=(
            "merge_and_unload",
            "合并权重",
            "merge weights",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="每个线性层多出三个小内核，生成一个词元时启动它们最费时",
        why_en="each linear layer has three small kernels more, and for one token it takes most time to start them",
    )
    gpu_merged_time_ratio: float | None = fact(
        zh="GPU：同样，合并之后的前向用时是原模型的几倍",
        en="GPU, the same: forward time once LoRA is merged, over the base",
        unit="×",
        terms=(
            "merge_and_unload",
            "合并权重",
            "merge weights",
        ),
        varies=True,
        tolerance=0.1,
        why_zh="合并之后与原模型是同样的矩阵",
        why_en="merged, the matrices are as many and as large as before",
    )
    gpu_step_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、r=8（q、v）、bf16、4×512 词元：一个训练步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, r=8 on q and v, bf16, 4×512 tokens: peak memory of a training step",
        unit="GiB",
        terms=(
            "LoraConfig",
            "峰值显存",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="权重在 bf16 里约 2.3 GiB，大头是激活和 128256 个词的 logits",
        why_en="the weights take some 2.3 GiB in bf16; most is activations, and logits of 128,256 tokens",
    )


@dataclass(frozen=True, slots=True)
class OwnModel:
    """What LoRA does to the user's model; None where that takes weights and there are none."""

    architecture: str = detail(zh="模型结构", en="architecture")
    rank: int = detail(zh="LoRA 的秩 r", en="rank r of LoRA")
    targets: str = detail(zh="加 LoRA 的层", en="layers that get LoRA")
    trainable: int = detail(zh="r=8 时的可训练参数", en="trainable parameters with r=8")
    trainable_share: float = detail(zh="r=8 时的可训练参数占比", en="share of trainable parameters with r=8", unit="%")
    adapter_bytes_ratio: float = detail(
        zh="全部权重是 r=8 适配器的几倍", en="size of all weights over the adapter with r=8", unit="×"
    )
    init_output_difference: float | None = detail(
        zh="刚套上 LoRA、未训练时的输出最大差（B 为零，应为 0）",
        en="largest difference of the output before training (0, as B starts at zero)",
    )
    base_weight_change: float | None = detail(
        zh="训练 LoRA 两步后原权重的最大变化（冻结，应为 0）",
        en="largest change of a base weight after two steps of LoRA (0, as it is frozen)",
    )


def run(
    device: torch.device, seed: int = 0, model: str | None = None, *, trust_remote_code: bool = False
) -> Lora | OwnModel:
    """Measure LoRA on a tiny Llama and on the shape of Llama-2-7B, or on the user's model."""
    with reproducible(seed):
        return own_model(device, model, trust_remote_code=trust_remote_code) if model else reference(device, seed)


def reference(device: torch.device, seed: int) -> Lora:
    """Measure every fact."""
    base = tiny_llama(device)
    tokens = torch.randint(base.config.vocab_size, (4, 16)).to(device)  # (batch, tokens)
    wrapped = wrap(copy.deepcopy(base))
    start = output(wrapped, tokens)
    trainable, everything = wrapped.get_nb_trainable_parameters()
    train(wrapped, tokens)
    merged = copy.deepcopy(wrapped).merge_and_unload()
    drops, rounding = zip(*(learned(device, seed + number) for number in range(SEEDS)), strict=True)
    large = wrap(llama_2_7b())
    large_trainable, large_everything = large.get_nb_trainable_parameters()
    layer: Any = large.get_submodule(FIRST_Q)  # 4096×4096
    small_layer: Any = wrapped.get_submodule(FIRST_Q)
    return Lora(
        init_output_difference=difference(start, output(base, tokens)),
        base_weight_change=base_change(wrapped, base),
        trainable=trainable,
        trainable_share=100 * trainable / everything,
        layer_parameters=layer.lora_A.default.weight.numel() + layer.lora_B.default.weight.numel(),
        llama2_7b_trainable=large_trainable,
        llama2_7b_share=100 * large_trainable / large_everything,
        update_rank=update_rank(merged, base),
        scaling=small_layer.scaling["default"],
        dropout_eval_difference=difference(output(wrapped, tokens), output(without_dropout(wrapped), tokens)),
        merge_difference=Spread.of(rounding),
        inference_mode_trainable=wrap(copy.deepcopy(base), inference_mode=True).get_nb_trainable_parameters()[0],
        adapter_bytes_ratio=size_ratio(large),
        trained_loss_drop=Spread.of(drops),
        default_targets=targets(large),
        **only_on_gpu(device, ON_GPU, on_gpu),
    )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure a training step, and what LoRA adds to a forward pass of one token, merged and not."""
    times = {}
    for how in ("base", "unmerged", "merged"):
        model: Any = llama(device, size.middle)
        if how != "base":
            model = peft.get_peft_model(model, peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear"))
        model = model.merge_and_unload() if how == "merged" else model
        times[how] = cost(device, partial(output, model, tokens_of(device, 1, 1)), warm=5, runs=20).milliseconds
    wrapped = wrap(llama(device, size.middle)).train()
    step = training_step(wrapped, tokens_of(device, size.of(4), size.of(512)), optimizer_of(wrapped))
    return {
        "gpu_unmerged_time_ratio": times["unmerged"] / times["base"],
        "gpu_merged_time_ratio": times["merged"] / times["base"],
        "gpu_step_peak": cost(device, step).peak,
    }


def learned(device: torch.device, seed: int) -> tuple[float, float]:
    """Train LoRA on a model of one seed; return by how much the loss fell, and what merging changes in the output."""
    torch.manual_seed(seed)
    wrapped = wrap(tiny_llama(device))
    tokens = torch.randint(256, (4, 16)).to(device)  # (batch, tokens)
    drop = train(wrapped, tokens)
    before = output(wrapped, tokens)
    return drop, difference(output(wrapped.merge_and_unload(), tokens), before)


def own_model(device: torch.device, ref: str, *, trust_remote_code: bool) -> OwnModel:
    """Measure the user's model: by its shape, and with its weights where it has some."""
    shape = wrap_any(shape_of(ref, trust_remote_code=trust_remote_code))
    trainable, everything = shape.get_nb_trainable_parameters()
    base = with_weights(ref, device)
    start, change = (None, None) if base is None else behaviour(base)
    return OwnModel(
        architecture=type(shape.get_base_model()).__name__,
        rank=RANK,
        targets=targets(shape),
        trainable=trainable,
        trainable_share=100 * trainable / everything,
        adapter_bytes_ratio=size_ratio(shape),
        init_output_difference=start,
        base_weight_change=change,
    )


def behaviour(base: PreTrainedModel) -> tuple[float | None, float | None]:
    """Wrap and train a copy of a model; return the first difference of its output and the change of its weights."""
    if not base.can_generate() or base.config.is_encoder_decoder:
        return None, None  # what goes in and what comes out is another matter for each of them
    tokens = torch.randint(base.config.get_text_config().vocab_size, (2, 8)).to(base.device)
    wrapped = wrap_any(copy.deepcopy(base))
    start = difference(output(wrapped, tokens), output(base, tokens))
    train(wrapped, tokens, steps=2)
    return start, base_change(wrapped, base)


def wrap(base: PreTrainedModel, *, inference_mode: bool = False) -> peft.PeftModel:
    """Put LoRA beside the layers that peft takes by default for this architecture."""
    config = peft.LoraConfig(
        task_type=peft.TaskType.CAUSAL_LM, inference_mode=inference_mode, r=RANK, lora_alpha=ALPHA, lora_dropout=0.1
    )
    return peft.get_peft_model(base, config)


def wrap_any(base: PreTrainedModel) -> peft.PeftModel:
    """Put LoRA into any model, beside all its linear layers where peft knows no default; no dropout, no task."""
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA)
    if base.config.model_type not in peft.utils.TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING:
        config.target_modules = "all-linear"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "fan_in_fan_out is set to False")  # peft sees to it itself
            return peft.get_peft_model(base, config)
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise Refusal(f"peft puts no LoRA into a {base.config.model_type} model: {reason}") from error


def targets(wrapped: peft.PeftModel) -> str:
    """Name the layers that have LoRA, by the last part of their names."""
    return ", ".join(sorted({name.rsplit(".", 1)[-1] for name in wrapped.targeted_module_names}))


@torch.no_grad()
def output(model: torch.nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """Return a model's logits in evaluation, (batch, tokens, vocabulary)."""
    logits: torch.Tensor = model.train(mode=False)(input_ids=tokens).logits
    return logits


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return the largest absolute difference of two tensors."""
    return (one - other).abs().max().item()


def train(wrapped: peft.PeftModel, tokens: torch.Tensor, steps: int = STEPS) -> float:
    """Learn one batch by heart with what is trainable; return by how much the loss fell."""
    optimizer = torch.optim.AdamW([weight for weight in wrapped.parameters() if weight.requires_grad], lr=1e-2)
    losses: list[float] = []
    for _ in range(steps):
        loss = wrapped.train()(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses[0] - losses[-1]


def base_change(wrapped: peft.PeftModel, base: PreTrainedModel) -> float:
    """Return the largest change of a weight that the model had before it was wrapped."""
    now = {name.replace(".base_layer", ""): weight for name, weight in wrapped.get_base_model().named_parameters()}
    return max(difference(now[name], weight) for name, weight in base.named_parameters())


def update_rank(merged: PreTrainedModel, base: PreTrainedModel) -> int:
    """Return the largest rank of a weight's change; what rounding adds is far below 1e-4 of its largest part."""
    before = dict(base.named_parameters())
    updates = [(weight - before[name]).detach().cpu() for name, weight in merged.named_parameters() if weight.ndim == 2]
    return max(int(torch.linalg.matrix_rank(update.double(), rtol=1e-4)) for update in updates if update.any())


def without_dropout(wrapped: peft.PeftModel) -> peft.PeftModel:
    """Copy a model and set its LoRA dropout to 0."""
    wrapped = copy.deepcopy(wrapped)
    for module in wrapped.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return wrapped


def size_ratio(wrapped: peft.PeftModel) -> float:
    """Return the parameters of the base model over those that peft would save with the adapter."""
    adapter: int = sum(weight.numel() for weight in peft.get_peft_model_state_dict(wrapped).values())
    everything: int = wrapped.get_nb_trainable_parameters()[1]
    return (everything - adapter) / adapter


if __name__ == "__main__":
    publish(run)
