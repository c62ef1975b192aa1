"""A small world for tests of claims: two demos and what they measured, without any module of the trainer."""

from note_cards import cards_of

from ankillm.cards.card import Card
from ankillm.claims.knowledge import Knowledge
from ankillm.evidence.demo import Demo, FactSpec, Misreading
from ankillm.evidence.schema import Evidence, Measured
from ankillm.markdown.note import Note

PREFIX = Demo(
    name="prefix",
    path="reference_trainer/prefix.py",
    explains="Prefixes.",
    terms=("连续提示", "soft prompt"),
    facts=(
        FactSpec("share", "前缀的可训练占比", "share that a prefix trains", "%", ("pre_seq_len", "前缀长度")),
        FactSpec("count", "前缀的参数", "parameters of a prefix", "", ("pre_seq_len",)),
        FactSpec(
            "cost",
            "打开 prefix_projection 后参数变为几倍",
            "factor of prefix_projection",
            "×",
            ("prefix_projection",),
            question_zh="打开 `prefix_projection`，参数变为几倍？",
            question_en="What factor does `prefix_projection` bring?",
        ),
        FactSpec("growth", "输入变长多少", "growth of the input", "", ("虚拟词元", "virtual token")),
    ),
    misreadings=(
        Misreading(
            r"(输入前面|before the input)…(虚拟词元|virtual token)",
            "growth",
            "> 0 ✗",
            "不变长",
            "None",
            ("虚拟词元",),
            sure=True,
        ),
    ),
    source="a" * 64,
)  # fmt: skip
LORA = Demo(
    name="lora",
    path="reference_trainer/lora.py",
    explains="LoRA.",
    terms=("LoRA",),
    facts=(
        FactSpec("scaling", "支路的缩放倍数", "factor of the branch", "×", ("lora_alpha", "scaling factor")),
        FactSpec("rank", "更新的秩", "rank of the update", "", ("r", "lora_rank", "LoRA 的秩")),
        FactSpec("start", "未训练时输出的差", "difference at the start", "", ("get_peft_model", "lora_B")),
        FactSpec("speed", "变快几倍", "speedup", "×", ("get_peft_model",), varies=True, tolerance=0.5),
        FactSpec("works", "能与检查点同用", "works with checkpointing", "", ("get_peft_model",)),
        FactSpec("later", "还没有测", "not measured yet", "", ("lora_alpha",), question_zh="没有测？"),
    ),
    misreadings=(
        Misreading(
            r"lora_alpha ?= ?\d{1,4}.{0,20}缩放因子", "scaling", "= 32 ✗", "倍数是 lora_alpha / r", "Divide by r"
        ),
    ),
    source="b" * 64,
)  # fmt: skip
VERSIONS = {"torch": "2.13.0"}


def evidence(demo: Demo, facts: dict[str, Measured], source: str = "") -> Evidence:
    return Evidence(demo.name, "cpu", 0, VERSIONS, source or demo.source, "2026-01-01", facts, (), "")


KNOWN = Knowledge(
    (LORA, PREFIX),
    (
        evidence(
            LORA,
            {
                "scaling": Measured(4.0, "×", varies=False),
                "rank": Measured(8, "", varies=False),
                "start": Measured(0.0, "", varies=False),
                "speed": Measured(1.5, "×", varies=True),
                "works": Measured(value=True, unit="", varies=False),
            },
        ),
        evidence(
            PREFIX,
            {
                "share": Measured(0.4733, "%", varies=False),
                "count": Measured(29360128, "", varies=False),
                "cost": Measured(32.598, "×", varies=False),
                "growth": Measured(0, "", varies=False),
            },
        ),
    ),
)


def kept(note: Note) -> list[Card]:
    """Return the cards that a note yields."""
    return [card for card in cards_of(note) if not card.dropped]
