"""Common misreadings: each is refuted by committed evidence, found in other notes' words, and not in true sentences."""

import time
from pathlib import Path

import pytest
from checkout import ROOT

from ankillm.cards.demo_links import titled
from ankillm.claims.contradictions import contradictions, doubts
from ankillm.claims.expectation import Expectation, Share
from ankillm.claims.knowledge import Knowledge, know
from ankillm.claims.suggest import suggest
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import trainer_folder
from ankillm.evidence.demo import Misreading
from ankillm.evidence.misreadings import compiled, needed
from ankillm.evidence.source import demos
from ankillm.evidence.store import load
from ankillm.markdown.note import parse

EVIDENCE, _ = load([ROOT / "deck" / "evidence"])
ALL = [(demo.name, misreading) for demo in demos(trainer_folder()) for misreading in demo.misreadings]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    """Return the demos and the evidence of this checkout."""
    return know(ROOT / "reference_trainer", [ROOT / "deck" / "evidence"])


@pytest.mark.parametrize(("demo", "misreading"), ALL, ids=lambda part: getattr(part, "fact", part))
def test_a_misreading_is_refuted_by_what_was_measured(demo: str, misreading: Misreading) -> None:
    (measured,) = {file.facts[misreading.fact] for file in EVIDENCE if (file.demo, file.device) == (demo, "cpu")}
    expectation = Expectation.parse(misreading.expectation)
    assert expectation.mark == ""
    assert expectation.share_of(measured) is Share.NONE
    assert misreading.zh
    assert misreading.en


@pytest.mark.parametrize("misreading", [each for _, each in ALL if each.sure], ids=lambda each: each.fact)
def test_what_is_sure_says_what_it_is_about(misreading: Misreading) -> None:
    assert misreading.about


SENTENCES = Path(__file__).parent / "sentences"


def test_all_that_a_pattern_finds_holds_a_word_that_it_needs() -> None:
    texts = [line.partition("\t")[2] for line in (SENTENCES / "wrong.tsv").read_text("utf-8").splitlines()]
    found = 0
    for _, misreading in ALL:
        patterns = map(compiled, filter(None, (misreading.pattern, misreading.code)))
        for match in (match for one in patterns for match in map(one.search, texts) if match):
            found += 1
            words = misreading.needed
            assert not words or any(word in match[0].casefold() for word in words), (match[0], words)
    assert found > len(texts) // 2
    assert sum(not misreading.needed for _, misreading in ALL) < len(ALL) / 20


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("LoRA…(slower|latency)", ("latency", "slower")),
        (r"\beval\(\) {0,8}# x", ("eval()",)),
        ("(的)?[Kk]ey{0,2} caches?|缓存", (" cache", "缓存")),
        ("(?!no )alpha(?=beta)|(?:be{1,2}ta){0,1} gamma", (" gamma", "alpha")),
        ("alpha|b?", ()),
        ("(?P<x>alpha)", ()),
        ("alphabet|beta|alpha", ("alpha", "beta")),
        ("注意力{stops}……x", ("注意力",)),
    ],
)
def test_the_words_that_a_pattern_needs(pattern: str, words: tuple[str, ...]) -> None:
    assert needed(pattern) == words


