"""What a command lacks is told with a line that installs it beside this very ankillm."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ankillm.common.installation import installing
from ankillm.common.shells import quoted_anywhere

OTHER = "#!/bin/sh\nexit 9\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that a shell looks for programs in, before any other."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_python_that_the_shell_does_not_find_is_named_by_its_path(folder: Path) -> None:
    """As in `.venv/bin/ankillm`, where nothing is activated, and `python` is another, or none."""
    (folder / "python").write_text(OTHER, "utf-8")
    (folder / "python").chmod(0o755)
    command = installing(["peft"])
    assert command == f"{shlex.quote(sys.executable)} -m pip install peft"
    python, *_ = shlex.split(command)
    where = "import ankillm, sys; print(sys.prefix)"
    found = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == sys.prefix


def test_a_python_that_the_shell_finds_is_named_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert installing(["torch"], upgrade=True) == "python -m pip install --upgrade torch"


def test_an_environment_without_pip_is_served_by_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `uv venv` makes it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert installing(["peft"]) == f"uv pip install --python {shlex.quote(sys.prefix)} peft"


@pytest.mark.parametrize(
    ("mark", "plain", "upgraded"),
    [
        ("pipx_metadata.json", "pipx inject ankillm torch", "pipx runpip ankillm install --upgrade torch"),
        ("uv-receipt.toml", "uv pip install --python {} torch", "uv pip install --python {} --upgrade torch"),
    ],
)
def test_what_made_a_folder_of_its_own_installs_there(
    mark: str, plain: str, upgraded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / mark).touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    place = shlex.quote(str(tmp_path))
    assert installing(["torch"]) == plain.format(place)
    assert installing(["torch"], upgrade=True) == upgraded.format(place)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("lora_alpha", "lora_alpha"),
        ("KV cache", '"KV cache"'),
        ("√d_k", '"√d_k"'),
        ("float('inf')", None),
        ("a$b c", None),
    ],
)
def test_a_term_is_one_word_in_every_shell(word: str, written: str | None) -> None:
    """Windows' own knows no single quotation marks; what it cannot be told is written for the others."""
    assert quoted_anywhere(word) == (written or shlex.quote(word))
    assert shlex.split(quoted_anywhere(word)) == [word]
