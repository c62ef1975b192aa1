"""Common misreadings: each is refuted by committed evidence, and found in notes that are not the ones it came from."""

import re

import pytest
from checkout import ROOT

from ankillm.claims.expectation import Expectation
from ankillm.common.project import trainer_folder
from ankillm.evidence.demo import Misreading
from ankillm.evidence.source import demos
from ankillm.evidence.store import load

EVIDENCE, _ = load([ROOT / "deck" / "evidence"])
ALL = [(demo.name, misreading) for demo in demos(trainer_folder()) for misreading in demo.misreadings]


@pytest.mark.parametrize(("demo", "misreading"), ALL, ids=lambda part: getattr(part, "fact", part))
def test_a_misreading_is_refuted_by_what_was_measured(demo: str, misreading: Misreading) -> None:
    (measured,) = {file.facts[misreading.fact] for file in EVIDENCE if (file.demo, file.device) == (demo, "cpu")}
    expectation = Expectation.parse(misreading.expectation)
    assert expectation.mark == ""
    assert not expectation.holds(measured.value, measured.unit)
    assert misreading.zh
    assert misreading.en


WRONG = {
    "lora#scaling": ["    lora_alpha=16,  # LoRA 的缩放系数", "config.lora_alpha = 64  # scaling factor"],
    "prefix_tuning#hidden_growth": [
        "它在输入文本之前拼接 20 个虚拟词元。",
        "P-tuning v2 prepends 20 virtual tokens, i.e. prepended to the input as virtual tokens.",
        "inputs = virtual_tokens + input_ids",
    ],
    "prefix_tuning#projection_cost": ["开启投影只会稍微增加参数。", "The projection adds slightly more parameters."],
    "prefix_tuning#projection_share": [
        "打开 prefix_projection 后需要训练的参数仍低于 1%。",
        "With prefix_projection, less than 1 % is trained.",
    ],
    "gradient_checkpointing#gradient_difference": [
        "梯度检查点会略微影响训练精度",
        "Gradient checkpointing slightly degrades accuracy.",
    ],
    "gradient_checkpointing#cache_logits_difference": [
        "关闭 use_cache 会影响输出结果",
        "use_cache=False changes the logits",
    ],
    "weight_decay#norms_matched_llama": ['no_decay = ["bias", "LayerNorm.bias", "LayerNorm.weight"]'],
    "weight_decay#frozen_changed": ["冻结的权重仍然会被衰减", "Frozen weights are still decayed."],
    "weight_decay#l2_is_not_decoupled": ["权重衰减就是 L2 正则化", "Weight decay is the same as L2 regularization"],
    "mixed_precision#parameter_dtype": [
        "autocast 会把模型参数转换为 fp16",
        "autocast converts the model weights to fp16",
    ],
    "mixed_precision#cast_changes_loss": ["CastOutputToFloat 让损失计算更稳定", "CastOutputToFloat: more stable loss"],
    "model_shapes#heads_parameter_ratio": [
        "注意力头数越多，参数量越大",
        "More heads mean more parameters",
    ],
    "model_shapes#attention_share": ["参数大部分在自注意力层", "Its parameters are mostly in the attention layers"],
    "attention_cache#same_tokens": ["KV 缓存会影响生成质量", "A KV cache may degrade the quality"],
    "attention_cache#queries_are_kept": ["KV 缓存会保存 Q、K、V", "KV 缓存中存放查询向量"],
    "metrics#uniform_perplexity": [
        "困惑度越大，模型越好",
        "The higher the perplexity, the better",
    ],
    "metrics#copied_rouge1": ["ROUGE 主要关注精确率", "ROUGE is based on precision"],
    "metrics#short_bleu1_precision": ["BLEU 侧重召回率", "BLEU measures recall"],
    "objectives#mask_token_share": [
        "随机选 15% 的词，全部替换为 [MASK]",
        "It replaces all of the 15% with [MASK]",
    ],
    "objectives#causal_sees_later": ["GPT 采用双向注意力", "A causal language model sees future tokens"],
}
RIGHT = [
    "lora_alpha 与 r 之比才是缩放倍数",
    "LoRA 只训练不到 1% 的参数",
    "prompt tuning 训练输入层的嵌入",
    "虚拟词元是每层的键和值",
    "梯度检查点用计算换显存",
    "use_cache=False  # 训练时关闭",
    "no_decay = ['bias']",
    "冻结的参数没有梯度",
    "AdamW 使用解耦的权重衰减",
    "autocast 下线性层的输出是 bf16",
    "Gradient checkpointing trades compute for memory.",
    "注意力头越多，能关注的子空间越多",
    "参数大部分在前馈网络里，注意力只占三分之一",
    "KV 缓存会占用显存，可能影响并发",
    "困惑度越低越好",
    "ROUGE 关注召回率，BLEU 关注精确率",
    "BERT 采用双向注意力，GPT 只看上文",
    "其中 80% 替换为 [MASK]",
    "与自回归模型不同，BERT 能利用双向上下文",
]


def found(text: str) -> set[str]:
    return {
        f"{demo}#{misreading.fact}" for demo, misreading in ALL if re.search(misreading.pattern, text, re.IGNORECASE)
    }


@pytest.mark.parametrize(("fact", "text"), [(fact, text) for fact, texts in WRONG.items() for text in texts])
def test_a_misreading_is_found(fact: str, text: str) -> None:
    assert fact in found(text)


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_sentence_is_left_alone(text: str) -> None:
    assert not found(text)


def test_each_of_ours_has_an_example() -> None:
    """Those of the modules that this file is about."""
    modules = {fact.partition("#")[0] for fact in WRONG}
    assert {f"{demo}#{misreading.fact}" for demo, misreading in ALL if demo in modules} == set(WRONG)
