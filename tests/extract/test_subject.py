"""The subject of a passage: what it is about, in words that make sense alone."""

from time import process_time

import pytest

from ankillm.extract.headword import headword
from ankillm.extract.scope import is_apart, subject_among, without_repeated
from ankillm.extract.subject import is_specific
from ankillm.extract.title_names import is_common, is_part, is_proper_name, names_thing, short_name
from ankillm.extract.topic import asked_about, topic_of
from ankillm.markdown.note import parse


@pytest.mark.parametrize("title", ["LoRA的秩应该选多大？", "ZeRO怎么切分优化器状态？", "What does LoRA train?"])
def test_a_title_that_asks_is_no_subject(title: str) -> None:
    """Not either where it starts with a name in Latin letters and has no space."""
    assert not is_specific(title)


@pytest.mark.parametrize("title", ["rsLoRA?", "梯度累积", "LoRA"])
def test_a_name_is_a_subject(title: str) -> None:
    """Also one with the question mark of a writer who was curious about it."""
    assert is_specific(title)


@pytest.mark.parametrize("title", ["mlnotes", "My notes", "deep-learning-notes", "D2L--lesson-4", "[EMNLP '20]"])
def test_notes_are_no_subject(title: str) -> None:
    """What a file or folder of notes is called is no thing that a question could be about."""
    assert not is_specific(title)


@pytest.mark.parametrize(
    ("name", "body", "is_one"),
    [
        ("LoRA", "", True),
        ("残差网络", "", True),
        ("数据准备", "先清洗。", False),
        ("数据准备", "数据准备：先清洗。", False),
        ("学习率预热", "**学习率预热**先升后降。", True),
        ("Opening", "the opening is short", True),
        ("Opening", "it is short", False),
    ],
)
def test_a_title_names_a_thing_that_its_note_speaks_of(name: str, body: str, is_one: bool) -> None:  # noqa: FBT001
    """Or one that is written as names are; not a label that its note has before a colon alone."""
    assert names_thing(name, body) == is_one


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("损失函数", True), ("Cost Function", True), ("Memory Cell", True), ("交叉熵损失", False), ("Focal Loss", False)],
)
def test_what_many_things_have_is_told_with_one_of_them(name: str, is_one: bool) -> None:  # noqa: FBT001
    """A name of its own is none of these."""
    assert is_part(name) == is_one


@pytest.mark.parametrize("title", ["Find the best function", "Construct the Tape", "Tied up with", "利用图谱增强检索"])
def test_a_title_that_orders_or_leads_on_names_nothing(title: str) -> None:
    """Nor one that says by what something is done."""
    assert not headword(title)


@pytest.mark.parametrize(
    ("path", "body", "topic"),
    [
        ("opennmt-training-faq.md", "OpenNMT trains; OpenNMT averages.", "OpenNMT"),
        ("bert-elmo-gpt.md", "BERT BERT ELMo ELMo GPT GPT", ""),
        ("scaling-data.md", "Scaling scaling data data", ""),
        ("flamingo_notes.md", "Flamingo, Flamingo.", ""),
        ("google-notes.md", "Google Google Google Google", ""),
        ("cs224n.md", "CS224N CS224N", ""),
        ("text_normalization.md", "Text and text, Text.", ""),
        ("qwen.md", "Qwen", ""),
    ],
)
def test_the_one_proper_name_in_a_file_name_is_what_its_note_is_about(path: str, body: str, topic: str) -> None:
    """As the text spells it; none where there are several, or where the text has it but once."""
    assert topic_of(parse(body, path), body) == topic


@pytest.mark.parametrize(
    ("path", "topic"), [("qwen-faq.md", "Qwen"), ("qwen-notes.md", ""), ("常见问题/qwen-常见问题.md", "Qwen")]
)
def test_users_of_a_thing_ask_about_it(path: str, topic: str) -> None:
    """In a note that is called so."""
    assert asked_about(parse("Qwen is a model. Qwen has many sizes.", path)) == topic


