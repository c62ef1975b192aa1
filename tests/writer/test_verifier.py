"""The verifier: what a model offers becomes a card only if the note bears it out; each refusal has its code."""

import pytest

from ankillm.cards.questions import ask
from ankillm.extract import extract
from ankillm.extract.passage import Passage
from ankillm.markdown.note import Note, parse
from ankillm.writer.offer import Offer
from ankillm.writer.verifier import reason, verified

ENGLISH = """# LoRA

## Wrapping

LoRA freezes the **base weights** and trains `A` and `B` of rank $r$ only.
The rank of the update does not exceed 16, and about 0.5% of the weights are trained.
Some people say that LoRA needs a larger learning rate.
Its output is ~~always worse~~ equal at the start.
QLoRA keeps the base in 4-bit NF4, so that it needs less memory, see [the paper](https://example.org/q).

| method | trained |
|---|---|
| LoRA | the two matrices |

- the optimizer keeps two states
- the gradient keeps one

```python
model = get_peft_model(model, config)
```

## Options

Adam keeps two states. It needs 8 bytes a weight, since it stores both in fp32.
The option is not `zero2` but `--deepspeed zero3.json` - offload is never on by default, V100's memory is 32 GB.
The 8x7B model came in 2023 to be run on 2 cards.
The derivative of sigmoid is almost zero, which the activation function ReLU mends.
"""
CHINESE = """# 预填充

## 键值缓存

键值缓存把每一层算过的 **K 和 V** 留在显存里，每生成一个词只算新的一个。
预填充阶段受算力限制，解码阶段受显存带宽限制。
它不改变输出，只省下约 70% 的重复计算。

## 投影

投影（projection）是两层（Tanh 在中间）的网络。
参数量仅为原来的 1/18，训练速度却是原来的 1.7 倍，而不是 3 倍。
训练占用显存，推理也占用显存。
有小道消息透露，投影有八个专家。
"""
NOTES = {"en": parse(ENGLISH, "lora.md"), "zh": parse(CHINESE, "kv.md")}


def passage_of(note: Note, words: str) -> Passage:
    """Return the smallest passage with some words."""
    found = [choice.passage for choice in extract(note) if words in choice.passage.text]
    return min(found, key=lambda passage: len(passage.text))


def said(place: tuple[str, str], question: str, quote: str, subject: str, form: str = "question") -> str:
    """Return the code of a refusal, or what an accepted card says: front, then answer."""
    language, words = place
    note = NOTES[language]
    made = verified(Offer("1", form, question, quote, subject), passage_of(note, words), note)
    if isinstance(made, str):
        assert reason(made) != made, "each code has its reason"
        return made
    card = ask(made, note, "")
    hidden = card.front[card.gaps[0].start : card.gaps[0].end] if card.gaps else card.back
    return f"{card.front} → {hidden}"


BASE = ("en", "LoRA freezes")
PEAK = ("en", "does not exceed")
CACHE = ("zh", "键值缓存把")
STAGE = ("zh", "预填充阶段")
OPTION = ("en", "The option is")
SPEED = ("zh", "参数量仅为")


