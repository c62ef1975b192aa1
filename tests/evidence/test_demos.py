"""Demos as data: read from source, found by name or term, refused where not in order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

from ankillm.claims.quantities import UNITS
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import trainer_folder
from ankillm.evidence.demo import all_terms, find, nearest
from ankillm.evidence.index import FILE, index_of, listed
from ankillm.evidence.source import demos
from ankillm.evidence.terms import named, terms

DEMO = '''
"""What it shows.

More about it.
"""
import a_library_that_is_not_there
from ankillm.evidence import fact, publish

TERMS = ("further", "Shared")
MISREADINGS = (
    {"pattern": ("r ?=", "share"), "code": "# r", "fact": "share", "expectation": "= 1 ✗", "zh": "不", "en": "no"},
)

class Facts:
    share: float = fact(zh="占比", en="share", unit="%", terms=("alpha", "alpha_beta"), varies=True, tolerance=1e-3)
    count: int = fact(zh="个数", en="count", question_zh="多少" "个？")
    other: int = 3
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_text(DEMO, encoding="utf-8")
    (tmp_path / "two.py").write_text(DEMO.replace("alpha", "gamma"), encoding="utf-8")
    (tmp_path / "helper.py").write_text("x = 1\n", encoding="utf-8")
    return tmp_path


def test_a_demo_is_read_without_being_imported(folder: Path) -> None:
    one, two = demos(folder)
    assert (one.name, two.name, one.path) == ("one", "two", "reference_trainer/one.py")
    assert one.explains.startswith("What it shows.")
    assert [(fact.name, fact.unit, fact.varies, fact.tolerance) for fact in one.facts] == [
        ("share", "%", True, 1e-3),
        ("count", "", False, 0.0),
    ]
    assert one.facts[1].question_zh == "多少个？"
    assert all_terms(one) == ("alpha", "alpha_beta", "further", "Shared")
    (misreading,) = one.misreadings
    assert (misreading.fact, misreading.pattern, misreading.code) == ("share", "r ?=|share", "# r")


def test_listing_the_demos_and_reading_evidence_imports_no_torch() -> None:
    script = (
        "import sys; from ankillm.common import project; from ankillm.evidence import launcher, source, store\n"
        "from ankillm.cli import demo\n"
        "print(len(source.demos(project.trainer_folder())), store.load([]), 'torch' in sys.modules)"
    )
    folders = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": folders}
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(answer.stdout.split()[0]) >= 1
    assert answer.stdout.split()[-1] == "False"


def test_a_name_beats_terms_and_a_term_may_be_of_several(folder: Path) -> None:
    known = demos(folder)
    assert [demo.name for demo in find(known, "ONE")] == ["one"]
    assert [demo.name for demo in find(known, "alpha_beta")] == ["one"]
    assert [demo.name for demo in find(known, "shared")] == ["one", "two"]
    assert find(known, "alpha_bet") == ()
    assert nearest(known, "alpha_bet")[0] == "alpha_beta"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("count: int", "share: int", "share is declared 2 times"),
        ('zh="占比"', 'zh="占" + x', "one.py:15: is read without being run"),
        ('"fact": "share"', '"fact": "shame"', "shame, which there is not"),
        ('"r ?="', '"r("', "bad pattern"),
    ],
)
def test_a_demo_that_is_not_in_order_fails_loudly(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "one.py").write_text(DEMO.replace(old, new), encoding="utf-8")
    with pytest.raises(Refusal, match=words):
        demos(tmp_path)


def test_the_shipped_demos_are_in_order() -> None:
    for demo in demos(trainer_folder()):
        assert demo.explains
        assert all(fact.zh and fact.en for fact in demo.facts)
        assert {fact.unit for fact in demo.facts} <= {"", *UNITS}
        assert all((fact.tolerance > 0) == fact.varies for fact in demo.facts), demo.name


def test_the_index_is_what_the_sources_say(*, regen: bool) -> None:
    folder = trainer_folder()
    now, kept = index_of(folder), folder / FILE
    if regen and now != kept.read_text("utf-8"):
        kept.write_text(now, "utf-8")
        pytest.fail("the index of the demos was rewritten")
    assert kept.read_text("utf-8") == now, "make regen rewrites it"
    assert listed(folder) == demos(folder)


@pytest.mark.parametrize("index", ["", "[]", '{"sources": 1}', None])
def test_sources_are_read_where_the_index_is_not_theirs(index: str | None, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(DEMO, "utf-8")
    (tmp_path / FILE).write_text(index_of(tmp_path) if index is None else index, "utf-8")
    (tmp_path / "one.py").write_text(DEMO.replace("share", "part"), "utf-8")
    assert listed(tmp_path)[0].facts[0].name == "part"


def test_the_index_is_not_believed_once_a_module_below_has_changed(tmp_path: Path) -> None:
    """Demos lie flat, what they import may not."""
    (tmp_path / "support").mkdir()
    (tmp_path / "support" / "helper.py").write_text("x = 1\n", "utf-8")
    (tmp_path / "one.py").write_text(f"{DEMO}\nfrom reference_trainer.support.helper import x\n", "utf-8")
    (tmp_path / "support" / "no_demo.py").write_text(DEMO, "utf-8")
    (tmp_path / FILE).write_text(index_of(tmp_path), "utf-8")
    before = listed(tmp_path)
    assert [demo.name for demo in before] == ["one"]
    (tmp_path / "support" / "helper.py").write_text("x = 2\n", "utf-8")
    assert listed(tmp_path)[0].source != before[0].source


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("动态损失缩放的缩放因子从 65536 开始", "lora"),
        ("The scaling factor of the loss is halved after an overflow", "lora"),
        ("GLM 的训练目标是自回归的空白填充", "data_loading"),
        ("知识蒸馏用教师的软标签 soft labels", "data_loading"),
        ("The observation gets padding on each side", "data_loading"),
        ("P-tuning v1 用 LSTM 编码可学习的提示", "prefix_tuning"),
        ("Ptuning 用 LSTM", "prefix_tuning"),
        ("Sequence Length Warmup starts with short texts", "warmup"),
        ("Padding Mask 的形状是 (batch_size, sequence_length)", "data_loading"),
        ("Please set the `eos_token` of your chat template", "data_loading"),
        ("Dropout 防止过拟合", "evaluation"),
        ("Flash Attention supports an unpadded cache", "gradient_checkpointing"),
        ("BFLOAT16 Tensor Core: 312 TFLOPS", "mixed_precision"),
        ("unigrams of the reference", "metrics"),
        ("注意力机制最早用于机器翻译", "attention"),
        ("SGD、Adam、AdamW 对比", "weight_decay"),
        ("在反向传播时只更新 B", "training_step"),
    ],
)
def test_a_word_that_others_use_too_links_no_card(text: str, wrong: str) -> None:
    """These stood on cards of other notes."""
    known = terms(demos(trainer_folder()))
    assert wrong not in {term.demo.name for term in named(text, known)}


def test_the_words_of_the_field_still_link_their_cards() -> None:
    known = terms(demos(trainer_folder()))
    for text, right in (
        ("lora_alpha 是缩放系数", "lora"),
        ("填充处的 labels 设为 -100", "data_loading"),
        ("P-tuning v2 在每层加前缀", "prefix_tuning"),
        ("SGD、Adam、AdamW 中，AdamW 的衰减是解耦的", "weight_decay"),
        ("Unlike sequence length warmup, learning rate warmup starts at 0", "warmup"),
        ("scaler.step 报错 Attempting to unscale FP16 gradients", "mixed_precision"),
    ):
        assert right in {term.demo.name for term in named(text, known)}, text


def test_less_than_one_per_cent_is_no_misreading_where_no_projection_is_spoken_of() -> None:
    """Once for the same words a confirmed claim and a refuted one were proposed."""
    (demo,) = (demo for demo in demos(trainer_folder()) if demo.name == "prefix_tuning")
    (share,) = (one for one in demo.misreadings if one.fact == "projection_share")
    assert not re.search(share.pattern, "例如 pre_seq_len=128 时，只需要微调不到 1% 的参数", re.IGNORECASE)
    assert re.search(share.pattern, "打开 prefix_projection 后仍不到 1% 的参数", re.IGNORECASE)


def test_no_misreading_is_held_against_a_toy() -> None:
    """How far methods are apart hangs on the size of the model."""
    (demo,) = (demo for demo in demos(trainer_folder()) if demo.name == "methods")
    assert demo.misreadings == ()
