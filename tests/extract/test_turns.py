"""What a text tells of another thing than its title names is asked of that other thing, or not at all."""

import pytest
from note_cards import cards_of, shape_cards

from ankillm.extract.headword import headword
from ankillm.extract.told_of import own_part, told_of

TURNED = (
    ("SGD", "Adam", "## SGD\n\n相比之下 Adam 还维护二阶矩：\n\n- 优点：对学习率不敏感\n- 缺点：状态占两倍显存\n"),
    ("MHA", "GQA", "## MHA\n\nGQA is a compromise:\n\n- Advantage: the cache is smaller\n- Drawback: lower quality\n"),
    (
        "MHA",
        "GQA",
        "## MHA\n\n- GQA shares keys between heads:\n  - Advantage: the cache is smaller\n  - Drawback: worse\n",
    ),
    ("BPE", "WordPiece", "## BPE\n\nWordPiece, by contrast, merges by likelihood:\n\n* Advantage: better pairs\n"),
    ("Adam", "Lion", "## Adam\n\nBy contrast, Lion keeps only one moment:\n\n- **Drawback**: sensitive to the rate\n"),
    ("PPO", "DPO", "## PPO\n\n与 PPO 不同，DPO 不需要在线采样：\n\n- 缺点：依赖离线偏好数据的质量\n"),
    (
        "PPO",
        "DPO",
        "## PPO\n\nUnlike PPO, DPO needs no reward model.\n\n**Drawback:** it depends on the offline data\n",
    ),
    ("全量微调", "LoRA", "## 全量微调\n\n全量微调更新所有参数。如果改用 LoRA：\n\n- 原理：只训练低秩矩阵\n"),
    ("全量微调", "QLoRA", "## 全量微调\n\n> 换成 QLoRA 后：\n>\n> 优点：单卡可训 65B\n> 缺点：训练更慢\n"),
    ("Full fine-tuning", "LoRA", "## Full fine-tuning\n\nIf we switch to LoRA:\n\n- Drawback: less capacity\n"),
    ("Full fine-tuning", "QLoRA", "## Full fine-tuning\n\n> With QLoRA instead:\n>\n> Drawback: training is slower\n"),
    ("贪心解码", "束搜索", "## 贪心解码\n\n**换成束搜索：**\n\n- 优点：得到似然更高的序列\n- 缺点：文本单调\n"),
    ("贪心解码", "束搜索", "## 贪心解码\n\n### 如果改用束搜索\n\n- 优点：得到似然更高的序列\n- 缺点：文本单调\n"),
    (
        "GPT",
        "BERT",
        "## GPT\n\nGPT 是自回归语言模型。BERT 则是双向的，特点如下：\n\n- 预训练任务：掩码\n- 优点：理解能力强\n",
    ),
    ("GPT", "BERT", "## GPT\n\n**BERT** 则是双向的：\n\n1. 优点：理解能力强\n2. 缺点：不擅长生成\n"),
    (
        "Greedy decoding",
        "Sampling",
        "## Greedy decoding\n\nIt takes the likeliest. Sampling draws one instead.\n\n**Advantages:** diverse text\n",
    ),
    (
        "LayerNorm",
        "RMSNorm",
        "## LayerNorm\n\n### 要不要减均值？\n\nRMSNorm 不减均值。\n\n- 优点：更快\n- 缺点：没有平移不变性\n",
    ),
    (
        "LayerNorm",
        "RMSNorm",
        "## LayerNorm\n\n### Do we need it?\n\nRMSNorm drops the mean.\n\n- Advantage: faster\n- Drawback: no shifts\n",
    ),
    (
        "绝对位置编码",
        "RoPE",
        "## 绝对位置编码\n\n### 为什么不够好？\n\nRoPE 改用旋转。\n\n- 缺点：高频维度在长文本上会失真\n",
    ),
    (
        "Layer statistics",
        "Pre-LN",
        "## Layer statistics\n\n### Where to?\n\n- Main idea of Pre-LN: normalise inputs\n- Drawback: it grows\n",
    ),
    (
        "层统计",
        "Pre-LN",
        "## 层统计\n\n### 放在哪里？\n\n- Pre-LN 的主要思想：对每个子层的输入做归一化\n- 缺点：残差流随深度增大\n",
    ),
)


def fronts_of(note: str, forms: frozenset[str] = frozenset()) -> list[str]:
    """Return the fronts of what a note gives, and of what its shapes give; of some forms alone, if any are named."""
    made = [(card.front, card.question, card.dropped) for card in cards_of(note)]
    made += [(card.front, card.question, card.dropped) for card in shape_cards(note)]
    return [front for front, question, dropped in made if not dropped and (not forms or question in forms)]


@pytest.mark.parametrize(("title", "other", "note"), TURNED)
def test_what_is_told_of_another_thing_is_not_asked_of_the_title(title: str, other: str, note: str) -> None:
    """A lead, a sentence, a condition or a label above says what it is told of."""
    asked = fronts_of(note, frozenset({"attribute", "statement"}))
    assert asked
    assert not [front for front in asked if title in front and other not in front]


