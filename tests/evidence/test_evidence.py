"""Evidence: untrusted when it is read, rewritten only where something was learnt."""

import contextlib
import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ankillm.common.diagnostics import Refusal
from ankillm.evidence import Spread, fact
from ankillm.evidence.run import main
from ankillm.evidence.schema import Evidence, Hardware, Measured
from ankillm.evidence.store import PNG, as_text, keep, load, project_evidence

EVIDENCE = Evidence(
    demo="lora",
    device="cpu",
    seed=0,
    versions={"torch": "2.13.0"},
    source="0" * 64,
    measured_at="2026-01-02",
    facts={"share": Measured(0.473, "%", varies=False), "drop": Measured(1.5, "", varies=True)},
    pictures=(),
    folder="",
)
TOLERANCES = {"drop": 0.1}


def changed(**values: Any) -> Evidence:  # noqa: ANN401  (facts and fields alike)
    facts = {
        name: replace(measured, value=values.pop(name, measured.value)) for name, measured in EVIDENCE.facts.items()
    }
    return replace(EVIDENCE, facts=facts, **values)


def no_pictures() -> dict[str, bytes]:
    return {}


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    path, outcome = keep(EVIDENCE, tmp_path / "new", TOLERANCES, lambda: {"curve": PNG})
    assert (path.name, outcome) == ("lora.cpu.json", "new")
    (read,), messages = load([path.parent])
    assert not messages
    assert read == replace(EVIDENCE, pictures=("lora.cpu.curve.png",), folder=str(path.parent))
    assert sorted(file.name for file in path.parent.iterdir()) == ["lora.cpu.curve.png", "lora.cpu.json"]


def test_the_same_result_leaves_the_file_untouched(tmp_path: Path) -> None:
    path, _ = keep(EVIDENCE, tmp_path, TOLERANCES, no_pictures)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    again = changed(drop=1.55, measured_at="2027-01-01", versions={"torch": "3"})
    assert keep(again, tmp_path, TOLERANCES, no_pictures) == (path, "untouched")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_changed_code_with_the_same_result_changes_the_source_alone(tmp_path: Path) -> None:
    def drawn() -> dict[str, bytes]:
        raise AssertionError("a picture is redrawn though no number changed")

    path, _ = keep(EVIDENCE, tmp_path, TOLERANCES, no_pictures)
    again = changed(drop=1.55, measured_at="2027-01-01", source="1" * 64)
    assert keep(again, tmp_path, TOLERANCES, drawn) == (path, "same result")
    assert path.read_text(encoding="utf-8") == as_text(replace(EVIDENCE, source="1" * 64))


def test_the_gpu_that_measured_is_kept(tmp_path: Path) -> None:
    here = Hardware("NVIDIA H100 80GB HBM3", 85_000_000_000, "580.159.04")
    keep(replace(EVIDENCE, device="cuda", hardware=here), tmp_path, TOLERANCES, no_pictures)
    (read,), messages = load([tmp_path])
    assert not messages
    assert read.hardware == here


def test_what_another_gpu_measured_is_another_result(tmp_path: Path) -> None:
    """Values of two machines never stand in one file, however near they are."""
    first, other = (Hardware(name, 80, "580") for name in ("H100", "H200"))
    keep(replace(EVIDENCE, device="cuda", hardware=first), tmp_path, TOLERANCES, no_pictures)
    again = replace(changed(drop=1.51, measured_at="2027-01-01"), device="cuda", hardware=other)
    path, outcome = keep(again, tmp_path, TOLERANCES, no_pictures)
    assert outcome == "changed"
    assert path.read_text(encoding="utf-8") == as_text(again)


@pytest.mark.parametrize("values", [{"drop": 1.7}, {"share": 0.474}, {"share": "0.473"}])
def test_another_result_is_written(tmp_path: Path, values: dict[str, Any]) -> None:
    keep(EVIDENCE, tmp_path, TOLERANCES, no_pictures)
    again = changed(**values, measured_at="2027-01-01")
    path, outcome = keep(again, tmp_path, TOLERANCES, no_pictures)
    assert outcome == "changed"
    assert path.read_text(encoding="utf-8") == as_text(again)


def test_a_damaged_file_is_measured_anew(tmp_path: Path) -> None:
    (tmp_path / "lora.cpu.json").write_text("{", encoding="utf-8")
    assert keep(EVIDENCE, tmp_path, TOLERANCES, no_pictures)[1] == "new"


def test_a_missing_picture_is_drawn_again(tmp_path: Path) -> None:
    path, _ = keep(EVIDENCE, tmp_path, TOLERANCES, lambda: {"curve": PNG})
    (tmp_path / "lora.cpu.curve.png").unlink()
    assert load([tmp_path])[0] == ()
    assert keep(EVIDENCE, tmp_path, TOLERANCES, lambda: {"curve": PNG}) == (path, "new")
    assert (tmp_path / "lora.cpu.curve.png").read_bytes() == PNG


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match=r"^.*file/evidence: cannot be made \(.*\); what is in its way has to go$"):
        keep(EVIDENCE, tmp_path / "file" / "evidence", TOLERANCES, no_pictures)
    (tmp_path / "lora.cpu.json").mkdir()
    with pytest.raises(Refusal, match=r"lora\.cpu\.json: cannot be written"):
        keep(EVIDENCE, tmp_path, TOLERANCES, lambda: {"curve": PNG})