@pytest.mark.parametrize(
    ("place", "question", "quote", "subject", "expected"),
    [
        (BASE, "What does LoRA freeze?", "the base weights", "LoRA", "What does LoRA freeze? → the base weights"),
        (
            BASE,
            "What does `LoRA` train?",
            "A and B of rank r only",
            "LoRA",
            "What does LoRA train? → `A` and `B` of rank $r$ only",
        ),
        (CACHE, "键值缓存把什么留在显存里？", "K和V", "键值缓存", "键值缓存把什么留在显存里？ → K 和 V"),
        (STAGE, "解码阶段受什么限制？", "**显存带宽**", "解码阶段", "解码阶段受什么限制？ → 显存带宽"),
        (
            ("en", "QLoRA keeps"),
            "Where does QLoRA keep the base?",
            "in 4-bit NF4",
            "QLoRA",
            "Where does QLoRA keep the base? → in 4-bit NF4",
        ),
        (
            ("en", "two matrices"),
            "What does LoRA train?",
            "the two matrices",
            "LoRA",
            "What does LoRA train? → the two matrices",
        ),
        (
            ("en", "get_peft"),
            "Which call wraps a model for LoRA?",
            "get_peft_model(model, config)",
            "LoRA",
            "Which call wraps a model for LoRA? → `get_peft_model(model, config)`",
        ),
        (
            PEAK,
            "What does the rank of a LoRA update not exceed?",
            "16",
            "LoRA",
            "What does the rank of a LoRA update not exceed? → 16",
        ),
        (
            ("en", "QLoRA keeps"),
            "Where is QLoRA described?",
            "[the paper](https://example.org/q)",
            "QLoRA",
            "Where is QLoRA described? → the paper",
        ),
        (BASE, "What does LoRA freeze?", "“The base weights...”", "LoRA", "What does LoRA freeze? → the base weights"),
        (
            BASE,
            "What does LoRA train?",
            "A … rank r only.",
            "LoRA",
            "What does LoRA train? → `A` and `B` of rank $r$ only",
        ),
        (
            BASE,
            "What does LoRA train?",
            "`A` and `B` of \rank $r$ only",
            "LoRA",
            "What does LoRA train? → `A` and `B` of rank $r$ only",
        ),
        (CACHE, "键值缓存把什么留在显存里？", "「K 和 V」。", "键值缓存", "键值缓存把什么留在显存里？ → K 和 V"),
        (
            ("zh", "投影（"),
            "投影有几层？",
            "两层(Tanh 在中间)",
            "投影",
            "投影有几层？ → 两层（Tanh 在中间）",
        ),
        (
            OPTION,
            "Which option does deepspeed need?",
            "`--deepspeed zero3.json`",
            "deepspeed",
            "Which option does deepspeed need? → `--deepspeed zero3.json`",
        ),
        (OPTION, "How much memory has the V100?", "32 GB", "V100", "How much memory has the V100? → 32 GB"),
        (
            ("en", "It needs 8"),
            "How many bytes a weight does Adam need?",
            "8 bytes a weight",
            "Adam",
            "How many bytes a weight does Adam need? → 8 bytes a weight",
        ),
        (
            ("en", "see [the"),
            "Why does QLoRA keep the base in NF4?",
            "it needs less memory",
            "QLoRA",
            "Why does QLoRA keep the base in NF4? → it needs less memory",
        ),
        (
            ("en", "almost zero"),
            "Which activation function mends the derivative of sigmoid?",
            "the activation function ReLU",
            "sigmoid",
            "Which activation function mends the derivative of sigmoid? → the activation function ReLU",
        ),
        (("en", "8x7B"), "When did the 8x7B model come?", "in 2023", "8x7B", "When did the 8x7B model come? → in 2023"),
        (
            CACHE,
            "键值缓存留下每一层的K和V有什么用？",
            "每生成一个词只算新的一个",
            "键值缓存",
            "键值缓存留下每一层的K和V有什么用？ → 每生成一个词只算新的一个",
        ),
        (SPEED, "投影的训练速度是原来的几倍？", "1.7 倍", "投影", "投影的训练速度是原来的几倍？ → 1.7 倍"),
    ],
)
def test_what_the_note_bears_out_is_a_card(
    place: tuple[str, str], question: str, quote: str, subject: str, expected: str
) -> None:
    """The answer is the note's Markdown, never the model's letters."""
    assert said(place, question, quote, subject) == expected