@pytest.mark.parametrize(
    "note",
    [
        "## RMSNorm\n\nRMSNorm 只除以均方根。LayerNorm 还要减均值。\n\n- 优点：更快\n- 缺点：没有平移不变性\n",
        "## ReLU\n\nReLU 把负数截为零。GELU 是平滑的近似。\n\n特点：\n\n- 处处可导\n- 计算稍慢\n",
        "## MHA\n\n在 MQA 中，所有头共享一组键和值：\n\n- 优点：缓存小\n- 缺点：质量下降\n",
        "## MHA\n\nIn MQA, all heads share one key head:\n\n- Advantage: small cache\n- Drawback: quality\n",
        "## SGD\n\n如果使用 AdamW：\n\n- 优点：对学习率不敏感\n- 缺点：状态占两倍显存\n",
    ],
)
def test_what_two_things_could_be_told_of_is_not_asked(note: str) -> None:
    """A name alone, behind a sentence on the title's own, says of neither that it is told. Without it, all are."""
    assert not [card.front for card in shape_cards(note) if card.question == "attribute"]
    title, _, rest = note.partition("\n\n")
    told = rest.partition("\n\n")[2]
    assert [card.front for card in shape_cards(f"{title}\n\n{told}") if card.question == "attribute"]


def test_its_aspect_is_that_of_what_the_sentence_before_turned_to() -> None:
    """Within one paragraph."""
    cards = shape_cards("## SGD\n\n相比之下，Adam 还维护二阶矩。它的优点是对学习率不敏感。\n")
    assert [card.front for card in cards if card.question == "attribute"] == ["Adam 的优点是什么？"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("改进：ALiBi", "ALiBi"),
        ("对比：束搜索", "束搜索"),
        ("变体 2: AdamW", "AdamW"),
        ("替代方案 - Adafactor", "Adafactor"),
        ("扩展：YaRN", "YaRN"),
        ("Alternative: ALiBi", "ALiBi"),
        ("Variant: Lion", "Lion"),
        ("vs. GRU", "GRU"),
        ("Adam 的改进：Lion", "Lion"),
        ("更好的选择：ALiBi", "ALiBi"),
        ("Alternative to Adam: Lion", "Lion"),
        ("Contrastive search", "Contrastive search"),
    ],
)
def test_a_title_that_says_what_a_thing_is_to_the_one_above_names_that_thing(title: str, name: str) -> None:
    """What stands below it is told of the thing, and not of what it improves on."""
    assert headword(title) == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("KV 量化呢？", "KV 量化"),
        ("那 GQA 缓存怎么样？", "GQA 缓存"),
        ("KV 量化值得吗？", "KV 量化"),
        ("LoRA要不要用？", "LoRA"),
    ],
)
def test_a_question_is_about_the_whole_name_that_it_begins_with(title: str, name: str) -> None:
    """Also where the name goes on in Chinese."""
    note = f"# 推理优化\n\n## {title}\n\n先看效果。\n\n- 优点：显存减半\n- 缺点：精度略降\n"
    asked = [card.front for card in shape_cards(note) if card.question == "attribute"]
    assert len(asked) == len(("优点", "缺点"))
    assert all(front.startswith(name) for front in asked)


STAYS = (
    (
        "LoRA",
        "## LoRA\n\nLow-rank adaptation (LoRA) adds matrices. The method is small.\n\n- Drawback: less capacity\n",
    ),
    ("LoRA", "## LoRA\n\n该方法只训练两个小矩阵。模型推理时可以合并权重。\n\n- 缺点：容量有限\n"),
    ("PPO", "## 近端策略优化（PPO）\n\nPPO 用裁剪限制更新幅度。它是在线算法。\n\n- 缺点：需要四个模型\n"),
    ("KV Cache", "## KV Cache\n\n该方法用显存换时间。GPU 显存占用随长度线性增长。\n\n- 缺点：占显存\n"),
    ("GPT-3", "## GPT-3\n\nOpenAI 发布了 GPT-3。相比 GPT-2，它的参数多了 100 倍。\n\n- 缺点：推理成本高\n"),
    ("Adaptation", "## Low-Rank Adaptation\n\nLoRA freezes the weights.\n\n- Advantage: little memory\n"),
    ("DPO", "## DPO\n\nUnlike PPO, DPO needs no reward model:\n\n- Drawback: depends on offline data\n"),
    ("束搜索", "## 束搜索\n\n与贪心解码不同，束搜索保留 k 个前缀：\n\n- 缺点：文本单调\n"),
    ("ZeRO", "## ZeRO\n\n显存被优化器状态占满。\n\nZeRO-3 还切分参数。\n\n- 缺点：通信更多\n"),
    ("GPT", "## GPT\n\nBERT 是双向的。GPT 则只看左边：\n\n- 缺点：看不到右边\n"),
)


