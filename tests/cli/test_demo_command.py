"""`ankillm demo` and `python -m reference_trainer.NAME`, as processes, the way a reader starts them."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from checkout import ROOT
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from ankillm.cli import demo, fact_answer
from ankillm.common.diagnostics import Refusal
from ankillm.common.language import Language
from ankillm.common.project import trainer_folder
from ankillm.evidence import fact
from ankillm.evidence import launcher as runner
from ankillm.evidence import run as publishing
from ankillm.evidence.demo import all_terms, facts_of, find, key_of, own_term, owners
from ankillm.evidence.schema import Measured
from ankillm.evidence.source import demos
from ankillm.evidence.store import load
from ankillm.evidence.values import spoken
from reference_trainer import lora, warmup

ABSENT = "cuda" if sys.platform == "darwin" else "mps"


def ankillm(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    folders = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": folders, "HF_HUB_OFFLINE": "1", "COLUMNS": "120"}
    command = [sys.executable, "-P", "-m", "ankillm", "demo", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


def test_the_list_names_every_demo(tmp_path: Path) -> None:
    answer = ankillm(tmp_path)
    assert answer.returncode == 0
    assert "lora" in answer.stdout
    listed = json.loads(ankillm(tmp_path, "--json").stdout)
    lora = next(row for row in listed if row["name"] == "lora")
    assert lora["path"] == "reference_trainer/lora.py"
    assert "lora_alpha" in lora["terms"]
    assert {"scaling", "update_rank"} <= {fact["name"] for fact in lora["facts"]}


def test_an_unknown_name_gets_the_nearest_ones(tmp_path: Path) -> None:
    answer = ankillm(tmp_path, "lorra")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("× no demo is called lorra: did you mean lora")
    assert len(answer.stderr.splitlines()) == 1


def test_a_term_runs_its_demo_and_a_project_keeps_it(tmp_path: Path) -> None:
    """Run from inside a project whose folder holds a trap: modules of the current folder are not imported."""
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").touch()
    (tmp_path / "reference_trainer.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    (tmp_path / "torch.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text(
        '# LoRA\n\n取 r=8、lora_alpha=32 时，[倍数是 32](demo:lora#scaling "= 32× ✗")。\n', encoding="utf-8"
    )
    (tmp_path / "deck" / "deck.toml").write_text('[decks.d]\nnotes = "notes"\n', encoding="utf-8")
    answer = ankillm(tmp_path, "lora_alpha", "--device", "cpu")
    assert answer.returncode == 0, answer.stderr
    question, value, claim, why, place, *rest = answer.stdout.splitlines()
    assert question == "`r=8, lora_alpha=32` 时，LoRA 支路的输出乘以多少？"
    assert value == "  4×"
    assert claim == "  笔记：“倍数是 32”（= 32× ✗）：known-wrong · notes/a.md:3"
    assert why == "  原因：lora_alpha 不是缩放倍数：倍数是 lora_alpha / r"
    found = re.fullmatch(r"  测量：(\S+):(\d+)（cpu）", place)
    assert found
    path, line = found.groups()
    assert "scaling=" in (ROOT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert [line for line in rest if line] == ["另有 14 个事实，加 --all-facts 查看"]
    (evidence,), messages = load([tmp_path / "deck" / "evidence"])
    assert not messages
    assert (evidence.demo, evidence.device, evidence.facts["scaling"].value) == ("lora", "cpu", 4.0)
    assert "torch" in evidence.versions


def test_outside_a_project_it_is_printed(tmp_path: Path) -> None:
    answer = ankillm(tmp_path, "lora", "--device", "cpu", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["facts"]["update_rank"] == {"value": 8, "unit": "", "varies": False}
    assert "not kept: run it in a project" in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, without the hub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.parametrize(
    ("measured", "arguments", "words"),
    [
        (lora.run, ["--model", "nobody/such-a-model"], "nobody/such-a-model: no such folder"),
        (lora.run, ["--model", "."], ".: no config.json there"),
        (lora.run, ["--device", ABSENT], f"there is no {ABSENT} device here"),
        (warmup.run, ["--model", "."], "the demo warmup measures models of its own"),
        (warmup.run, ["--seed", str(2**64)], f"--seed {2**64}: give a whole number below"),
    ],
)
@pytest.mark.usefixtures("offline")
def test_bad_input_is_one_line(
    measured: Any,  # noqa: ANN401  (a demo's own `run`)
    arguments: list[str],
    words: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        publishing.main(measured, None, arguments)
    said = capfd.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith(f"× {words}")
    assert len(said.err.splitlines()) == 1


def test_what_a_demo_refuses_is_one_line_of_the_command(tmp_path: Path) -> None:
    answer = ankillm(tmp_path, "lora", "--device", ABSENT)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"× there is no {ABSENT} device here")
    assert len(answer.stderr.splitlines()) == 1


@dataclass(frozen=True, slots=True)
class Broken:
    """A demo's facts."""

    loss: float = fact(zh="损失", en="loss")


