"""What no new card is made of, and how what stands beside it is asked."""

import pytest
from note_cards import cards_of, shape_cards

from ankillm.cards.card import Card
from ankillm.markdown.inline import plain_text


def made(note: str) -> list[Card]:
    """Return the cards of a note that are worded well enough to be proposed, however sure."""
    return [card for card in cards_of(note) if card.rule != "passage" and card.front and card.score]


@pytest.mark.parametrize(
    "note",
    [
        "# 检测\n\n- [2019 AAAI] DeRPN: Taking a further step toward more general object detection\n",
        "# 扩散\n\n- **[ICCV 2025] Curriculum**：Synthetic-to-Real Data Curriculum via Image-Guided Diffusion\n",
        "# Factuality\n\n## Prompt\n\n```\nQ: What is an atom?\nA: A tiny particle that makes up everything.\n```\n",
        "# WinoGrande\n\n> Ann bought plates from Bob because _____ needed them for a party on Sunday.\n",
        "# RAG\n\n## 检索\n\n### llamaindex_retriever.py\n\n- **功能**：按向量的相似度检索，再按规则过滤\n",
        "# 推理引擎\n\n## 组件（5 个）\n\n- **TreeView**：基数树的可视化，点击按钮就添加新的对话\n",
        "# MQA\n\n## 通俗比方\n\n- **传统做法**：每个经理都要一套自己的档案，仓库很快就满了\n",
        "# 代码\n\n## 重大变更\n\n- **BaseLLM**：现在叫 BaseChatModel，旧的名字已经去掉\n",
    ],
)
def test_papers_counts_blanks_and_changes_give_no_card(note: str) -> None:
    assert not made(note)


STEPS = """# 后门攻击

这类攻击通常涉及以下几个步骤：

1. **选择触发器**：先设计一个触发器，它在正常的文本里很少出现。
2. **训练模型**：用带触发器和预设标签的数据训练，模型学会触发器与输出之间的关联。
3. **部署模型**：把模型放到公开的平台上，等待别人下载使用。
"""


def test_steps_are_asked_all_together_and_none_of_them_for_what_it_is() -> None:
    fronts = [card.front for card in made(STEPS)]
    assert "**后门攻击**的**步骤**依次是什么？" in fronts
    assert not [front for front in fronts if "训练模型**是什么" in front or "**部署模型**：" in front]


def test_a_term_among_steps_is_still_asked_for() -> None:
    note = "# QLoRA\n\n训练的步骤：\n\n- **NF4**：一种按正态分布取值的数据类型\n- **加载模型**：以 4 位读入权重\n"
    names = [card.name for card in made(note)]
    assert "NF4" in names
    assert "加载模型" not in names


def test_what_its_author_asks_for_is_certain() -> None:
    note = "# 代码\n\n## 重大变更\n\n现在叫 {{c1::BaseChatModel}}，旧的名字已经去掉\n"
    assert [card.score for card in made(note)] == [1000]


@pytest.mark.parametrize(
    ("said", "leads"),
    [
        ("LoRA 假设权重的变化是低秩的，因此用两个小矩阵近似完整的更新：", False),
        ("为了在部署时加速，推理引擎会把两步合为一步，于是可以得到：", True),
        ("把它代入第一个式子，损失函数可以改写为：", True),
    ],
)
def test_a_sentence_that_only_leads_on_is_not_asked(said: str, leads: bool) -> None:  # noqa: FBT001
    note = f"# 蒸馏\n\n## 目标\n\n{said}\n\n$$\ny = f(x)\n$$\n"
    told = [card for card in made(note) if card.question != "formula"]
    assert not told if leads else all(not card.front.rstrip().endswith(("：", ":")) for card in told)
    assert leads or told


def test_a_row_is_called_by_two_columns_where_the_first_has_a_name_twice() -> None:
    rows = "| LLaMA 65B | LoRA | 195 GB |\n| LLaMA 65B | QLoRA | 48 GB |\n"
    cards = shape_cards(f"# 微调的开销\n\n| 模型 | 方法 | 显存 |\n|---|---|---|\n{rows}")
    assert [plain_text(card.front) for card in cards] == [
        f"LLaMA 65B（{name}） 的显存是多少？" for name in ("LoRA", "QLoRA")
    ]


def test_what_a_subject_is_set_against_is_asked_as_a_difference() -> None:
    note = "# MARS\n\n- **vs APE**：APE 一次采样许多候选，MARS 逐步改进一个\n- **vs OPRO**：OPRO 只写不评\n"
    assert "与 APE 相比，MARS 有什么不同？" in [plain_text(card.front) for card in made(note)]


def test_what_a_remark_is_called_is_left_out() -> None:
    note = "# RLHF\n\n**细化理解**：RLHF 解决的是**模型输出和人类偏好之间的差距**。\n"
    assert all("细化理解" not in card.front for card in made(note))


def test_two_questions_in_a_row_are_one() -> None:
    note = "# 度量学习\n\n## 归一化\n\n為啥要這樣限制?用 L2?\n\n1. 壓縮值域\n2. 不讓長度影響相似度\n"
    (card,) = [card for card in made(note) if card.question == "question"]
    assert card.front == "归一化：為啥要這樣限制?用 L2?"
    assert card.back.startswith("1. 壓縮值域")


