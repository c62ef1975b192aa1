"""Quantities in prose, and when a phrase's numbers disagree with its expectation's."""

from decimal import Decimal

import pytest

from ankillm.claims.quantities import disagreement, find_amounts


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("只需微调不到 1% 的参数", [("1", "%")]), ("不到１％", [("1", "%")]), ("共 29.4M 个", [("29.4e6", "")]),
        ("约 2940 万个", [("2940e4", "")]), ("变为 32.6 倍", [("32.6", "×")]), ("32.6x as many", [("32.6", "×")]),
        ("957,059,072 parameters", [("957059072", "")]), ("误差低于 3×10⁻⁷", [("3e-7", "")]),
        ("$10^{-5}$", [("1e-5", "")]),
        ("64-256 之间", [("64", ""), ("256", "")]), ("下降 −0.5", [("-0.5", "")]), ("1.5 GiB 显存", [("1.5", "GiB")]),
        ("8 million", [("8e6", "")]), ("6.2 亿", [("6.2e8", "")]), ("耗时 3 秒", [("3", "s")]), ("8 个头", [("8", "")]),
    ],
)  # fmt: skip
def test_amounts_are_read_with_factor_and_unit(text: str, amounts: list[tuple[str, str]]) -> None:
    found = [amount for amount in find_amounts(text) if not amount.name]
    assert [(amount.value, amount.unit) for amount in found] == [(Decimal(value), unit) for value, unit in amounts]


@pytest.mark.parametrize(
    "text",
    ["GPT-2 与 Llama-2-7B", "P-tuning v2", "fp16 和 int8", "取 r=8", "lora_alpha = 32 时", "4-bit 量化", "7B 模型",
     "第 1 步", "2021 年 8 月", "(2021)", "4096×4096 的层", "torch 2.13.0", "三分之一", "2024-05-01"],
)  # fmt: skip
def test_names_and_settings_are_no_amounts(text: str) -> None:
    assert [amount.written for amount in find_amounts(text) if not amount.name] == []


def test_amounts_stand_where_they_are_written() -> None:
    text = "误差 10⁻⁵ 以下，占 0.47 % 左右"
    assert [text[amount.start : amount.end] for amount in find_amounts(text)] == ["10⁻⁵", "0.47 %"]


@pytest.mark.parametrize(
    ("phrase", "numbers", "unit"),
    [
        ("29.4M", ["29360128"], ""), ("2940 万", ["29360128"], ""), ("约 0.5%", ["0.47"], "%"), ("很少", ["1"], "%"),
        ("`r=8` 时新增 65,536 个", ["65536"], ""), ("64 到 256", ["64", "256"], ""), ("56 MiB", ["58720256"], "B"),
        ("GPT-2 的 1/4", ["0.25"], ""), ("7B 模型慢一些", ["2"], "×"), ("什么都不变", [], ""), ("3 个", [], ""),
        ("1/2 to 1/256", ["0.0039"], ""), ("1/4", ["25"], "%"), ("a third, 1/3", ["0.333"], ""),
        ("1/4 of it", ["4"], "×"),
        ("50 %", ["0.5"], ""), ("3 万亿", ["3e12"], ""),
        ("58,720,256 字节", ["58720256"], "B"),
        ("56 MB", ["58720256"], "B"), ("58.7 MB", ["58720256"], "B"),
        ("minus 100", ["-100"], ""), ("mean is -1/4", ["-0.25"], ""), ("损失为 -1/4", ["-0.25"], ""),
        ("约1/3的参数", ["0.333"], ""), ("从1/2降到1/4", ["0.25"], ""), ("at least 1/3, often more", ["0.333"], ""),
        ("top-1/5 accuracy", ["0.76"], ""), ("GPT-3/4 的上下文", ["2"], ""), ("lr 1e-4/2", ["0.0001"], ""),
        ("best at epoch 3 of 10 runs", ["3"], ""), ("ends at step 100 of 1000", ["100"], ""), ("n minus 1", ["1"], ""),
        ("15 个负 1 个正", ["1"], ""), ("8/16-bit", ["8"], ""), ("24/7", ["24"], ""), ("2024/5/1", ["2024"], ""),
        ("at step 0 the rate is 1e-5", ["1e-5"], ""), ("at step 0", ["0"], ""), ("2/8 experts", ["2"], ""),
        ("−1/2", ["-0.5"], ""), ("-1/2", ["-0.5"], ""), ("1/1,000", ["0.001"], ""),
        ("1/2 GiB", ["536870912"], "B"), ("正负 2%", ["2"], "%"), ("per layer 4 MiB, 128 MiB in all", ["4"], "MiB"),
    ],
)  # fmt: skip
def test_numbers_agree(phrase: str, numbers: list[str], unit: str) -> None:
    assert disagreement(phrase, [Decimal(number) for number in numbers], unit) == ""


@pytest.mark.parametrize(
    ("phrase", "numbers", "unit", "told"),
    [
        ("不到 2% 的参数", ["1"], "%", "2%"), ("29.5M", ["29360128"], "", "29.5M"),
        ("33.6 倍", ["32.6"], "×", "33.6 倍"),
        ("取 r=8，新增 65,537 个", ["65536"], "", "65,537"), ("0.48%", ["0.47"], "%", "0.48%"),
        ("Qwen2.5-7B 的缓存缩小 6 倍", ["7"], "×", "6 倍"),
        ("1/2 to 1/256", ["1"], "", "1/2, 1/256"), ("at step 0 the rate is 1e-5", ["0"], "", "1e-5"),
        ("57 MB", ["58720256"], "B", "57 MB"),
        ("peaks at step 999", ["10"], "", "999"), ("mean is -1/4", ["0.25"], "", "-1/4"),
        ("1/2的参数", ["1"], "", "1/2"),
        ("−1/2", ["0.5"], "", "−1/2"), ("1/1,000", ["1"], "", "1/1,000"),
    ],
)  # fmt: skip
def test_numbers_disagree(phrase: str, numbers: list[str], unit: str, told: str) -> None:
    assert disagreement(phrase, [Decimal(number) for number in numbers], unit) == told


@pytest.mark.parametrize(("unit", "told"), [("", "0.1 %"), ("%", "")])
def test_a_percentage_is_no_share_once_the_unit_of_the_fact_is_known(unit: str, told: str) -> None:
    """Before, an author may mean either."""
    assert disagreement("0.1 %", [Decimal("0.1")], unit, strict=True) == told
    assert disagreement("0.1 %", [Decimal("0.1")], "") == ""
    assert disagreement("92.5%", [Decimal("92.5")], unit, strict=True) == ""  # no share is that large
