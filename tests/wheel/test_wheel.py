"""The wheel alone: by pip, pipx and uv, in empty folders, it makes a deck of notes as the checkout does.

`make test-wheel` runs this; it takes some minutes and a package index.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from checkout import ROOT

NOTE = "# 缓存\n\nKV cache 是一种用空间换时间的办法。\n\n```python\nuse_cache = False  # 训练时不要缓存\n```\n"
TOOLS = Path(sys.executable).parent
CONSTRAINTS = ROOT / "constraints.txt"


Places = Mapping[str, str | Path]


def run(
    *words: str | Path, cwd: Path, expected: int = 0, places: Places | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a process in an environment without this checkout; fail with what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"SOURCE_DATE_EPOCH": "1700000000", "XDG_CACHE_HOME": str(cwd / ".cache")}
    environment |= {key: str(value) for key, value in (places or {}).items()}
    result = subprocess.run([*map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == expected, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source archive, and of that the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


def by_pip(wheel: Path, home: Path) -> Path:
    """Install into a virtual environment."""
    venv.create(home / "v", with_pip=True)
    run(home / "v/bin/python", "-m", "pip", "install", "-q", "-c", CONSTRAINTS, wheel, cwd=home)
    return home / "v/bin/ankillm"


def by_pipx(wheel: Path, home: Path) -> Path:
    """Install as an application of the user."""
    places = {"PIPX_HOME": home / "pipx", "PIPX_BIN_DIR": home / "bin", "PIPX_MAN_DIR": home / "man"}
    run(TOOLS / "pipx", "install", f"--pip-args=-c {CONSTRAINTS}", wheel, cwd=home, places=places)
    return home / "bin/ankillm"


def by_uv(wheel: Path, home: Path) -> Path:
    """Install as a tool of uv."""
    places = {"UV_TOOL_DIR": home / "tools", "UV_TOOL_BIN_DIR": home / "bin", "UV_CACHE_DIR": home / "uv"}
    run(TOOLS / "uv", "tool", "install", "-q", "-c", CONSTRAINTS, "-p", sys.executable, wheel, cwd=home, places=places)
    return home / "bin/ankillm"


@pytest.fixture(scope="module", params=[by_pip, by_pipx, by_uv], ids=["pip", "pipx", "uv"])
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, with the core only, into an empty folder; return its command."""
    return Path(request.param(wheel, tmp_path_factory.mktemp("home")))


def test_the_archives_are_well_described(wheel: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *wheel.parent.iterdir(), cwd=wheel.parent)


def test_the_wheel_of_the_archive_is_that_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    assert wheel.read_bytes() == (tmp_path / wheel.name).read_bytes()


def test_wheel_and_checkout_build_the_same_deck(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "cache.md").write_text(NOTE, "utf-8")
    run(installed, "build", "cache.md", "-o", "wheel.apkg", cwd=tmp_path)
    checkout = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    run(sys.executable, "-m", "ankillm", "build", "cache.md", "-o", "checkout.apkg", cwd=tmp_path, places=checkout)
    assert (tmp_path / "wheel.apkg").read_bytes() == (tmp_path / "checkout.apkg").read_bytes()


def test_a_folder_of_notes_becomes_a_project_a_deck_and_a_preview(installed: Path, tmp_path: Path) -> None:
    vault = tmp_path / "My Vault"
    (vault / ".obsidian").mkdir(parents=True)
    (vault / "缓存.md").write_text(NOTE, "utf-8")
    run(installed, "init", "My Vault", cwd=tmp_path)
    assert "cards of 1 note → deck/notes.apkg" in run(installed, "build", cwd=vault).stdout
    assert zipfile.is_zipfile(vault / "deck/notes.apkg")
    run(installed, "check", cwd=vault)
    run(installed, "preview", "-o", "shown", cwd=vault)
    assert (vault / "shown/index.html").is_file()


def test_the_wheel_lists_demos_and_says_what_a_demo_needs(installed: Path, tmp_path: Path) -> None:
    assert "lora" in run(installed, "demo", cwd=tmp_path).stdout
    lacking = run(installed, "demo", "lora", cwd=tmp_path, expected=2)
    assert len(lacking.stderr.splitlines()) == 1
    assert "--pre-seq-len" in run(installed, "train", "--help", cwd=tmp_path).stdout, "its help needs none"


def test_what_is_missing_comes_by_the_command_that_is_told(installed: Path, tmp_path: Path) -> None:
    """For pip, pipx and uv alike: the line names a command, and after it the notebook is read."""
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": [NOTE]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook), "utf-8")
    told = run(installed, "build", "n.ipynb", cwd=tmp_path, expected=2).stderr.partition("nbformat: ")[2]
    home = installed.parents[1]
    places: Places = {
        "PATH": os.pathsep.join([str(installed.parent), str(TOOLS), os.environ["PATH"]]),
        "PIPX_HOME": home / "pipx",
        "PIPX_BIN_DIR": home / "bin",
    }
    run(*shlex.split(told), cwd=tmp_path, places=places)
    assert "cards of 1 note" in run(installed, "build", "n.ipynb", cwd=tmp_path).stdout


def test_nothing_but_the_command_is_left_outside_of_its_folder(installed: Path, tmp_path: Path) -> None:
    """What a build writes lies beside its output and in the cache folder."""
    (tmp_path / "cache.md").write_text(NOTE, "utf-8")
    run(installed, "build", "cache.md", cwd=tmp_path, places={"HOME": tmp_path / "home"})
    assert {path.name for path in tmp_path.iterdir()} == {"cache.md", "cache.apkg", "cache.ledger.jsonl", ".cache"}


SCHEMAS = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    "docs/examples/check-notes.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/[cf]a*.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    "CITATION.cff": "vendor.citation-file-format",
}


@pytest.mark.parametrize("files", SCHEMAS)
def test_what_a_host_reads_keeps_to_its_schema(files: str) -> None:
    found = sorted(ROOT.glob(files))
    assert found
    run(TOOLS / "check-jsonschema", "--builtin-schema", SCHEMAS[files], *found, cwd=ROOT)


def test_the_hook_stops_a_note_that_is_refuted(tmp_path: Path) -> None:
    """pre-commit installs this repository and runs its hook, as it would for anyone."""
    source = tmp_path / "ankillm"
    files = run("git", "ls-files", "-z", cwd=ROOT).stdout.split("\0")[:-1]
    for name in files:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    notes = tmp_path / "notes"
    notes.mkdir()
    claims = (ROOT / "docs/examples/claims.md").read_text("utf-8")
    (notes / "claims.md").write_text(claims, "utf-8")
    author = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for folder in (source, notes):
        run("git", "init", "-q", cwd=folder)
        run("git", "add", "-A", cwd=folder)
        run("git", "commit", "-q", "-m", "all", cwd=folder, places=author)
    hook = (TOOLS / "pre-commit", "try-repo", source, "ankillm-check", "--files", "claims.md")
    places: Places = {"PRE_COMMIT_HOME": tmp_path / "pre-commit", **author}
    assert "refuted" in run(*hook, cwd=notes, expected=1, places=places).stdout
    (notes / "claims.md").write_text(claims.replace('"<= 1.5×"', '"= 32.6×"'), "utf-8")
    run(*hook, cwd=notes, places=places)