def test_the_earlier_folder_counts(tmp_path: Path) -> None:
    keep(changed(share=1.0), tmp_path / "own", TOLERANCES, no_pictures)
    keep(EVIDENCE, tmp_path / "shipped", TOLERANCES, no_pictures)
    keep(replace(EVIDENCE, device="cuda"), tmp_path / "shipped", TOLERANCES, no_pictures)
    found, _ = load([tmp_path / "missing", tmp_path / "own", tmp_path / "shipped"])
    assert [(evidence.device, evidence.facts["share"].value) for evidence in found] == [("cpu", 1.0), ("cuda", 0.473)]


def test_the_project_is_found_from_a_folder_in_it(tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "notes" / "zh").mkdir(parents=True)
    assert project_evidence(tmp_path / "notes" / "zh") is None
    (tmp_path / "deck" / "deck.toml").touch()
    assert project_evidence(tmp_path / "notes" / "zh") == tmp_path / "deck" / "evidence"


FACT = {"value": 1, "unit": "%", "varies": False}
BAD: list[dict[str, Any]] = [
    {"schema": 3},
    {"schema": 0},
    {"facts": {"a": {**FACT, "low": 0}}},
    {"facts": {"a": {**FACT, "low": 0, "high": 2}}},
    {"facts": {"a": {**FACT, "low": 2, "high": 3, "seeds": 5}}},
    {"facts": {"a": {**FACT, "low": 0, "high": 0.5, "seeds": 5}}},
    {"facts": {"a": {**FACT, "low": 0, "high": 2, "seeds": 1}}},
    {"facts": {"a": {**FACT, "value": True, "low": 0, "high": 2, "seeds": 5}}},
    {"facts": {"a": {**FACT, "value": "x", "low": 0, "high": 2, "seeds": 5}}},
    {"facts": {"a": {**FACT, "low": float("nan"), "high": 2, "seeds": 5}}},
    {"demo": "../lora"},
    {"device": "tpu"},
    {"seed": True},
    {"seed": 10**40},
    {"versions": ["torch"]},
    {"versions": {"torch": 2}},
    {"versions": {"torch": "2\n<script>"}},
    {"versions": {f"library{number}": "1" for number in range(65)}},
    {"measured_at": "2026-01-01\n"},
    {"facts": {"a\n": FACT}},
    {"facts": {"a": {**FACT, "value": 1e300}}},
    {"facts": {"a": {**FACT, "value": "\x1b[31m"}}},
    {"facts": {"a": {**FACT, "unit": "\x1b[31m"}}},
    {"pictures": ["lora.cpu.fine.png\n"]},
    {"pictures": ["lora.cpu.fine.png"] * 65},
    {"pictures": ["lora.cpu.large.png"]},
    {"source": "xyz"},
    {"measured_at": "yesterday"},
    {"facts": []},
    {"facts": {"a b": FACT}},
    {"facts": {"a": 1}},
    {"facts": {"a": {**FACT, "value": None}}},
    {"facts": {"a": {**FACT, "value": float("nan")}}},
    {"facts": {"a": {**FACT, "value": 10**30}}},
    {"facts": {"a": {**FACT, "value": "x" * 300}}},
    {"facts": {"a": {**FACT, "varies": 1}}},
    {"facts": {"a": {**FACT, "unit": 1}}},
    {"facts": {f"a{number}": FACT for number in range(100)}},
    {"pictures": "a.png"},
    {"pictures": ["../secret.png"]},
    {"pictures": ["/etc/secret.png"]},
    {"pictures": ["lora.cpu.missing.png"]},
    {"pictures": ["link.png"]},
    {"pictures": ["a.svg"]},
    {"pictures": ["page.png"]},
]


@pytest.mark.parametrize("entries", BAD, ids=lambda entries: str(entries)[:50])
def test_a_file_that_breaks_the_schema_is_one_line(tmp_path: Path, entries: dict[str, Any]) -> None:
    (tmp_path / "secret.png").touch()
    folder = tmp_path / "evidence"
    path, _ = keep(EVIDENCE, folder, TOLERANCES, no_pictures)
    (folder / "page.png").write_text("<script>", encoding="utf-8")
    (folder / "lora.cpu.fine.png").write_bytes(PNG)
    (folder / "lora.cpu.large.png").write_bytes(PNG + bytes(1024 * 1024))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **entries}), encoding="utf-8")
    found, messages = load([folder])
    assert found == ()
    assert [message.file for message in messages] == [str(path)]
    assert len(str(messages[0]).splitlines()) == 1


