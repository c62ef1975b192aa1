"""How the span worth asking for in a statement is asked."""

from time import perf_counter
from typing import Literal

import pytest

from ankillm.cards.wording import zh
from ankillm.cards.wording.statement import Asked, asked
from ankillm.extract import extract
from ankillm.extract.concepts import Statement
from ankillm.extract.cuts import cuts
from ankillm.extract.rules_block.table import VERB_HEADS
from ankillm.markdown.note import parse


def ask(marked: str, cue: str, subject: str, language: Literal["zh", "en"]) -> Asked | None:
    """Ask for what stands between `⟦` and `⟧`."""
    before, rest = marked.split("⟦")
    hidden, after = rest.split("⟧")
    text = before + hidden + after
    return asked(text, len(before), len(before + hidden), cue, subject, language)


QUESTIONS: list[tuple[Literal["zh", "en"], str, str, str, str, str]] = [
    (
        "zh",
        "为了解决写放大问题：⟦分层合并，小的先合成大的⟧",
        "：",
        "LSM 树",
        "LSM 树：怎样解决写放大问题？",
        "分层合并，小的先合成大的",
    ),
    (
        "zh",
        "解决的核心问题：⟦让生成的分布接近真实的分布⟧",
        "：",
        "GAN",
        "GAN 解决的核心问题是什么？",
        "让生成的分布接近真实的分布",
    ),
    ("zh", "缺点：⟦占用内存大⟧。", "：", "哈希索引", "哈希索引的缺点是什么？", "占用内存大"),
    (
        "zh",
        "缓解写放大问题：⟦分层合并，小文件先合成大文件⟧",
        "：",
        "LSM 树",
        "LSM 树：怎样缓解写放大问题？",
        "分层合并，小文件先合成大文件",
    ),
    (
        "zh",
        "推理速度：⟦只用一部分参数，比稠密模型快⟧",
        "：",
        "MoE 的优势",
        "MoE 的优势：推理速度如何？",
        "只用一部分参数，比稠密模型快",
    ),
    (
        "zh",
        "痛点：⟦因为边缘的框质量很差，拉低了精度⟧",
        "：",
        "FCOS",
        "FCOS：痛点：[…]",
        "边缘的框质量很差，拉低了精度",
    ),
    ("zh", "堆排序和归并排序的区别：⟦前者原地，后者稳定⟧", "：", "排序", "", ""),
    (
        "en",
        "The main problem is outliers: because ⟦a few channels are much larger, the scale is too coarse for the rest⟧.",
        "because",
        "Quantisation",
        "Quantisation: Why are outliers the main problem?",
        "a few channels are much larger",
    ),
    (
        "en",
        "The key point is simplicity because ⟦the baseline is the mean of a group⟧.",
        "because",
        "GRPO",
        "GRPO: Why is simplicity the key point?",
        "the baseline is the mean of a group",
    ),
    (
        "en",
        "Symmetric quantisation is used for ⟦weights, asymmetric for activations⟧.",
        "for",
        "Quantisation",
        "What is Symmetric quantisation used for?",
        "weights",
    ),
    (
        "en",
        "Goal: ⟦keep the tree balanced⟧.",
        ":",
        "AVL tree",
        "What is the goal of an AVL tree?",
        "keep the tree balanced",
    ),
    (
        "en",
        "The index is sorted because ⟦lookups use bisection⟧.",
        "because",
        "index",
        "Why is the index sorted?",
        "lookups use bisection",
    ),
    (
        "en",
        "Recall = hits / ⟦(hits + misses)⟧",
        "after ",
        "recall",
        "What is the formula for recall?",
        "hits / (hits + misses)",
    ),
]


@pytest.mark.parametrize("case", QUESTIONS)
def test_question(case: tuple[Literal["zh", "en"], str, str, str, str, str]) -> None:
    """A cut that can be worded becomes a question with its answer, else nothing."""
    language, marked, cue, subject, front, back = case
    found = ask(marked, cue, subject, language)
    assert found == (Asked(front, back) if front else None)


