"""A build that has nothing to do stops early; whatever is wrong with what was kept, the deck is built without it."""

import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ankillm.build import pipeline, user_cache
from ankillm.build.cache import NoteResult
from ankillm.build.inputs import NoteInput
from ankillm.cli import cli
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import WEIGHTS_FROM
from ankillm.extract.linear import weights

NOTE = (
    "# LoRA\n\n<!-- anki: id=why -->\n## Why does LoRA save memory?\n\n"
    "Only the low-rank adapters need an optimizer state.\n\n![a](a.png)\n"
)
OTHER = NOTE.replace("LoRA", "QLoRA").replace("a.png", "b.png").replace("id=why", "id=whyq")
Build = Callable[..., dict[str, Any]]


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of the notes that were made into cards."""
    done: list[str] = []
    original = pipeline.note_result

    def counted(note: NoteInput, context: pipeline.Context) -> NoteResult:
        done.append(note.path)
        return original(note, context)

    monkeypatch.setattr(pipeline, "note_result", counted)
    return done


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that builds `notes/`, which has two notes with a picture each, and returns the report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("notes").mkdir()
    Path("notes/lora.md").write_text(NOTE)
    Path("notes/qlora.md").write_text(OTHER)
    Path("notes/a.png").write_bytes(b"picture")
    Path("notes/b.png").write_bytes(b"picture b")

    def run(*options: str) -> dict[str, Any]:
        result = CliRunner().invoke(cli, ["build", "notes", "-o", "out.apkg", "--json", *options])
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        report: dict[str, Any] = json.loads(result.stdout)[0]
        return report

    return run


BOTH = ["lora.md", "qlora.md"]


def test_a_deck_that_is_as_it_was_is_not_built_again(build: Build, rendered: list[str]) -> None:
    first = build()
    package = Path("out.apkg").read_bytes()
    assert first["new"]
    second = build()
    assert rendered == BOTH
    assert second == build("--no-cache")
    assert Path("out.apkg").read_bytes() == package


@pytest.mark.parametrize(
    ("file", "content", "anew"),
    [
        ("notes/lora.md", NOTE.replace("state", "memory"), ["lora.md"]),
        ("notes/dora.md", NOTE.replace("LoRA", "DoRA").replace("id=why", "id=whyd"), ["dora.md"]),
        ("notes/a.png", "another picture", ["lora.md"]),
        ("out.apkg", "damaged", []),
        ("deck/evidence/lora.cpu.json", "{}", BOTH),
    ],
)
def test_what_changed_is_made_anew_and_the_rest_is_taken_from_the_cache(
    build: Build, rendered: list[str], file: str, content: str, anew: list[str]
) -> None:
    Path("deck/evidence").mkdir(parents=True)
    Path("deck/deck.toml").write_text("schema = 1")
    build()
    rendered.clear()
    Path(file).write_text(content)
    build()
    assert rendered == anew
    cached = Path("out.apkg").read_bytes()
    build("--no-cache")
    assert Path("out.apkg").read_bytes() == cached


def test_a_changed_ledger_is_read(build: Build) -> None:
    """What the ledger says is held against the cards again, although no note changed."""
    build()
    ledger = Path("out.ledger.jsonl")
    whole = ledger.read_text()
    ledger.write_text("".join(line for line in whole.splitlines(keepends=True) if "QLoRA" not in line))
    assert len(build()["new"]) == 1
    assert ledger.read_text().count("QLoRA") == whole.count("QLoRA")


@pytest.mark.parametrize("first", ["few", "many"])
def test_results_count_only_beside_the_ledger_that_they_were_made_with(
    build: Build, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """What is made of a note hangs on what was shipped: without the ledger nothing of before is left."""
    Path("notes/lora.md").write_text(
        NOTE + "\nThe rank is small. Adapters are merged, so that inference costs nothing.\n"
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    build("--density", first)
    build()
    for name in ("out.apkg", "out.ledger.jsonl"):
        Path(name).unlink()
    again = build()
    package = Path("out.apkg").read_bytes()
    for name in ("out.apkg", "out.ledger.jsonl"):
        Path(name).unlink()
    assert build("--no-cache") == again
    assert Path("out.apkg").read_bytes() == package


def test_other_weights_make_other_results(build: Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The weights that the environment names belong to what is compared; a file without weights is one line."""
    shipped = json.loads(zlib.decompress(files("ankillm.extract").joinpath("weights.json.z").read_bytes()))
    shipped["worth"]["bias"] = -50_000
    (tmp_path / "none.z").write_bytes(zlib.compress(json.dumps(shipped).encode()))
    build()
    before = weights()
    monkeypatch.setenv(WEIGHTS_FROM, str(tmp_path / "none.z"))
    weights.cache_clear()
    try:
        assert weights() != before
        assert build()["unchanged"] == build("--no-cache")["unchanged"]
        (tmp_path / "none.z").write_text("{}")
        weights.cache_clear()
        with pytest.raises(Refusal, match=r"none\.z: holds no weights"):
            weights()
    finally:
        weights.cache_clear()


def test_what_was_lost_is_written_again(build: Build, rendered: list[str]) -> None:
    build()
    package = Path("out.apkg").read_bytes()
    Path("out.apkg").unlink()
    build()
    assert rendered == BOTH
    assert Path("out.apkg").read_bytes() == package


def test_a_picture_that_now_leads_elsewhere_is_refused_although_it_looks_the_same(build: Build) -> None:
    build()
    Path("outside.png").write_bytes(b"picture")
    Path("notes/a.png").unlink()
    Path("notes/a.png").symlink_to("../outside.png")
    assert "outside" in str(build()["warnings"])


