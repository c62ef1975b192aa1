"""Several demos on one GPU: they run together, and time alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

from ankillm.evidence.turns import alone, together

OTHER = """
from ankillm.evidence.turns import together
with together(needed=True):
    print("in")
"""


def other(home: Path) -> "subprocess.Popen[str]":
    """Start another demo, which says when it may run."""
    environment = {"XDG_CACHE_HOME": str(home), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": ""}
    return subprocess.Popen([sys.executable, "-c", OTHER], env=environment, stdout=subprocess.PIPE, text=True)


def test_demos_run_beside_each_other_and_wait_for_one_that_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with together(needed=True):
        assert other(tmp_path).communicate(timeout=120)[0] == "in\n"
        with alone():
            waiting = other(tmp_path)
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(timeout=20)
        assert waiting.communicate(timeout=120)[0] == "in\n"


def test_without_a_gpu_there_is_nothing_to_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with together(needed=False), alone():
        assert not list(tmp_path.iterdir())