def test_a_range_over_seeds_is_kept_and_read_back(tmp_path: Path) -> None:
    ranged = Measured(1.7, "×", varies=True, low=1.4, high=2.0, seeds=5)
    path, _ = keep(replace(EVIDENCE, facts={"lag": ranged}), tmp_path, {"lag": 0.1}, no_pictures)
    assert json.loads(path.read_text("utf-8"))["facts"]["lag"] == {
        "value": 1.7, "unit": "×", "varies": True, "low": 1.4, "high": 2.0, "seeds": 5,
    }  # fmt: skip
    assert load([tmp_path])[0][0].facts["lag"] == ranged
    near = replace(ranged, low=1.45, high=1.95)
    assert keep(replace(EVIDENCE, facts={"lag": near}), tmp_path, {"lag": 0.1}, no_pictures)[1] == "untouched"
    for other in (replace(ranged, high=2.2), replace(ranged, seeds=6), Measured(1.7, "×", varies=True)):
        assert keep(replace(EVIDENCE, facts={"lag": other}), tmp_path, {"lag": 0.1}, no_pictures)[1] == "changed"


def test_the_median_of_the_seeds_stands_between_the_lowest_and_the_highest() -> None:
    assert Spread.of([3.0, 1.0, 9.0, 2.0, 5.0]) == Spread(3.0, 1.0, 9.0, 5)
    assert Spread.of([4.0, 1.0]) == Spread(1.0, 1.0, 4.0, 2)


def test_evidence_of_the_first_schema_is_read_and_kept_until_something_is_learnt(tmp_path: Path) -> None:
    """A file as the first version wrote it: a fact has no range."""
    old = (Path(__file__).parent / "old" / "warmup.cpu.json").read_bytes()
    (tmp_path / "warmup.cpu.json").write_bytes(old)
    (evidence,), messages = load([tmp_path])
    assert not messages
    assert evidence.facts["peak_step"] == Measured(10, "", varies=False)
    assert keep(evidence, tmp_path, {}, no_pictures)[1] == "untouched"
    assert (tmp_path / "warmup.cpu.json").read_bytes() == old
    assert keep(replace(evidence, source="1" * 64), tmp_path, {}, no_pictures)[1] == "same result"
    assert json.loads((tmp_path / "warmup.cpu.json").read_text("utf-8"))["schema"] == 2
    assert load([tmp_path])[0][0].facts == evidence.facts


NESTED = b'{"schema":1,"x":' + b"[" * 20000 + b"]" * 20000 + b"}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 60000,
        b" " * 70000,
        b'{"a": ' + b"9" * 5000 + b"}",
        NESTED,
        b'{"schema":1,"facts":{"a":{"value":' + b"[" * 20000,
    ],
)
def test_a_file_that_is_no_evidence_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lora.cpu.json").write_bytes(content)
    found, messages = load([tmp_path])
    assert (found, len(messages)) == ((), 1)
    assert len(str(messages[0]).splitlines()) == 1


def test_what_is_wrong_with_a_fact_is_told_by_its_name(tmp_path: Path) -> None:
    path, _ = keep(EVIDENCE, tmp_path, TOLERANCES, no_pictures)
    data = json.loads(path.read_text("utf-8"))
    data["facts"]["drop"]["unit"] = 1
    path.write_text(json.dumps(data), "utf-8")
    assert "fact 'drop': Expected `str`, got `int`" in str(load([tmp_path])[1][0])


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    path, _ = keep(EVIDENCE, tmp_path, TOLERANCES, no_pictures)
    path.rename(tmp_path / "other.cpu.json")
    assert load([tmp_path])[0] == ()


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=5), LEAVES, max_size=3)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*json.loads(as_text(EVIDENCE))]), JSON))
def test_no_content_raises(tmp_path_factory: pytest.TempPathFactory, entries: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "lora.cpu.json").write_text(json.dumps({**json.loads(as_text(EVIDENCE)), **entries}), encoding="utf-8")
    found, messages = load([folder])
    assert len(found) + len(messages) == 1


def test_a_range_is_told_beside_what_was_measured(tmp_path: Path) -> None:
    """The value's column stays as narrow as it is without one."""

    @dataclasses.dataclass
    class Lags:
        lag: Spread = fact(zh="滞后", en="lag", unit="×", varies=True, tolerance=0.1)  # noqa: RUF009  (a field)

    def run(device: object, seed: int = 0) -> Lags:
        del device
        return Lags(Spread.of([1.25 + seed, 1.0, 2.0]))

    path = tmp_path / "old.json"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        main(run, None, ["--device", "cpu", "--evidence", str(path.parent)])
    words = " ".join(printed.getvalue().replace("│", " ").split())
    assert "lag lag (3 seeds: 1 to 2) 1.25×" in words
    (evidence,), messages = load([tmp_path])
    assert not messages
    assert evidence.facts["lag"] == Measured(1.25, "×", varies=True, low=1.0, high=2.0, seeds=3)
