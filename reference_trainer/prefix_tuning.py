"""Prefix tuning (P-tuning v2): trained keys and values in front of every layer's own, and a frozen model.

The model's weights stay as they are. Each layer's attention finds `pre_seq_len` further keys and values before those of
the input, and these are what is trained (Li & Liang 2021, arXiv:2101.00190; Liu et al. 2021, P-Tuning v2,
arXiv:2110.07602). They are called virtual tokens, but no token is put before the input: the hidden states keep their
length, and only the attention (and its mask and cache) is longer. Prompt tuning (Lester et al. 2021, arXiv:2104.08691)
is what puts trained embeddings before the input, once, below the first layer.

- `prefix_encoder` holds them: an embedding with 2 · layers · width of the keys numbers a virtual token.
- `prefix_projection=True` makes them the output of an MLP: a small embedding, a dense layer, tanh, and a dense layer of
  that whole width. This last layer is large: ChatGLM-6B then trains 957 million parameters instead of 29 million. After
  training the MLP can be dropped, as its output no longer changes.

What they start as matters. Random keys and values lead a pretrained model astray: on SmolLM2-135M they lift the loss
from 1.7 to about 9, and it takes hundreds of steps to get back. Those that the model computes for real tokens (Li &
Liang, section 7.4) are the same as having read these tokens; `ankillm demo prefix_tuning --model` measures both starts.

The sizes are ChatGLM-6B's, without weights. The behaviour is peft's and that of the trainer's own prefix
(`support/prefix_layers.py`) on a tiny Llama. Under gradient checkpointing transformers takes the past keys and values
from a layer, and with them peft's prefix; ours stays.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import peft
import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from ankillm.evidence import Refusal, Spread, detail, fact, publish
from reference_trainer.support.chatglm import BUILT_IN, ChatGLMConfig, ChatGLMShape
from reference_trainer.support.gpu import Size, cost, llama, only_on_gpu, optimizer_of, training_step
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.models import shape_of, tiny_llama, with_weights
from reference_trainer.support.prefix_layers import LayerShape, PrefixEncoder, PrefixModel, prefix_model
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds
from reference_trainer.support.versions import checkpoint_layers

TERMS = (
    "P-tuning v2",
    "Ptuning v2",
    "前缀微调",
    "前缀调优",
    "prefix-tuning",
    "前缀编码器",
    "prefix encoder",
)
MISREADINGS = (
    {
        "pattern": (
            r"(输入(序列|文本|句子|词元|的|token){0,3}(最?前面|之前|前端|开头|头部|最前|前)…(虚拟词元|"
            r"虚拟标记|虚拟 ?token|virtual tokens?)|(虚拟词元|虚拟标记|虚拟 ?token)…(拼接?|加|插|放|"
            r"添)…输入(序列|文本|句子|词元|的|token){0,3}(前面|之前|前端|开头|头部|最前|前)|"
            r"prepend\w{0,3} …virtual tokens?… to (the|each|every|its) input|(before|in front of|"
            r"prepended to) (the|each|every|its) input …virtual tokens?|virtual tokens? …(before|"
            r"in front of|(prepended|added|concatenated) (to|with)) (the|each|every|its) input)"
        ),
        "about": ("P-tuning v2", "Ptuning v2", "P-tuning-v2", "pre_seq_len", "prefix_encoder"),
        "unless": (
            r"prompt[ -]?tuning|提示(词)?(微调|调优)|p-?tuning(?![ -]?v2)(?! ?\(?pre_seq)|每一?层|各层|逐层|"
            r"所有层|(every|each|all) (of )?(the )?layers?|\bkeys?\b|past_key_values|注意力|attention|\bkv\b|"
            r"embedding|嵌入"
        ),
        "sure": True,
        "fact": "hidden_growth",
        "expectation": "> 0",
        "zh": "P-tuning v2 的虚拟词元是每层的键和值，输入不变长；拼进输入的是 prompt tuning",
        "en": "in P-tuning v2 virtual tokens are keys and values of every layer; prompt tuning lengthens the input",
    },
    {
        "pattern": r"virtual_tokens {0,2}\+ {0,2}input",
        "about": ("P-tuning", "P-tuning v2", "pre_seq_len"),
        "fact": "hidden_growth",
        "expectation": "> 0",
        "zh": "P-tuning v2 的虚拟词元不拼进输入，输入不变长",
        "en": "in P-tuning v2 virtual tokens are not put before the input, which keeps its length",
    },
    {
        "pattern": (
            (
                r"(略微|略为|稍微|稍稍|少量|轻微|小幅|几乎不|一点点?)(地|会)?(增加|提高|提升|增大|增多)(了|一些|"
                r"一点|少量|模型|可训练|训练|的|前缀|额外){0,4}参数(数?量|规模)?"
            ),
            (
                r"参数(数?量|数|规模)?(也|会|只|仅|都|将|就|有所){0,3}(略微|略有|略为|稍微|稍稍|轻微|小幅)(地|"
                r"会)?(增加|提高|提升|增大|增多|上升)"
            ),
            r"slightly (more|increas(e|es|ing)( the)?( number of)?( the)?|higher|larger) (trainable )?param",
            r"(a few|a little) more (trainable )?param",
            r"param(eters?)? (count |number )?(increases?|grows?|rises?) (only )?(slightly|a little|marginally)",
            (
                r"(prefix_projection( ?= ?True)?|前缀投影|prefix projection)`?[^。；;\n]{0,12}参数(数?量|规模|"
                r"数目)?(基本|几乎|大致)?(保持)?不变"
            ),
            (
                r"(prefix_projection( ?= ?True)?|prefix projection)`? (adds|introduces|brings) (only |"
                r"just )?(a handful of|a few|few|hardly any|almost no|negligible|very few)( extra| additional|"
                r" more)? param"
            ),
            (
                r"(启用|打开|开启)(它|该项|投影|prefix_projection)?(后|之后)?[，,]?(会|只会|仅会)?(使|让)?(可训练|"
                r"训练|前缀)?的?参数(数?量|规模)?(会)?(略有|略微|稍有|稍微|小幅)(地)?(增加|增大|增多|上升)"
            ),
            (
                r"prefix[_ ]projection`?( ?= ?True)? increases the (number of )?(trainable )?parameters (only |"
                r"just )?(slightly|a little|marginally)"
            ),
            (
                r"(prefix_projection|前缀投影|prefix projection)……{grows}(的)?(参数|参数量)(很少|极少|不多|有限|"
                r"可以忽略|可忽略)"
            ),
            (
                r"(prefix_projection|前缀投影)……参数(数?量)?(只|仅|只会|仅仅)(会)?(有)?(很小|少量|轻微|略微|"
                r"一点|些许)的?{grows}"
            ),
            (
                r"(prefix_projection|前缀投影)(对|后|之后|[，,]|会){0,3}(模型)?(可训练|训练|前缀|"
                r"总)?(的)?参数(数?量)?的?(影响|变化)(很小|不大|较小|可以忽略|微乎其微)"
            ),
        ),
        "about": ("prefix_projection", "前缀投影", "prefix projection"),
        "unless": r"lora|adapter|prompt[ -]?tuning|False|关闭|推理|丢掉|训练后|inference|drop",
        "sure": True,
        "fact": "projection_cost",
        "expectation": "<= 1.5×",
        "zh": "打开 prefix_projection 使前缀参数变为约 33 倍",
        "en": "prefix_projection makes the prefix about 33 times as large",
    },
    {
        "pattern": (
            r"(prefix_projection|前缀投影|prefix projection)( ?= ?True)?`?[^。；;\n]{0,40}(参数|param|训练|"
            r"train)?[^。；;\n]{0,12}(不到|不足|少于|小于|低于|less than|under|below) ?[01](\.\d)? ?[%％]"
        ),
        "about": ("prefix_projection", "前缀投影", "prefix projection"),
        "unless": r"False|关闭|不用|不使用|没有|不打开|不开|without|\boff\b|disabled|无投影|损失|loss|精度|差距|差异",
        "sure": True,
        "fact": "projection_share",
        "expectation": "< 1%",
        "zh": "不到 1% 只在没有 prefix_projection 时成立",
        "en": "less than 1% is true only without prefix_projection",
    },
    {
        "pattern": (
            (
                r"虚拟 ?(词元|标记|tokens?)(之间)?的?(先后)?(顺序|次序|排列)(会|也会|很|非常|十分|至关|"
                r"对[^，,。；\n不非没未]{0,6}){1,2}(影响|改变|重要|有影响)"
            ),
            (
                r"order of (the )?(virtual|prefix) tokens (matters|is important|(changes|affects) the (output|"
                r"result|logits))"
            ),
        ),
        "about": ("P-tuning v2", "prefix tuning", "prefix-tuning", "前缀微调", "pre_seq_len"),
        "unless": r"prompt[ -]?tuning|提示(词)?(微调|调优)|p-?tuning(?![ -]?v2)",
        "sure": True,
        "fact": "permuted_prefix_difference",
        "expectation": "> 0.001",
        "zh": "P-tuning v2 的前缀是键和值，没有先后：打乱次序输出不变",
        "en": "the prefix is keys and values without an order: shuffled, it gives the same output",
    },
    {
        "pattern": (
            (
                r"(推理|部署|预测|生成)(时|阶段|中)?[，,]?(也|仍|还|仍然|必须|需要|要|必){1,3}(保留|使用|加载|"
                r"用到|带上|经过)(这个|前缀|投影|的|该|重参数化){0,4}(MLP|投影|重参数化)"
            ),
            (
                r"(MLP|projection|reparametri[sz]ation)( network| layer)? (must|has to|needs to|have to) be (kept|"
                r"used|loaded) (at|for|during) inference"
            ),
        ),
        "about": ("prefix_projection", "前缀投影", "prefix projection", "prefix tuning", "重参数化"),
        "sure": True,
        "fact": "dropped_projection_difference",
        "expectation": "> 0",
        "zh": "训练之后可以丢掉投影的 MLP，只留键和值，输出不变",
        "en": "after training the MLP can be dropped and its keys and values kept: the outputs are equal",
    },
    {
        "pattern": (
            (
                r"prompt[ -]?tuning`? ?(不会?|没有|并不)(增加|占用|加长|延长)(了)?(模型|任何)?的?(输入|序列|"
                r"上下文)(序列)?的?(长度)?"
            ),
            (
                r"prompt[ -]?tuning (does not|doesn't|does n't) (make the input longer|lengthen the input|"
                r"(increase|extend|use up|take up|add to) the (input|sequence|context)( length)?)"
            ),
        ),
        "about": ("prompt tuning", "prompt-tuning"),
        "unless": r"v2|prefix",
        "sure": True,
        "fact": "prompt_tuning_growth",
        "expectation": "= 0",
        "zh": "prompt tuning 把虚拟词元接在输入前面，输入变长",
        "en": "prompt tuning puts its virtual tokens before the input, which gets longer",
    },
    {
        "pattern": (
            (
                r"P-?tuning[ -]?v2(仅仅?|只|也只| only| just)(是)?(需要|会|在)?…(输入层|嵌入层|embedding ?层|"
                r"input layer|embedding layer|input embedding)"
            ),
            (
                r"P-?tuning[ -]?v2……(only|just) (added|inserted|placed|put|prepended)…(input layer|"
                r"embedding layer|input embedding)"
            ),
        ),
        "about": ("P-tuning v2", "P-tuning-v2", "Ptuning v2"),
        "unless": (
            r"每一?层|各层|逐层|所有层|多层|deep|(every|each|all) (of )?(the )?layers?|相比|改进|解决|不同|v1|"
            r"prompt[ -]?tuning|p-?tuning(?![ -]?v2)"
        ),
        "sure": True,
        "fact": "hidden_growth",
        "expectation": "> 0",
        "zh": "P-tuning v2 在每一层都放可训练的键和值，输入不变长；只在输入层的是 prompt tuning",
        "en": "P-tuning v2 puts trained keys and values in every layer; only at the input is prompt tuning",
    },
)

TOKENS = 128
SMALL = 8
ON_GPU = ("gpu_prefix_time_ratio", "gpu_step_peak", "gpu_step_peak_projection")
"""The facts that take a GPU to tell."""
STEPS = 5


@dataclass(frozen=True, slots=True)
class PrefixTuning:
    """What a prefix costs on ChatGLM-6B with pre_seq_len=128, and how a prefix of 8 virtual tokens behaves."""

    trainable_share: float = fact(
        zh="ChatGLM-6B、pre_seq_len=128、无投影：可训练参数占比",
        en="ChatGLM-6B, pre_seq_len=128, no projection: share of trainable parameters",
        unit="%",
        terms=("pre_seq_len", "P-tuning v2", "prefix tuning", "前缀长度", "前缀序列长度"),
        question_zh="ChatGLM-6B 用 P-tuning v2（`pre_seq_len=128`、无投影）微调时，可训练参数占多少？",
        question_en="ChatGLM-6B with P-tuning v2, `pre_seq_len=128`, no projection: what share is trained?",
        why_zh="只训练每层的键和值：2·28 层·4096·128 个，占 62 亿的千分之五",
        why_en="only keys and values of each layer are trained: 2·28 layers·4096·128 of 6.2 billion",
    )
    trainable: int = fact(
        zh="ChatGLM-6B、pre_seq_len=128、无投影：可训练参数",
        en="ChatGLM-6B, pre_seq_len=128, no projection: trainable parameters",
        terms=("prefix_encoder", "前缀编码器", "pre_seq_len", "P-tuning v2"),
        why_zh="2（键和值）×28 层×4096 宽×128 个虚拟词元",
        why_en="2 (keys and values) × 28 layers × 4096 × 128 virtual tokens",
    )
    parameters_per_token: int = fact(
        zh="ChatGLM-6B：每个虚拟词元的参数（2·层数·键的宽度）",
        en="ChatGLM-6B: parameters of a virtual token (2 · layers · width of the keys)",
        terms=(
            "虚拟词元",
            "virtual tokens",
            "virtual token",
            "虚拟 token",
            "pre_seq_len",
            "前缀词元",
            "num_virtual_tokens",
        ),
        question_zh="P-tuning v2 里，ChatGLM-6B 的一个虚拟词元有多少个参数？",
        question_en="P-tuning v2: how many parameters has one virtual token of ChatGLM-6B?",
        why_zh="每一层都有它的键和值：2×28×4096",
        why_en="each layer has its key and its value: 2 × 28 × 4096",
    )
    projection_cost: float = fact(
        zh="ChatGLM-6B：打开 prefix_projection 后前缀参数变为几倍",
        en="ChatGLM-6B: how many times as large prefix_projection makes the prefix",
        unit="×",
        terms=("prefix_projection", "前缀投影", "prefix projection", "投影变换"),
        question_zh="ChatGLM-6B、`pre_seq_len=128`：打开 `prefix_projection` 后，前缀参数变为几倍？",
        question_en="ChatGLM-6B, `pre_seq_len=128`: by how much does `prefix_projection` multiply the prefix?",
    )
    projection_trainable: int = fact(
        zh="ChatGLM-6B、pre_seq_len=128、有投影：可训练参数",
        en="ChatGLM-6B, pre_seq_len=128, with projection: trainable parameters",
        terms=("prefix_projection", "前缀投影", "prefix projection"),
    )
    projection_share: float = fact(
        zh="ChatGLM-6B、pre_seq_len=128、有投影：可训练参数占比",
        en="ChatGLM-6B, pre_seq_len=128, with projection: share of trainable parameters",
        unit="%",
        terms=("prefix_projection", "前缀投影", "prefix projection"),
        question_zh="ChatGLM-6B、`pre_seq_len=128`：打开 `prefix_projection` 时，可训练参数占多少？",
        question_en="ChatGLM-6B, `pre_seq_len=128`: what share is trained with `prefix_projection`?",
    )
    dropped_projection_difference: float = fact(
        zh="训练后丢掉投影 MLP、只留其输出的键和值：logits 的最大差",
        en="largest difference of the logits once the MLP is dropped after training and its output kept",
        terms=("prefix_projection", "前缀投影", "prefix projection", "重参数化", "reparameterization"),
        question_zh="训练后丢掉 `prefix_projection` 的 MLP、只留下它算出的键和值，输出改变多少？",
        question_en="Drop the MLP of `prefix_projection` after training and keep its output: how much changes?",
    )
    hidden_growth: int = fact(
        zh="P-tuning v2（8 个虚拟词元）：隐藏状态变长多少",
        en="P-tuning v2 with 8 virtual tokens: growth of the hidden states' length",
        terms=("虚拟词元", "virtual tokens", "virtual token", "虚拟 token", "P-tuning v2", "prefix tuning"),
        question_zh="P-tuning v2 用 8 个虚拟词元时，隐藏状态变长多少？",
        question_en="P-tuning v2 with 8 virtual tokens: by how much do the hidden states grow longer?",
    )
    attention_growth: int = fact(
        zh="P-tuning v2（8 个虚拟词元）：注意力（掩码、缓存）变长多少",
        en="P-tuning v2 with 8 virtual tokens: growth of the attention, its mask and cache",
        terms=("虚拟词元", "virtual tokens", "virtual token", "虚拟 token"),
    )
    prompt_tuning_growth: int = fact(
        zh="prompt tuning（8 个虚拟词元）：隐藏状态变长多少",
        en="prompt tuning with 8 virtual tokens: growth of the hidden states' length",
        terms=("prompt tuning", "PromptTuningConfig"),
        question_zh="prompt tuning 用 8 个虚拟词元时，隐藏状态变长多少？",
        question_en="Prompt tuning with 8 virtual tokens: by how much do the hidden states grow longer?",
    )
    permuted_prefix_difference: Spread = fact(
        zh="打乱虚拟词元的次序：logits 的最大差",
        en="largest difference of the logits once the virtual tokens are put in another order",
        terms=("虚拟词元的顺序", "order of the virtual tokens"),
        varies=True,
        tolerance=1e-5,
    )
    cache_size: float = fact(
        zh="ChatGLM-6B、pre_seq_len=128、fp16：一个样本的前缀缓存",
        en="ChatGLM-6B, pre_seq_len=128, fp16: cache of the prefix for a sample",
        unit="MiB",
        terms=("前缀缓存", "prefix cache"),
        why_zh="128 个虚拟词元在每层各有键和值，每个数 2 字节",
        why_en="128 virtual tokens have a key and a value in each layer, 2 bytes a number",
    )
    token_start_difference: Spread = fact(
        zh="前缀取模型读 8 个真实词元所得的键和值、未训练：logits 与真的读过它们相比的最大差",
        en="untrained prefix of 8 real tokens' keys and values: largest difference of the logits from reading them",
        terms=("prefix_init", "--prefix-init", "前缀初始化", "prefix initialization"),
        varies=True,
        tolerance=1e-5,
        why_zh="前缀就是读那些词元时缓存的键和值，所以如同读过",
        why_en="the prefix is what the cache would hold after reading them: it is as if they had been read",
    )
    random_start_difference: Spread = fact(
        zh="同样，前缀取 N(0,1) 随机数（nn.Embedding 的默认）：logits 与读过真实词元相比的最大差",
        en="the same for a prefix from N(0,1), nn.Embedding's default: largest difference from reading real tokens",
        terms=("prefix_init", "--prefix-init", "前缀初始化", "prefix initialization"),
        varies=True,
        tolerance=0.2,
    )
    works_with_checkpointing: bool = fact(
        zh="本演示的前缀编码器可与梯度检查点同用，梯度逐位相等",
        en="this demo's prefix encoder works with gradient checkpointing, gradients equal to the last bit",
        terms=("prefix_encoder", "前缀编码器"),
    )
    peft_works_with_checkpointing: bool = fact(
        zh="peft 的 prefix tuning 可与梯度检查点同用",
        en="peft's prefix tuning works with gradient checkpointing",
        terms=("PrefixTuningConfig", "prefix tuning", "prefix-tuning"),
        question_zh="peft 的 prefix tuning 能与梯度检查点同用吗？",
        question_en="Does peft's prefix tuning work with gradient checkpointing?",
        why_zh="检查点重算时会丢开传入的缓存，peft 的前缀正是经缓存传入的",
        why_en="checkpointing drops the cache that is passed in, and that is how peft passes its prefix",
    )
    gpu_prefix_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、4×512 词元：128 个虚拟词元的前向用时是原模型的几倍",
        en="GPU, Llama-3.2-1B's shape, bf16, "
        "4×512 tokens: forward time behind 128 virtual tokens over the untouched model's",
        unit="×",
        terms=(
            "pre_seq_len",
            "虚拟词元",
            "virtual tokens",
        ),
        varies=True,
        tolerance=0.15,
    )
    gpu_step_peak: float | None = fact(
        zh="GPU：同样的形状，训练 128 个虚拟词元（无投影）一步的峰值显存",
        en="GPU, the same shape: peak memory of a step that trains 128 virtual tokens without projection",
        unit="GiB",
        terms=(
            "P-tuning v2",
            "prefix tuning",
            "峰值显存",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="模型是冻结的：没有它的梯度和优化器状态",
        why_en="the model is frozen: no gradients of it, and no states of an optimizer",
    )
    gpu_step_peak_projection: float | None = fact(
        zh="GPU：同样，打开 prefix_projection 时一步的峰值显存",
        en="GPU, the same with prefix_projection: peak memory of a step",
        unit="GiB",
        terms=(
            "prefix_projection",
            "前缀投影",
            "prefix projection",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="生成前缀的 MLP 也有权重、梯度和状态",
        why_en="the MLP that makes the prefix has weights, gradients and states too",
    )


@dataclass(frozen=True, slots=True)
class OwnModel:
    """What a prefix of 128 virtual tokens would cost on the user's model, by its shape."""

    architecture: str = detail(zh="模型结构", en="architecture")
    parameters_per_token: int = detail(zh="每个虚拟词元的参数", en="parameters of a virtual token")
    trainable: int = detail(zh="无投影：可训练参数", en="trainable parameters without projection")
    trainable_share: float = detail(zh="无投影：占比", en="their share", unit="%")
    projection_trainable: int = detail(zh="有投影：可训练参数", en="trainable parameters with projection")
    projection_share: float = detail(zh="有投影：占比", en="their share", unit="%")
    cache_size: float = detail(zh="fp16：一个样本的前缀缓存", en="cache of the prefix for a sample, fp16", unit="MiB")
    untouched_loss: float | None = detail(
        zh="模型自己续写的 64 个词元：原模型的损失", en="64 tokens that the model has written: its loss untouched"
    )
    random_start_loss: float | None = detail(
        zh="同样，前面有 16 个取自 N(0,1) 的虚拟词元时的损失", en="its loss behind 16 virtual tokens from N(0,1)"
    )
    token_start_loss: float | None = detail(
        zh="同样，前面有 16 个以真实词元起步的虚拟词元时的损失",
        en="its loss behind 16 virtual tokens that start as real tokens",
    )