def test_a_name_is_not_told_with_a_title_under_which_anything_may_stand() -> None:
    note = "# 论文\n\n## 关键发现\n\n- **NequIP**：首个等变的原子间势，数据效率提升一到两个量级\n"
    assert [plain_text(card.front) for card in shape_cards(note)] == ["NequIP 是什么？"]


def test_a_letter_tells_nothing_of_what_a_model_has() -> None:
    note = "# 条件随机场\n\n## 形式化描述\n\n- 参数：$\\theta$\n- 时间复杂度：$O(n^2)$\n"
    assert not [card for card in made(note) if "参数" in card.front]


def test_what_follows_from_what_is_no_quantity_and_a_number_no_part_of_a_formula() -> None:
    note = "# LoRA\n\n- A 为零、B 高斯 → 初始时 BA = 0 * x\n\n# RoPE\n\n$$\nf = R W x, \\tag{12}\n$$\n"
    assert [card.back for card in shape_cards(note)] == ["$$\nR W x\n$$"]


@pytest.mark.parametrize(
    ("asked", "front"),
    [("为什么会塌缩？", "专家塌缩：为什么会塌缩？"), ("为什么用 LN？", "为什么用 LN？")],
)
def test_a_question_of_a_verb_alone_is_asked_with_the_thing_above(asked: str, front: str) -> None:
    note = f"# MoE\n\n## 专家塌缩\n\n### {asked}\n\n一个专家碰巧表现好，路由就更多选它，其余专家学不到东西。\n"
    assert [card.front for card in made(note) if card.question == "question"] == [front]


def test_numbers_of_lessons_are_no_part_of_what_steps_are_of() -> None:
    note = "# RAG\n\n## Q02 · 索引构建\n\n### 整体流程\n\n1. 解析\n2. 清洗\n3. 分块\n4. 向量化\n"
    assert "索引构建的整体流程依次是什么？" in {plain_text(card.front) for card in shape_cards(note)}


@pytest.mark.parametrize(
    ("line", "front"),
    [
        ("通常的做法是把分数设为负无穷，于是权重趋近于零。", "填充掩码的做法是什么？"),
        ("这一种方式的缺点是页表的大小不同，会产生许多外部碎片。", "填充掩码的缺点是什么？"),
        ("利用一个多级页表的缺点是寻址失败时要多次访问物理内存。", "多级页表的缺点是什么？"),
    ],
)
def test_an_aspect_is_told_of_what_it_is_of(line: str, front: str) -> None:
    assert front in {plain_text(card.front) for card in shape_cards(f"# 填充掩码\n\n{line}\n")}


def test_a_label_that_goes_on_with_a_sentence_asks_nothing() -> None:
    note = "# BLIP-2\n\n现有方法往往端到端重新训练，这会产生两个比较突出的问题：\n\n- 训练成本高\n- 灾难性遗忘\n"
    assert not [card.front for card in shape_cards(note) if "这会" in card.front]


def test_what_only_counts_is_asked_for_nothing() -> None:
    """The sentence beside it may be: `结论 1：…`."""
    note = "# FCOS\n\n- **输出 1**：类别概率，用 Focal Loss 训练\n- **结论 1**：模型越大，需要的数据越多\n"
    fronts = [card.front for card in made(note)]
    assert not [front for front in fronts if front.endswith(("：[…]", "：\\[…\\]", "是什么？"))]


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("llama.cpp", "- **GGUF**：llama.cpp 的模型文件格式，权重、分词器和元数据都在一个文件里"),
        ("config.json", "- **hidden_size**：残差流的宽度，各层的输入和输出都是这么宽"),
        ("组件", "- **多头注意力**：把查询、键和值投影到多个子空间，分别做注意力再拼接"),
        ("训练的步骤", "- **训练损失**：模型在见过的数据上的损失，用来判断是否欠拟合"),
        ("回报", "- **价值**：从一个状态起，按当前策略行动能得到的期望总回报"),
    ],
)
def test_what_only_sounds_so_is_still_asked(title: str, line: str) -> None:
    assert made(f"# 推理引擎\n\n## {title}\n\n{line}\n")


def test_what_is_still_to_be_filled_in_is_asked_in_no_way() -> None:
    assert not made("# Softmax\n\nSoftmax 是 ______ 函数，把一组实数变成概率分布。\n")


def test_an_empty_callout_below_an_answer_is_no_question() -> None:
    note = "# 注意力\n\n## 什么是注意力？\n\n按相似度加权求和的机制，权重由查询和键得来。\n\n> [!note]\n"
    assert [card.front for card in made(note) if card.question in {"question", "definition"}]


STATED = "Q-learning moves the value of an action towards the reward plus the best value of the next state."


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        (f"# Q-learning\n\nIn this lesson, you'll learn to:\n\n- {STATED}\n", False),
        (f"# Q-learning\n\nThe update:\n\n- {STATED}\n", True),
        ("# Embeddings\n\n- **Benefits of this method**: the fact that it generalizes from a small set.\n", False),
        ("# Embeddings\n\n- **Word2Vec**: a method that learns vectors by predicting the words around.\n", True),
    ],
)
def test_what_a_lesson_is_for_and_what_is_named_elsewhere_are_not_asked(note: str, kept: bool) -> None:  # noqa: FBT001
    """Its aims are no statement, and `this method` stands in another one."""
    assert any(card.dropped is None for card in cards_of(note)) == kept
