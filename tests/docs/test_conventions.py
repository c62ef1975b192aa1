"""What a project is expected to bring: metadata, workflows, forms, hooks; of what cannot run here, the form."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from checkout import ROOT
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from ankillm import __version__
from ankillm.cli import cli

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
GITHUB = ROOT / ".github"
WORKFLOWS = [*sorted((GITHUB / "workflows").glob("*.yml")), ROOT / "docs/examples/check-notes.yml"]
FORMS = [path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"]
SYSTEMS = {"ubuntu-latest", "macos-latest", "windows-latest"}


def read(path: Path) -> Any:  # noqa: ANN401  (whatever the file holds)
    """Return a file of YAML."""
    return yaml.safe_load(path.read_text("utf-8"))


def steps(path: Path) -> list[dict[str, Any]]:
    """Return all steps of a workflow."""
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def runs(path: Path, program: str) -> list[str]:
    """Return what a workflow runs of a program: the words after its name."""
    lines = [line.strip() for step in steps(path) for line in step.get("run", "").splitlines()]
    return [line.removeprefix(program).strip() for line in lines if line.startswith(f"{program} ")]


def pythons() -> set[str]:
    """Return the versions of Python that the classifiers name."""
    named = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line) for line in PROJECT["classifiers"])
    return {match[1] for match in named if match}


def test_the_version_is_one() -> None:
    newest = re.search(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest
    assert __version__ == PROJECT["version"] == newest[1] == read(ROOT / "CITATION.cff")["version"]


def test_the_oldest_python_is_the_one_that_is_required() -> None:
    oldest = min(pythons(), key=lambda version: int(version.split(".")[1]))
    assert PROJECT["requires-python"] == f">={oldest}"


def test_every_version_of_python_is_tried_on_every_system() -> None:
    matrix = read(GITHUB / "workflows/test.yml")["jobs"]["everywhere"]["strategy"]["matrix"]
    assert set(matrix["python"]) == pythons()
    assert set(matrix["os"]) == SYSTEMS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_the_form_that_runs(path: Path) -> None:
    """They say when they run, may only read, end in time, and pin what they use; each step does one thing."""
    workflow = read(path)
    assert {"name", "permissions", "jobs"} <= set(workflow)
    assert workflow["permissions"] == {"contents": "read"}
    assert {"push", "pull_request"} <= set(workflow[True])  # `on`, as YAML 1.1 reads it
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert job["runs-on"] in {"ubuntu-latest", "${{ matrix.os }}"}
    for step in steps(path):
        assert ("uses" in step) != ("run" in step)
        assert "uses" not in step or re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_what_there_is(path: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(runs(path, "make")) <= set(targets)
    for words in runs(path, "ankillm"):
        name, *options = words.split()
        command = cli.get_command(click.Context(cli), name)
        assert command, words
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in options if word.startswith("-")} <= known
    for words in runs(path, "python -m pytest"):
        assert all((ROOT / place).exists() for place in words.split())


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_forms_ask_for_a_note_and_the_command(path: Path) -> None:
    fields = {field["id"]: field for field in read(path)["body"] if "id" in field}
    assert {"note", "command", "version"} <= set(fields)
    assert all(field["attributes"]["label"] for field in fields.values())
    assert all(fields[name]["validations"]["required"] for name in ("note", "command", "version"))


def test_the_hook_is_a_command_that_takes_notes() -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    program, name = hook["entry"].split()
    assert program in PROJECT["scripts"]
    command = cli.get_command(click.Context(cli), name)
    assert command
    assert any(isinstance(parameter, click.Argument) and parameter.nargs == -1 for parameter in command.params)
    assert hook["types"] == ["markdown"]


def test_the_changelog_is_for_users() -> None:
    """Each version has its day; what must be done comes first; no entry is longer than four lines."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$", text, re.MULTILINE)
    assert all(day or name == "Unreleased" for name, day in versions)
    newest = text.split(f"## [{__version__}]")[1]
    assert newest.partition("### ")[2].startswith("What to do")
    entries = re.split(r"^- ", text, flags=re.MULTILINE)[1:]
    assert all(len(re.split(r"\n(?! )", entry)[0].splitlines()) <= 4 for entry in entries)


@pytest.mark.parametrize("home", ["", "https://example.org/a/b", "https://example.org/a/b/"])
def test_one_line_tells_a_package_index_where_the_project_is(home: str) -> None:
    """With its address links and pictures are absolute, and addresses are told; without, they are words."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8").replace('home = ""', f'home = "{home}"'))
    told = ProjectMetadata(str(ROOT), PluginManager(), config).core
    prose = re.sub(r"^(`{3,}).*?^\1$", "", told.readme, flags=re.DOTALL | re.MULTILINE)
    places = re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", prose)
    addresses = [*("".join(place) for place in places), *told.urls.values()]
    own = [address for address in addresses if address.startswith("https://example.org")]
    assert all(address.startswith("https://") for address in addresses)
    assert set(told.urls) == ({"Repository", "Documentation", "Changelog", "Issues"} if home else set())
    assert (len(own) > 20) == bool(home)
    parts = [re.fullmatch(r"https://example\.org/a/b(?:/(?:blob|raw)/main/(.+)|/issues)?", address) for address in own]
    assert all(part and (ROOT / (part[1] or "")).exists() for part in parts)
    assert told.readme.count("\n|") == (ROOT / "README.md").read_text("utf-8").count("\n|")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT]
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_what_git_holds_and_no_stray_file(wheel: zipfile.ZipFile) -> None:
    homes = {
        "src/ankillm/": "ankillm/",
        "reference_trainer/": "reference_trainer/",
        "deck/templates/": "ankillm/_deck/templates/",
        "deck/evidence/": "ankillm/_deck/evidence/",
    }
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    files = [name for name in listed if (ROOT / name).is_file() and not name.endswith(".keep")]
    wanted = {
        home + name.removeprefix(place) for place, home in homes.items() for name in files if name.startswith(place)
    }
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert wanted == held


def test_the_wheel_brings_the_licences_of_what_is_vendored(wheel: zipfile.ZipFile) -> None:
    vendored = {path.name for path in (ROOT / "src").rglob("vendor/*.js")}
    assert vendored == {"temml.min.js"}
    licences = [name for name in wheel.namelist() if ".dist-info/licenses/" in name]
    assert {Path(name).name for name in licences} == {"LICENSE", "LICENSE.temml"}
    assert all(b"MIT" in wheel.read(name) for name in licences)