def test_what_is_no_number_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Damaged weights of the user's model can give NaN, which JSON has no word for."""

    def run(device: torch.device) -> Broken:
        return Broken(loss=float("nan") * torch.ones((), device=device).item())

    with pytest.raises(SystemExit) as ended:
        publishing.main(run, None, ["--device", "cpu"])
    assert ended.value.code == 2
    assert capfd.readouterr().err.strip() == "× loss came out as nan, which is no measurement: nothing was kept"


def test_without_the_trainer_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "OLDEST", {"torch": (2, 6), "a_library_that_is_not_there": (1, 0)})
    with pytest.raises(Refusal, match=r"pip install a_library_that_is_not_there$"):
        runner.start("lora", [])


def test_a_library_that_is_too_old_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, before anything of it is imported."""
    monkeypatch.setattr(runner, "OLDEST", {"torch": (99, 1), "peft": (0, 17)})
    with pytest.raises(
        Refusal, match=r"needs torch 99\.1 or newer, not 2\.\d+\S*: \S+ -m pip install --upgrade torch$"
    ):
        runner.start("lora", [])


@pytest.mark.parametrize(
    ("version", "fits"),
    [("4.56.0", True), ("5.0.0.dev0", True), ("4.100.1", True), ("4.55.4", False), ("4.9", False), ("3.99", False)],
)
def test_versions_are_compared_as_numbers(version: str, *, fits: bool) -> None:
    assert (runner.too_old("transformers", version) == "") is fits


def test_a_term_of_several_demos_gives_their_list(tmp_path: Path) -> None:
    answer = ankillm(tmp_path, "prefix_encoder")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("! prefix_encoder is a term of several demos")
    assert "mixed_precision" in answer.stderr
    assert "prefix_tuning" in answer.stderr


def test_all_measures_each_and_says_what_failed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Two demos of the list, one of them renamed to a module that there is not: the other is measured and kept."""
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").touch()
    lora = next(found for found in demos(trainer_folder()) if found.name == "lora")
    missing = replace(lora, name="no_such_demo")
    with contextlib.chdir(tmp_path), pytest.raises(SystemExit) as exit_code:
        demo._run_all((lora, missing), ["--device", "cpu"], as_json=True)
    out, err = capfd.readouterr()
    assert exit_code.value.code == 1
    assert [entry["demo"] for entry in json.loads(out)] == ["lora"]
    assert "No module named reference_trainer.no_such_demo" in err
    assert "× 1 of 2 demos measured" in err
    assert (tmp_path / "deck" / "evidence" / "lora.cpu.json").is_file()


def test_demos_that_take_a_model_are_known_without_running_them() -> None:
    takes = {found.name for found in demos(trainer_folder()) if found.takes_model}
    assert {"lora", "prefix_tuning", "gradient_checkpointing", "mixed_precision", "weight_decay"} <= takes


def test_all_facts_come_behind_the_terms_own_in_the_language_asked_for(tmp_path: Path) -> None:
    answer = ankillm(tmp_path, "lora_alpha", "--device", "cpu", "--all-facts", "--language", "en")
    assert answer.returncode == 0, answer.stderr
    first, value, *_ = answer.stdout.splitlines()
    assert (first, value) == ("With `r=8, lora_alpha=32`, by what is the LoRA branch multiplied?", "  4×")
    assert "default_targets" in answer.stdout


def test_the_language_is_the_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert fact_answer.reader_language(None) == "en"
    (tmp_path / "deck").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "deck" / "deck.toml").write_text('[decks.d]\nnotes = "notes"\n', encoding="utf-8")
    (tmp_path / "notes" / "a.md").write_text("# 微调\n\n一句话。\n", encoding="utf-8")
    assert fact_answer.reader_language(None) == "zh"
    assert fact_answer.reader_language("en") == "en"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_of_a_table_is_cut(language: str) -> None:
    """Nor is a line wider than the terminal: names, labels and values are folded where they are long."""
    known = {found.name: found for found in demos(trainer_folder())}
    evidence, _ = load([ROOT / "deck" / "evidence"])
    wide = Measured(
        "LlamaForCausalLM, down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj, OwnModel", "", varies=False
    )
    for each in evidence:
        labels = {spec.name: getattr(spec, language) for spec in known[each.demo].facts}
        for facts in (each.facts, {**each.facts, next(iter(labels)): wide}):
            printed = io.StringIO()
            Console(file=printed, width=80).print(publishing.fact_table(replace(each, facts=facts), labels, language))
            lines = printed.getvalue().splitlines()
            assert max(map(cell_len, lines)) <= 80
            columns = ["".join(cells) for cells in zip(*(_cells(line) for line in lines if "│" in line), strict=True)]
            for name, measured in facts.items():
                shown = (name, labels[name], spoken(measured.value, measured.unit, language))
                for column, text in zip(columns, shown, strict=True):
                    assert _packed(text) in column


def _cells(line: str) -> list[str]:
    return [_packed(cell) for cell in line.strip("│").split("│")]


def _packed(text: str) -> str:
    return "".join(text.split())


