"""Questions that authors wrote, put so that they stand alone."""

import pytest
from note_cards import cards_of

from ankillm.cards.authors_questions import fuller, names_nothing, of_topic


@pytest.mark.parametrize(
    ("note", "front"),
    [
        (
            "# Full fine-tuning\n\n## What Happens?\n\nAll weights of the model are updated.\n",
            "Full fine-tuning: what happens?",
        ),
        (
            "# LoRA (Low-Rank Adaptation)\n\n## Why This Works\n\nUseful updates lie in a low-dimensional space.\n",
            "Why does LoRA work?",
        ),
        (
            "# 束搜索\n\n## 为什么效果相差很多？\n\n翻译不需要很强的创造性，按照输入来即可。\n",
            "束搜索：为什么效果相差很多？",
        ),
        ("# 蒸馏\n\n## 为什么要用梯度累积？\n\n显存放不下大的批量，累积几步等于大批量。\n", "为什么要用梯度累积？"),
    ],
)
def test_a_question_says_what_it_is_about(note: str, front: str) -> None:
    """By the title above it, where it names nothing itself."""
    assert front in [card.front for card in cards_of(note)]


@pytest.mark.parametrize(
    ("question", "nameless"),
    [
        ("What happens?", True),
        ("How to check?", True),
        ("Why?", True),
        ("What is attention?", False),
        ("How does PPO work?", False),
        ("为什么会塌缩？", True),
        ("为什么用残差？", False),
        ("为什么 LoRA 有效？", False),
    ],
)
def test_what_names_nothing(question: str, nameless: bool) -> None:  # noqa: FBT001
    """A question of common words alone."""
    assert names_nothing(question) == nameless


def test_a_fuller_question_in_front_of_an_answer_is_asked() -> None:
    assert fuller("Why VAE?", "VAE 和 AE 相比，有什么优势呢？它的抗干扰能力更强。") == (
        "VAE 和 AE 相比，有什么优势呢？",
        "它的抗干扰能力更强。",
    )
    assert fuller("为什么裁剪梯度？", "为什么不用更小的学习率？因为大梯度很少。")[0] == "为什么裁剪梯度？"
    assert fuller("Why VAE?", "这样有什么优势呢，真的有吗？有。")[0] == "Why VAE?"
    assert fuller("Why LoRA?", "Who needs LoRA anyway? Everyone with one GPU.")[0] == "Why LoRA?"


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ("是否有量化版本模型？", "Qwen：是否有量化版本模型？"),
        ("我没有GPU，只用CPU运行CLI demo可以吗？", "Qwen：我没有GPU，只用CPU运行CLI demo可以吗？"),
        ("RNN 为什么会梯度消失？", "RNN 为什么会梯度消失？"),
        ("Qwen 支持多卡吗？", "Qwen 支持多卡吗？"),
    ],
)
def test_a_question_of_users_is_asked_about_their_thing(front: str, told: str) -> None:
    """Unless it names another one itself."""
    assert of_topic(front, "Qwen") == told
