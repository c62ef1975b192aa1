"""`ankillm check`: the table, the exit codes, and that no claim can be wrong without being caught."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT
from click.testing import CliRunner, Result

from ankillm.claims.coverage import uncovered
from ankillm.claims.knowledge import Knowledge, know
from ankillm.claims.quantities import find_amounts
from ankillm.claims.verdicts import FAILING, Kind
from ankillm.cli.check import command
from ankillm.evidence.schema import Measured
from ankillm.markdown.note import parse

NOTES = sorted((ROOT / "notes").rglob("*.md"))
GOOD = """# LoRA

取 r=8 时，[倍数是 4][x]，[刚套上时没有差别](demo:lora#init_output_difference "= 0 ✓")。

[x]: demo:lora#scaling "= 4×"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder outside of any project, as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_claims_that_hold_pass(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD, encoding="utf-8")
    result = check("a.md")
    assert result.exit_code == 0, result.output
    assert "✓ 2 claims in 1 note: 2 confirmed" in result.stdout
    assert len(result.output.splitlines()) == 1, "what holds is counted"
    everything = check("a.md", "--all").stdout.splitlines()
    assert max(map(len, everything)) <= 80
    assert len(everything) > 5


def test_json_has_an_entry_a_claim(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD, encoding="utf-8")
    first, second = json.loads(check("a.md", "--json").stdout)
    assert {key: first[key] for key in ("file", "line", "column", "phrase", "demo", "fact", "expectation")} == {
        "file": "a.md",
        "line": 3,
        "column": 10,
        "phrase": "倍数是 4",
        "demo": "lora",
        "fact": "scaling",
        "expectation": "= 4×",
    }
    assert (first["measured"], first["unit"], first["verdict"], first["definition_line"]) == (4.0, "×", "confirmed", 5)
    assert second["expectation"] == "= 0 ✓"


@pytest.mark.parametrize(
    ("old", "new", "kind", "place"),
    [
        ("= 4×", "= 4.5×", "invalid", "a.md:3:10"),
        ("倍数是 4", "倍数不对", "", ""),
        ("= 4×", "> 4×", "refuted", "a.md:3:10"),
        ("= 4×", "= 4× ✗", "unexpectedly-true", "a.md:3:10"),
        ("lora#scaling", "lora#scalling", "invalid", "a.md:3:10"),
        ("是 4]", "是 5]", "invalid", "a.md:3:10"),
        ("= 0 ✓", "> 0 ✓", "refuted", "a.md:3:21"),
        ("[x]: demo", "[y]: demo", "invalid", "a.md:5:1"),
    ],
)
def test_what_fails_is_told_with_its_place(folder: Path, old: str, new: str, kind: str, place: str) -> None:
    (folder / "a.md").write_text(GOOD.replace(old, new), encoding="utf-8")
    result = check("a.md")
    assert result.exit_code == (1 if kind else 0)
    assert not kind or f"× {place}: {kind}: " in result.stderr
    assert all(told.startswith("× ") for told in result.stderr.splitlines()), "lines for claims, and the outcome"


def test_a_refuted_claim_comes_first_and_is_told_whole(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD.replace("= 0 ✓", "> 0 ✓"), encoding="utf-8")
    result = check("a.md", "--all")
    assert result.stdout.splitlines()[1].startswith("× refuted")
    assert "“刚套上时没有差别” expected > 0 ✓, measured 0 (lora#init_output_difference, cpu)" in result.stderr


def test_more_false_than_true_is_a_warning(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD.replace("= 0 ✓", "> 0 ✗"), encoding="utf-8")
    result = check("a.md")
    assert result.exit_code == 0
    assert "0 claims marked ✓ and 1 marked ✗" in result.stderr


def test_a_note_without_claims_passes_and_is_told_how_to_get_some(folder: Path) -> None:
    (folder / "a.md").write_text("# Nothing\n", encoding="utf-8")
    result = check("a.md")
    said = "✓ no claims in 1 note\nNext: give --suggest, for claims that could be made\n"
    assert (result.exit_code, result.stdout) == (0, said)


def test_an_unreadable_note_is_told_and_the_others_are_checked(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD, encoding="utf-8")
    (folder / "b.md").write_bytes(b"\xff\xff\xff")
    result = check("a.md", "b.md")
    assert result.exit_code == 1
    assert "2 confirmed" in result.output
    assert "b.md:1" in result.stderr


@pytest.mark.parametrize("arguments", [["none.md"], ["empty"], ["bad.md"], []])
def test_where_nothing_can_be_done_it_is_one_line_and_exit_code_2(folder: Path, arguments: list[str]) -> None:
    (folder / "empty").mkdir()
    (folder / "bad.md").write_bytes(b"\xff")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    process = subprocess.run(
        [sys.executable, "-P", "-m", "ankillm", "check", *arguments],
        cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith("× ")
    assert len(process.stderr.splitlines()) == 1


def test_measure_runs_the_demos_that_the_claims_name(folder: Path) -> None:
    (folder / "deck").mkdir()
    (folder / "deck" / "deck.toml").write_text('[decks.d]\nnotes = "notes"\n', encoding="utf-8")
    (folder / "notes").mkdir()
    (folder / "notes" / "a.md").write_text(GOOD, encoding="utf-8")
    result = check("--measure")
    assert result.exit_code == 0, result.output
    assert [path.name for path in (folder / "deck" / "evidence").glob("*.json")] in (
        ["lora.cpu.json"],
        ["lora.cuda.json"],
    )


def test_stale_evidence_warns_and_fails_only_if_strict(folder: Path) -> None:
    evidence = json.loads((ROOT / "deck" / "evidence" / "lora.cpu.json").read_text(encoding="utf-8"))
    (folder / "deck" / "evidence").mkdir(parents=True)
    (folder / "deck" / "deck.toml").write_text('[decks.d]\nnotes = "notes"\n', encoding="utf-8")
    (folder / "notes").mkdir()
    (folder / "notes" / "a.md").write_text(GOOD.replace("r=8", "`r=8`"), encoding="utf-8")
    stale = {**evidence, "source": "0" * 64}
    (folder / "deck" / "evidence" / "lora.cpu.json").write_text(json.dumps(stale), encoding="utf-8")
    result = check()
    assert (result.exit_code, "2 stale" in result.stdout, "ankillm demo lora" in result.stdout) == (0, True, True)
    assert check("--strict").exit_code == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共 29.4M 个参数", ["1:3"]), ("`128` 与 r=8", []), ("# 占 1%", []), ("1. 第 2 步\n2. 用 GPT-2", []),
        ('- 占 [1%](demo:a#b "< 1%")，另外 2%', ["1:30"]), ("[3 次](https://a.b/4)", ["1:2"]), ("$2 \\cdot L$", []),
        ("| a | b |\n|---|---|\n| 5 倍 | `6` |", ["3:3"]), ("> 约 7 秒", ["1:5"]), ("![8](a.png) <!-- 9 -->", []),
        ("```\n10\n```", []), ("2021 年的论文", []), ("11 到 12 倍", ["1:1", "1:6"]),
    ],
)  # fmt: skip
def test_strict_lists_quantities_that_no_claim_covers(text: str, found: list[str]) -> None:
    messages = uncovered(parse(text + "\n", "n.md"))
    assert [f"{message.line}:{message.column}" for message in messages] == found


