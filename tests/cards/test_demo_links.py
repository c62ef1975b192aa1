"""What cards are linked with: demos and facts by term, verdicts by claim; and the cards that measurements make."""

import pytest
from knowing import KNOWN, LORA, PREFIX, kept
from msgspec.structs import replace
from note_cards import shape_drafts

from ankillm.anki.footer import demo_command
from ankillm.build.pipeline import knowledge_here
from ankillm.cards.card import Card, Gap
from ankillm.cards.claim_cards import Beside, Standing, fact_cards, mentions, truth_cards, without_asked
from ankillm.cards.demo_links import link
from ankillm.cards.plain import texts
from ankillm.claims.contradictions import doubts
from ankillm.claims.knowledge import Knowledge
from ankillm.claims.verdicts import Kind
from ankillm.common.diagnostics import Span
from ankillm.common.project import Density
from ankillm.evidence.demo import FactSpec, find
from ankillm.evidence.terms import named, terms
from ankillm.markdown.note import Note, parse

EMPTY = Card("basic", "definition", "", "", "", "n.md", (), (), Span("n.md", 1, 9), "deck", "zh")


def linked(card: Card) -> tuple[str, list[str]]:
    (found,) = link([card], (), KNOWN.demos, KNOWN.evidence)
    return found.demo, [fact.name for fact in found.facts]


def basic(front: str, back: str = "", name: str = "", context: tuple[str, ...] = ()) -> Card:
    return replace(EMPTY, front=front, back=back, name=name, context=context)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pc.pre_seq_len=128", {"pre_seq_len"}), ("pre_seq_len_max", set()), ("my_pre_seq_len", set()),
        ("Pre_Seq_Len", set()),
        ("**pre\\_seq\\_len**", set()), ("使用LoRA微调", {"LoRA"}), ("QLoRA", set()), ("a lora run", {"LoRA"}),
        ("虚拟 词元", set()), ("这些虚拟词元会", {"虚拟词元"}), ("Virtual tokens", {"virtual token"}),
        ("two virtual-tokens", set()), ("LoRA的秩", {"LoRA", "LoRA 的秩"}), ("r=8", {"r"}), ("for", set()),
        ("peft.get_peft_model(model)", {"get_peft_model"}), ("R", set()), ("soft  prompt", {"soft prompt"}),
    ],
)  # fmt: skip
def test_terms_are_whole_tokens_and_words(text: str, found: set[str]) -> None:
    assert {term.text for term in named(text, terms(KNOWN.demos))} == found


@pytest.mark.parametrize(
    ("card", "demo", "facts"),
    [
        (basic("`pre_seq_len` 是什么？", "长度", "pre_seq_len"), "prefix", ["share", "count"]),
        (basic("**pre\\_seq\\_len（长度）** 是什么？", "长度", "pre_seq_len（长度）"), "prefix", ["share", "count"]),
        (basic("LoRA 中，`lora_alpha` 是什么？", "与 LoRA 的秩一起", "lora_alpha"), "lora", ["scaling"]),
        (basic("`r` 是什么？", "LoRA 的秩", "r"), "lora", ["rank"]),
        (basic("步数是什么？", "训练了几步", "步数"), "", []),
        (basic("r 是什么？", "相关系数", "r"), "", []),
        (basic("`r` 是什么？", "秩", "r", ("LoRA 设置",)), "lora", ["rank"]),
        (basic("连续提示是什么？", "向量", "连续提示"), "prefix", []),
        (basic("怎么套上？", "用 `get_peft_model`"), "lora", ["start", "speed", "works"]),
        (basic("特点是什么？", "快", "特点", ("prefix_projection",)), "prefix", ["cost"]),
        (basic("什么链接？", "[看这里](https://a.b/lora_alpha)"), "", []),
    ],
)  # fmt: skip
def test_a_card_shows_the_facts_whose_term_it_is_about(card: Card, demo: str, facts: list[str]) -> None:
    assert linked(card) == (demo, facts)


def test_what_a_cloze_hides_counts_first_and_is_matched_filled() -> None:
    code = "cfg.lora_alpha = cfg.prefix_projection  # x"
    gap = code.index("prefix_projection")
    card = replace(
        EMPTY, kind="cloze", question="code", code="python", front=code, gaps=(Gap(gap, gap + 17),), name="x"
    )
    assert linked(card) == ("prefix", ["cost"])
    shown = code.index("lora_alpha")
    assert linked(replace(card, gaps=(Gap(shown, shown + 10),))) == ("lora", ["scaling"])
    half = replace(card, gaps=(Gap(gap, gap + 6),))
    assert linked(half)[0] in {"lora", "prefix"}


