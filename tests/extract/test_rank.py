"""Ranking: what is sure of a card, whatever the judge says of its passage."""

import pytest

from ankillm.extract import extract
from ankillm.extract.concepts import CodeGap, Question
from ankillm.extract.floors import ANSWERED, COMMENTED
from ankillm.extract.rank import Ranked
from ankillm.extract.statement_proposals import unadorned
from ankillm.markdown.note import parse


def proposed(code: str) -> list[Ranked]:
    """Return all that is proposed for a fence, that too of which no new card is made."""
    note = parse(f"# 训练\n\n```python\n{code}\n```\n", "n.md")
    return [ranked for choice in extract(note, every=True) for ranked in choice.proposals]


def asked_in(ranked: Ranked) -> str:
    """Return what of a line of code a proposal asks; nothing for what is no gap in code."""
    return ranked.proposal.concept.asked if isinstance(ranked.proposal.concept, CodeGap) else ""


def least(code: str) -> int:
    """Return the highest floor of what the rules of code propose for a fence."""
    scores = [one.proposal.least for one in proposed(code) if one.proposal.rule == "code"]
    return max(scores, default=-1)


def test_a_comment_behind_code_vouches_for_the_card() -> None:
    assert least("model.config.use_cache = False  # 训练时用不到缓存") == COMMENTED


def test_a_comment_above_code_and_a_computation_do_not() -> None:
    """What stands under a comment is most often just what follows; a computed quantity is explained by nothing."""
    assert least("# 训练时用不到缓存，关掉它\nmodel.config.use_cache = False") == 0
    assert least("total_steps = epochs * batches_per_epoch") == 0


def test_a_constant_in_capitals_has_no_floor() -> None:
    assert least("WARMUP_STEPS = 1200  # 学习率先升这么多步") == 0
    assert least("use_cache = False  # 训练时用不到缓存，关掉它省显存") == COMMENTED


@pytest.mark.parametrize(
    ("code", "vouched"),
    [
        ("lr = 3e-2  # 学习率，太大会震荡", False),
        ("dim: int = 768  # d_model，嵌入的维度", False),
        ("r=8,  # 低秩矩阵的秩，越大越强", True),
        ("labels[:, :prompt_length] = -100  # 不计算提示部分的损失", True),
        ("mean = rewards.mean(dim=-1, keepdim=True)  # [B, 1]", False),
        ("probs = self.router(x)  # [B, T, num_experts]", False),
        ("self.update_key_encoder()  # 用动量更新键的编码器", False),
        ("model.eval()  # 教师模型固定下来，不训练", True),
        ("sgd([w, b], lr, batch_size)  # 使用参数的梯度更新它们", False),
        ("prepare_model_for_kbit_training(model, True)  # 量化之后训练之前准备好模型", True),
    ],
)
def test_shapes_numbers_of_a_run_and_names_of_this_code_have_no_floor(code: str, vouched: bool) -> None:  # noqa: FBT001
    assert (least(code) == COMMENTED) == vouched


@pytest.mark.parametrize(
    ("code", "is_tried"),
    [
        ("model.gradient_checkpointing_enable()  # 用时间换显存", True),
        ("wrap_model(model, True)  # 把我们自己的旁路接到模型上", False),
        ("noise = torch.zeros(n)  # 先全部置零，再逐个填上", False),
        ("random.shuffle(items)  # 打乱样本的次序，避免模型记住它", False),
        ("color = 'r'  # 图里用红色画出训练损失的曲线", False),
    ],
)
def test_of_code_only_what_training_has_a_name_for_is_tried(code: str, is_tried: bool) -> None:  # noqa: FBT001
    """What has none is still proposed, so that a card that was shipped stays."""
    assert {one.is_tried for one in proposed(code) if getattr(one.proposal.concept, "asked", "") == "code"} == {
        is_tried
    }


@pytest.mark.parametrize(
    ("below", "floor"),
    [
        ("因为梯度会累加。", ANSWERED),
        ("因为梯度会累加。\n\n```python\noptimizer.zero_grad()\n```", ANSWERED),
        ("因为梯度会累加。\n\n此外，旧的梯度会把方向带偏。", ANSWERED),
        ("因为梯度会累加。\n\n" + "旧的小批会被算进新的一步，方向也因此带偏，后面的每一步都要受它影响。" * 12, 0),
    ],
)
def test_a_title_that_asks_has_a_floor_where_its_whole_answer_is_told(below: str, floor: int) -> None:
    note = parse(f"# 训练\n\n## 为什么每一步要清空梯度？\n\n{below}\n", "n.md")
    every = [one.proposal for choice in extract(note, every=True) for one in choice.proposals]
    assert {one.least for one in every if isinstance(one.concept, Question) and not one.concept.place.rule} == {floor}


@pytest.mark.parametrize(
    ("title", "of_itself"),
    [
        ("面试技巧", True),
        ("五、面试技巧提示", True),
        ("Reading list", True),
        ("注意力", False),
        ("简历筛选系统", False),
        ("Resume training", False),
        ("Spec decoding", False),
    ],
)
def test_what_a_person_says_of_itself_is_not_tried(title: str, of_itself: bool) -> None:  # noqa: FBT001
    note = parse(f"# {title}\n\n- **KV cache**: keeps the keys and values of all tokens so far\n", "n.md")
    assert any(choice.proposals for choice in extract(note)) != of_itself


def test_an_authors_question_is_asked_wherever_it_stands() -> None:
    note = parse("# 面试技巧\n\n## 为什么要用 KV 缓存？\n\n因为前面词元的键和值不会变。\n", "n.md")
    assert any(choice.proposals for choice in extract(note))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Dropout 🙂 drops units ✨", "Dropout drops units"),
        ("Attention attention weighs values", "attention weighs values"),
        ("词元 词元化把文本切开", "词元化把文本切开"),
        ("very very deep", "very deep"),
        ("token ➡ embedding", "token ➡ embedding"),
    ],
)
def test_a_statement_is_read_without_what_adorns_it(text: str, plain: str) -> None:
    assert unadorned(text) == plain


@pytest.mark.parametrize(
    ("code", "is_tried"),
    [
        ("warm_steps = int(warmup_ratio * max_train_steps)", True),
        ("total_steps = epochs * batches_per_epoch", True),
        ("self.head_dim = hidden_size // num_heads", True),
        ("steps = epochs * updates  # 总步数", True),
        ("policy_loss = -torch.min(surr1, surr2) * mask", False),
        ("scores = q @ k.T / math.sqrt(d)", False),
        ("freqs = base / theta", False),
        ("self.scaling = alpha / rank", False),
    ],
)
def test_of_a_line_that_works_on_tensors_no_new_formula_is_asked(code: str, is_tried: bool) -> None:  # noqa: FBT001
    """One that was shipped stays: it is still proposed."""
    assert {one.is_tried for one in proposed(code) if getattr(one.proposal.concept, "asked", "") == "formula"} == {
        is_tried
    }