WRONG = {
    "lora#scaling": [
        "```python\n    lora_alpha=16,  # LoRA 的缩放系数\n```",
        "```python\nconfig.lora_alpha = 64  # scaling factor\n```",
        "- `lora_alpha`：缩放因子",
        "- **lora_alpha**: the scaling factor",
        "| lora_alpha | 缩放系数 |\n|---|---|\n| lora_alpha（缩放因子） | 32 |",
        "| 参数 | 含义 | 常用值 |\n|---|---|---|\n| r | 秩 | 8 |\n| `lora_alpha` | 缩放系数 | 通常为 2r |",
        "| 参数 | 取值 | 含义 |\n|---|---|---|\n| lora_alpha | 32 | LoRA 的缩放因子 |",
        "```yaml\nlora_alpha: 16 # 这是 LoRA 中的缩放因子\nlora_dropout: 0.1 # dropout 比例\n```",
        "- lora_alpha (int): scaling factor for LoRA",
    ],
    "prefix_tuning#hidden_growth": [
        "## P-tuning v2\n\n它在输入文本之前拼接 20 个虚拟词元。",
        "P-tuning v2 prepends 20 trainable virtual tokens to the input.",
        "- pre_seq_len：\n  - 表示在输入序列的开头插入多少个虚拟 token",
        "设置 `pre_seq_len=64` 后，虚拟词元会被拼接到输入序列前面。",
    ],
    "prefix_tuning#projection_cost": [
        "## prefix_projection\n\n开启后只会稍微增加参数。",
        "With prefix_projection, there are slightly more parameters.",
        "- 前缀投影\n  - 缺点：参数量会略有增加",
        "### prefix_projection\n\nThe number of parameters grows slightly: parameters increase slightly.",
    ],
    "prefix_tuning#projection_share": [
        "打开 prefix_projection 后需要训练的参数仍低于 1%。",
        "With prefix_projection, less than 1 % is trained.",
    ],
    "gradient_checkpointing#gradient_difference": [
        "梯度检查点会略微影响训练精度",
        "Gradient checkpointing slightly degrades accuracy.",
        "Gradient checkpointing changes the gradients slightly",
        "缺点：激活重计算会降低模型的精度。",
    ],
    "gradient_checkpointing#cache_logits_difference": [
        "`use_cache` 会影响输出结果",
        "use_cache=False changes the logits",
    ],
    "weight_decay#norms_matched_llama": [
        '# ChatGLM 微调\n\n```python\nno_decay = ["bias", "LayerNorm.bias", "LayerNorm.weight"]\n```',
        "LLM 训练\n\n    no_decay = ('bias', 'LayerNorm.weight')\n",
    ],
    "weight_decay#frozen_changed": [
        "AdamW：冻结的权重仍然会被衰减",
        "With AdamW, frozen weights are still decayed.",
        "## weight decay\n\n权重衰减也会作用于冻结的参数。",
    ],
    "weight_decay#l2_is_not_decoupled": [
        "在 AdamW 中，权重衰减就是 L2 正则化",
        "## AdamW\n\nWeight decay is the same as L2 regularization",
    ],
    "mixed_precision#parameter_dtype": [
        "autocast 会把模型参数转换为 fp16",
        "autocast converts the model weights to fp16",
        "`autocast()` 将权重存为半精度。",
    ],
    "mixed_precision#cast_changes_loss": [
        "CastOutputToFloat 让损失计算更稳定",
        "`CastOutputToFloat` gives a more stable loss",
    ],
    "evaluation#eval_stops_gradients": [
        "`model.eval()` 会关闭梯度计算",
        "model.eval() turns off gradients.",
        "```python\nnet.eval()  # 关闭梯度计算\nwith torch.no_grad():\n    out = net(x)\n```",
        "```python\nmodel.eval()  # 不计算梯度\n```",
        "```python\nmodel.eval()  # disable gradients\n```",
    ],
    "evaluation#no_grad_stops_dropout": ["`torch.no_grad()` 会关闭 dropout", "torch.no_grad() disables dropout"],
    "training_step#clearing_place_difference": ["必须在前向传播之前调用 `optimizer.zero_grad()`"],
    "training_step#gradient_without_zero_grad": [
        "loss.backward() 会自动清空梯度",
        "loss.backward() automatically clears the old gradients.",
    ],
    "training_step#backward_moves_weights": [
        "```python\nloss.backward()  # 反向传播，更新参数\noptimizer.step()\n```",
        "```python\nl.sum().backward() # 更新模型参数\n```",
        "```python\nloss.backward()  # backpropagate and update the weights\noptimizer.step()\n```",
    ],
    "data_loading#last_batch": [
        "DataLoader 默认会丢弃最后不足一批的数据",
        "By default the DataLoader drops the last batch.",
    ],
    "data_loading#labels_shifted_by_model": ["用 transformers 时，labels 需要自己左移一位"],
    "data_loading#unmasked_padding_changes_loss": ["attention_mask 让填充不参与损失计算"],
    "warmup#first_step_moves": ["预热：第一步就会更新权重"],
    "lora#dropout_eval_difference": ["lora_dropout 在推理时也会随机丢弃输入"],
    "metrics#uniform_perplexity": ["困惑度越大，模型越好", "The higher the perplexity, the better"],
    "metrics#uniform_loss": [
        "交叉熵损失的取值范围是 0 到 1",
        "# Cross-entropy loss\n\nThe loss is measured as a number between 0 and 1, with 0 being a perfect model.",
    ],
    "quantization#nf4_is_even": ["NF4 的级是均匀分布的", "NF4 levels are evenly spaced"],
    "distillation#entropy_gain": ["蒸馏温度越高，分布越尖锐", "In distillation, a higher temperature makes it sharper"],
    "sampling#greedy_share": ["贪心搜索一定能找到概率最大的序列", "Greedy search finds the most likely sequence"],
    "preference#dpo_learns_without_rewards": ["DPO 需要训练一个奖励模型", "DPO requires a reward model"],
    "positions#rope_parameters": ["RoPE 引入了可学习的参数", "RoPE adds learned parameters"],
    "norms_activations#rms_ignores_shift": ["RMSNorm 同样减去均值", "RMSNorm also subtracts the mean"],
    "attention_cache#queries_are_kept": ["KV 缓存会保存 Q、K、V", "KV 缓存中存放查询向量"],
    "attention_cache#qwen_bytes_per_token": [
        "- KV Cache 以空间换时间，可以大大降低显存占用",
        "使用 KV 缓存能够减少推理时的内存消耗",
        "KV caching reduces memory usage and speeds up decoding.",
    ],
    "objectives#masked_visible_share": [
        "BERT 是一种自回归模型",
        "BERT、GPT 等模型都由上文预测下文",
        "BERT predicts the next word.",
    ],
    "objectives#mask_token_share": [
        "BERT 随机选 15% 的词，全部替换为 [MASK]",
        "BERT replaces all of the 15% with [MASK]",
    ],
}
"""Notes of a line or two, each with one doubt."""
UNSURE = {
    "model_shapes#heads_parameter_ratio": ["注意力头数越多，参数量越大", "More heads mean more parameters"],
    "model_shapes#attention_share": ["参数大部分在自注意力层", "Its parameters are mostly in the attention layers"],
    "attention_cache#same_tokens": ["KV 缓存会影响生成质量", "A KV cache may degrade the quality"],
    "gradient_checkpointing#nonreentrant_needs_input_grads": [
        "gradient_checkpointing 一旦开启，就必须执行 `model.enable_input_require_grads()`"
    ],
    "metrics#sentence_mean_excess": ["```python\nperplexity = perplexity/len(sentences)\n```"],
    "metrics#copied_rouge1": ["ROUGE 主要关注精确率", "ROUGE is based on precision"],
    "metrics#short_bleu1_precision": ["BLEU measures recall"],
    "objectives#causal_sees_later": ["A causal language model sees future tokens"],
    "prefix_tuning#hidden_growth": ["```python\n# P-tuning v2\ninputs = virtual_tokens + input_ids\n```"],
    "training_step#uneven_accumulation_error": ["梯度累积等价于更大的 batch"],
    "evaluation#history_mean_lag": ["```python\navg = sum(loss_list) / len(loss_list)\n```"],
    "data_loading#unmasked_padding_changes_loss": ["填充不影响损失"],
    "warmup#peak_share_if_stepped_each_epoch": ["用 get_scheduler 时，每个 epoch 之后调用 scheduler.step()"],
    "positions#order_matters_without": [
        "自注意力本身就能感知词元的顺序",
        "Self-attention inherently captures the order",
    ],
    "tokenization#zh_after_english": ["一个汉字就是一个 token", "One Chinese character is one token"],
    "quantization#nf4_bits": ["NF4 量化后每个权重正好 4 位", "In NF4, a weight takes exactly 4 bits"],
}
"""What may be right elsewhere: told by suggestions, never doubted."""
RIGHT = [
    "注意力头越多，能关注的子空间越多",
    "参数大部分在前馈网络里，注意力只占三分之一",
    "KV 缓存会占用显存，可能影响并发",
    "KV 缓存用显存换计算，可以减少重复计算",
    "FP8 的 KV Cache 可以减少显存占用",
    "量化 KV cache 能降低显存占用",
    "减少 KV Cache 可以降低显存占用",
    "训练时禁用 KV cache 可以节省显存占用",
    "## GQA\n\nKV Cache 按组共用，可以大大降低显存占用",
    "KV Cache 分页管理，可以减少显存占用",
    "KV Cache 会占用显存，关闭后可以降低显存占用",
    "An INT8 KV cache reduces memory usage by half.",
    "The KV cache reduces memory bandwidth needed by recomputation.",
    "常见误区：\n\n- KV Cache 可以降低显存占用",
    "BERT 不是自回归模型，GPT 才是",
    "BERT 与 GPT 的区别：前者自编码，后者自回归",
    "GPT 由上文预测下文，BERT 由上下文预测掩码",
    "BERT predicts whether the next sentence follows.",
    "Unlike GPT, BERT does not predict the next word.",
    "困惑度越低越好",
    "ROUGE 关注召回率，BLEU 关注精确率",
    "BERT 采用双向注意力，GPT 只看上文",
    "其中 80% 替换为 [MASK]",
    "与自回归模型不同，BERT 能利用双向上下文",
    "lora_alpha 与 r 之比才是缩放倍数",
    "```python\nlora_alpha=32,  # α：缩放因子 α/r 的分子\n```",
    "- lora_alpha：缩放因子的分子，除以 r 得到倍数",
    "- lora_alpha 控制缩放因子的大小",
    "lora_alpha 不是缩放因子",
    "| lora_alpha | 缩放因子 |\n|---|---|\n| 32 | 4 |",
    "| 参数 | 含义 |\n|---|---|\n| `lora_alpha` | 缩放系数，实际缩放 alpha/r |",
    "| 参数 | 含义 | 说明 |\n|---|---|---|\n| lora_alpha | 缩放系数 | 除以 r 才是倍数 |",
    "| 常见误解 | 事实 |\n|---|---|\n| lora_alpha 就是 | 缩放因子要除以 r |",
    "| 参数 | 取值 |\n|---|---|\n| lora_alpha | 32 |\n| 缩放因子 | 4 |",
    "- lora_alpha: together with r it gives the scaling factor lora_alpha / r",
    "LoRA 只训练不到 1% 的参数",
    "LoRA 略微增加参数量",
    "## LoRA 与 prefix_projection\n\nLoRA 只略微增加参数量。",
    "## prefix_projection\n\n打开后参数量变为约 33 倍，绝不是略微增加参数量。",
    "设为 `prefix_projection=False` 时只略微增加参数",
    "有人说 prefix_projection 只略微增加参数，其实是 33 倍",
    "prompt tuning 训练输入层的嵌入",
    "Prompt tuning is a method that trains only virtual tokens put before the input embeddings.",
    "# P-tuning v2\n\n- Difference from prompt tuning: prompt tuning puts virtual tokens before the input once.",
    "# P-tuning v2\n\n- prompt tuning：\n  - 在输入前面添加虚拟词元\n",
    "# P-tuning v2\n\nP-tuning 在输入前面添加虚拟词元，v2 则不然。",
    "P-tuning v2 在每一层的输入前面添加虚拟词元的键和值",
    "prompt 里在输入前面添加说明",
    "虚拟词元是每层的键和值",
    "梯度检查点用计算换显存",
    "梯度检查点会降低训练速度，但不影响精度",
    "梯度检查点不会影响训练精度",
    "梯度检查点会影响精度吗？",
    "## 梯度检查点的误区\n\n- 梯度检查点会影响精度",
    "Gradient checkpointing trades compute for memory.",
    "Gradient checkpointing affects speed, not accuracy.",
    "Gradient checkpointing changes how gradients are computed.",
    "It is a myth that gradient checkpointing hurts accuracy.",
    "Gradient checkpointing reduces memory without affecting accuracy.",
    "```python\nuse_cache=False  # 训练时关闭\n```",
    "use_cache 影响生成速度",
    "KV cache 量化会影响输出结果",
    "no_decay = ['bias']",
    "# BERT 文本分类\n\n```python\nno_decay = ['bias', 'LayerNorm.weight']\n```",
    "冻结的参数没有梯度，AdamW 不会衰减它",
    "AdamW 使用解耦的权重衰减",
    "对 SGD 来说，权重衰减就是 L2 正则",
    "AdamW 中权重衰减与 L2 正则不同",
    "AdamW 说明权重衰减并不等于 L2 正则",
    "autocast 下线性层的输出是 bf16",
    "autocast 在前向计算时把权重临时转换为 fp16",
    "autocast 不会把参数转换为 fp16",
    "CastOutputToFloat 把 logits 转为 fp32",
    "CastOutputToFloat 不改变损失",
    "model.eval() 关闭 dropout",
    "```python\nmodel.eval()  # 关闭 dropout\nwith torch.no_grad():  # 关闭梯度\n    pass\n```",
    "```python\nmodel.eval()  # 不启用 dropout\n```",
    "```python\nloss.backward()  # 反向传播，更新梯度\n```",
    "```python\nloss.backward()  # 计算梯度，供优化器更新参数\n```",
    "```python\nloss.backward()  # 计算更新参数所需的梯度\n```",
    "```python\nloss.backward()  # 求梯度，此时还没有更新参数\n```",
    "```python\n# 反向传播，更新参数\nloss.backward()\noptimizer.step()\n```",
    "```python\nloss.backward(); optimizer.step()  # 反向传播，更新参数\n```",
    "```python\nloss.backward()  # gradients to update the weights with\n```",
    "交叉熵损失的取值范围是 0 到正无穷",
    "交叉熵要求概率的取值在 0 到 1 之间",
    "Cross-entropy loss takes a probability, a value between 0 and 1.",
    "交叉熵损失的值从 0 到 10 都很常见",
    "model.eval() 不会关闭梯度计算，要用 torch.no_grad()",
    "torch.no_grad() 停止计算梯度",
    "torch.no_grad() 不关闭 dropout，model.eval() 才关",
    "每一步都必须先 zero_grad 再 backward",
    "zero_grad 必须在前向之前或 backward 之前调用",
    "PyTorch 的 backward 不会自动清空梯度",
    "backward 之后计算图会自动释放",
    "DataLoader 默认保留最后一批；设 drop_last=True 才丢弃",
    "DataLoader 默认 drop_last=False",
    "transformers 的 labels 不需要自己左移",
    "T5 的 labels 需要自己右移得到 decoder_input_ids，transformers 会代劳",
    "填充处的 labels 为 -100，attention_mask 与填充一起使填充不参与损失",
    "预热的第一步学习率为 0，不会更新权重",
    "lora_dropout 在推理时不起作用",
    "RoPE 不引入可学习的参数",
    "自注意力本身不包含位置信息",
    "RMSNorm 去掉了减去均值的部分",
    "LayerNorm does not depend on the batch, BatchNorm uses batch statistics",
    "层归一化与批次大小无关",
    "一个汉字通常对应一到两个 token",
    "字节级 BPE 不会产生未知词",
    "NF4 的级按正态分布的分位数取",
    "DistilBERT is 40% smaller and 60% faster, and keeps 97% of BERT",
    "DistilBERT 的层数减少了一半",
    "温度越高，分布越平缓",
    "贪心搜索不一定能找到概率最大的序列",
    "DPO 不需要单独训练奖励模型",
    "PPO 需要奖励模型，DPO 直接用偏好数据",
    "Adam: weight decay is L2 regularization of the weights, unlike AdamW",
    "```python\n# AdamW comes later\n# Adam as standard. Weight decay is L2 regularisation\n```",
    "哪个说法是错误的？\n\nA) backward() 会自动清空梯度\n\nB) 梯度存在 .grad 里\n\n答案：A",
    "以下说法正确的是：\n\n- 梯度检查点会影响训练精度\n- 梯度检查点省显存",
    "常见的误解：\n\n- lora_alpha：缩放因子",
    "错误写法：\n\n```python\n# LLM\nno_decay = ['bias', 'LayerNorm.weight']\n```",
    "# LLM\n\n```python\nno_decay = ['bias', 'LayerNorm.weight']\n```\n\n这种写法是错误的，归一化层不叫这个名字。",
]  # fmt: skip
"""True sentences, and such as deny, ask or are about another thing."""


