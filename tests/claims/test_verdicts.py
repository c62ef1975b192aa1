"""Verdicts: one a claim, the first that applies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ankillm.claims.claim import Claim
from ankillm.claims.expectation import Expectation
from ankillm.claims.suggestion import confirming
from ankillm.claims.verdicts import Kind, Verdict, judge
from ankillm.evidence.demo import Demo, FactSpec
from ankillm.evidence.schema import Evidence, Measured, Value
from ankillm.evidence.values import spoken

SPECS = (
    FactSpec("share", "占比", "share", "%"),
    FactSpec("cost", "倍数", "factor", "×"),
    FactSpec("speed", "变快", "speedup", "×", varies=True, tolerance=0.5),
    FactSpec("fails", "会失败", "fails"),
    FactSpec("dtype", "精度", "precision"),
    FactSpec("new_fact", "新", "new"),
)
DEMO = Demo("prefix", "reference_trainer/prefix.py", "", (), SPECS, (), "f" * 64)
OTHER = replace(DEMO, name="lora", facts=(FactSpec("scaling", "缩放", "scaling", "×"),))
FACTS = {
    "share": Measured(0.4733, "%", varies=False),
    "cost": Measured(32.6, "×", varies=False),
    "speed": Measured(1.5, "×", varies=True),
    "fails": Measured(value=True, unit="", varies=False),
    "dtype": Measured("float32", "", varies=False),
}
CPU = Evidence("prefix", "cpu", 0, {"torch": "2.13.0"}, "f" * 64, "2026-01-01", FACTS, (), "")
CUDA = replace(
    CPU,
    device="cuda",
    facts={**FACTS, "share": Measured(9.9, "%", varies=False), "speed": Measured(3.0, "×", varies=True)},
)


def verdict(expectation: str, fact: str = "share", demo: str = "prefix", *evidence: Evidence) -> Verdict:
    claim = Claim("a.md", 1, 2, 3, "phrase", demo, fact, expectation)
    return judge(claim, evidence or (CPU,), (OTHER, DEMO))


@pytest.mark.parametrize(
    ("expectation", "fact", "kind", "stale"),
    [
        ("< 1%", "share", Kind.CONFIRMED, Kind.STALE), ("< 1% ✓", "share", Kind.CONFIRMED, Kind.STALE),
        ("> 1%", "share", Kind.REFUTED, Kind.REFUTED), ("> 1% ✓", "share", Kind.REFUTED, Kind.REFUTED),
        ("> 1% ✗", "share", Kind.KNOWN_WRONG, Kind.STALE), ("yes", "fails", Kind.CONFIRMED, Kind.STALE),
        ("< 1% ✗", "share", Kind.UNEXPECTEDLY_TRUE, Kind.UNEXPECTEDLY_TRUE),
        ("no", "fails", Kind.REFUTED, Kind.REFUTED),
        ("= float32", "dtype", Kind.CONFIRMED, Kind.STALE), ("yes", "new_fact", Kind.UNMEASURED, Kind.UNMEASURED),
        ("< 1×", "share", Kind.INVALID, Kind.INVALID), ("= 1", "speed", Kind.INVALID, Kind.INVALID),
    ],
)  # fmt: skip
def test_the_first_verdict_that_applies(expectation: str, fact: str, kind: Kind, stale: Kind) -> None:
    assert verdict(expectation, fact).kind is kind
    assert verdict(expectation, fact, "prefix", replace(CPU, source="0" * 64)).kind is stale


@pytest.mark.parametrize(
    ("demo", "fact", "part"),
    [
        ("prefixx", "share", "no demo is called prefixx: did you mean prefix?"),
        ("Prefix", "share", "did you mean prefix?"),
        ("unheard_of", "share", "see ankillm demo for the list"),
        ("prefix", "shares", "prefix has no fact shares: did you mean share?"),
        ("prefix", "scaling", "lora has one: demo:lora#scaling"),
        ("prefix", "zzz", "it has share, cost"),
    ],
)
def test_an_unknown_name_gets_the_nearest(demo: str, fact: str, part: str) -> None:
    found = verdict("< 1%", fact, demo)
    assert found.kind is Kind.INVALID
    assert part in found.reason


@pytest.mark.parametrize(
    ("expectation", "kind"),
    [
        ("> 1×", Kind.CONFIRMED), ("> 1.5×", Kind.MIXED), ("> 2×", Kind.MIXED), ("> 3×", Kind.REFUTED),
        ("< 1×", Kind.REFUTED), ("< 1.5×", Kind.MIXED), ("1..3×", Kind.CONFIRMED), ("1.5..1.6×", Kind.MIXED),
        ("≈ 2× ± 1", Kind.CONFIRMED), ("≈ 2× ± 0.1", Kind.MIXED), ("≈ 1.8× ± 0.05", Kind.MIXED),
        ("3..4×", Kind.REFUTED),
        ("> 2× ✗", Kind.MIXED), ("> 3× ✗", Kind.KNOWN_WRONG), ("> 1× ✗", Kind.UNEXPECTEDLY_TRUE),
    ],
)  # fmt: skip
def test_of_a_range_over_seeds_all_none_or_a_part_meets_a_claim(expectation: str, kind: Kind) -> None:
    """The value is 1.5, from 1.2 to 2.5: a claim that the middle one alone meets is neither right nor wrong."""
    ranged = replace(CPU, facts={"speed": Measured(1.5, "×", True, 1.2, 2.5, 5)})  # noqa: FBT003  (varies)
    assert verdict(expectation, "speed", "prefix", ranged).kind is kind
    stale = verdict(expectation, "speed", "prefix", replace(ranged, source="0" * 64)).kind
    assert stale is (Kind.STALE if kind in {Kind.CONFIRMED, Kind.KNOWN_WRONG} else kind)


def test_a_problem_of_the_claim_itself_comes_first() -> None:
    claim = Claim("a.md", 1, 2, 3, "phrase", "prefix", "share", "< 1%", "the phrase says 2%")
    assert judge(claim, (CPU,), (DEMO,)).reason == "the phrase says 2%"


def test_a_varying_fact_is_judged_on_cuda_and_an_exact_one_on_the_cpu() -> None:
    assert verdict("> 2×", "speed", "prefix", CPU, CUDA).device == "cuda"
    assert verdict("> 2×", "speed", "prefix", CPU).kind is Kind.REFUTED
    found = verdict("< 1%", "share", "prefix", CUDA, CPU)
    assert (found.device, found.kind) == ("cpu", Kind.CONFIRMED)
    assert found.versions == {"torch": "2.13.0"}


def test_a_fact_that_only_one_device_has_is_judged_there() -> None:
    without = replace(CPU, facts={})
    assert verdict("> 1%", "share", "prefix", without, CUDA).device == "cuda"
    assert verdict("> 1%", "share", "prefix", without).kind is Kind.UNMEASURED


def test_evidence_in_another_unit_is_none() -> None:
    other = replace(CPU, facts={"share": Measured(0.0047, "", varies=False)})
    assert verdict("< 1%", "share", "prefix", other).kind is Kind.UNMEASURED


values = st.one_of(
    st.booleans(), st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9).map(lambda value: float(f"{value:.6g}"))
)


@given(values, st.sampled_from(["", "%", "×", "GiB", "s"]), st.booleans())
def test_what_was_measured_confirms_the_expectation_written_from_it(value: Value, unit: str, varies: bool) -> None:  # noqa: FBT001  (drawn)
    unit = "" if isinstance(value, bool) else unit
    expectation = Expectation.parse(confirming(Measured(value, unit, varies=varies), 0.5))
    assert expectation.holds(value, unit)
    assert expectation.objection(unit, varies=varies, value=value) == ""


@pytest.mark.parametrize(
    ("value", "unit", "language", "written"),
    [
        (0.4733, "%", "en", "0.473%"), (32.598, "×", "en", "32.6×"), (29360128, "", "zh", "29,360,128"),
        (4.0, "×", "en", "4×"),
        (1606.56, "×", "en", "1,607×"), (56.0, "MiB", "en", "56 MiB"), (True, "", "zh", "是"), (False, "", "en", "no"),
        (3.27e-07, "", "en", "3.27e-07"), ("float32", "", "zh", "float32"), (0.0, "", "en", "0"),
    ],
)  # fmt: skip
def test_values_in_words(value: Value, unit: str, language: str, written: str) -> None:
    assert spoken(value, unit, language) == written