def run(
    device: torch.device, seed: int = 0, model: str | None = None, *, trust_remote_code: bool = False
) -> PrefixTuning | OwnModel:
    """Measure the shape of ChatGLM-6B and a tiny Llama, or the shape of the user's model."""
    with reproducible(seed):
        return users_model(device, model, trust_remote_code=trust_remote_code) if model else reference(device, seed)


def reference(device: torch.device, seed: int) -> PrefixTuning:
    """Measure every fact."""
    with torch.device("meta"):
        chatglm = own_model(ChatGLMShape(ChatGLMConfig(**BUILT_IN["chatglm-6b"])))
    tokens = torch.randint(256, (2, 16)).to(device)  # (batch, tokens)
    hidden_growth, attention_growth = growth(peft.PrefixTuningConfig, tokens)
    return PrefixTuning(
        trainable_share=chatglm.trainable_share,
        trainable=chatglm.trainable,
        parameters_per_token=chatglm.parameters_per_token,
        projection_cost=chatglm.projection_trainable / chatglm.trainable,
        projection_trainable=chatglm.projection_trainable,
        projection_share=chatglm.projection_share,
        dropped_projection_difference=dropped_projection_difference(tokens),
        hidden_growth=hidden_growth,
        attention_growth=attention_growth,
        prompt_tuning_growth=growth(peft.PromptTuningConfig, tokens)[0],
        permuted_prefix_difference=over_seeds(seed, lambda: permuted_prefix_difference(tokens)),
        cache_size=chatglm.cache_size,
        token_start_difference=over_seeds(seed, lambda: start_difference(tokens, real=True)),
        random_start_difference=over_seeds(seed, lambda: start_difference(tokens, real=False)),
        works_with_checkpointing=works_with_checkpointing(tokens),
        peft_works_with_checkpointing=any(peft_works(tokens, first=first) for first in (True, False)),
        **only_on_gpu(device, ON_GPU, on_gpu),
    )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure a forward pass behind a prefix, and training steps of a prefix with and without projection."""
    base, ids = llama(device, size.middle), tokens_of(device, size.of(4), size.of(512))
    prefixed = prefix_model(base, TOKENS)
    with torch.no_grad():
        untouched, behind = (cost(device, partial(model, input_ids=ids)) for model in (base, prefixed))
    peaks = []
    for projection in (False, True):
        model = prefix_model(base, TOKENS, projection=projection).train()
        peaks.append(cost(device, training_step(model, ids, optimizer_of(model.encoder))).peak)
    return {
        "gpu_prefix_time_ratio": behind.milliseconds / untouched.milliseconds,
        "gpu_step_peak": peaks[0],
        "gpu_step_peak_projection": peaks[1],
    }


def users_model(device: torch.device, ref: str, *, trust_remote_code: bool) -> OwnModel:
    """Count a prefix on the user's model, and try both starts where there are weights."""
    counted = own_model(shape_of(ref, trust_remote_code=trust_remote_code))
    base = with_weights(ref, device)
    if base is None or base.config.is_encoder_decoder or not base.can_generate():
        return counted
    untouched, random, real = starts(base)
    return replace(counted, untouched_loss=untouched, random_start_loss=random, token_start_loss=real)


