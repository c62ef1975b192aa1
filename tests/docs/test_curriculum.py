"""The project's own notes: what they claim, and the cards that an expert wants of them."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT

from ankillm.anki.listing import listing
from ankillm.build.build import read_decks
from ankillm.claims.claim import Claim, find_claims
from ankillm.claims.expectation import Expectation
from ankillm.claims.quantities import find_amounts
from ankillm.common.project import load
from ankillm.markdown.note import parse
from ankillm.markdown.positions import prose

LANGUAGES = ("zh", "en")

WANTED = {
    2: ("梯度检查点用什么代价换显存", "多做一次前向"),
    3: ("启用梯度检查点会让梯度产生微小的误差", "0"),
    5: ("重入式检查点遇到冻结的嵌入", "报错.*grad=None"),
    7: ("训练时为什么关闭 KV 缓存", "缓存用不上.*不兼容"),
    9: ("半精度主干里，为什么让前缀编码器用 fp32", "NaN.*SGD"),
    12: ("inference_mode=True.*多少可训练参数", "^0"),
    14: ("lora_alpha 就是缩放倍数", "4"),
    16: ("刚用 get_peft_model 套上 LoRA.*差多少", "^0"),
    17: ("in×out 的线性层加上秩为 r 的 LoRA", "in \\+ out"),
    18: ("CastOutputToFloat\\(lm_head\\) 改变了什么", "float32"),
    21: ("为什么 bias 与归一化权重不做权重衰减", "一维.*正则"),
    22: ("按 LayerNorm.weight 子串分组，哪些模型", "BERT.*GPT-2.*Llama.*Qwen2.*GLM"),
    23: ("交给 AdamW 的冻结参数也会被", "0"),
    26: ("学习率曲线是什么形状", "线性升到峰值.*线性降回零"),
    27: ("第一步的学习率是多少", "^0"),
    29: ("漏掉 optimizer.zero_grad\\(\\)", "2"),
    30: ("记录损失为什么写 float\\(loss.cpu\\(\\).detach\\(\\)\\)", "普通的数.*计算图"),
    31: ("bf16 autocast 下，线性层的输出是什么精度", "bfloat16"),
    32: ("autocast 会把模型参数变成 bfloat16", "float32"),
    33: ("fp16 autocast 不配 GradScaler 有什么风险", "下溢"),
    34: ("best_eval_loss 为什么初始化为 float\\('inf'\\)", "第一次评估必定保存"),
    37: ("P-tuning v2 把虚拟词元拼进输入序列", "0"),
    38: ("ChatGLM-6B.*可训练参数占多少", "0.47"),
    40: ("打开 prefix_projection 只略微增加", "32.6"),
    42: ("peft 的 prefix tuning 为什么不能与梯度检查点同用", "不能同用"),
}
"""What an expert adds to a note of this kind, by the number of the wanted card: words of the front, of the back."""

Card = dict[str, Any]


def notes(language: str) -> list[Path]:
    return sorted((ROOT / "notes" / language).glob("*.md"))


def claims(language: str) -> list[Claim]:
    read_notes = [parse(path.read_text("utf-8"), path.name) for path in notes(language)]
    return [claim for n in read_notes for claim in find_claims(n.text, n.tokens, n.references, n.file)]


def marks(language: str) -> Counter[str]:
    return Counter(Expectation.parse(claim.expectation).mark for claim in claims(language))


@pytest.fixture(scope="module")
def cards() -> list[Card]:
    """Return the cards of both decks, as the command prints them."""
    command = [sys.executable, "-m", "ankillm", "cards", "--json"]
    found: list[Card] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return found


def of_language(cards: list[Card], language: str) -> list[Card]:
    return [card for card in cards if card["source"]["file"].startswith(f"notes/{language}/")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_least_sixty_claims_none_of_them_invalid(language: str) -> None:
    """And among them at least eight corrections of widespread mistakes."""
    assert not [(claim.file, claim.line, claim.problem) for claim in claims(language) if claim.problem]
    assert len(claims(language)) >= 60
    assert marks(language)["✗"] >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_true_statements_are_asked_as_often_as_false_ones(language: str) -> None:
    """So that "false" is never the safe guess on a true-or-false card."""
    assert marks(language)["✗"] == marks(language)["✓"]


def test_both_languages_make_the_same_claims() -> None:
    """Note by note, the same facts are held against the same expectations."""
    chinese, english = (
        Counter((claim.file, claim.demo, claim.fact, claim.expectation) for claim in claims(language))
        for language in LANGUAGES
    )
    assert chinese == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quantity_in_prose_is_claimed(language: str) -> None:
    """A number outside of claims, code, formulas, names and headings could not be checked."""
    loose = [
        (path.name, piece.place(amount.start)[0], amount.written)
        for path in notes(language)
        for note in [parse(path.read_text("utf-8"), path.name)]
        for piece in prose(note.text, note.tokens)
        if not piece.heading
        for amount in find_amounts(piece.masked())
        if not amount.name
    ]
    assert not loose


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_of_cards_is_one_that_can_be_learned(cards: list[Card], language: str) -> None:
    assert 120 <= len(of_language(cards, language)) <= 600


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_claim_is_asked_as_true_or_false(cards: list[Card], language: str) -> None:
    asked = [card for card in of_language(cards, language) if card["question"] == "truth"]
    assert len(asked) == marks(language)["✗"] + marks(language)["✓"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_cards_ask_the_same(cards: list[Card], language: str) -> None:
    fronts = Counter(card["front"] for card in of_language(cards, language) if card["kind"] == "basic")
    assert not {front for front, count in fronts.items() if count > 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_all_cards_is_the_one_in_git(
    language: str, monkeypatch: pytest.MonkeyPatch, *, regen: bool
) -> None:
    """So that every change of a rule, a note or a measurement is read as the cards that it changes."""
    monkeypatch.chdir(ROOT)
    deck = next(spec for spec in load(ROOT).decks if spec.output.stem == language)
    (made,) = read_decks([deck])
    now = listing(made.kept)
    before = deck.listing.read_text("utf-8") if deck.listing.exists() else ""
    if regen:
        deck.listing.write_text(now, "utf-8")
    assert before == now


@pytest.mark.parametrize("number", WANTED)
def test_the_card_that_an_expert_adds_comes_out(cards: list[Card], number: int) -> None:
    front, back = WANTED[number]
    asked = [card for card in of_language(cards, "zh") if re.search(front, card["front"])]
    assert asked
    assert any(re.search(back, card["back"], re.DOTALL) for card in asked)


def test_the_ledgers_in_git_are_of_the_decks_as_they_are() -> None:
    """Whoever builds these decks anew ships no card that the ledger does not know."""
    run = subprocess.run(
        [sys.executable, "-m", "ankillm", "build", "--dry-run", "--no-cache", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for report in json.loads(run.stdout):
        told = {word: report[word] for word in ("new", "changed", "moved")}
        known = (ROOT / report["ledger"]).read_text("utf-8")
        told["retiring"] = report["retired"][known.count('"state":"retired"') - known.count('"gone":true') :]
        assert not any(told.values()), f"run ankillm build and commit {report['ledger']}: {told}"
