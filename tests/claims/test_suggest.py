"""`ankillm check --suggest`: what unmarked notes say that a demo measured."""

import json
from pathlib import Path

import pytest
from checkout import ROOT
from click.testing import CliRunner
from knowing import KNOWN

from ankillm.cards.demo_links import titled
from ankillm.claims.degrees import expectation, find_degrees
from ankillm.claims.expectation import Expectation
from ankillm.claims.knowledge import Knowledge, know
from ankillm.claims.suggest import suggest
from ankillm.claims.suggestion import Suggestion
from ankillm.claims.verdicts import Kind
from ankillm.cli.check import command
from ankillm.evidence.demo import FactSpec
from ankillm.evidence.schema import Measured
from ankillm.markdown.note import parse


@pytest.fixture(scope="module")
def real() -> Knowledge:
    """Return the demos and the evidence of this checkout."""
    return know(ROOT / "reference_trainer", [ROOT / "deck" / "evidence"])


def proposed(text: str, known: Knowledge) -> list[Suggestion]:
    return list(suggest(parse(text, "n.md"), known, titled))


@pytest.mark.parametrize(
    ("text", "paste"),
    [
        ("取 pre_seq_len=64，可训练的参数不足 2%。", '[不足 2%](demo:prefix#share "< 2%")'),
        ("With pre_seq_len=64 the share is less than 2%.", '[less than 2%](demo:prefix#share "< 2%")'),
        ("`pre_seq_len` 对应约 29.4M 个参数", '[约 29.4M 个参数](demo:prefix#count "≈ 29400000 ± 10%")'),
        ("前缀长度为 128 时，占训练量的 0.4-0.5%", '[0.4-0.5%](demo:prefix#share "0.4..0.5%")'),
        ("prefix_projection 让参数成倍增加", '[成倍增加](demo:prefix#cost ">= 2×")'),
        ("## get_peft_model\n\n套上之后输出没有变化", '[没有变化](demo:lora#start "= 0")'),
        ("lora_alpha 使支路放大 4 倍", '[4 倍](demo:lora#scaling "= 4×")'),
        ("在输入前面拼上虚拟词元", '[输入前面拼上虚拟词元](demo:prefix#growth "> 0 ✗")'),
    ],
)  # fmt: skip
def test_sentences_near_a_term_that_say_how_much(text: str, paste: str) -> None:
    assert [found.paste for found in proposed(text, KNOWN)] == [paste]


@pytest.mark.parametrize(
    "text",
    [
        "今天学了 3 个小时，效率提高了 50%。", "`r=8`，训练 2 轮", "# pre_seq_len 不到 1%", "pre_seq_len 设为 128",
        "```\npre_seq_len 不到 1%\n```", "LoRA 很好用", '取 pre_seq_len，[不到 1%](demo:prefix#share "< 1%") 的参数',
        "相比 prefix_projection，别的方法略微增加参数", "前缀长度为 128 时，至少占 3%", "pre_seq_len 前缀不到 2% 吗？",
        "- 7. pre_seq_len 前缀", "$1 - 2\\%$ 的 pre_seq_len 前缀", "pre_seq_len 的前缀并非不到 2%",
        "前缀长度为 128 时，占训练量的 0.5-0.4%",
        "别人误以为 pre_seq_len 的前缀不到 2%", "`不到 1%` 的 pre_seq_len", "see [3%](https://a.b) of them", "",
    ],
)  # fmt: skip
def test_other_sentences_are_left_alone(text: str) -> None:
    assert proposed(text, KNOWN) == []


@pytest.mark.parametrize(("tolerance", "title"), [(0.0, "<= 0"), (10.0, "<= 10"), (0.25, "<= 0.25")])
def test_no_change_means_no_more_than_the_tolerance(tolerance: float, title: str) -> None:
    spec = FactSpec("gap", "两次之差", "difference", varies=True, tolerance=tolerance)
    (degree,) = find_degrees("没有变化")
    assert expectation(degree, spec, Measured(0.0, "", varies=True)) == title
    assert Expectation.parse(title).holds(0)


def test_a_line_of_code_gets_a_sentence_to_add_under_its_block() -> None:
    text = "# 配置\n\n```python\nx = 1\n    lora_alpha = 64,  # 缩放因子\n```\n\n之后\n"
    (found,) = proposed(text, KNOWN)
    assert (found.line, found.column, found.under) == (5, 5, 6)
    assert found.paste == '倍数是 lora_alpha / r。[支路的缩放倍数：4×](demo:lora#scaling "= 4×")。'
    assert not found.holds


def test_suggestions_stand_where_the_words_stand() -> None:
    text = "> - 一行\n>   第二行 `pre_seq_len`，训练占不到 2%\n"
    (found,) = proposed(text, KNOWN)
    assert text.split("\n")[found.line - 1][found.column - 1 :].startswith("不到 2%")


SAID = """# 微调笔记

## LoRA

LoRA 只训练不到 5% 的参数。用 `get_peft_model` 套上之后，输出完全相同。
把 LoRA 合并权重之后，输出没有变化。

## 训练

- 梯度检查点会略微改变梯度
- 打开梯度检查点，为反向传播保存的激活大大减少
- AdamW 为每个被训练的参数保存 8 字节的状态
- 对 AdamW 来说，权重衰减就是 L2 正则
- 线性预热时，第一步就会更新权重

```python
lora_alpha = 16  # 缩放系数
model = AutoModelForCausalLM.from_pretrained(name)
no_decay = ("bias", "LayerNorm.weight")
```

P-tuning v2 prepends 8 trainable virtual tokens to the input text.
Opening prefix_projection needs slightly more parameters.
"""