@pytest.mark.parametrize(("fact", "text"), [(fact, text) for fact, texts in WRONG.items() for text in texts])
def test_a_misreading_is_doubted(known: Knowledge, fact: str, text: str) -> None:
    assert [f"{doubt.demo}#{doubt.fact}" for doubt in doubts(parse(text, "n.md"), known)] == [fact]


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_sentence_is_left_alone(known: Knowledge, text: str) -> None:
    assert not doubts(parse(text, "n.md"), known)


@pytest.mark.parametrize(("fact", "text"), [(fact, text) for fact, texts in UNSURE.items() for text in texts])
def test_what_is_not_sure_is_no_doubt(known: Knowledge, fact: str, text: str) -> None:
    note = parse(text, "n.md")
    assert fact in {f"{found.demo.name}#{found.misreading.fact}" for found in contradictions(note, known.demos)}
    assert fact not in {f"{doubt.demo}#{doubt.fact}" for doubt in doubts(note, known)}


def written(name: str) -> list[str]:
    """Return the lines of a file of sentences; a backslash and n in one stand for a line break."""
    text = (Path(__file__).parent / "sentences" / name).read_text(encoding="utf-8")
    return [line.replace("\\n", "\n") for line in text.splitlines()]


def doubted(text: str, known: Knowledge) -> list[str]:
    return [f"{doubt.demo}#{doubt.fact}" for doubt in doubts(parse(text, "n.md"), known)]