@pytest.fixture(scope="session")
def known() -> Knowledge:
    """Return the demos and the evidence of this checkout."""
    return know(ROOT / "reference_trainer", [ROOT / "deck" / "evidence"])


def beyond(measured: Measured) -> str:
    """Return an expectation that a value just fails."""
    if isinstance(measured.value, bool):
        return "no" if measured.value else "yes"
    if isinstance(measured.value, str):
        return f"= {measured.value}x"
    return f"> {measured.value if measured.high is None else measured.high}"


@pytest.mark.skipif(not NOTES, reason="this checkout has no notes")
@pytest.mark.parametrize("path", NOTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_claim_would_be_caught_if_it_were_wrong(path: Path, known: Knowledge) -> None:
    """Each claim's expectation in turn is put just beyond the measured value: its line and column are reported."""
    text = path.read_text(encoding="utf-8")
    note = parse(text, path.name)
    for index, verdict in enumerate(known.verdicts(note)):
        assert verdict.kind not in FAILING, verdict
        assert verdict.measured is not None
        lines = text.split("\n")
        row = verdict.claim.definition_line - 1
        title = f'"{verdict.claim.expectation}"'
        assert title in lines[row]
        lines[row] = lines[row].replace(title, f'"{beyond(verdict.measured)}"')
        found = known.verdicts(parse("\n".join(lines), path.name))
        bad = [other.claim for other in found if other.kind in FAILING]
        assert (verdict.claim.line, verdict.claim.column) in [(claim.line, claim.column) for claim in bad], (
            verdict.claim
        )
        assert found[index].kind in {Kind.REFUTED, Kind.INVALID}


@pytest.mark.skipif(not NOTES, reason="this checkout has no notes")
@pytest.mark.parametrize("path", NOTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_number_changed_in_a_phrase_alone_is_caught(path: Path, known: Knowledge) -> None:
    """Every number of every phrase is changed: the claim is invalid unless another of its numbers still agrees."""
    text = path.read_text(encoding="utf-8")
    for index, verdict in enumerate(known.verdicts(parse(text, path.name))):
        claim = verdict.claim
        lines = text.split("\n")
        row = lines[claim.line - 1]
        end = row.index("]", claim.column)
        phrase = re.sub(r"`[^`]*`|\$[^$]*\$", lambda code: " " * len(code[0]), row[claim.column - 1 : end])
        amounts = [amount for amount in find_amounts(phrase) if not amount.name]
        if not amounts or not re.search(r"\d", claim.expectation):
            continue
        changed = row[claim.column - 1 : end]
        for amount in reversed(amounts):
            changed = changed[: amount.start] + "777777" + changed[amount.end :]
        lines[claim.line - 1] = row[: claim.column - 1] + changed + row[end:]
        found = known.verdicts(parse("\n".join(lines), path.name))[index]
        assert found.kind is Kind.INVALID, found
        assert (found.claim.line, found.claim.column) == (claim.line, claim.column)


def test_a_place_is_never_broken_in_the_table(folder: Path) -> None:
    name = "notes-on-fine-tuning-and-what-it-costs-in-memory-and-time.md"
    (folder / name).write_text(GOOD, encoding="utf-8")
    told = check(name, "--all").stdout
    assert re.search(r"…\S*time\.md:3:10\b", told)
    assert re.search(r"…\S*time\.md:3:21\b", told)


def test_quantities_without_a_claim_are_counted_in_the_outcome(folder: Path) -> None:
    (folder / "a.md").write_text(GOOD + "\n又快 3 倍，省 20%。\n", encoding="utf-8")
    result = check("a.md", "--strict")
    assert result.exit_code == 1
    assert "× 2 claims in 1 note: 2 confirmed; 2 quantities have no claim" in result.stderr


def test_a_claim_that_only_part_of_a_range_meets_warns(folder: Path) -> None:
    (folder / "a.md").write_text(
        '# 方法\n\n[损失是全参数微调的 19 倍以上](demo:methods#prefix_loss_ratio "> 19×")\n', encoding="utf-8"
    )
    result = check("a.md")
    assert result.exit_code == 0
    assert (
        "! a.md:3:2: mixed: “损失是全参数微调的 19 倍以上” expected > 19×, measured 19.4× (5 seeds: 14.8 to 20.8)"
        in (result.stderr)
    )
    assert check("a.md", "--strict").exit_code == 1


@pytest.mark.parametrize(
    "arguments", [["--diff"], ["--suggest", "--strict"], ["--suggest", "--all"], ["--suggest", "--diff", "--json"]]
)
def test_options_that_do_not_go_together_are_refused(folder: Path, arguments: list[str]) -> None:
    (folder / "a.md").write_text(GOOD, encoding="utf-8")
    assert check("a.md", *arguments).exit_code == 2
