"""A build that has nothing to do stops early; whatever is wrong with what was kept, the deck is built anew."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ankillm.build import build as building
from ankillm.build import cache
from ankillm.cli import cli

NOTE = "# LoRA\n\n## Why does LoRA save memory?\n\nOnly the low-rank adapters need an optimizer state.\n\n![a](a.png)\n"
Build = Callable[..., dict[str, object]]


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of what was really built."""
    done: list[str] = []
    original = building.build

    def counted(spec: object, *args: object) -> object:
        done.append(str(spec))
        return original(spec, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "build", counted)
    return done


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that builds `notes/`, which has a note with a picture, and returns the report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("notes").mkdir()
    Path("notes/lora.md").write_text(NOTE)
    Path("notes/a.png").write_bytes(b"picture")

    def run(*options: str) -> dict[str, object]:
        result = CliRunner().invoke(cli, ["build", "notes", "-o", "out.apkg", "--json", *options])
        assert result.exit_code == 0, result.output
        report: dict[str, object] = json.loads(result.stdout)[0]
        return report

    return run


def test_a_deck_that_stands_is_not_built_again(build: Build, builds: list[str]) -> None:
    first = build()
    package = Path("out.apkg").read_bytes()
    second, anew = build(), build("--no-cache")
    assert len(builds) == 2
    assert first["new"]
    assert second == anew
    assert Path("out.apkg").read_bytes() == package


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("notes/lora.md", NOTE.replace("state", "memory")),
        ("notes/qlora.md", NOTE.replace("LoRA", "QLoRA")),
        ("notes/a.png", "another picture"),
        ("out.apkg", "damaged"),
        ("deck/evidence/lora.cpu.json", "{}"),
    ],
)
def test_any_change_of_what_is_read_or_written_builds_anew(
    build: Build, builds: list[str], file: str, content: str
) -> None:
    Path("deck/evidence").mkdir(parents=True)
    Path("deck/deck.toml").write_text("schema = 1")
    build()
    Path(file).write_text(content)
    build()
    assert len(builds) == 2
    cached = Path("out.apkg").read_bytes()
    build("--no-cache")
    assert Path("out.apkg").read_bytes() == cached


def test_a_changed_ledger_is_read(build: Build, builds: list[str]) -> None:
    build()
    ledger = Path("out.ledger.jsonl")
    ledger.write_text(ledger.read_text().replace("Only the", "Just the"))
    build()
    assert len(builds) == 2


def test_what_was_lost_is_written_again(build: Build, builds: list[str]) -> None:
    build()
    package = Path("out.apkg").read_bytes()
    Path("out.apkg").unlink()
    build()
    assert len(builds) == 2
    assert Path("out.apkg").read_bytes() == package


def test_a_picture_that_now_leads_elsewhere_is_refused_although_it_looks_the_same(build: Build) -> None:
    build()
    Path("outside.png").write_bytes(b"picture")
    Path("notes/a.png").unlink()
    Path("notes/a.png").symlink_to("../outside.png")
    assert "outside" in str(build()["warnings"])


def test_a_build_that_warns_is_done_anew(build: Build, builds: list[str]) -> None:
    """The warning is told each time, and goes once the picture is there."""
    Path("notes/a.png").unlink()
    assert build()["warnings"] == build()["warnings"] != []
    Path("notes/a.png").write_bytes(b"picture")
    assert not build()["warnings"]
    assert len(builds) == 3


def test_notes_are_built_beside_a_damaged_project(build: Build) -> None:
    """Only a command about the project tells of its settings."""
    Path("deck").mkdir()
    Path("deck/deck.toml").write_text("schema = [")
    assert build()["cards"] == build()["cards"] == 1


@pytest.mark.parametrize("damage", [lambda kept: kept[:-9], lambda kept: kept.replace(b'"cards":1', b'"cards":7')])
def test_a_damaged_cache_counts_as_none(build: Build, builds: list[str], damage: Callable[[bytes], bytes]) -> None:
    build()
    for file in Path("cache/ankillm").iterdir():
        file.write_bytes(damage(file.read_bytes()))
    assert build()["cards"] == 1
    assert len(builds) == 2


def test_the_cache_is_the_users_alone(build: Build) -> None:
    build()
    folder = Path("cache/ankillm")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert cache.folder() is None
    build()


def test_another_version_of_the_program_builds_anew(
    build: Build, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr(cache, "version", lambda: "another")
    build()
    assert len(builds) == 2


def test_a_deck_that_stands_costs_no_parser(build: Build, tmp_path: Path) -> None:
    """Neither the parser nor the database is imported where there is nothing to do."""
    build()
    script = (
        "import sys; from ankillm.cli import cli\n"
        "cli(['build', 'notes', '-o', 'out.apkg'], standalone_mode=False)\n"
        "print(sorted({'markdown_it', 'genanki', 'sqlite3', 'ankillm.build.pipeline'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert "nothing changed" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