@pytest.mark.parametrize(
    ("name", "body", "is_proper"),
    [
        ("FCOS", "", True),
        ("Mamba", "Mamba reads on; so does Mamba.", True),
        ("Mamba", "Mamba, İİİ, import mamba, Mamba.", False),
        ("Ray", "Ray stores an array; Ray is fast.", True),
        ("Loss of FCOS", "", False),
        ("Loss & RL", "", False),
        ("2nd moment", "", False),
    ],
)
def test_a_proper_name_is_never_written_small(name: str, body: str, is_proper: bool) -> None:  # noqa: FBT001
    """As a word of its own; letters that grow in lower case move no place."""
    assert is_proper_name(name, body) == is_proper


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("MoE 混合专家模型", "MoE"),
        ("KV 缓存", "KV 缓存"),
        ("GPU 内存", "GPU 内存"),
        ("SFT 与 RLHF 的区别", "SFT 与 RLHF 的区别"),
    ],
)
def test_a_name_with_its_explanation_is_called_by_its_letters(name: str, short: str) -> None:
    body = " ".join([name.split(maxsplit=1)[0]] * 9)
    assert short_name(name, body) == short
    assert short_name(name, name) == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Prior-informed Robust Adversarial Training of Encoders (PRAT)", "PRAT"),
        ("Normalizing Flows for Many-to-Many Cross-Domain Mappings of Images", "Normalizing Flows"),
        ("On the Use of Far Too Many Different Words in One Single Title", ""),
        ("键和值可以缓存", ""),
        ("SPARSE ROUTING: THE ART OF CHOOSING FEW EXPERTS", "SPARSE ROUTING"),
        ("论文标题：Tree Attention: Looking Far with Few Steps", "Tree Attention"),
        ("Key Insights: What We Know of Attention", ""),
        ("KVStore — 缓存的仓库", "KVStore"),
        ("KVStore——缓存的仓库", "KVStore"),
        ("步骤一 — 加载数据", ""),
        ("RoPE 是一种把位置旋进向量的编码", "RoPE"),
        ("相似度打分（从点积往上走的三步）", "相似度打分"),
        ("LoRA（低秩适应）", "LoRA（低秩适应）"),
        ("推理引擎深度解析 — 设计文档", "推理引擎"),
        ("缓存前沿研究 - 综合总结报告", "缓存前沿研究"),
        ("但不能只要平均后的标量", ""),
        ("Mem0 — 记忆的全家桶", "Mem0"),
        ("Adam 也是一种优化器", "Adam"),
        ("首都是一种城市", "首都"),
        ("优化 3 — 向量化访存", "优化 3 — 向量化访存"),
        ("Llama 3: Herd of Models", "Llama 3"),
        ("Video Swin Transformer: Windows in Time", "Video Swin Transformer"),
        ("Graph Attention: Two Layers of Message Passing", "Graph Attention"),
        ("LoRA 解读", "LoRA"),
        ("2021-1-28 chapter 2", ""),
        ("2024年3月 LoRA 笔记", "LoRA"),
        ("29-LoRA 系列篇", "LoRA"),
        ("12-Layer BERT", "12-Layer BERT"),
        ("16-位浮点数", "16-位浮点数"),
        ("IN", "IN"),
        ("训练时常常同时维护", ""),
        ("Avec", ""),
        ("SWT, Stroke Width Transform", "SWT"),
        ("RAG, Retrieval-Augmented Generation", "RAG"),
        ("GPU, Memory and Bandwidth", ""),
        ("GRPO/SPO：先按长度平均", "GRPO/SPO"),
        ("Gradient Boosting Technical Notes", "Gradient Boosting"),
        ("In summary", ""),
        ("Row-specific notes", ""),
        ("KV Cache (2-3 minutes)", "KV Cache"),
        ("未来趋势与展望", ""),
        ("输出 1", ""),
        ("Table 2: LoRA 的秩", "LoRA 的秩"),
        ("3D Convolution", "3D Convolution"),
        ("8B Llama", "8B Llama"),
        ("2a Gene Expression", "Gene Expression"),
        ("几何深度学习", "几何深度学习"),
        ("机器学习与深度学习（2000年代至今）", "机器学习与深度学习"),
        ("Task 21: KV Cache", "Task 21: KV Cache"),
        ("Stage II: Reward Modeling", "Stage II: Reward Modeling"),
        ("Quick Start: Docker", "Quick Start: Docker"),
        ("错误报告", "错误报告"),
        ("原文精读", ""),
    ],
)
def test_a_title_that_tells_more_is_shortened_to_its_name(title: str, name: str) -> None:
    """What it says of the name, or of itself, is left out."""
    assert headword(title) == name


@pytest.mark.parametrize("title", ["理论实现" * 15_000, "深度" * 30_000, f"a{chr(0x3000) * 60_000}b"])
def test_a_title_without_end_takes_no_square(title: str) -> None:
    start = process_time()
    headword(title)
    assert process_time() - start < 1


@pytest.mark.parametrize(
    ("title", "is_empty"),
    [
        ("整体框架", True),
        ("Data Composition", True),
        ("PROPOSED METHOD", True),
        ("反向传播", False),
        ("预训练模型", False),
        ("Loss Functions", False),
        ("Feature Selection", False),
    ],
)
def test_a_title_of_words_that_anything_stands_under_names_nothing(title: str, is_empty: bool) -> None:  # noqa: FBT001
    assert is_common(title) == is_empty


def test_a_name_with_of_in_it_stays_whole() -> None:
    """`Chain of Thought` is no aspect of a thought."""
    assert without_repeated("Chain of Thought", "Chain length", "en") == "Chain of Thought"
    assert without_repeated("Loss of FCOS", "Focal loss", "en") == "FCOS"


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        (("论文标题：LLaMA: Open Models", "关键创新点"), "LLaMA"),
        (("推理引擎", "束宽"), "推理引擎的束宽"),
        (("[2019 AAAI] DeRPN",), "DeRPN"),
        (("阶段一：建立认知（“是什么”与“为什么”）",), ""),
        (("注意力机制（Attention）", "消融点 2"), "注意力机制（Attention）"),
    ],
)
def test_a_subject_is_a_thing_or_an_aspect_of_one(titles: tuple[str, ...], subject: str) -> None:
    """What a document is called, when it came out, and what counts is none of it."""
    assert subject_among(titles, "", "zh")[0] == subject


@pytest.mark.parametrize(
    ("label", "is_told_apart"),
    [
        ("不冻结会", True),
        ("偏太远会", True),
        ("如果没有预热就会导致", True),
        ("否则", True),
        ("以推荐系统为例", True),
        ("例如 Mixtral 8x7B", False),
        ("冻结底座", False),
        ("不同的优化器", False),
        ("训练时会", False),
    ],
)
def test_what_comes_of_not_doing_a_thing_is_told_of_nothing_above(label: str, is_told_apart: bool) -> None:  # noqa: FBT001
    """An example that has a name is told of that name."""
    assert is_apart(label) is is_told_apart