def test_a_fact_shows_its_label_value_and_device_and_whether_it_is_stale() -> None:
    (card,) = link([basic("`lora_alpha`？", "x")], (), KNOWN.demos, KNOWN.evidence)
    (fact,) = card.facts
    assert (fact.label, fact.measured.value, fact.device, fact.stale) == ("支路的缩放倍数", 4.0, "cpu", False)
    newer = replace(LORA, source="c" * 64)
    (card,) = link([basic("`lora_alpha`？", "x")], (), (newer, PREFIX), KNOWN.evidence)
    assert card.facts[0].stale
    (card,) = link([replace(basic("`lora_alpha`?", "x"), language="en")], (), KNOWN.demos, ())
    assert (card.demo, card.facts) == ("lora", ())


NOTE = """# 微调

## prefix_projection

- 定义：决定是否投影的参数
- 作用：[不到 1% 的参数][share]
- 代价：会[略微增加参数量][cost]，其实很多

## get_peft_model 有什么用？

套上适配器，[倍数是 5](demo:lora#scaling "= 5×")。

有人说，“[套上之后输出变了][start]”。错，B 初始化为零。
有人说，“[套上之后仍能用检查点][works]”。对。

[share]: demo:prefix#share "< 1% ✓"
[cost]: demo:prefix#cost "<= 1.5× ✗"
[start]: demo:lora#start "> 0 ✗"
[works]: demo:lora#works "yes ✓"
"""


def test_a_verdict_goes_to_the_cards_that_show_its_phrase() -> None:
    note = parse(NOTE, "n.md")
    cards = list(
        link(
            (card for card in shape_drafts(note) if not card.dropped), KNOWN.verdicts(note), KNOWN.demos, KNOWN.evidence
        )
    )
    by_front = {texts(card)[0]: card for card in cards}
    share = by_front["prefix_projection 的作用是什么？"]
    assert [verdict.kind for verdict in share.verdicts] == [Kind.CONFIRMED]
    assert "ankillm::confirmed" in share.tags
    assert share.demo == "prefix"
    assert [(fact.name, fact.label) for fact in share.facts] == [
        ("share", "前缀的可训练占比"),
        ("cost", "打开 prefix_projection 后参数变为几倍"),
    ]
    asked = next(card for front, card in by_front.items() if "get_peft_model 有什么用" in front)
    assert Kind.REFUTED in [verdict.kind for verdict in asked.verdicts]
    assert "ankillm::refuted" in asked.tags
    defined = by_front["prefix_projection 是什么？"]
    assert (defined.verdicts, [fact.name for fact in defined.facts]) == ((), ["cost"])


def test_marked_claims_are_asked_as_true_or_false() -> None:
    note = parse(NOTE, "n.md")
    cards = {
        texts(card)[0].split("\n\n")[1]: texts(card) for card in truth_cards(note, KNOWN.verdicts(note), KNOWN.demos)
    }
    assert set(cards) == {
        "prefix_projection：不到 1% 的参数",
        "prefix_projection：略微增加参数量",
        "get_peft_model：套上之后输出变了",
        "get_peft_model：套上之后仍能用检查点",
    }
    assert cards["get_peft_model：套上之后输出变了"] == (
        "对还是错？差多少？\n\nget_peft_model：套上之后输出变了",
        "错。B 初始化为零。\n\n未训练时输出的差：实测 0",
    )
    assert cards["get_peft_model：套上之后仍能用检查点"][1] == "对。\n\n能与检查点同用：实测 是"


def test_a_claim_that_goes_on_from_another_sentence_gets_its_subject() -> None:
    text = '# 微调\n\n## prefix_projection\n\n- 表达能力更强\n- 但会[略微增加参数量](demo:prefix#cost "<= 1.5× ✗")\n'
    note = parse(text, "n.md")
    (card,) = truth_cards(note, KNOWN.verdicts(note), KNOWN.demos)
    assert texts(card)[0] == "对还是错？差多少？\n\nprefix_projection：略微增加参数量"


def test_a_true_or_false_card_shows_its_verdict_and_the_fact_that_decides_it() -> None:
    note = parse(NOTE, "n.md")
    judged = KNOWN.verdicts(note)
    for card in link(truth_cards(note, judged, KNOWN.demos), judged, KNOWN.demos, KNOWN.evidence):
        (verdict,) = card.verdicts
        (fact,) = card.facts
        assert (fact.demo, fact.name, fact.versions) == (verdict.claim.demo, verdict.claim.fact, {"torch": "2.13.0"})
        assert card.tags == (f"ankillm::{verdict.kind}",)


def test_a_claim_that_fails_is_not_asked() -> None:
    note = parse(NOTE.replace("< 1% ✓", "> 1% ✓").replace("> 0 ✗", "= 0 ✗"), "n.md")
    asked = [card.verdicts[0].claim.fact for card in truth_cards(note, KNOWN.verdicts(note), KNOWN.demos)]
    assert sorted(asked) == ["cost", "works"]