def test_wrong_sentences_are_doubted_and_right_ones_beside_them_are_not(known: Knowledge) -> None:
    wrong = [line.split("\t", 1) for line in written("wrong.tsv")]
    assert [text for fact, text in wrong if doubted(text, known) != [fact]] == []
    told = [(fact, suggest(parse(text, "n.md"), known, lambda titles: "".join(titles[-1:]))) for fact, text in wrong]
    assert [fact for fact, found in told if fact not in {f"{each.demo}#{each.fact.name}" for each in found}] == []
    assert [text for text in written("right.txt") if doubted(text, known)] == []


def test_each_sure_one_has_an_example() -> None:
    examples = {*WRONG, *(line.split("\t")[0] for line in written("wrong.tsv"))}
    assert {f"{demo}#{misreading.fact}" for demo, misreading in ALL if misreading.sure} <= examples


def test_a_fact_that_the_note_claims_something_about_is_its_authors_business(known: Knowledge) -> None:
    text = '# LoRA\n\n- lora_alpha：缩放因子\n- [倍数是 4](demo:lora#scaling "= 4×")\n'
    note = parse(text, "n.md")
    assert len(doubts(note, known)) == 1
    assert not doubts(note, known, known.verdicts(note))


def test_a_doubt_stands_where_its_words_stand(known: Knowledge) -> None:
    text = "# 微调\n\n> - 一行\n>   第二行：`pre_seq_len` 是在**输入序列**前面添加的虚拟词元（virtual tokens）数\n"
    (doubt,) = doubts(parse(text, "n.md"), known)
    assert (doubt.line, doubt.column) == (4, text.split("\n")[3].index("输入序列") + 1)
    assert doubt.phrase == "输入序列前面添加的虚拟词元（virtual tokens）"


