"""Whether a note is about models at all: a demo's term that is an ordinary word means nothing in a note about sports.

`padding`, `warmup`, `训练日志`: such a term counts only beside a sign that names the field, anywhere in the note. Terms
with the look of a name (`pad_token_id`, `AdamW`, `P-tuning v2`), or of the field by their words, are signs themselves.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from ankillm.common.patterns import regex
from ankillm.evidence.terms import Term, Terms, those_in

NAME = regex(r"[A-Z0-9_./]")
WORDS = """
transformers? bert \\w*gpt\\w* llama\\w* \\w*llms? qwen\\w* chatglm\\w* deepseek\\w* mistral\\w* \\w*lora peft
pytorch torch tensorflow keras hugging\\s?face deepspeed fsdp cuda fp16 bf16 fp32 bfloat16 float16
tokenizers? logits? softmax perplexity sgd adamw? cross.entropy layer\\s?norm\\w*
fine-?tun\\w* pre-?train\\w* neural deep\\slearning machine\\slearning reinforcement\\slearning
(?:language|reward|frozen|base|diffusion)\\smodels? learning\\srates? back-?prop\\w*
gradient\\s(?:descent|accumulation|checkpointing|clipping)
(?:word|token|position\\w*)\\sembeddings? self-attention multi-head\\sattention attention\\s(?:heads?|masks?)
mini-?batch(?:es)? batch\\ssize hyper-?parameters? weight\\sdecay loss\\sfunctions? validation\\sloss
low-rank parameter-efficient (?:prompt|prefix)\\stuning soft\\sprompts? mixed\\sprecision
"""
CHINESE_WORDS = """
大模型 语言模型 预训练 微调 神经网络 深度学习 机器学习 强化学习 词元 词向量 词嵌入 注意力机制
自注意力 多头注意力 注意力头 损失函数 交叉熵 反向传播 梯度 学习率 超参 显存 半精度 混合精度
权重衰减 低秩 连续提示 软提示 虚拟词元 激活值 参数量 参数高效 模型参数 模型权重 模型训练 训练集
训练样本 验证集
"""
SIGN = regex(
    rf"(?<![A-Za-z])(?:{'|'.join(WORDS.split())})(?![A-Za-z])|{'|'.join(CHINESE_WORDS.split())}", re.IGNORECASE
)


def counting(some: Iterable[Term], known: Terms, text: str) -> tuple[Term, ...]:
    """Return those of some terms that count in a note with this text: all, or without a sign, those that are signs.

    `known` are the terms of all demos.
    """
    near = tuple(some)
    ordinary = [term for term in near if _is_ordinary(term.text)]
    if not ordinary or SIGN.search(text):
        return near
    names = (term for term in known.near(text) if not (term.short or _is_ordinary(term.text)))
    if any(True for _ in those_in(text, names)):
        return near
    return tuple(term for term in near if not _is_ordinary(term.text))


@lru_cache(maxsize=4096)
def _is_ordinary(term: str) -> bool:
    return not (NAME.search(term) or SIGN.search(term))
