"""Whether a note is about models at all: a demo's term that is an ordinary word means nothing in a note about sports.

`padding`, `warmup`, `训练日志`: such a term counts only beside a sign that names the field, anywhere in the note. Terms
with the look of a name (`pad_token_id`, `AdamW`, `P-tuning v2`), or of the field by their words, are signs themselves;
what other fields write too (`8 位量化`, `温度 T`, `UTF-8`) is none.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from ankillm.common.patterns import regex
from ankillm.evidence.terms import Term, Terms, those_in

NAME = regex(r"[A-Z0-9_./]")
SHARED = regex(
    r"(?:int)?\d{1,2}[- ]?(?:位|比特|bits?)?[- ]?(?:量化|quantization)|nf4|T²|乘以 ?T|[-\d.e]+"
    r"|(?:softmax )?(?:温度|temperature)(?: ?T| ?=.*| of .*| ?为.*)|[\d.]+ ?(?:亿|万|billion|million)"
    r"|(?:F1|L[12]|KL)(?![A-Za-z]).*|Laplace smoothing|UTF-8|AMP|STE|OOV|GLU|(?:α|alpha) ?/ ?r|ln V|Swish"
    r"|Encoder.Decoder|get_data|global_step|save_freq|drop_last|clip_range|running_mean|manual_seed|loss_list|foreach"
    r"|group_by_length|lr_scheduler|get_scheduler|top_[kp]|Top-[KP]|num_beams",
    re.IGNORECASE,
)
"""Terms with the look of a name that other fields use too."""
WORDS = """
transformers? bert \\w*gpt\\w* llama\\w* \\w*llms? qwen\\w* chatglm\\w* deepseek\\w* mistral\\w* \\w*lora peft
pytorch torch\\.\\w+ tensorflow keras hugging\\s?face deepspeed fsdp cuda fp16 bf16 fp32 bfloat16 float16
tokenizers? logits? softmax perplexity sgd adamw? cross.entropy layer\\s?norm\\w*
fine-?tun\\w* pre-?train\\w* neural deep\\slearning machine\\slearning reinforcement\\slearning
(?:language|reward)\\smodels? learning\\srates? back-?prop\\w*
gradient\\s(?:descent|accumulation|checkpointing|clipping)
(?:word|token|position\\w*)\\sembeddings? self-attention multi-head\\sattention attention\\s(?:heads?|masks?)
mini-?batch(?:es)? hyper-?parameters? weight\\sdecay loss\\sfunctions? validation\\sloss
low-rank\\sadapt\\w* parameter-efficient (?:prompt|prefix)\\stuning soft\\sprompts? mixed\\sprecision
"""
CHINESE_WORDS = """
大模型 语言模型 预训练 微调 神经网络 深度学习 机器学习 强化学习 词元 词向量 词嵌入 注意力机制
自注意力 多头注意力 注意力头 损失函数 交叉熵 反向传播 梯度 学习率 超参 显存 半精度 混合精度
权重衰减 低秩适[应配] 连续提示 软提示 虚拟词元 激活值 参数量 参数高效 训练样本
(?:教师|学生|奖励|草稿|基座|训练|量化|加载|部署)模型 模型(?:参数|权重|训练|推理|量化|压缩|蒸馏|剪枝|部署|微调|加载)
训练[^，。\\n]{1,8}模型 注意力(?:权重|分数|矩阵|掩码|层) 权重矩阵 前馈网络 词表 分词器
训练集 验证集 one-hot (?:层|批|批量)归一化 归一化层 激活函数
(?<=[\\u4e00-\\u9fff])\\s?tokens?(?![A-Za-z]) (?<![A-Za-z])tokens?\\s?(?=[\\u4e00-\\u9fff])
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
    return not SIGN.search(term) and (not NAME.search(term) or bool(SHARED.fullmatch(term)))
