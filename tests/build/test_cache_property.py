"""Whatever is kept from build to build, a deck comes out as if nothing had been: over random notes and edits."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ankillm.cli import cli

LINES = st.sampled_from(
    [
        "# LoRA",
        "## Why does it save memory?",
        "- **rank**: the width of the `A` and `B` matrices",
        "- 学习率：`1e-4`",
        "Only the adapters are trained.",
        "![plot](a.png)",
        "<!-- anki: id=one -->",
        "[29.4M][size]",
        '[size]: demo:prefix_tuning#trainable_share "< 1%"',
        "```python\nlr = 1e-4  # learning rate\n```",
    ]
)
NOTE = st.lists(LINES, max_size=6).map("\n\n".join)
PICTURE = st.sampled_from([b"one", b"two", None])
STATE = st.fixed_dictionaries({"a.md": st.none() | NOTE, "b/c.md": st.none() | NOTE, "a.png": PICTURE})
"""What the files of the folder are after an edit; None where there is none."""
KEEP = "keep.md", "# Warmup\n\n## Why warm up?\n\nThe first steps are unstable.\n"


def write(folder: Path, state: dict[str, str | bytes | None]) -> None:
    """Make the folder's files what they are after an edit."""
    for name, content in state.items():
        path = folder / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


def built(folder: Path, *options: str) -> tuple[bytes, ...]:
    """Build the notes of a folder and return what was written."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner().invoke(cli, ["build", "notes", "-o", "out.apkg", *options])
    finally:
        os.chdir(here)
    assert result.exit_code == 0, result.output
    return tuple((folder / f"out.{suffix}").read_bytes() for suffix in ("apkg", "ledger.jsonl"))


@settings(max_examples=40, deadline=None)
@given(st.lists(STATE, min_size=1, max_size=4), st.data())
def test_a_deck_is_the_same_with_and_without_the_cache(
    states: list[dict[str, str | bytes | None]], data: st.DataObject
) -> None:
    """Each edit is built with the cache, some twice, and in another folder without; files go back and forth."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", f"{name}/cache")
        one, other = Path(name, "one"), Path(name, "other")
        for number, state in enumerate(states):
            patch.setenv("SOURCE_DATE_EPOCH", str(1_700_000_000 + number))
            for folder in (one, other):
                write(folder, {**state, KEEP[0]: KEEP[1]})
            for _ in range(data.draw(st.integers(1, 2))):
                cached = built(one)
            assert cached == built(other, "--no-cache")


def test_two_builds_share_a_cache(tmp_path: Path) -> None:
    """Two builds at once with one cache write what each would alone."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "ankillm", "build", "notes", "-o", "out.apkg"]
    for name in ("one", "other"):
        write(tmp_path / name, {KEEP[0]: KEEP[1]})
    for _ in range(2):
        running = [subprocess.Popen(command, cwd=tmp_path / name, env=environment) for name in ("one", "other")]
        assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert (tmp_path / "one/out.apkg").read_bytes() == (tmp_path / "other/out.apkg").read_bytes()
    assert not list((tmp_path / "cache/ankillm").glob(".*"))