def test_a_note_that_warns_is_cached_and_its_warning_repeated(build: Build, rendered: list[str]) -> None:
    """The warning is told each time, also when another note changed, and goes once the picture is there."""
    Path("notes/a.png").unlink()
    warnings = build()["warnings"]
    assert "'a.png' is missing" in str(warnings)
    rendered.clear()
    assert build()["warnings"] == warnings
    Path("notes/qlora.md").write_text(OTHER.replace("state", "memory"))
    assert build()["warnings"] == warnings
    assert rendered == ["qlora.md"]
    Path("notes/a.png").write_bytes(b"picture")
    assert not build()["warnings"]
    assert rendered == ["qlora.md", "lora.md"]


def test_an_unreadable_note_is_told_each_time(build: Build, rendered: list[str]) -> None:
    build()
    Path("notes/bad.md").write_bytes(b"\xff\n")
    rendered.clear()
    for _ in range(2):
        result = CliRunner().invoke(cli, ["build", "notes", "-o", "out.apkg"])
        assert result.exit_code == 1
        assert result.stderr.startswith("× notes/bad.md:1: ")
        assert result.stderr.count("\n") == 1
    assert rendered == ["bad.md"]


def test_notes_are_built_beside_a_damaged_project(build: Build) -> None:
    """Only a command about the project tells of its settings."""
    Path("deck").mkdir()
    Path("deck/deck.toml").write_text("schema = [")
    assert build()["cards"] == build()["cards"] == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept[:-9],
        lambda kept: kept.replace(b'"cards":2', b'"cards":7'),
        lambda _: b"",
        lambda _: b"\n\n",
        lambda _: b"another program's\nfile\n",
        lambda kept: kept.split(b"\n", 1)[1],
    ],
    ids=["cut", "altered", "empty", "lines", "foreign", "unsigned"],
)
def test_a_damaged_or_foreign_cache_counts_as_none(
    build: Build, rendered: list[str], damage: Callable[[bytes], bytes]
) -> None:
    build()
    package = Path("out.apkg").read_bytes()
    for file in Path("cache/ankillm").iterdir():
        file.write_bytes(damage(file.read_bytes()))
    assert build()["cards"] == 2
    assert rendered == BOTH * 2
    assert Path("out.apkg").read_bytes() == package
    build()
    assert rendered == BOTH * 2


def test_a_cache_whose_hash_is_right_and_whose_content_is_not_counts_as_none(build: Build, rendered: list[str]) -> None:
    """A file of another version is whole, and means something else."""
    build()
    for head, body in ((b"{}", b"\x80"), (b"[[[", b"\xc1"), (b'{"keys":1}', b"\x81\xa1x\x90")):
        user_cache.save(Path("out.apkg"), head, body)
        assert build("--dry-run")["cards"] == 2
    assert rendered == BOTH * 4


def test_a_folder_in_the_place_of_the_cache_file_counts_as_none(build: Build) -> None:
    build()
    (file,) = Path("cache/ankillm").iterdir()
    file.unlink()
    file.mkdir()
    assert build()["cards"] == build()["cards"] == 2


def test_a_cache_that_cannot_be_written_stops_no_build(
    build: Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The folder's place is a file, or cannot be had; the deck is built, and nothing is said."""
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", Path("/proc/none")):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        assert build()["cards"] == build()["cards"] == 2


def test_the_cache_is_the_users_alone(build: Build) -> None:
    build()
    folder = Path("cache/ankillm")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert user_cache.folder() is None
    assert build()["cards"] == 2


def test_another_version_of_the_program_builds_anew(
    build: Build, rendered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr(user_cache, "version", lambda: "another")
    build()
    assert rendered == BOTH * 2


def test_a_deck_that_is_as_it_was_costs_no_parser(build: Build, tmp_path: Path) -> None:
    """Neither the parser nor the database is imported where there is nothing to do."""
    build()
    script = (
        "import sys; from ankillm.cli import cli\n"
        "cli(['build', 'notes', '-o', 'out.apkg'], standalone_mode=False)\n"
        "print(sorted({'markdown_it', 'genanki', 'sqlite3', 'ankillm.build.pipeline'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "nothing changed" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def searched(*options: str) -> str:
    """Return what a build of the notes prints about cards to be moved or deleted."""
    result = CliRunner().invoke(cli, ["build", "notes", "-o", "out.apkg", *options])
    assert result.exit_code == 0, result.output
    return "\n".join(line for line in result.output.split("\n") if "search Anki for" in line)


def test_moved_and_retired_cards_are_told_by_every_build(build: Build) -> None:
    """Whoever builds twice before an import learns of both; so does who changes another note in between."""
    build()
    Path("notes/lora.md").write_text(f"---\ndeck: Elsewhere\n---\n\n{NOTE}")
    Path("notes/qlora.md").write_text("# QLoRA\n\n- **NF4**：一种 4 位的数据类型\n")
    first = searched()
    assert "1 moved card to Elsewhere" in first
    assert "1 retired card" in first
    assert searched() == first
    assert searched("--no-cache") == first, "what is left to be done in Anki is no result to be made anew"
    Path("notes/qlora.md").write_text("# QLoRA\n\n- **NF4**：一种 4 位的数据类型，按正态分布\n")
    assert searched() == first


def test_retired_cards_are_not_told_to_who_never_had_them(build: Build) -> None:
    """A fresh clone has a ledger, and neither package nor cache."""
    build()
    Path("notes/qlora.md").write_text("# QLoRA\n\n- **NF4**：一种 4 位的数据类型\n")
    assert "1 retired card" in searched()
    Path("out.apkg").unlink()
    shutil.rmtree("cache")
    assert not searched()
    assert not searched()
    Path("notes/qlora.md").write_text("# QLoRA\n\n- **NF4**：一种 4 位的数据类型，按正态分布\n")
    assert not searched()