@pytest.mark.parametrize(
    ("marked", "cue", "hidden"),
    [
        ("LoRA 通过⟦低秩分解来近似权重的更新⟧。", "通过", "低秩分解"),
        ("知识蒸馏利用⟦教师模型的软标签提升学生模型的精度⟧。", "利用", "教师模型的软标签"),
        ("双向网络利用⟦过去和未来信息的加权和⟧，预测标签。", "利用", "过去和未来信息的加权和"),
        ("奖励模型使用⟦人类标注获得的偏好数据⟧，学习打分。", "使用", "人类标注获得的偏好数据"),
        ("图像分类器通过⟦数据增强⟧得到更多的训练样本。", "通过", "数据增强"),
        ("检索系统利用⟦两个来源的文档⟧，回答用户的问题。", "利用", "两个来源的文档"),
    ],
)
def test_a_means_is_hidden_without_what_it_is_good_for(marked: str, cue: str, hidden: str) -> None:
    found = ask(marked, cue, marked[:4].strip(), "zh")
    assert found is not None
    assert found.hidden == hidden


def test_gap_front_stands_alone() -> None:
    """A gap loses its discourse prefix, and its pronoun for the subject."""
    found = ask("However, it is also referred to as ⟦an inverted file⟧.", "as", "inverted index", "en")
    assert found == Asked("Inverted index is also referred to as {{c1::an inverted file}}.", "", "an inverted file")
    found = ask("另外，默认的端口写在 ⟦`ports.yaml`⟧ 里面。", "code", "端口", "zh")
    assert found == Asked("默认的端口写在 {{c1::`ports.yaml`}} 里面。", "", "`ports.yaml`")


@pytest.mark.parametrize(
    ("language", "marked", "front"),
    [
        ("zh", "综上所述，层归一化不看批次，⟦适合变长的序列⟧。", "层归一化不看批次，{{c1::适合变长的序列}}。"),
        ("zh", "归根结底，瓶颈在显存带宽，⟦不在算力⟧。", "瓶颈在显存带宽，{{c1::不在算力}}。"),
        (
            "en",
            "Last but not least, layer norms keep the scale, and ⟦deep stacks train⟧.",
            "Layer norms keep the scale, and {{c1::deep stacks train}}.",
        ),
    ],
)
def test_what_only_joins_a_sentence_is_left_out(language: Literal["zh", "en"], marked: str, front: str) -> None:
    found = ask(marked, "after", "", language)
    assert found is not None
    assert found.front == front


@pytest.mark.parametrize(
    ("language", "marked", "cue"),
    [
        ("zh", "然而⟦缓存未命中时要回源⟧", "而"),
        ("zh", "这里我觉得⟦挺好用的⟧", "after"),
        ("zh", "它的效果⟦很好⟧", "after"),
        ("zh", "优先使用⟦的⟧方案", "使用"),
        ("zh", "上一节说过缓存可以⟦省下重复的计算⟧", "可以"),
        ("zh", "动态目标是指⟦攻击者的响应既与指令相关⟧，又夹带恶意信息。", "是指"),
        ("en", "I think it is ⟦a good cache⟧", "is"),
        ("en", "It costs 6ND FLOPs, where N is ⟦the number of parameters and D the number of tokens⟧.", "is"),
        ("en", "WordPiece picks the pair by ⟦score = freq(ab) / freq(a)⟧ and merges it.", "by"),
        ("en", "For example, ⟦two nodes⟧", "after,"),
        ("en", "The cache stores re⟦cent pages⟧ only", "stores"),
    ],
)
def test_nothing(language: Literal["zh", "en"], marked: str, cue: str) -> None:
    """Half a word, half of a pair, chat, praise and examples give no card."""
    assert ask(marked, cue, "", language) is None


@pytest.mark.parametrize(
    ("text", "torn"),
    [
        ("以某个模型为代表的语言模型改变了行业。", "代表"),
        ("T→0 时等价于贪心。", "0"),
    ],
)
def test_no_stretch_begins_within_what_belongs_together(text: str, torn: str) -> None:
    assert not [cut for cut in cuts(text) if text.startswith(torn, cut.start)]


def test_no_reason_is_hidden_with_what_follows_from_it() -> None:
    text = "并非容量不够，而是因为硬标签不含信息，所以才用软标签。"
    found = [text[cut.start : cut.end] for cut in cuts(text)]
    assert "硬标签不含信息" in found
    assert not [stretch for stretch in found if "不含信息，所以" in stretch]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("unit", ["因为", "is ", "，", "a b ", "（", "1,", "的是", "x - ", "如果 ", "as "])