def test_each_fact_has_the_line_that_measures_it() -> None:
    """At its line stands its name, or the variable that is given by that name; none is where it is only declared."""
    for found in demos(trainer_folder()):
        lines = (trainer_folder() / f"{found.name}.py").read_text(encoding="utf-8").splitlines()
        declared = [number for number, line in enumerate(lines, 1) if re.match(r"    \w+: .* = fact\(", line)]
        own = [spec for spec in found.facts if spec.line not in declared]
        assert len(own) >= len(found.facts) * 0.9, found.name


LANGUAGES: tuple[Language, ...] = ("zh", "en")


def test_what_a_card_asks_for_leads_to_its_fact() -> None:
    """Among the first, and of that demo alone, in both languages."""
    known = demos(trainer_folder())
    of = owners(known)
    for found in known:
        for spec in found.facts:
            for language in LANGUAGES:
                term = own_term(found, spec.name, of, language)
                assert of.get(key_of(term), term.partition("#")[0]) == found.name
                assert spec in facts_of(found, term)[:3], (found.name, spec.name, term)
                assert term != found.name


def test_a_term_is_of_the_cards_language_where_there_is_one() -> None:
    known = demos(trainer_folder())
    of = owners(known)
    (metrics,), (attention,), (warmup,) = (find(known, name) for name in ("metrics", "attention", "warmup"))
    assert own_term(metrics, "uniform_perplexity", of, "en") == "perplexity"
    assert own_term(metrics, "uniform_perplexity", of, "en", ["困惑度", "perplexity"]) == "perplexity"
    assert own_term(metrics, "uniform_perplexity", of, "zh", ["perplexity"]) == "perplexity"
    assert own_term(attention, "masked_weight", of, "zh") == "注意力掩码"
    assert own_term(attention, "masked_weight", of, "zh", ["attention mask"]) == "attention mask"
    assert own_term(warmup, "first_lr", of, "en", ["warmup"]) == "get_scheduler", "warmup is the whole demo"


def test_a_fact_is_asked_for_by_its_address() -> None:
    known = demos(trainer_folder())
    (lora,) = find(known, "lora#merge_difference")
    assert lora.name == "lora"
    assert [spec.name for spec in facts_of(lora, "lora#merge_difference")] == ["merge_difference"]
    assert find(known, "lora#nothing") == ()


def test_first_comes_what_is_about_the_term_alone() -> None:
    known = demos(trainer_folder())
    first = {}
    for term in ("no_grad", "use_cache", "STE", "位置编码", "num_hidden_layers"):
        (found,) = find(known, term)
        first[term] = facts_of(found, term)[0].name
    assert first["no_grad"] == "no_grad_stops_dropout"
    assert first["use_cache"] == "cache_logits_difference"
    assert first["STE"] == "straight_through_gradient"
    assert all(first.values()), "a further term is answered with what its demo asks"


LOOSE = re.compile(r"^(?:an?|the|in|of|is) | (?:is|are|has|keeps?|stores?|grows?|versus|of|in)$|[是的于]$")


def test_what_a_demo_is_asked_for_is_a_name() -> None:
    """A term may have to stand beside a verb to count; what the reader is offered, and gives, is its name."""
    known = demos(trainer_folder())
    assert not [term for found in known for term in all_terms(found) if LOOSE.search(term)]
    (cache,) = find(known, "attention_cache")
    assert own_term(cache, "", owners(known), "en", ["KV cache[ grows]"]) == "KV cache"
    for text in ("kv cache", "KV cache 是", "a KV cache"):
        assert find(known, text) == (cache,), "cards that were shipped ask for the whole term"
        assert facts_of(cache, text)[0].name == "positions_with"
    (lora,) = find(known, "LoRA")
    assert lora.name == "lora", "a term that is called so wherever it stands comes first"


def test_what_a_term_is_answered_with_first_says_why() -> None:
    """In both languages: a value alone teaches little."""
    known, (evidence, _) = demos(trainer_folder()), load([ROOT / "deck" / "evidence"])
    measured = {(file.demo, name) for file in evidence for name in file.facts}
    bare = {
        f"{demo.name}#{facts[0].name}"
        for demo in known
        for term in all_terms(demo)
        if (facts := [spec for spec in facts_of(demo, term) if (demo.name, spec.name) in measured])
        and not all(fact_answer.why_of(demo, facts[0], language) for language in ("zh", "en"))
    }
    assert bare == set()


def test_what_a_reader_cannot_mend_is_no_warning_and_all_else_is(capfd: pytest.CaptureFixture[str]) -> None:
    """A name that transformers is about to drop, up to the version that is left out."""
    program = "import warnings\nfor name in 'past_key_values', 'other':\n "
    program += "warnings.warn(f'`{name}` is deprecated', FutureWarning)"
    said = {}
    for wish in ("", "default"):
        environment = runner._environment(os.environ | {"PYTHONWARNINGS": wish})
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)
        said[wish] = re.findall(r"FutureWarning: `(\w+)`", capfd.readouterr().err)
    assert said == {"": ["other"], "default": ["past_key_values", "other"]}