def test_a_skipped_section_asks_nothing() -> None:
    note = parse("<!-- anki: skip -->\n" + NOTE.replace("## ", "### "), "n.md")
    assert list(truth_cards(note, KNOWN.verdicts(note), KNOWN.demos)) == []


def made_of_facts(*notes: Note) -> list[Card]:
    """Return the cards of the facts that notes name."""
    found = [mention for note in notes for mention in mentions(note, KNOWN.verdicts(note), KNOWN.demos, {})]
    return list(fact_cards(found, KNOWN.demos, KNOWN.evidence))


def test_a_fact_with_a_question_is_a_card_once_a_deck() -> None:
    notes = [
        parse("没有\n", "a.md"),
        parse("打开 prefix_projection\n", "b.md"),
        parse("`prefix_projection` lora_alpha\n", "c.md"),
    ]
    (card,) = made_of_facts(*notes)
    assert texts(card) == ("打开 prefix_projection，参数变为几倍？", "32.6×")
    assert (card.key, card.source) == ("prefix#cost#fact#basic", Span("b.md", 1, 1))
    assert [fact.name for fact in card.facts] == ["cost"]
    (english,) = made_of_facts(parse("About prefix_projection and more words\n", "a.md"))
    assert texts(english)[0] == "What factor does prefix_projection bring?"


def test_the_source_of_a_fact_is_the_claim_about_it() -> None:
    note = parse('`prefix_projection`\n\n打开它会[增加参数](demo:prefix#cost "> 1×")\n', "a.md")
    (card,) = made_of_facts(note)
    assert card.source.line == 3


@pytest.mark.parametrize(
    ("title", "facts", "asked"),
    [("<= 33×", (), True), ("<= 33×", ("facts",), False), ("<= 33× ✓", (), False), ("> 33×", ("facts",), True)],
)
def test_what_the_card_of_a_claim_or_its_fact_asks_no_gap_asks_again(
    title: str, facts: tuple[str, ...], *, asked: bool
) -> None:
    text = f'# 前缀\n\n打开投影之后，参数[大约是原来的 33 倍](demo:prefix#cost "{title}")。激活值的显存大约多占 30%。\n'
    note = parse(text, "n.md")
    verdicts = KNOWN.verdicts(note)
    cards = without_asked(
        link(shape_drafts(note), verdicts, KNOWN.demos, KNOWN.evidence), KNOWN.demos, facts=bool(facts)
    )
    dropped = {card.name: card.dropped is not None for card in cards}
    assert dropped == {"33 倍": not asked, "30%": False}


def test_a_claims_own_address_is_no_mention() -> None:
    note = parse('[x](demo:prefix#cost "> 1×")\n\n[prefix_projection]: demo:prefix#cost "> 1×"\n', "a.md")
    assert made_of_facts(note) == []


def test_measuring_again_with_the_same_result_changes_no_card() -> None:
    note = parse(NOTE, "n.md")
    again = Knowledge(KNOWN.demos, tuple(replace(entry, versions={"torch": "2.14"}) for entry in KNOWN.evidence))
    for one, other in zip(linked_all(note, KNOWN), linked_all(note, again), strict=True):
        assert texts(one) == texts(other)
        assert [fact.measured for fact in one.facts] == [fact.measured for fact in other.facts]


def linked_all(note: Note, known: Knowledge) -> list[Card]:
    verdicts = known.verdicts(note)
    return [*link(kept(note), verdicts, known.demos, known.evidence), *truth_cards(note, verdicts, known.demos)]