@pytest.mark.parametrize("pattern", ["a*", "a+b", "(a|b){2,}", r"\s*", "[^。]*", "…+"])
def test_a_pattern_without_end_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="without end"):
        compiled(pattern)


def test_a_class_of_words_is_one_that_there_is() -> None:
    assert compiled("it {stops}").search("it turns off")
    with pytest.raises(ValueError, match="no class of words 'starts'"):
        compiled("it {starts}")


def test_no_misreading_stands_twice() -> None:
    """With the same words and certainty: its wordings stand together."""
    said = [(demo, each.fact, each.expectation, each.zh, each.sure) for demo, each in ALL]
    assert [one for one in said if said.count(one) > 1] == []


def test_a_bad_pattern_is_told_with_its_file(tmp_path: Path) -> None:
    source = 'MISREADINGS = ({"pattern": "a*", "fact": "x", "expectation": "= 1", "zh": "一", "en": "one"},)\n'
    path = tmp_path / "one.py"
    path.write_text(f'{source}\nclass A:\n    x: int = fact(zh="一", en="one")\n', encoding="utf-8")
    with pytest.raises(Refusal, match=r"one\.py: the misreading of x has a bad pattern: it repeats"):
        demos(tmp_path)


REPEATED = [
    "labels 要 ",
    "梯度检查点",
    "autocast 权重转",
    "输入前面",
    "prefix_projection 参数",
    "必须前向",
    "lora_alpha=1, ",
    "no_decay = [",
    "KV Cache 的",
    "backward() 更新",
    "温度越高 7B fp16 ",
    "LayerNorm 在 ` ` ",
]