@pytest.mark.parametrize(
    ("place", "question", "quote", "subject", "code"),
    [
        (BASE, "What does LoRA freeze?", "all of the base weights", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "the Base Weights", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "…", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "the base … of all models", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "base weights … freezes", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "the “base weights” of all", "LoRA", "not-quoted"),
        (BASE, "What does LoRA freeze?", "ase weights", "LoRA", "cut"),
        (("en", "QLoRA keeps"), "What keeps the base in NF4?", "LoRA", "NF4", "cut"),
        (PEAK, "What share does LoRA train?", "0.5", "LoRA", "cut"),
        (PEAK, "What share does LoRA train?", "0.5% of the weights", "LoRA", "cut"),
        (("zh", "它不改变"), "预填充省下多少重复计算？", "70%", "预填充", "cut"),
        (PEAK, "What does the rank of a LoRA update exceed?", "16", "LoRA", "negation"),
        (BASE, "What does LoRA not freeze?", "the base weights", "LoRA", "negation"),
        (("en", "Some people"), "What does LoRA need?", "a larger learning rate", "LoRA", "hearsay"),
        (("en", "always worse"), "How is the output of LoRA?", "always worse", "LoRA", "struck-out"),
        (("en", "It needs 8"), "Why does Adam need 8 bytes?", "it stores both in fp32", "Adam", "pointing"),
        (STAGE, "LoRA预填充阶段受什么限制？", "算力", "预填充", "foreign-name"),
        (CACHE, "键值缓存每生成1个词算什么？", "只算新的一个", "键值缓存", "foreign-name"),
        (BASE, "What does it freeze?", "the base weights", "LoRA", "points"),
        (BASE, "According to the text, what does LoRA freeze?", "the base weights", "LoRA", "points"),
        (BASE, "What is frozen?", "the base weights", "LoRA", "subject"),
        (BASE, "What does Adam freeze?", "the base weights", "Adam", "subject"),
        (BASE, "What is the advantage?", "the base weights", "advantage", "subject"),
        (BASE, "What do the base weights of LoRA do?", "base weights", "LoRA", "given-away"),
        (BASE, "What does LoRA freeze in PyTorch?", "the base weights", "LoRA", "foreign-name"),
        (BASE, "What does LoRA of rank 32 freeze?", "the base weights", "LoRA", "foreign-name"),
        (BASE, "Which three things does LoRA freeze?", "the base weights", "LoRA", "foreign-name"),
        (STAGE, "清华大学的预填充受什么限制？", "算力", "预填充", "foreign-name"),
        (STAGE, "vLLM 的预填充受什么限制？", "算力", "预填充", "foreign-name"),
        (BASE, "What does LoRA freeze, and what does LoRA train?", "the base weights", "LoRA", "two-questions"),
        (BASE, "What? Does LoRA freeze?", "the base weights", "LoRA", "two-questions"),
        (BASE, "Does LoRA freeze weights?", "the base weights", "LoRA", "no-question"),
        (BASE, "Say what LoRA freezes.", "the base weights", "LoRA", "no-question"),
        (STAGE, "预填充受什么限制，对吗？", "算力", "预填充", "closed"),
        (STAGE, "What limits 解码?", "显存带宽", "解码阶段", "subject"),
        (STAGE, "What limits prefill?", "显存带宽", "解码阶段", "language"),
        (BASE, "LoRA 冻结什么？", "the base weights", "LoRA", "language"),
        (BASE, "What does <b>LoRA</b> freeze?", "the base weights", "LoRA", "markup"),
        (BASE, "What does {{c1::LoRA}} freeze?", "the base weights", "LoRA", "markup"),
        (BASE, "What does LoRA freeze [sound:a.mp3]?", "the base weights", "LoRA", "markup"),
        (BASE, r"What does LoRA freeze \(x\)?", "the base weights", "LoRA", "markup"),
        (BASE, "What does $LoRA$ freeze?", "the base weights", "LoRA", "markup"),
        (BASE, "What does **LoRA** freeze?", "the base weights", "LoRA", "markup"),
        (BASE, "What does LoRA freeze, ![a](b.png)?", "the base weights", "LoRA", "markup"),
        (BASE, "What does LoRA\u202e freeze?", "the base weights", "LoRA", "markup"),
        (BASE, "What does LoRA\x00 freeze?", "the base weights", "LoRA", "markup"),
        (BASE, "What does LoRA freeze" + "\u0301" * 9 + "?", "the base weights", "LoRA", "markup"),
        (OPTION, "Which option does deepspeed need?", "deepspeed zero3.json", "deepspeed", "cut"),
        (OPTION, "Which option does deepspeed need?", "--deepspeed zero3", "deepspeed", "cut"),
        (OPTION, "Which card has 32 GB?", "V100", "32 GB", "cut"),
        (OPTION, "How much memory has the V100?", "32", "V100", "cut"),
        (OPTION, "When is offload on?", "by default", "offload", "negation"),
        (("en", "It needs 8"), "How many bytes a weight does SGD need?", "8 bytes", "SGD", "subject"),
        (("en", "It needs 8"), "Which bytes a weight does Adam need?", "bytes a weight", "Adam", "given-away"),
        (("en", "almost zero"), "How large is the derivative of sigmoid?", "zero", "sigmoid", "cut"),
        (("en", "8x7B"), "When did the 8x22B model come?", "in 2023", "model", "foreign-name"),
        (BASE, "What is the rank, and the base, of LoRA?", "of rank $r$ only", "LoRA", "two-questions"),
        (CACHE, "键值缓存把 K 和 V 留在哪里？", "留在显", "键值缓存", "cut"),
        (STAGE, "解码阶段受什么限制？", "存带宽", "解码阶段", "cut"),
        (SPEED, "投影的训练速度是原来的几倍？", "1.7", "投影", "cut"),
        (SPEED, "投影的参数量和训练速度分别是多少？", "1.7 倍", "投影", "two-questions"),
        (SPEED, "投影的参数量是多少，训练速度又是多少？", "1.7 倍", "投影", "two-questions"),
        (("zh", "小道消息"), "投影有几个专家？", "八个专家", "投影", "hearsay"),
        (BASE, "What does LoRA freeze" + " in the end" * 30 + "?", "the base weights", "LoRA", "long"),
    ],
)
def test_what_it_does_not_bear_out_is_refused(
    place: tuple[str, str], question: str, quote: str, subject: str, code: str
) -> None:
    assert said(place, question, quote, subject) == code


@pytest.mark.parametrize(
    ("place", "quote", "subject", "expected"),
    [
        (STAGE, "显存带宽", "解码阶段", "预填充阶段受算力限制，解码阶段受显存带宽限制。 → 显存带宽"),
        (
            BASE,
            "the base weights",
            "Wrapping",
            "**Wrapping**: LoRA freezes the base weights and trains `A` and `B` of rank $r$ only. → the base weights",
        ),
        (BASE, "LoRA freezes the base weights and trains A and B of rank r only", "LoRA", "long"),
        (BASE, "rank", "Adam", "subject"),
        (("en", "two matrices"), "the two matrices", "LoRA", "form"),
        (("en", "get_peft"), "config", "LoRA", "form"),
    ],
)
def test_a_gap_is_made_in_the_notes_own_sentence(
    place: tuple[str, str], quote: str, subject: str, expected: str
) -> None:
    assert said(place, "What the model says here is not looked at", quote, subject, "gap") == expected


def test_a_form_that_is_none_is_refused() -> None:
    assert said(BASE, "What does LoRA freeze?", "the base weights", "LoRA", "essay") == "form"
