"""Answers are cut to what answers: no word of where more stands, and by how a thing is told it is asked."""

import pytest
from note_cards import cards_of, shape_drafts

from ankillm.cards.asides import is_aside, is_no_answer, without_put_off
from ankillm.markdown.note import parse


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("缩放系数，与秩一起决定更新的大小，具体作用参见 LoRA 原理", "缩放系数，与秩一起决定更新的大小"),
        ("一旦开启就要改模型，这个原理大家可以自行探索，这里就不细说了。", "一旦开启就要改模型"),
        ("把句子切成词元，在上面的代码中结果为", "把句子切成词元"),
        ("答案是很容易生成重复的句子。", "很容易生成重复的句子。"),
        ("把检查点读进来接着训练。\n\n相关的issue", "把检查点读进来接着训练。"),
        ("The answer is that batches are larger.", "batches are larger."),
        ("答案是否定的。", "答案是否定的。"),
        ("感兴趣的同学可以自己去看源码", "感兴趣的同学可以自己去看源码"),
        ("1. 预填充，具体细节见上一节\n2. 解码：一次一个词元", "1. 预填充，具体细节见上一节\n2. 解码：一次一个词元"),
        ("先训练，具体做法见下一步的代码；再合并", "先训练，具体做法见下一步的代码；再合并"),
        ("模型可以自己生成数据", "模型可以自己生成数据"),
    ],
)
def test_what_sends_further_at_the_end_of_an_answer_goes(answer: str, left: str) -> None:
    assert without_put_off(answer) == left


@pytest.mark.parametrize(
    ("answer", "aside"),
    [
        ("可以参考相关 issue", True),
        ("可以参考相关 issue\n\n我们后续会做相关的开发。", True),
        ("可以参考相关 issue。合并时先把两组权重相加。", False),
        ("我们会继续训练奖励模型。", False),
    ],
)
def test_an_answer_of_references_and_promises_is_none(answer: str, aside: bool) -> None:  # noqa: FBT001
    assert is_aside(answer) == aside


@pytest.mark.parametrize(
    ("said", "front", "back"),
    [
        (
            "Eventual consistency works well in highly available systems.",
            "Where does **Eventual consistency** work well?",
            "in highly available systems.",
        ),
        (
            "Dropout solves this by reducing how much a model depends on a few of its weights.",
            "What does **Dropout** do?",
            "reducing how much a model depends on a few of its weights.",
        ),
    ],
)
def test_where_a_thing_is_good_and_what_it_does_against_a_trouble(said: str, front: str, back: str) -> None:
    title = front.split("**")[1]
    told = {card.front: card.back for card in cards_of(f"# Patterns\n\n## {title}\n\n{said}\n")}
    assert told[front] == back


def test_what_is_said_by_the_way_is_no_answer() -> None:
    assert is_no_answer("(You don't own a car.)")
    assert not is_no_answer("(1) freeze the base\n(2) train the adapter")


@pytest.mark.parametrize(("last", "asked"), [("", 0), ("\nlr_scheduler.step()", 3)])
def test_the_three_calls_that_every_loop_has_are_not_asked(last: str, asked: int) -> None:
    loop = f"optimizer.zero_grad()\nloss.backward()\noptimizer.step(){last}"
    cards = cards_of(f"# Training\n\n```python\n{loop}\n```\n")
    assert sum(card.question == "order" for card in cards) == asked


def test_a_name_misspelt_says_nothing_of_itself() -> None:
    note = "# LoraConfig\n\n- `lora_alpha`：Lora alaph\n- `lora_dropout`：训练时丢掉的激活的比例\n"
    cards = {card.name: card.dropped for card in shape_drafts(parse(note, "n.md"))}
    assert cards["lora_dropout"] is None
    assert cards["lora_alpha"] is not None


@pytest.mark.parametrize(
    "note",
    [
        """Q: What does paging solve?
A: Waste of memory, it keeps keys in blocks of sixteen tokens, which are found by a table of blocks for a request.""",
        """Q: What is a block?
A: The keys of sixteen tokens, kept together so that a request takes no more than it needs.

Q: What does paging solve?
A: Waste of the cache: it keeps it in blocks of one size (like a machine its memory), so that less than 4 % is lost.""",
    ],
)
def test_an_answer_that_is_marked_as_one_is_the_answer_to_its_question(note: str) -> None:
    told = {card.front: card.back for card in cards_of(f"# Serving\n\n{note}\n") if not card.dropped}
    assert told["What does paging solve?"].startswith("Waste of")


@pytest.mark.parametrize(
    ("legend", "answer"),
    [
        ("where $L$ is the number of layers, $n$ the number of heads and $T$ the length.", "the number of layers"),
        ("where $L$ is the number of layers and $n_{kv}$ the number of heads.", "the number of layers"),
        ("where $L$ is the number of layers between $n$ and $m$.", "the number of layers between $n$ and $m$."),
    ],
)
def test_a_letter_is_told_up_to_the_next_one(legend: str, answer: str) -> None:
    told = {card.name: card.back for card in cards_of(f"# Cache\n\n## Memory\n\n{legend}\n")}
    assert told["$L$"] == answer


def test_numbered_steps_of_something_are_asked_in_order() -> None:
    note = "# Experts\n\nSteps of expert parallelism:\n1. route tokens\n2. send them\n3. run experts\n4. gather\n"
    card = next(card for card in cards_of(note) if card.kind == "basic" and not card.dropped)
    assert card.front == "What are the **steps of expert parallelism**, in order?"
    assert card.back.startswith("1. route tokens\n2. send them")


def test_a_formula_tells_of_no_merit() -> None:
    note = r"# 对齐" + "\n\n### GRPO\n\n" + r"- 优势:$A_i = \frac{r_i - \mathrm{mean}(r)}{\mathrm{std}(r)}$" + "\n"
    assert not [card.front for card in cards_of(note) if card.question == "attribute" and not card.dropped]


def test_a_card_lies_in_its_note_where_a_formula_is_set_apart() -> None:
    assert max(card.source.end for card in cards_of("1$$$\n1$$")) <= 2


def test_a_title_that_asks_is_asked_however_much_its_answer_says() -> None:
    said = (
        "缺点很明显，参与训练的参数只有百万级，因此效果比全量微调差，需要通过提高秩来弥补，但秩太大会增加显存，"
        "从而失去 LoRA 的意义，所以一般取 8。"
    )
    asked = [card.front for card in cards_of(f"# LoRA\n\n## LoRA 有什么缺点？\n\n{said}\n") if not card.dropped]
    assert asked == ["LoRA 有什么缺点？"]