@torch.no_grad()
def starts(base: PreTrainedModel) -> tuple[float, float, float]:
    """Return the loss of text that the model writes by itself: untouched, behind a random and behind a real start."""
    first = torch.tensor([[base.config.get_text_config().bos_token_id or 0]], device=base.device)
    generate: Any = base.generate
    written = generate(
        first, attention_mask=torch.ones_like(first), min_new_tokens=80, max_new_tokens=80, do_sample=False
    )
    front, rest = written[0, :16], written[:, 16:80]
    outputs: Any = base(input_ids=rest)
    untouched = nn.functional.cross_entropy(outputs.logits[0, :-1].float(), rest[0, 1:])
    behind = [loss_of(prefix_model(base, 16, tokens=tokens), rest).item() for tokens in ((), front.tolist())]
    return untouched.item(), behind[0], behind[1]


def own_model(shape: PreTrainedModel) -> OwnModel:
    """Count a prefix of 128 virtual tokens on a model, with and without projection."""
    base, layers = shape.num_parameters(), layers_of(shape.config)
    with torch.device("meta"):
        plain, projected = (
            PrefixEncoder(layers, TOKENS, hidden=shape.config.hidden_size, projection=on) for on in (False, True)
        )
    trainable, projected_trainable = count(plain), count(projected)
    return OwnModel(
        architecture=type(shape).__name__,
        parameters_per_token=trainable // TOKENS,
        trainable=trainable,
        trainable_share=100 * trainable / (base + trainable),
        projection_trainable=projected_trainable,
        projection_share=100 * projected_trainable / (base + projected_trainable),
        cache_size=plain.rows().half().nbytes / 2**20,
        untouched_loss=None,
        random_start_loss=None,
        token_start_loss=None,
    )