@pytest.mark.parametrize(
    ("note", "demos"),
    [
        (
            "# Gym\n\n- padding tokens: slips for the lockers\n- warmup: ten minutes\n- training log: a notebook\n",
            set(),
        ),
        ("# 健身\n\n- 预热：十分钟\n- 训练日志：每组的重量\n- 截断：缩短动作\n- 学习曲线：不陡\n", set()),
        (
            "# Rails\n\n- accumulate: sum up\n- truncation: of strings\n- generator: makes files\n",
            set(),
        ),
        (
            "# 数字音频\n\n- 量化：8 位量化有 256 个电平\n- 位置编码：声源处\n\n## 什么是量化误差？\n\n幅度之差。\n",
            set(),
        ),
        ("# 雷达\n\n- 位置编码：目标的位置\n- 温度 T：接收机的噪声温度\n", set()),
        ("# 图像压缩\n\n- 残差连接：把预测与原图的差另外存一份\n- 4 位量化：每个像素 4 位\n", set()),
        ("# Audio\n\n- quantization: 8-bit quantization has 256 levels\n- temperature: of the amplifier\n", set()),
        ("# 字符编码\n\n- UTF-8：变长的编码\n- 前导空格：行首的空格\n", set()),
        ("# 大模型\n\n- 8 位量化：每个权重一个字节\n", {"quantization"}),
        ("# 笔记\n\n- 8 位量化：每个权重一个字节，Transformer 的推理更省显存\n", {"quantization"}),
        ("# Fine-tuning\n\n- warmup: the first steps\n", {"warmup"}),
        ("# Schedules\n\n- warmup: the learning rate climbs\n", {"warmup"}),
        ("# 大模型\n\n- 预热：前几步\n", {"warmup"}),
        ("# Steps\n\nSet `num_warmup_steps`.\n\n- warmup: the first steps\n", {"warmup"}),
        ("# 步骤\n\n- 预热：前几步\n\n用 AdamW。\n", {"warmup"}),
    ],
)
def test_an_ordinary_word_is_a_term_only_in_a_note_about_models(note: str, demos: set[str]) -> None:
    known = knowledge_here()
    note_read = parse(note, "n.md")
    cards = list(shape_drafts(note_read))
    assert cards
    found = {card.demo for card in link(cards, (), known.demos, known.evidence, note)} - {""}
    assert found <= demos if not demos else demos <= found
    assert {mention.demo for mention in mentions(note_read, (), known.demos, {})} <= (
        found | {"weight_decay"} if demos else set()
    )


def fact_scores(note: Note, density: Density = "normal", beside: Beside | None = None) -> dict[str, bool]:
    """Return which cards of facts are made beside the others of a note, by the fact's name."""
    said = {(doubt.demo, doubt.fact): Standing.CONTRADICTED for doubt in doubts(note, RANKED)}
    found = mentions(note, RANKED.verdicts(note), RANKED.demos, said)
    every = frozenset((demo.name, spec.name) for demo in RANKED.demos for spec in demo.facts)
    cards = fact_cards(found, RANKED.demos, RANKED.evidence, beside or Beside(density, every))
    return {card.section[0]: not card.dropped for card in cards}


def asked(spec: FactSpec) -> FactSpec:
    return replace(spec, question_zh=f"{spec.zh}？", question_en=f"{spec.en}?")


RANKED = replace(KNOWN, demos=tuple(replace(demo, facts=tuple(map(asked, demo.facts))) for demo in KNOWN.demos))
LARGE = "# LoRA\n\n- `pre_seq_len`：长度\n- `get_peft_model`：套上\n- `lora_alpha`：缩放\n"


def test_of_a_concept_one_fact_is_asked_at_normal_density() -> None:
    """`share` and `count` have `pre_seq_len` in common; `start`, `speed` and `works` have `get_peft_model`."""
    note = parse(LARGE, "n.md")
    assert [name for name, made in fact_scores(note).items() if made] == ["share", "start", "scaling"]
    assert all(fact_scores(note, "many").values())
    assert not any(fact_scores(note, "few").values())


def test_a_fact_that_no_card_shows_is_not_asked_at_normal_density() -> None:
    note = parse(LARGE, "n.md")
    assert not any(fact_scores(note, beside=Beside("normal")).values())


def test_first_comes_what_contradicts_the_note_and_what_it_claims() -> None:
    text = "# 前缀\n\n- `pre_seq_len`：长度\n- 在输入前面拼上虚拟词元\n"
    assert fact_scores(parse(text, "n.md"), "few") == {"share": False, "count": False, "growth": True}
    claimed = f'{LARGE}- 训练 [29.4M 个参数](demo:prefix#count "= 29360128")\n'.replace("29.4M", "29360128")
    assert {name for name, made in fact_scores(parse(claimed, "n.md"), "few").items() if made} == {"count"}


def test_a_card_of_a_fact_that_was_shipped_stays() -> None:
    note = parse(LARGE, "n.md")
    live = Beside("few", live=frozenset({"lora#works#fact#basic"}))
    assert [name for name, made in fact_scores(note, beside=live).items() if made] == ["works"]


@pytest.mark.parametrize(
    ("card", "command"),
    [
        (basic("`pre_seq_len` 是什么？", "长度", "pre_seq_len"), "ankillm demo pre_seq_len"),
        (basic("连续提示是什么？", "向量", "连续提示"), "ankillm demo 连续提示"),
        (basic("What is a soft prompt?", "A vector", "soft prompt"), 'ankillm demo "soft prompt"'),
        (basic("特点是什么？", "快", "特点", ("prefix_projection",)), "ankillm demo prefix_projection"),
    ],
)
def test_a_card_prints_its_own_term(card: Card, command: str) -> None:
    (found,) = link([card], (), KNOWN.demos, KNOWN.evidence)
    assert demo_command(found.demo, found.term) == command
    assert find(KNOWN.demos, found.term) == tuple(demo for demo in KNOWN.demos if demo.name == found.demo)