def test_time_grows_no_faster_than_the_text(unit: str, language: Literal["zh", "en"]) -> None:
    """A long run of anything is read in no time."""
    text = (unit * 1000)[:990]
    began = perf_counter()
    for at in (0, 300, 600):
        asked(text, at, at + 100, "is", "index", language)
    assert perf_counter() - began < 0.5


def test_the_whole_start_of_a_sentence_is_no_gap_of_it() -> None:
    """A cue at the end of one sentence leads to the start of the next, before which nothing stands."""
    found = ask("问题依然存在。⟦`DPO` 保留了核心思想⟧，但把优化形式折叠为闭式损失。", "存在", "DPO", "zh")
    assert found is None or found.loose


def test_a_pronoun_for_the_label_before_it_is_left_out() -> None:
    """The label is what the clause is about."""
    found = ask("核融合：它把多个步骤⟦并成一次内核调用⟧。", "after", "", "zh")
    assert found is not None
    assert "它" not in found.front


@pytest.mark.parametrize(
    "marked",
    [
        "在这种情况下，攻击者可以⟦改写提示词⟧。",
        "另一种方法是⟦冻结底座⟧。",
        "用此方法可以⟦减少参数⟧。",
        "梯度会让它们可以⟦共同适应⟧。",
        "这使得注意力可以⟦从访存受限变成计算受限⟧。",
        "该公式可以⟦随训练集增大记忆量⟧。",
        "的前馈网络中可以⟦引入非线性变换⟧。",
    ],
)
def test_what_only_its_neighbour_makes_sense_of_is_no_gap(marked: str) -> None:
    """Not with a title in front of it either."""
    assert ask(marked, "可以", "越狱", "zh") is None


def test_a_gap_ends_with_no_sign_that_goes_on() -> None:
    """A semicolon behind the last word belongs to the list that the words are from."""
    found = ask("训练时冻结底座的权重，⟦只更新低秩矩阵⟧；", "，", "", "zh")
    assert found is not None
    assert not found.front.endswith("；")


@pytest.mark.parametrize(
    ("marked", "front"),
    [
        (
            "直觉理解：如果专家的频率高，负载均衡的损失会⟦推动路由换一个专家⟧。",
            "如果专家的频率高，负载均衡的损失会{{c1::推动路由换一个专家}}。",
        ),
        (
            "另一方面，词向量之间彼此正交，负载均衡⟦没有体现相似关系⟧。",
            "词向量之间彼此正交，负载均衡{{c1::没有体现相似关系}}。",
        ),
    ],
)
def test_what_stands_in_front_of_anything_is_left_out(marked: str, front: str) -> None:
    found = ask(marked, "会" if "会" in marked else "，", "负载均衡", "zh")
    assert found is not None
    assert found.front == front


def test_a_pronoun_at_the_start_is_told_with_its_noun() -> None:
    """Also where a word of the noun stands elsewhere in the statement."""
    found = ask(
        "It does not reduce latency as much as quantization to ⟦fixed point⟧.", "to", "Float16 quantization", "en"
    )
    assert found is None or not found.front.startswith("It")
    assert ask("SGD does the same thing but ⟦with one sample⟧.", "but", "SGD", "en") is None


def test_no_gap_ends_within_a_number() -> None:
    assert ask("LoRA reduces ⟦the parameters by up to 10⟧,000 times.", "reduces", "LoRA", "en") is None


def test_heads_of_tables_that_are_verbs_are_all_asked_as_such() -> None:
    assert frozenset(zh.DOES) == VERB_HEADS


@pytest.mark.parametrize("body", ["An old range of keys", "Might hold an old range of keys"])
def test_one_of_many_is_not_the_thing_itself(body: str) -> None:
    """`Shard 1` under `Shard Placement`: what stands beside it does not tell what shard placement is."""
    found = ask(f"Shard 1: ⟦{body}⟧", "after:", "Shard Placement", "en")
    assert found is None or found.front != "What is Shard Placement?"
    whole = ask("Shard: ⟦An old range of keys⟧", "after:", "Shard Placement", "en")
    assert whole is not None
    assert whole.front == "What is Shard Placement?"


def test_what_only_may_be_tells_nothing_of_what_a_thing_is() -> None:
    """`Might hold …` is no answer to `What is …?`."""
    found = ask("Shard: ⟦Might hold an old range of keys⟧", "after:", "Shard Placement", "en")
    assert found is None or not found.front.startswith("What is ")


