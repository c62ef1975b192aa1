"""The wheel: it installs into an empty environment, and builds the same deck as the checkout."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from checkout import ROOT

NOTE = "# 缓存\n\nKV cache 是一种用空间换时间的办法。\n\n```python\nuse_cache = False  # 训练时不要缓存\n```\n"


def run(*words: str | Path, cwd: Path, expected: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a process in an environment without this checkout; fail with what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["SOURCE_DATE_EPOCH"] = "1700000000"
    result = subprocess.run([*map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == expected, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, with the core only, into an empty environment; return its command."""
    home = tmp_path_factory.mktemp("empty")
    venv.create(home, with_pip=True)
    constraints = ROOT / "constraints.txt"
    run(home / "bin/python", "-m", "pip", "install", "-q", "-c", constraints, wheel, cwd=home)
    return home / "bin/ankillm"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    (tmp_path / "cache.md").write_text(NOTE, "utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_archives_are_well_described(wheel: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *wheel.parent.iterdir(), cwd=wheel.parent)


@pytest.mark.slow
def test_wheel_and_checkout_build_the_same_deck(installed: Path, note: Path) -> None:
    run(installed, "build", "cache.md", "-o", "wheel.apkg", cwd=note)
    run(sys.executable, "-m", "ankillm", "build", "cache.md", "-o", "checkout.apkg", cwd=note)
    assert (note / "wheel.apkg").read_bytes() == (note / "checkout.apkg").read_bytes()


@pytest.mark.slow
def test_the_wheel_lists_demos_and_says_what_a_demo_needs(installed: Path, note: Path) -> None:
    assert "lora" in run(installed, "demo", cwd=note).stdout
    lacking = run(installed, "demo", "lora", cwd=note, expected=2)
    assert len(lacking.stderr.splitlines()) == 1
    assert "python -m pip install torch " in lacking.stderr
    assert "--pre-seq-len" in run(installed, "train", "--help", cwd=note).stdout, "its help needs none"