def pasted(text: str, found: Suggestion) -> str:
    """Return the note after an author has followed a suggestion."""
    lines = text.split("\n")
    if found.under:
        lines.insert(found.under, f"\n{found.paste}\n")
    else:
        line, at = lines[found.line - 1], found.column - 1
        assert line[at:].startswith(found.phrase)
        lines[found.line - 1] = line[:at] + found.paste + line[at + len(found.phrase) :]
    return "\n".join(lines)


def test_what_is_surely_wrong_is_not_confirmed_by_another_fact(real: Knowledge) -> None:
    said = "Prefix tuning with `prefix_projection` slightly increases the number of trainable parameters."
    assert [(one.fact.name, one.holds) for one in proposed(said, real)] == [("projection_cost", False)]


def test_every_suggestion_can_be_pasted_and_then_passes_the_check(real: Knowledge) -> None:
    found = proposed(SAID, real)
    assert len(found) >= 10
    for suggestion in found:
        (verdict,) = real.verdicts(parse(pasted(SAID, suggestion), "n.md"))
        assert verdict.kind in {Kind.CONFIRMED, Kind.KNOWN_WRONG, Kind.STALE}, suggestion


def test_the_demos_misreadings_are_found_in_other_words(real: Knowledge) -> None:
    answered = {(found.demo, found.fact.name, found.holds) for found in proposed(SAID, real)}
    assert {
        ("lora", "llama2_7b_share", True),
        ("lora", "init_output_difference", True),
        ("gradient_checkpointing", "gradient_difference", False),
        ("gradient_checkpointing", "saved_bytes_ratio", True),
        ("weight_decay", "l2_is_not_decoupled", False),
        ("weight_decay", "norms_matched_llama", False),
        ("warmup", "first_step_moves", False),
        ("lora", "scaling", False),
        ("prefix_tuning", "hidden_growth", False),
        ("prefix_tuning", "projection_cost", False),
    } <= answered


def test_what_the_known_note_gets_wrong_is_proposed(real_notes: Path, real: Knowledge) -> None:
    text = (real_notes / "seed.md").read_text(encoding="utf-8")
    found = {(each.line, f"{each.demo}#{each.fact.name}", each.holds) for each in proposed(text, real)}
    assert {
        (178, "prefix_tuning#trainable_share", True),
        (157, "prefix_tuning#projection_cost", False),
        (143, "prefix_tuning#hidden_growth", False),
        (45, "weight_decay#norms_matched_llama", False),
        (36, "lora#scaling", False),
    } <= found
    for suggestion in proposed(text, real):
        (verdict,) = real.verdicts(parse(pasted(text, suggestion), "n.md"))
        assert verdict.kind in {Kind.CONFIRMED, Kind.KNOWN_WRONG, Kind.STALE}, suggestion


def test_a_note_on_other_subjects_gets_its_two_errors_and_no_more(real_notes: Path, real: Knowledge) -> None:
    found = proposed((real_notes / "day01" / "index.md").read_text(encoding="utf-8"), real)
    assert [(each.line, each.demo, each.fact.name) for each in found] == [
        (68, "objectives", "masked_visible_share"),
        (210, "metrics", "sentence_mean_excess"),
    ]


def test_code_in_a_misreading_is_proposed_whole(real: Knowledge) -> None:
    (found,) = proposed("启用 `gradient_checkpointing` 后必须调用 `model.enable_input_require_grads()` 才行", real)
    assert found.phrase == "必须调用 `model.enable_input_require_grads()`"


def test_the_command_prints_what_to_paste_and_edits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    note = tmp_path / "a.md"
    note.write_text(SAID, encoding="utf-8")
    shown = CliRunner().invoke(command, ["a.md", "--suggest"])
    assert shown.exit_code == 0, shown.output
    assert "a.md:5:9  不到 5% 的参数" in shown.stdout
    assert '[不到 5% 的参数](demo:lora#llama2_7b_share "< 5%")' in shown.stdout
    assert "Next: paste" in shown.stdout
    entries = json.loads(CliRunner().invoke(command, ["a.md", "--suggest", "--json"]).stdout)
    assert {"file", "line", "column", "phrase", "demo", "fact", "label", "measured", "expectation", "paste"} <= set(
        entries[0]
    )
    assert note.read_text(encoding="utf-8") == SAID


def test_two_notes_of_one_name_and_a_bad_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "n.md").write_text("# x\n", encoding="utf-8")
    (tmp_path / "c" / "n.md").write_bytes(b"\xff")
    assert CliRunner().invoke(command, ["a", "b", "--suggest"]).exit_code == 0
    result = CliRunner().invoke(command, ["a", "c", "--suggest"])
    assert (result.exit_code, "c/n.md:1" in result.stderr) == (1, True)


def test_a_phrase_ends_with_a_whole_word(real: Knowledge) -> None:
    """A misreading's pattern may stop inside of a word."""
    said = "## prefix_projection\n\nTurning it on slightly increases the number of parameters.\n"
    assert [found.phrase for found in proposed(said, real)] == ["slightly increases the number of parameters"]