@pytest.mark.parametrize(
    "line",
    [
        "- 缓存：一代全部不用；二代在大模型里用 GQA",
        "- **缓存**：一代不分块，也不共享；二代在大模型里用 GQA，还分块",
        "- Cache: the first keeps all keys; the second shares them by GQA",
    ],
)
def test_two_things_that_a_label_stands_over_are_no_half_answer(line: str) -> None:
    """What stands behind the semicolon is told as well."""
    cuts = [choice.proposals for choice in extract(parse(f"# Llama\n\n{line}", "n.md"))]
    stated = [one.proposal.concept for made in cuts for one in made if isinstance(one.proposal.concept, Statement)]
    answers = [concept.text[concept.start : concept.end] for concept in stated if concept.start < len("- Cache: the")]
    assert not [answer for answer in answers if answer and "GQA" not in answer]


@pytest.mark.parametrize(
    ("marked", "cue", "subject"),
    [
        ("原因是 ⟦175B 的 RM 训练不稳定⟧，而且判断比生成容易。", "是", ""),
        ("早期的推理框架会⟦按最大长度给每个请求预分配一整块连续显存⟧", "会", "PagedAttention"),
        ("ZeRO-3 通信的是⟦参数，TP 通信的是激活⟧", "是", "并行"),
    ],
)
def test_no_gap_in_what_goes_on_or_tells_of_two(marked: str, cue: str, subject: str) -> None:
    """A reason without what it is of, what there was before a thing, and the values of two things at once."""
    assert ask(marked, cue, subject, "zh") is None


@pytest.mark.parametrize(
    "marked",
    [
        "Sequences are sentences, ⟦so Warmup entails training on sentences of increasing length⟧.",
        "To create shorter sentences, ⟦Warmup truncates longer sentences or breaks them⟧.",
        "The heuristic it uses to ⟦determine how hard an example is is the length of the sequence⟧.",
        "If that's longer than ⟦the context of the model⟧, an error is raised.",
    ],
)
def test_no_gap_holds_a_sentence_or_hangs_on_the_one_before(marked: str) -> None:
    assert ask(marked, "after,", "Warmup", "en") is None


def test_a_pronoun_for_what_the_sentence_names_itself_hangs_on_nothing() -> None:
    said = "Because it has no KV cache, a bidirectional encoder recomputes ⟦everything for each token⟧."
    assert ask(said, "recomputes", "Encoder", "en") is not None


def test_what_joins_is_left_out_however_it_is_spelled() -> None:
    found = ask("In other word, dropout removes ⟦a random share of the activations⟧.", "of", "", "en")
    assert found is not None
    assert found.front.startswith("Dropout removes")


@pytest.mark.parametrize(
    ("label", "front"),
    [
        ("vs OPRO", "MARS 与 OPRO 有什么不同？"),
        ("推理速度", "MARS：推理速度如何？"),
    ],
)
def test_labels_that_compare_or_measure(label: str, front: str) -> None:
    found = ask(f"{label}：⟦一次只更新一条候选，因此比同类方法省去许多采样⟧", "after：", "MARS", "zh")
    assert found is not None
    assert found.front in {front, front.replace("：", " 的")}


def test_what_is_set_beside_another_without_a_comparison_is_no_difference() -> None:
    found = ask("和 Transformer 的关系：⟦基于它的编码器，改的是训练方法⟧", "after：", "RoBERTa", "zh")
    assert found is None or "不同" not in found.front


@pytest.mark.parametrize(
    ("marked", "language"),
    [
        ("If the predictions are ⟦closer to the actual values the loss will be small⟧.", "en"),
        ("When architectures are ⟦discussed it is usually the total of all operations⟧.", "en"),
        ("Although it improves solutions to ⟦many tasks of language⟧, each needs its own head.", "en"),
        ("虽然它改进了⟦许多任务的解法⟧，但每个任务仍要一个头。", "zh"),
        ("Some of these can be ⟦mitigated by better prompting⟧.", "en"),
        ("该阶段通过⟦一个全连接层把两者接起来⟧。", "zh"),
    ],
)
def test_no_gap_over_two_clauses_what_is_granted_or_what_leaves_anything_open(
    marked: str, language: Literal["zh", "en"]
) -> None:
    assert ask(marked, "can", "MoCo", language) is None
