"""Doubts on their way: from a note to its cards, their tags, and the last line of a build."""

import json
from pathlib import Path

import pytest
from checkout import ROOT
from click.testing import CliRunner, Result
from knowing import KNOWN

from ankillm.anki.fields import rendered
from ankillm.cards.card import Card
from ankillm.cards.demo_links import link
from ankillm.claims.contradictions import doubts
from ankillm.claims.knowledge import know
from ankillm.cli.build import command as build_command
from ankillm.cli.cards import command as cards_command
from ankillm.common.diagnostics import Span
from ankillm.markdown.note import parse

NOTE = """# P-tuning v2

## prefix_projection

- 作用：
  - 增加模型对前缀词元的表达能力
  - 可以学习到更复杂的特征表示
  - 但会略微增加参数量和计算开销

## LoRA

```python
peft_config = peft.LoraConfig(
    r=8,  # LoRA 的秩
    lora_alpha=32,  # 缩放因子
)
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the note, as the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.md").write_text(NOTE, encoding="utf-8")
    return tmp_path


def build(*arguments: str) -> Result:
    return CliRunner().invoke(build_command, ["n.md", "-o", "n.apkg", *arguments])


def card(front: str, back: str, line: int) -> Card:
    return Card("basic", "definition", front, back, "x", "n.md", ("T",), ("T",), Span("n.md", line, line), "deck", "zh")


TEXT = "# 笔记\n\n- 虚拟词元：在输入前面拼上虚拟词元\n- 别的一句话\n"


def test_a_doubt_is_on_the_card_that_shows_the_words_and_on_no_other() -> None:
    found = doubts(parse(TEXT, "n.md"), KNOWN)
    assert [(doubt.line, doubt.phrase, doubt.demo, doubt.fact) for doubt in found] == [
        (3, "输入前面拼上虚拟词元", "prefix", "growth")
    ]
    cards = [
        card("做什么？", "在输入前面拼上虚拟词元", 3),
        card("做什么？", "在输入后面", 3),
        card("什么？", "别的一句话", 4),
    ]
    first, *others = link(cards, (), KNOWN.demos, KNOWN.evidence, doubts=found)
    assert (first.doubts, first.demo, [fact.name for fact in first.facts]) == (found, "prefix", ["growth"])
    assert "ankillm::doubt" in first.tags
    assert not any(other.doubts for other in others)
    shown = rendered(first)
    assert (
        '<div class="verdict doubt">实测不同：0（笔记：输入前面拼上虚拟词元）· ankillm check --suggest'
        '<span class="why">不变长</span></div>'
    ) in shown.fields.evidence
    assert not first.verdicts
    assert "✗" not in shown.fields.evidence
    assert shown.hash != rendered(cards[0]).hash


def test_a_build_ends_with_how_many_statements_differ(folder: Path) -> None:
    first = build()
    assert first.exit_code == 0, first.output
    last = "! 2 statements differ from what was measured; see them: ankillm check --suggest n.md"
    assert first.output.splitlines()[-1] == last
    assert build().output.splitlines()[-1] == last, "a build with nothing to do says it too"
    (told,) = json.loads(build("--json").stdout)
    assert [(doubt["line"], doubt["fact"], doubt["unit"]) for doubt in told["doubts"]] == [
        (8, "projection_cost", "×"),
        (15, "scaling", "×"),
    ]
    (folder / "n.md").write_text("# A\n\n## What is LoRA?\n\nA method.\n", encoding="utf-8")
    assert "statement" not in build().output


@pytest.mark.usefixtures("folder")
def test_cards_tell_their_doubts() -> None:
    cards = json.loads(CliRunner().invoke(cards_command, ["n.md", "--json"]).stdout)
    told = {doubt["line"]: entry for entry in cards for doubt in entry["doubts"]}
    assert set(told) == {8, 15}
    assert all("ankillm::doubt" in entry["tags"] and not entry["verdicts"] for entry in told.values())
    assert told[8]["facts"][0]["name"] == "projection_cost"


RIGHT = {
    ("notes/day01/index.md", 68, "masked_visible_share"),
    ("notes/seed.md", 36, "scaling"),
    ("notes/seed.md", 45, "norms_matched_llama"),
    ("notes/seed.md", 143, "hidden_growth"),
    ("notes/seed.md", 157, "projection_cost"),
    ("annotated/en/loss-functions.md", 68, "uniform_loss"),
    ("annotated/zh/llm-speed.md", 52, "qwen_bytes_per_token"),
    ("annotated/zh/ucloud-interview.md", 64, "scaling"),
}
"""What real notes say wrongly, judged one by one: BERT predicts what follows; a cross entropy is at most 1, …"""


def test_all_doubts_of_real_notes_are_right(real_notes: Path) -> None:
    known = know(ROOT / "reference_trainer", [ROOT / "deck" / "evidence"])
    folder = real_notes.parent
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.glob("[na]*/**/*.md")}
    found = (doubt for name, text in texts.items() for doubt in doubts(parse(text, name), known))
    told = {(doubt.file, doubt.line, doubt.fact) for doubt in found}
    assert told == {right for right in RIGHT if right[0] in texts}


def test_the_known_note_is_flagged_where_it_is_wrong_and_nowhere_else(
    real_notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(real_notes)
    cards = json.loads(CliRunner().invoke(cards_command, ["seed.md", "--json"]).stdout)
    assert {doubt["line"] for entry in cards for doubt in entry["doubts"]} == {36, 45, 143, 157}
    assert not any(entry["verdicts"] for entry in cards)
