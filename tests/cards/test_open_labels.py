"""A label over a text that does not define it: asked where the text says how, left open where nobody can say."""

import pytest

from ankillm.cards.wording.open_zh import opened, question


@pytest.mark.parametrize(
    ("owner", "label", "text", "front"),
    [
        ("RAG 查询流程", "检索", "通过向量相似度从数据库中取回相关文档", "RAG 查询流程中，检索怎么做？"),
        ("多模态 RAG", "跨模态检索", "文 → 图 → 文", "多模态 RAG 中，跨模态检索怎么做？"),
        ("MARS 的框架", "Student", "根据问题改写 prompt", "MARS 的框架中，Student 做什么？"),
        ("字典树", "时间复杂度", "$O(n)$", "字典树的时间复杂度是多少？"),
        ("FLUX 的聚类", "设计动机", "不需要预设聚类数", "FLUX 的聚类：设计动机是什么？"),
        ("CenterNet", "无需 NMS", "峰值唯一", "CenterNet：为什么说无需 NMS？"),
        ("BLIP-2", "训练成本高", "需要大量数据", "BLIP-2：为什么说训练成本高？"),
        ("消融实验", "结果如何", "质量下降", "消融实验中，结果如何？"),
        ("", "记录日志", "保留所有修改记录", "记录日志怎么做？"),
    ],
)
def test_a_label_is_asked_by_what_its_text_tells(owner: str, label: str, text: str, front: str) -> None:
    """How something is done, what it does, what an aspect is, why a claim holds."""
    found = opened(label, text)
    assert found is not None
    assert question(owner, label, found) == front


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("多层级隔离", "用户、Agent、运行时"),
        ("稳定结构", "约 380,000 种"),
        ("[Relevant]", "检索内容相关"),
        ("难点 3", "在可微的框架中模拟积分"),
        ("更高效的训练", "教师已经提炼了知识"),
        ("OccupancyView (交互)", "将占用率画出来"),
        ("`warmup_steps`", "将学习率升到峰值"),
        ("Compute-bound", "计算时间主导"),
        ("在此基础上进一步优化", "将权重量化到 4 bit"),
        ("type", "替换推理器"),
    ],
)
def test_a_label_stays_open_where_a_question_would_promise_too_much(label: str, text: str) -> None:
    """Readers keep more of these as they are."""
    assert opened(label, text) is None
