"""Objectives of pretraining: which token sees which, and at which positions the model is asked.

- Causal (autoregressive, decoder only; GPT, Llama): a token sees itself and what is before it, and is asked for the
  next one. Every position but the last has a loss.
- Masked (autoencoding, encoder only; BERT, Devlin et al. 2018, arXiv:1810.04805): all tokens see each other; 15 % of
  them are asked for. Of those 80 % become `[MASK]`, 10 % another token and 10 % stay, as `[MASK]` never occurs when the
  model is used.
- Prefix (GLM, Du et al. 2021, arXiv:2103.10360; UniLM): tokens of the prefix see each other, those after it see what is
  before them.
- Span corruption with an encoder and a decoder (T5, Raffel et al. 2019, arXiv:1910.10683): spans of about three tokens,
  15 % in all, are each replaced by one sentinel; the decoder writes sentinels and spans. It sees all of the source, and
  of its own text what is before.

Who sees whom is measured by gradients: where the output at one position does not depend on the input at another, the
derivative is exactly zero.

Before training, a model gives all tokens about the same probability: its loss is ln V for a vocabulary of V.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import (
    AutoConfig,
    BertModel,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    T5Model,
)

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds

TERMS = (
    "预训练任务",
    "预训练目标",
    "pretraining objective",
    "pre-training objective",
    "因果语言模型",
    "causal language model",
    "双向上下文",
    "bidirectional context",
    "Decoder-Only",
    "Encoder-Only",
)
MISREADINGS = (
    {
        "pattern": (
            r"BERT ?(模型)?(是|属于) ?(一[种个])?(典型的|单向的?)?自回归",
            (
                r"BERT[、,，和与/ ]{1,3}GPT[^，,。；;\n]{0,12}[，,]?(都是?|均)?(实现|用来|用于)?了?(由|根据|利用|"
                r"通过|用)上文(来)?(预测|推断|生成)"
            ),
            r"\bBERT is an? autoregressive",
            r"\bBERT (is trained to )?predicts? the next (word|token)",
            (
                r"\bBERT (is|was) (pre-?)?trained (with|by|on|using|to|via|through) (a |the )?(next[- ](token|"
                r"word) predict|predict(ing)? the next (word|token)|causal language|autoregressive)"
            ),
            (
                r"(?<![A-Za-z])BERT(模型)?的?(预训练)?(任务|目标)?(是|为|采用|使用|通过)(了)?(预测下一个(词|token|"
                r"词元|单词)|自回归|下一个?词预测)"
            ),
            (
                r"(?<![A-Za-z])BERT(模型)?的?(预训练)?(任务|目标)?(是|为|采用|使用|通过)(了)?(根据|用|由|"
                r"利用)(前面|之前|上文|左侧)的?…预测(下|后)一个(词|token|单词)"
            ),
        ),
        "about": ("BERT",),
        "unless": r"不同|区别|unlike|rather|instead|NSP|next sentence|下一句",
        "sure": True,
        "fact": "masked_visible_share",
        "expectation": "< 100%",
        "zh": "BERT 不是由上文预测下文：每个位置都看得到整个句子，预测的是被掩码的词元",
        "en": "BERT doesn't predict what follows: each position sees the whole text, and masked tokens are predicted",
    },
    {
        "pattern": (
            r"15\s?%[^。.]{0,10}(全部|都)[^。.]{0,4}(替换|换)[^。.]{0,4}\[?MASK\]?",
            r"(replaces?|masks?) all (of )?(the )?15\s?%[^.]{0,20}(with|by) `?\[?MASK\]?",
            (
                r"15 ?% of (the |all )?(input )?tokens (are )?all (of them )?(replaced|masked)( out)? (by|"
                r"with) `?\[?MASK"
            ),
            (
                r"15 ?% ?的?(词|词元|token|单词)[，,]?(并)?(全部|都|全都)(用|被|换成|替换成|替换为|"
                r"换为) ?`?\[?MASK\]?`?(代替|替换|取代|掩盖)?"
            ),
        ),
        "about": ("BERT", "MLM", "掩码语言模型"),
        "unless": r"\bif\b|80 ?%",
        "sure": True,
        "fact": "mask_token_share",
        "expectation": "= 100%",
        "zh": "选中的 15% 里只有 80% 换成 [MASK]，10% 换成别的词元，10% 不变",
        "en": "of the 15% that are chosen, 80% become [MASK], 10% another token, and 10% stay",
    },
    {
        "pattern": (
            r"(GPT|Llama|Decoder-only|自回归(语言)?模型|"
            r"causal (language )?models?)[^。.，,]{0,12}(双向(地)?(注意|理解|编码|上下文)|sees? (both|"
            r"the whole|future)|bidirectional(ly)? (attention|context))"
        ),
        "fact": "causal_sees_later",
        "expectation": "yes",
        "zh": "因果模型的词元看不到后面的词元",
        "en": "in a causal model a token sees none that comes after it",
    },
    {
        "pattern": (
            (
                r"(?<![A-Za-z])GPT(-?\d)?(模型| )?(是|采用|使用|用的是|属于)(了)?(一种|一个|"
                r"的是)?双向(的)?(注意力|语言模型|编码|Transformer|自注意力|模型)"
            ),
            (
                r"(?<![A-Za-z])GPT(-?\d)? (is a|uses|has|employs) (a )?bidirectional (attention|context|"
                r"language model|Transformer|self)"
            ),
            (
                r"(因果|自回归)(语言)?模型(中|里)?(的)?(每个|任意|各个?)?(词元|token|位置|单词)(可以|能|能够|都能|"
                r"会)(看到|看见|关注到?|注意到)(它)?(后面|之后|未来|右侧|右边|后续)"
            ),
            (
                r"(?<![A-Za-z])GPT(-?\d)?(模型|系列)?(在)?(训练|预训练)?(时|中|阶段)?(使用|采用|利用|用的是|是|能|"
                r"可以|基于){1,2}(了|的是)?(一种)?(双向|同时看到(左右|上下文|前后|两侧))"
            ),
            (
                r"(?<![A-Za-z])GPT(-?\d)? (sees|looks at|attends to|uses|reads|"
                r"conditions on) (both )?(the )?(left and (the )?right|right and left|both sides|future tokens|"
                r"tokens on both)"
            ),
            (
                r"(?<![A-Za-z])GPT(-?\d)?(模型|在预测时|在生成时|预测时|生成时| ){0,3}(可以|能|能够|会)(看到|看见|"
                r"关注到?)(后面|之后|未来|后文|下文|右侧|后续)"
            ),
            (
                r"(?<![A-Za-z])GPT(-?\d)? (can |is able to )?(attends?|looks?|sees?)( to| at)? (the )?(future|"
                r"later|following|subsequent) (tokens|words|positions)"
            ),
            r"(?<![A-Za-z])GPT(-?\d)?( models?)? (use|have|employ|uses|has)s? (a )?bidirectional",
            (
                r"(?<![A-Za-z])GPT(-?\d)?(模型)?(能|可以|能够|会)(同时)?(利用|看到|使用|关注)(到)?(左右|"
                r"上下文两侧|前后|双向)"
            ),
            r"\bGPT(-?\d)? is (a )?bidirectional (model|encoder)",
        ),
        "about": ("GPT", "GPT-1", "GPT-2", "GPT-3", "因果语言模型", "自回归语言模型", "自回归模型", "因果模型"),
        "unless": r"不(能|会|可)|而非|区别|BERT.{0,10}(是|采用|使用)双向|unlike|GLM|ELMo|而 ?BERT|BERT 则|BERT",
        "sure": True,
        "fact": "causal_sees_later",
        "expectation": "yes",
        "zh": "因果模型的词元看不到后面的词元",
        "en": "in a causal model a token sees none that comes after it",
    },
    {
        "pattern": (
            r"(?<![A-Za-z])BERT(模型)?(是|属于|采用|使用)(了)?(一种|一个|的是)?(典型的)?单向",
            (
                r"(?<![A-Za-z])BERT(模型)?(只|仅)(能|会|可以)?(看到|看|利用|使用|关注|依赖)(到)?(左侧|左边|上文|"
                r"前面|前文|左)"
            ),
            r"\bBERT is (a |an )?(unidirectional|left-to-right)",
            r"\bBERT (only|just) (looks at|sees|uses|attends to) (the )?(left|previous|preceding)",
            (
                r"(?<![A-Za-z])BERT(模型)?(只|仅)(利用|使用|用|看|关注)(到|了)?(左侧|左边|上文|"
                r"前文)(?![^，,。；\n]{0,4}(和|与|及|下文))"
            ),
            (
                r"(?<![A-Za-z])BERT(模型|中)?(使用|采用|用的是|用|应用)(了|的是)?(一种)?(因果|下三角|"
                r"自回归)(的)?(掩码|mask|注意力)"
            ),
            (
                r"\bBERT (uses|employs|applies|has) (a |an )?(causal|unidirectional|left-to-right|"
                r"autoregressive) (attention|mask|self-attention|language|objective)"
            ),
            (
                r"(?<![A-Za-z])BERT(和|与|跟|、) ?GPT ?(一样|都|均|同样|模型)[，,]?(都|均|也)?(是|采用|"
                r"属于)…(单向|从左到右|自回归)"
            ),
            (
                r"\bBERT (reads|processes|sees|encodes) (the )?(text|input|sentence|tokens|words|"
                r"sentences)…from left to right"
            ),
            (
                r"(?<![A-Za-z])BERT(模型)?(只|仅)(能|会|可以)?(看到|看|利用|使用|关注)(到)?(当前|每个|该)?(词|"
                r"位置|token|词元)?的?(左侧|左边|前面|上文)(?![^，,。；\n]{0,4}(和|与|及|下文))"
            ),
        ),
        "about": ("BERT",),
        "unless": r"不同|区别|unlike|rather than|解码|decoder|UniLM",
        "sure": True,
        "fact": "masked_visible_share",
        "expectation": "< 100%",
        "zh": "BERT 的每个位置都看得到整个句子，左右两侧",
        "en": "each position of BERT sees the whole text, on both sides",
    },
    {
        "pattern": (
            (
                r"(?<![A-Za-z])BERT(模型|预训练时|会| ){0,3}(对|在)(所有|全部|每个|每一个)(输入)?(的)?(词元|token|"
                r"位置|单词|词)(上)?(都)?(计算|求)(了)?(的)?(损失|loss)"
            ),
            (
                r"\bBERT (computes|calculates) (its |the |a )?((MLM|masked language model(l?ing)?) )?loss (over|"
                r"on|for) (all|every) (of the |the )?(input )?(tokens?|positions?)"
            ),
            (
                r"(?<![A-Za-z])BERT(的)?(MLM|掩码语言模型)?(的)?(损失|loss)(是)?(在|对)(所有|全部|每个)(的)?(词元|"
                r"token|位置|单词|词)(上)?(都)?(计算|求)"
            ),
        ),
        "about": ("BERT",),
        "unless": r"ELECTRA|只|only",
        "sure": True,
        "fact": "masked_loss_share",
        "expectation": "= 100%",
        "zh": "BERT 只在选中的约 15% 的位置上有损失",
        "en": "BERT has a loss on the chosen 15% of positions only",
    },
    {
        "pattern": (
            (
                r"(GPT|因果语言模型|自回归语言模型|语言模型)(的)?(在)?(预训练|pre-?training)(时|阶段|中|"
                r"的时候)?[，,]?(只|仅)(对|在|计算)最后(的)?(一个)?(词元|token|位置|词)(的|上)?(计算|预测)?(损失|"
                r"loss)"
            ),
            (
                r"in pre-?training,? (GPT|a causal (language )?model|the (language )?model) (computes|has) (the |"
                r"a )?loss (only )?on the last token"
            ),
        ),
        "about": ("GPT", "因果语言模型", "自回归语言模型", "语言模型", "language model"),
        "unless": r"奖励|reward|分类|classif",
        "sure": True,
        "fact": "causal_loss_share",
        "expectation": "< 1%",
        "zh": "预训练时除第一个词元外，每个位置都有损失",
        "en": "in pretraining each position but the first has a loss",
    },
)

LENGTH, PREFIX = 8, 4
VOCABULARY = 1000
SPAN_TOKENS, NOISE, MEAN_SPAN = 568, 0.15, 3.0
"""The tokens of which T5 makes a source of 512."""


@dataclass(frozen=True, slots=True)
class Objectives:
    """Who sees whom among 8 tokens of tiny models, and how much of a text is asked for."""

    causal_visible_share: float = fact(
        zh="因果模型读 8 个词元：能看到对方的词元对占比（下三角）",
        en="a causal model reads 8 tokens: pairs of which one sees the other (a lower triangle)",
        unit="%",
        terms=("因果掩码", "下三角", "causal mask", "causal attention", "masked self-attention", "causal masking"),
        question_zh="因果注意力读 8 个词元，全部 64 个（查询，键）对中有多大比例可见？",
        question_en="Causal attention reads 8 tokens: what share of the 64 pairs of query and key is visible?",
        why_zh="第 i 个词元看到前 i 个：(1+2+…+8)/64",
        why_en="the i-th token sees the first i: (1 + 2 + … + 8) / 64",
    )
    causal_sees_later: bool = fact(
        zh="因果模型的词元能看到后面的词元",
        en="a token of a causal model sees what comes after it",
        terms=("自回归", "自回归模型", "autoregressive", "auto-regressive", "look-ahead mask"),
    )
    masked_visible_share: float = fact(
        zh="BERT 读 8 个词元：能看到对方的词元对占比",
        en="BERT reads 8 tokens: pairs of which one sees the other",
        unit="%",
        terms=("自编码模型", "双向编码器", "双向注意力", "bidirectional encoder", "bidirectional attention"),
    )
    prefix_visible_share: float = fact(
        zh="前缀语言模型读 8 个词元、前缀占 4 个：能看到对方的词元对占比",
        en="a prefix language model reads 8 tokens, 4 of them prefix: pairs of which one sees the other",
        unit="%",
        terms=("前缀语言模型", "prefix LM", "prefix language model", "GLM 的注意力"),
        why_zh="前缀内部互相可见，其余的只看前面",
        why_en="the prefix sees all of itself, the rest what is before it",
    )
    source_visible_share: float = fact(
        zh="T5 的解码器位置能看到的源词元占比（交叉注意力）",
        en="share of the source that each position of T5's decoder sees, by cross attention",
        unit="%",
        terms=(
            "Encoder-Decoder",
            "编码器-解码器",
            "交叉注意力",
            "[in ]cross-attention",
            "cross-attention layer",
            "encoder-decoder attention",
        ),
        question_zh="编码器-解码器模型里，解码器的每个位置能看到源序列的多大比例？",
        question_en="In an encoder-decoder model, what share of the source does each position of the decoder see?",
        why_zh="交叉注意力没有掩码：源序列早已全部读完",
        why_en="cross-attention has no mask: the source was read as a whole",
    )
    causal_loss_share: float = fact(
        zh="因果语言模型：128 个词元的文本中有损失的位置占比",
        en="causal language model: share of a text of 128 tokens that has a loss",
        unit="%",
        terms=(
            "预测下一个词",
            "预测下一个单词",
            "预测下一个词元",
            "next token prediction",
            "next-token prediction",
            "predict the next word",
            "predict the next token",
            "自回归",
            "autoregressive",
        ),
        question_zh="128 个词元的文本，因果语言模型在多大比例的位置上有损失？",
        question_en="Of a text of 128 tokens, what share of positions has a loss in a causal language model?",
    )
    masked_loss_share: Spread = fact(
        zh="BERT 的掩码语言模型：有损失的位置占比",
        en="BERT's masked language model: share of the text that has a loss",
        unit="%",
        terms=("掩码语言模型", "masked language model", "masked language modeling", "masked LM", "MLM"),
        varies=True,
        tolerance=0.5,
    )
    mask_token_share: Spread = fact(
        zh="BERT 选中的词元里换成 [MASK] 的占比",
        en="share of the tokens chosen for BERT's loss that become [MASK]",
        unit="%",
        terms=("掩码语言模型", "masked language model", "masked language modeling", "masked LM", "MLM"),
        varies=True,
        tolerance=1.0,
    )
    random_token_share: Spread = fact(
        zh="BERT 选中的词元里换成另一个词元的占比",
        en="share of the tokens chosen for BERT's loss that become another token",
        unit="%",
        varies=True,
        tolerance=1.0,
    )
    span_source_tokens: int = fact(
        zh="T5 的片段破坏把 568 个词元变成多长的输入",
        en="tokens of the source that T5's span corruption makes of 568",
        terms=("span corruption", "片段破坏", "片段掩码", "sentinel token", "哨兵词元", "extra_id_0"),
    )
    span_target_tokens: int = fact(
        zh="T5 的片段破坏从 568 个词元得到多长的目标",
        en="tokens of the target that T5's span corruption makes of 568",
        terms=("span corruption", "片段破坏", "片段掩码", "sentinel token", "哨兵词元", "extra_id_0"),
        question_zh="T5 的片段破坏（15%，平均长 3）处理 568 个词元，解码器要写多少个词元？",
        question_en="T5's span corruption (15%, spans of 3) of 568 tokens: how many does the decoder write?",
        why_zh="只写被遮住的词元，每段前加一个哨兵，最后再加一个",
        why_en="only what was hidden is written, with a sentinel for each span and one at the end",
    )
    untrained_loss_ratio: Spread = fact(
        zh="未训练的因果模型（词表 256）的损失与 ln V 之比",
        en="loss of an untrained causal model (256 tokens) over ln V",
        unit="×",
        terms=("初始损失", "initial loss", "loss at initialization", "ln V"),
        varies=True,
        tolerance=0.02,
        why_zh="还没学的模型给每个词元差不多同样的概率 1/V",
        why_en="a model that has learned nothing gives each token about the same probability, 1/V",
    )


def run(device: torch.device, seed: int = 0) -> Objectives:
    """Measure who sees whom, and what each objective asks for."""
    with reproducible(seed):
        causal = visible(*llama_seen(device, None))
        source, targets = corrupted(seed)
        chosen = [masked(seed + number) for number in range(5)]
        return Objectives(
            causal_visible_share=share(causal),
            causal_sees_later=bool(causal.triu(1).any()),
            masked_visible_share=share(visible(*bert_seen(device))),
            prefix_visible_share=share(visible(*llama_seen(device, prefix_mask()))),
            source_visible_share=share(visible(*t5_seen(device))),
            causal_loss_share=causal_loss_share(device),
            masked_loss_share=Spread.of([100 * asked for asked, _, _ in chosen]),
            mask_token_share=Spread.of([100 * mask for _, mask, _ in chosen]),
            random_token_share=Spread.of([100 * other for _, _, other in chosen]),
            span_source_tokens=source,
            span_target_tokens=targets,
            untrained_loss_ratio=over_seeds(seed, lambda: untrained_loss(device) / math.log(256)),
        )


Seen = tuple[Callable[[torch.Tensor], torch.Tensor], torch.Tensor]
"""A function of embeddings (1, read, width) to outputs (1, written, width), and such embeddings."""


def visible(output: Callable[[torch.Tensor], torch.Tensor], embedded: torch.Tensor) -> torch.Tensor:
    """Return which output depends on which input, (written, read), by the derivative."""
    weights = torch.linspace(0, 1, embedded.shape[-1], device=embedded.device)  # the sum of a normed output is constant

    def summed(inner: torch.Tensor) -> torch.Tensor:
        return (output(inner)[0] * weights).sum(-1)

    jacobian = torch.autograd.functional.jacobian(summed, embedded)  # type: ignore[no-untyped-call]
    seen: torch.Tensor = jacobian[:, 0].abs().sum(-1) > 0
    return seen


def share(seen: torch.Tensor) -> float:
    """Return the share of pairs that see each other, in percent."""
    return 100 * seen.double().mean().item()


def llama_seen(device: torch.device, mask: torch.Tensor | None) -> Seen:
    """Return a tiny Llama, causal or with a mask of its own, (1, 1, read, read), added to its scores."""
    model = tiny_llama(device).model
    given = None if mask is None else mask.to(device)
    return lambda inner: model(inputs_embeds=inner, attention_mask=given).last_hidden_state, embeddings(64, device)


def prefix_mask() -> torch.Tensor:
    """Return the mask of a prefix language model: 0 where a token is seen, else the lowest number."""
    seen = torch.ones(LENGTH, LENGTH).tril().bool()
    seen[:PREFIX, :PREFIX] = True
    return torch.zeros(LENGTH, LENGTH).masked_fill(~seen, torch.finfo(torch.float32).min)[None, None]


def bert_seen(device: torch.device) -> Seen:
    """Return a tiny BERT."""
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config: Any = AutoConfig.for_model("bert", vocab_size=64, **sizes, attn_implementation="eager")
    model = torch.nn.Module.to(BertModel(config).train(mode=False), device)
    return lambda inner: model(inputs_embeds=inner).last_hidden_state, embeddings(32, device)


def t5_seen(device: torch.device) -> Seen:
    """Return a tiny T5 that reads a source and writes after a fixed text."""
    sizes = {"vocab_size": 64, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    config: Any = AutoConfig.for_model("t5", **sizes)
    model = torch.nn.Module.to(T5Model(config).train(mode=False), device)
    written = torch.arange(LENGTH, device=device)[None]
    return (
        lambda inner: model(inputs_embeds=inner, decoder_input_ids=written).last_hidden_state,
        embeddings(32, device),
    )


def embeddings(width: int, device: torch.device) -> torch.Tensor:
    """Draw the embeddings of some tokens, (1, tokens, width)."""
    return torch.randn(1, LENGTH, width).to(device)


def causal_loss_share(device: torch.device, length: int = 128) -> float:
    """Return the share of positions whose logits the causal loss depends on, in percent."""
    tokens = torch.randint(256, (1, length)).to(device)
    out = tiny_llama(device)(input_ids=tokens, labels=tokens)
    (gradient,) = torch.autograd.grad(out.loss, out.logits)
    return share(gradient.abs().sum(-1) > 0)


def masked(seed: int, rows: int = 400, length: int = 500) -> tuple[float, float, float]:
    """Mask a text as transformers does for BERT.

    Return the share of tokens that are asked for, and of them those that became `[MASK]`, and another token.
    """
    vocabulary = {"[PAD]": 0, "[MASK]": 1, **{f"w{number}": number for number in range(2, VOCABULARY)}}
    words = Tokenizer(WordLevel(vocabulary, unk_token="[PAD]"))  # noqa: S106  (a token of text, no secret)
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words,
        pad_token="[PAD]",  # noqa: S106
        mask_token="[MASK]",  # noqa: S106
    )
    torch.manual_seed(seed)
    text = torch.randint(2, VOCABULARY, (rows, length))
    batch = DataCollatorForLanguageModeling(tokenizer, seed=seed)([{"input_ids": row} for row in text])
    asked, now = batch["labels"] != -100, batch["input_ids"]
    mask = asked & (now == 1)
    other = asked & (now != 1) & (now != text)
    total = int(asked.sum())
    return total / text.numel(), int(mask.sum()) / total, int(other.sum()) / total


def corrupted(seed: int) -> tuple[int, int]:
    """Corrupt spans of a text as T5 does; return the tokens of source and target, each with its end token."""
    chance = torch.Generator().manual_seed(seed)
    noise = round(SPAN_TOKENS * NOISE)
    spans = round(noise / MEAN_SPAN)
    lengths = zip(parts(SPAN_TOKENS - noise, spans, chance), parts(noise, spans, chance), strict=True)
    source, target = 0, 0
    for kept, hidden in lengths:
        source += kept + 1  # the text, and a sentinel for the span
        target += 1 + hidden  # the sentinel, and the span
    return source + 1, target + 1


def parts(total: int, count: int, chance: torch.Generator) -> list[int]:
    """Cut a number at random into so many parts of at least one."""
    cuts = sorted((torch.randperm(total - 1, generator=chance)[: count - 1] + 1).tolist())
    return [end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)]


def untrained_loss(device: torch.device) -> float:
    """Return the causal loss of a model with random weights."""
    tokens = torch.randint(256, (4, 64)).to(device)
    with torch.no_grad():
        loss: float = tiny_llama(device)(input_ids=tokens, labels=tokens).loss.item()
    return loss


if __name__ == "__main__":
    publish(run)