@pytest.mark.parametrize(("title", "note"), STAYS)
def test_a_title_called_by_another_name_is_still_what_is_told_of(title: str, note: str) -> None:
    """By its letters, in full, by a word such as 该方法, or behind what it is set against."""
    asked = [card.front for card in shape_cards(note) if card.question == "attribute"]
    assert asked
    assert all(title in front for front in asked)


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("如果使用 FlashAttention：", ""),
        ("GPU 显存不够时就会报错", None),
        ("DPO 与 PPO 都需要参考模型", None),
        ("训练则需要更多显存", None),
        ("Training is done on one device instead.", None),
        ("再来看 RoPE 的外推", None),
        ("而 **GELU** 是平滑的近似", "GELU"),
        ("Nucleus sampling keeps a varying number of tokens instead.", "Nucleus sampling"),
    ],
)
def test_a_sentence_turns_by_the_name_that_it_begins_with(sentence: str, other: str | None) -> None:
    """Devices, what all notes are about, and common words are no names; what is used besides has none of its own."""
    assert told_of(sentence, ("LoRA",)) == other


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("对查询和键做归一化。接下来我们看 Sandwich-LN。它在子层前后各放一个 LN。", "对查询和键做归一化。"),
        ("对查询和键做归一化。再来看 Sandwich-LN。", "对查询和键做归一化。"),
        ("normalises the queries. Now let us turn to Sandwich-LN. It adds a norm.", "normalises the queries."),
        ("normalises the queries. Next, we discuss RMSNorm.", "normalises the queries."),
        ("takes the likeliest token. Sampling draws from the distribution instead.", "takes the likeliest token."),
        ("自回归语言模型。BERT 则是双向的。", "自回归语言模型。"),
        ("先算分数。接下来用 softmax 归一化。", "先算分数。接下来用 softmax 归一化。"),
        ("drops the mean. Next, the output is scaled.", "drops the mean. Next, the output is scaled."),
        ("低秩微调。与全量微调不同，它只训练两个矩阵。", "低秩微调。与全量微调不同，它只训练两个矩阵。"),
        ("低秩微调。相比之下，显存占用只有一半。", "低秩微调。相比之下，显存占用只有一半。"),
    ],
)
def test_an_answer_ends_where_its_text_leads_on_to_another_topic(text: str, kept: str) -> None:
    """Steps of what it tells itself, and what it is set against, stay."""
    assert own_part(text, ("X",)) == kept


def test_it_never_stands_for_a_title_that_only_says_where_one_is() -> None:
    """A name that the sentence before begins with is what it stands for; a title without a name never is."""
    note = (
        "# Mixtral\n\n## The usual misunderstanding\n\nMixtral does not have 56B parameters. It has 46.7B in total.\n"
    )
    fronts = fronts_of(note)
    assert fronts
    assert not [front for front in fronts if front.startswith("The usual misunderstanding has")]


def test_it_stands_for_what_the_sentence_before_defines() -> None:
    """A title that names a field or several things is not what does it."""
    note = (
        "# Optimizers\n\nLion is an optimizer found by search. It keeps one average and updates by its sign.\n\n"
        "Adafactor is an optimizer. It reduces the memory of the optimizer by storing only rows and columns.\n"
    )
    fronts = [card.front for card in cards_of(note)]
    assert not [front for front in fronts if front.startswith("Optimizers ")]


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (
            "# Ranking\n\nA cross-encoder is a type of ranking model. It reads both texts and outputs one score.\n",
            "reads both",
        ),
        (
            "# Positions\n\nALiBi is a positional method. Instead of adding vectors, it subtracts a penalty.\n",
            "subtracts",
        ),
        (
            "# 分词\n\n- **SentencePiece**：一个开源分词工具。它直接在原始文本上训练，把空格也当作普通符号。\n",
            "原始文本",
        ),
        ("# 注意力\n\n**滑动窗口注意力**是一种稀疏注意力。每个 token 只关注前面固定窗口内的 token。\n", "固定窗口"),
    ],
)
def test_a_kind_alone_defines_nothing(note: str, told: str) -> None:
    """The answer goes on with what sets the thing apart, and no gap hides the kind."""
    made = (card for card in cards_of(note) if not card.dropped or card.dropped.code == "unsure")
    kept = [card for card in made if card.question != "passage"]
    assert [card.question for card in kept] == ["definition"]
    assert told in kept[0].back


@pytest.mark.parametrize(
    "note",
    [
        "# GPT-3 paper\n\n## Limits\n\n**Weak at:**\n\n- inference\n\nAnother limit: it reads one way.\n",
        "# GPT-3 论文\n\n## 局限\n\n**不擅长：**\n\n- 比较两个句子\n\n另一个局限：模型只从左往右读，看不到右边的词。\n",
        "# RLHF 的训练过程\n\n对于**第三步**，为了防止策略偏离太远，损失里加入了与初始模型的 KL 散度。\n",
    ],
)
def test_what_counts_or_leads_to_a_list_is_no_thing(note: str) -> None:
    """Not `Another limit`, `Weak at` or the third step; and no gap runs from an aim into what serves it."""
    fronts = fronts_of(note)
    assert not [
        front for front in fronts if "Another" in front or "Weak" in front or "第三步" in front or "另一" in front
    ]
