"""Expectations: the grammar of a claim's title, and when it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ankillm.claims.expectation import Expectation
from ankillm.evidence.schema import Value

UNITS = ["", "%", "×", "B", "KiB", "MiB", "GiB", "s"]
plain_numbers = st.one_of(
    st.integers(-(10**9), 10**12).map(str),
    st.integers(1000, 10**12).map(lambda number: f"{number:,}"),
    st.decimals(-1000, 1000, places=3, allow_nan=False).map(lambda number: format(number, "f")),
    st.tuples(st.integers(1, 99), st.integers(-12, 12)).map(lambda pair: f"{pair[0]}e{pair[1]}"),
)


def with_unit(number: str, unit: str) -> str:
    return f"{number}{unit}" if unit in {"", "%", "×"} else f"{number} {unit}"


comparisons = st.builds(
    lambda sign, number, unit: f"{sign} {with_unit(number, unit)}",
    st.sampled_from(["=", "<", "<=", ">", ">="]),
    plain_numbers,
    st.sampled_from(UNITS),
)
ranges = st.builds(
    lambda low, more, unit: f"{low}..{with_unit(str(low + more), unit)}",
    st.integers(-500, 500),
    st.integers(0, 500),
    st.sampled_from(UNITS),
)
near = st.builds(
    lambda number, unit, tolerance, sign: f"≈ {with_unit(number, unit)} ± {tolerance}{sign}",
    plain_numbers,
    st.sampled_from(UNITS),
    st.integers(0, 100),
    st.sampled_from(["", "%"]),
)
words = st.sampled_from(["= float32", "= q_proj, v_proj", "= torch.bfloat16", "= 直接跳过", "yes", "no"])
expectations = st.builds(
    lambda body, mark: f"{body} {mark}".strip(),
    st.one_of(comparisons, ranges, near, words),
    st.sampled_from(["", "✗", "✓"]),
)


@given(expectations)
def test_every_expectation_survives_text_to_object_to_text(text: str) -> None:
    expectation = Expectation.parse(text)
    assert str(expectation) == text
    assert Expectation.parse(str(expectation)) == expectation


def read(text: str) -> Expectation | str:
    try:
        return Expectation.parse(text)
    except ValueError as error:
        return str(error)


@given(st.text(max_size=20))
def test_any_text_is_an_expectation_or_gets_a_reason(text: str) -> None:
    found = read(text)
    if isinstance(found, Expectation):
        assert read(str(found)) == found
    else:
        assert "is no expectation: write" in found or "is an empty range" in found


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("＜１％", "< 1%"), ("<=1.5 ×✗", "<= 1.5× ✗"), ("≈0.5±10％", "≈ 0.5 ± 10%"), ("64 .. 256", "64..256"),
        ("= −3", "= -3"), ("=5GiB", "= 5 GiB"), ("  yes  ✓ ", "yes ✓"), ("=float32", "= float32"),
    ],
)  # fmt: skip
def test_width_and_spaces_do_not_matter(written: str, canonical: str) -> None:
    assert str(Expectation.parse(written)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "✗", "1%", "== 1", "= ", "= 1,00", "= 1.5x", "< 1 percent", "≈ 1", "≈ 1 ± -1", "256..", "yes please", "Yes",
     "< yes", "= 1% 2", "≤ 1", "true", "= 1..2", "!= 1", "= 3 GB"],
)  # fmt: skip
def test_a_bad_expectation_shows_the_grammar(text: str) -> None:
    with pytest.raises(ValueError, match=r"write = N, < N, .* yes, no or = word"):
        Expectation.parse(text)


@pytest.mark.parametrize(
    ("text", "value", "unit", "holds"),
    [
        ("= 0.47%", 0.4733, "%", True), ("= 0.48%", 0.4733, "%", False), ("= 0.473", 0.4733, "%", True),
        ("= 29,360,128", 29360128, "", True), ("= 29,360,127", 29360128, "", False), ("= 2.9e7", 29360128, "", True),
        ("= 3e7", 29360128, "", True), ("= 2e7", 29360128, "", False), ("= 0", 0, "", True), ("= 0", 1e-9, "", False),
        ("= 0.0", 1e-9, "", False), ("= 0", 0.0, "×", True), ("= 0.13", 0.125, "", True), ("= -4", -4.0, "", True),
        ("< 1%", 1.0, "%", False), ("<= 1%", 1.0, "%", True), ("> 1", 1, "", False), (">= 1", 1, "", True),
        ("64..256", 64, "", True), ("64..256", 256, "", True), ("64..256", 257, "", False),
        ("≈ 0.5 ± 10%", 0.55, "", True), ("≈ 0.5 ± 10%", 0.551, "", False), ("≈ -0.5 ± 10%", -0.45, "", True),
        ("≈ 0.5 ± 0.01", 0.51, "", True), ("≈ 0.5 ± 0.01", 0.52, "", False),
        ("≈ 50% ± 10%", 55.0, "%", True), ("≈ 50% ± 10%", 56.0, "%", False),
        ("= 56 MiB", 58720256, "B", True), ("= 0.0547 GiB", 56, "MiB", True), ("< 1 GiB", 1024, "MiB", False),
        ("= 57344 KiB", 56, "MiB", True), ("yes", True, "", True), ("no", True, "", False), ("no", False, "", True),
        ("= float32", "float32", "", True), ("= float32", "float16", "", False), ("= 1e-9", 1e-09, "", True),
    ],
)  # fmt: skip
def test_when_it_holds(text: str, value: Value, unit: str, *, holds: bool) -> None:
    assert Expectation.parse(text).holds(value, unit) is holds


@given(st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.6g}")), st.integers(0, 6))
def test_a_number_rounded_by_its_author_still_equals_what_was_measured(value: float, digits: int) -> None:
    """Evidence keeps six digits of a real number."""
    written = f"{value:.{digits}f}"
    assert Expectation.parse(f"= {written}").holds(value) or float(written) == 0 or exact_half(value, digits)


def exact_half(value: float, digits: int) -> bool:
    """Python rounds the binary value, and the author the decimal one: at a half they may differ."""
    return repr(value).partition(".")[2][digits:] == "5"


@pytest.mark.parametrize(
    ("text", "unit", "varies", "value", "part"),
    [
        ("< 1%", "×", False, 1.0, "measured in ×, not in %"), ("< 1%", "", False, 1.0, "has no unit"),
        ("= 1 MiB", "s", False, 1.0, "measured in s"), ("= 1", "", True, 1.0, "varies"),
        ("= float32", "", True, "float32", "varies"), ("= 1", "", False, True, "yes or no"),
        ("yes", "", False, 1, "is a number"), ("< 1", "", False, "float32", "is a text"),
        ("= float32", "", False, 1, "is a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_against_a_fact_is_said(
    text: str, unit: str, value: Value, part: str, *, varies: bool
) -> None:
    assert part in Expectation.parse(text).objection(unit, varies=varies, value=value)


@pytest.mark.parametrize(
    ("text", "unit", "varies", "value"),
    [("< 1%", "%", True, 1.0), ("= 1 MiB", "GiB", False, 1.0), ("≈ 1 ± 10%", "×", True, 1.0), ("yes", "", True, True)],
)
def test_what_can_be_held_gets_no_objection(text: str, unit: str, value: Value, *, varies: bool) -> None:
    assert Expectation.parse(text).objection(unit, varies=varies, value=value) == ""