@pytest.mark.parametrize("unit", REPEATED)
def test_no_line_takes_more_time_than_its_length_asks_for(known: Knowledge, unit: str) -> None:
    """Twenty thousand characters of what a pattern starts with, as a comment, a paragraph and many lines."""
    long = unit * (20_000 // len(unit))
    text = f"# LLM\n\n```python\nx = 1  # {long}\n```\n\n{long}\n\n" + f"- {unit * 40}\n" * 50
    text += (
        "```python\n"
        + "lora_alpha=1,  # 缩放因子\n" * 2_000
        + "```\n"
        + "".join(f"{' ' * deep}- {unit}\n" for deep in range(300))
    )
    start = time.process_time()
    list(contradictions(parse(text, "n.md"), known.demos))
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    "said",
    [
        "会略微增加 [[参数量]]",
        "会略微增加[[模型#参数|参数量]]",
        "会==略微增加==参数量",
        "会<u>略微增加</u>参数量",
        "会*略微增加*参数量",
        "会[略微增加参数量](https://a.b)",
        "会[略微增加](https://a.b/?x=1;y)参数量",
        "会[==略微增加==参数量](https://a.b)",
        "会略微增加参数量[^1]",
        "会略微增加^[见附录] 参数量",
        "会**[[略微增加参数量]]**",
        "会略微增加参数量 #易错 #面试/高频",
        "略微增加参数量 ^block-1",
    ],
)
def test_signs_around_words_hide_no_misreading(said: str, known: Knowledge) -> None:
    note = parse(f"# P-tuning v2\n\n- 开启 prefix_projection {said}\n", "n.md")
    (doubt,) = doubts(note, known)
    (suggestion,) = suggest(note, known, titled)
    assert doubt.fact == suggestion.fact.name == "projection_cost"
    assert not suggestion.holds


@pytest.mark.parametrize(
    "said",
    [
        "slightly increases the ==number of parameters==",
        "slightly increases the [[parameters|number of parameters]]",
        "slightly increases the [number of parameters](https://a.b)",
        "<u>slightly increases</u> the _number of parameters_",
    ],
)
def test_signs_around_english_words_hide_no_misreading(said: str, known: Knowledge) -> None:
    note = parse(f"# P-tuning v2\n\n## prefix_projection\n\n- Drawback: it {said}\n", "n.md")
    assert [doubt.fact for doubt in doubts(note, known)] == ["projection_cost"]
    assert [each.fact.name for each in suggest(note, known, titled)] == ["projection_cost"]


def test_a_tag_that_says_that_a_sentence_is_wrong_denies_it(known: Knowledge) -> None:
    text = "# P-tuning v2\n\n- 开启 prefix_projection 会略微增加参数量 #常见误区\n"
    assert not doubts(parse(text, "n.md"), known)