def layers_of(config: PretrainedConfig) -> list[LayerShape]:
    """Return the keys and values that a token has in each layer, from a configuration."""
    layers, heads = (getattr(config, name, None) for name in ("num_hidden_layers", "num_attention_heads"))
    if not layers or not heads:
        raise Refusal(f"a prefix needs layers with attention: a {config.model_type} has no such sizes")
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    shared = getattr(config, "num_key_value_heads", None) or getattr(config, "multi_query_group_num", None)
    return [LayerShape(shared or heads, width, width)] * layers


def count(module: nn.Module) -> int:
    """Return the number of parameters."""
    return sum(weight.numel() for weight in module.parameters())


def small(device: torch.device, *, projection: bool = False) -> PrefixModel:
    """Build a tiny Llama with a prefix of 8 virtual tokens."""
    return prefix_model(tiny_llama(device), SMALL, projection=projection)


def logits_of(model: PrefixModel, tokens: torch.Tensor) -> torch.Tensor:
    """Return logits, (batch, tokens, vocabulary)."""
    outputs: Any = model(tokens)
    logits: torch.Tensor = outputs.logits
    return logits


def loss_of(model: PrefixModel, tokens: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of each next token."""
    return nn.functional.cross_entropy(logits_of(model, tokens)[:, :-1].float().flatten(0, 1), tokens[:, 1:].flatten())


@torch.no_grad()
def start_difference(tokens: torch.Tensor, *, real: bool) -> float:
    """Return how far the logits behind an untrained prefix are from those behind 8 tokens that are read."""
    base = tiny_llama(tokens.device)
    front = torch.randint(256, (SMALL,)).to(tokens.device)
    model = prefix_model(base, SMALL, tokens=front.tolist() if real else ())
    read = base(input_ids=torch.cat([front.expand(len(tokens), -1), tokens], dim=1)).logits[:, SMALL:]
    return difference(logits_of(model, tokens), read)


def dropped_projection_difference(tokens: torch.Tensor) -> float:
    """Train a projected prefix; return how far the logits are from those with its keys and values alone."""
    model = small(tokens.device, projection=True)
    optimizer = torch.optim.AdamW(model.encoder.parameters(), lr=1e-2)
    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.autograd.backward(loss_of(model, tokens))
        optimizer.step()
    plain = PrefixModel(model.base, model.encoder.without_projection())
    return difference(logits_of(model, tokens), logits_of(plain, tokens))


def permuted_prefix_difference(tokens: torch.Tensor) -> float:
    """Return how far the logits move when the virtual tokens are put in another order."""
    model = small(tokens.device)
    before = logits_of(model, tokens)
    numbers = model.encoder.embedding.weight  # (n, numbers of a virtual token)
    numbers.data = numbers.data[torch.randperm(SMALL)]
    return difference(before, logits_of(model, tokens))


def works_with_checkpointing(tokens: torch.Tensor) -> bool:
    """Whether the prefix gets the same gradients, to the last bit, with checkpointed layers."""
    plain = small(tokens.device).train()
    switched = copy.deepcopy(plain)
    switched.checkpoint()
    gradients = []
    for model in (plain, switched):
        torch.autograd.backward(loss_of(model, tokens))
        gradients.append(model.encoder.embedding.weight.grad)
    one, other = gradients
    return one is not None and other is not None and bool(one.any()) and torch.equal(one, other)


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return the largest absolute difference of two tensors."""
    return (one - other).detach().abs().max().item()


def growth(kind: type[peft.PromptLearningConfig], tokens: torch.Tensor) -> tuple[int, int]:
    """Return by how much peft's method lengthens the hidden states and what attention sees, in tokens."""
    base = tiny_llama(tokens.device)
    wrapped = peft.get_peft_model(base, kind(task_type=peft.TaskType.CAUSAL_LM, num_virtual_tokens=SMALL))
    lengths: list[int] = []

    def look(_: nn.Module, __: object, outputs: tuple[torch.Tensor, torch.Tensor]) -> None:
        hidden, weights = outputs  # (batch, tokens, hidden), (batch, heads, tokens, keys)
        lengths.extend((hidden.shape[1], weights.shape[3]))

    base.get_submodule("model.layers.1.self_attn").register_forward_hook(look)
    wrapped(input_ids=tokens)
    return lengths[0] - tokens.shape[1], lengths[1] - tokens.shape[1]


def peft_works(tokens: torch.Tensor, *, first: bool) -> bool:
    """Whether a step of peft's prefix tuning passes with checkpointing, switched on before wrapping or after it."""
    config = peft.PrefixTuningConfig(task_type=peft.TaskType.CAUSAL_LM, num_virtual_tokens=SMALL)
    base = tiny_llama(tokens.device)
    try:
        if first:
            checkpoint_layers(base)
        wrapped = peft.get_peft_model(base, config)
        checkpoint_layers(base)
        wrapped.train()(input_ids=tokens, labels=tokens, use_cache=False).loss.backward()
    except (RuntimeError, ValueError):  # a prefix that is lost, or a refusal
        return False
    return True


if __name__ == "__main__":
    publish(run)
