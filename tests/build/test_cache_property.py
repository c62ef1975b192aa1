"""Whatever is kept from build to build, a deck comes out as if nothing had been: over random notes and edits."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ankillm.build import pipeline
from ankillm.build.build import read_decks
from ankillm.build.pipeline import Deck
from ankillm.cli import cli
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import load

LINES = st.sampled_from(
    [
        "# LoRA",
        "# Prefixes",
        "## Why does it save memory?",
        "- **rank**: the width of the `A` and `B` matrices",
        "- 学习率：`1e-4`",
        "Only the adapters are trained.",
        "`pre_seq_len` sets the length of the prefix.",
        "![plot](a.png)",
        "![none](none.png)",
        "![out](../../secret.png)",
        "<!-- anki: id=one -->",
        "<!-- anki: skip -->",
        "<!-- anki: deck=Other tags=own -->",
        "A layer keeps {{c1::keys}} and {{c2::values}}.",
        "[29.4M][size]",
        '[size]: demo:prefix_tuning#trainable_share "< 1%"',
        'Of all parameters, [under 1%](demo:prefix_tuning#trainable_share "< 1% ✓") are trained.',
        'It [hardly costs](demo:prefix_tuning#projection_cost "<= 1.5× ✗") anything.',
        "```python\nlr = 1e-4  # learning rate\n```",
    ]
)
NOTE = st.lists(LINES, max_size=6).map("\n\n".join).map(str.encode) | st.just(b"# x\n\n\xff\n")
PICTURE = st.sampled_from([b"one", b"two", None])
NAMES = ("a.md", "b/c.md", "b/d.md", "index.md")
NOTES = st.dictionaries(st.sampled_from(NAMES), NOTE, max_size=3)
SETTINGS = st.builds(
    "facts = {}\n{}".format, st.sampled_from(["true", "false"]), st.sampled_from(["", 'language="zh"'])
)
KEEP = b"# Warmup\n\n## Why warm up?\n\nThe first steps are unstable.\n"
CONFIG = 'schema = 1\n{}\n[decks.d]\nnotes = "notes"\nname = "D"\n'


class State(NamedTuple):
    """What lies in a project after an edit."""

    notes: Mapping[str, bytes]
    picture: bytes | None
    settings: str


STATES = st.builds(State, NOTES, PICTURE, SETTINGS)


@st.composite
def edits(draw: st.DrawFn) -> list[State]:
    """Draw a project's states; from one to the next, some notes change, some only their names, and some come back."""
    states = [draw(STATES)]
    for _ in range(draw(st.integers(0, 3))):
        last = states[-1]
        notes = {draw(st.sampled_from(NAMES)): text for text in last.notes.values()} if draw(st.booleans()) else {}
        earlier = draw(st.sampled_from(states))
        states.append(
            State(
                {**earlier.notes, **notes, **draw(NOTES)},
                draw(st.sampled_from([last.picture, draw(PICTURE)])),
                draw(st.sampled_from([last.settings, draw(SETTINGS)])),
            )
        )
    return states


def write(folder: Path, state: State) -> None:
    """Make the project's files what they are after an edit."""
    for file in sorted((folder / "notes").rglob("*.*")):
        file.unlink()
    pictures = {"a.png": state.picture, "b/a.png": state.picture} if state.picture else {}
    for name, content in {**state.notes, **pictures, "keep.md": KEEP}.items():
        path = folder / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "deck").mkdir(exist_ok=True)
    (folder / "deck/deck.toml").write_text(CONFIG.format(state.settings))


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


OUTPUTS = ("d.apkg", "d.ledger.jsonl", "d.cards.md")


class Built(NamedTuple):
    """What a build wrote and said."""

    files: tuple[bytes | None, ...]
    code: int
    said: str


def content(folder: Path) -> tuple[bytes | None, ...]:
    """Return the files that a build writes; None for one that is not there."""
    places = [folder / "deck" / name for name in OUTPUTS]
    return tuple(place.read_bytes() if place.exists() else None for place in places)


def put_back(folder: Path, files: tuple[bytes | None, ...]) -> None:
    """Make the files that a build writes what they were."""
    for name, data in zip(OUTPUTS, files, strict=True):
        place = folder / "deck" / name
        place.unlink(missing_ok=True)
        if data is not None:
            place.write_bytes(data)


def built(folder: Path, *options: str) -> Built:
    """Build the project."""
    result = CliRunner().invoke(cli, ["build", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit | Refusal), result.output
    assert result.exit_code in {0, 1}, result.output
    return Built(content(folder), result.exit_code, result.output)


def read() -> Deck:
    """Return what comes of the project's notes."""
    (deck,) = read_decks(load(Path.cwd()).decks)
    return deck


def is_the_same_whatever_the_way(states: list[State], data: st.DataObject) -> None:
    """Each edit is built without the cache, by one process and by two, and with it, some twice: same bytes, same words.

    And what comes of each note is the same from the cache as made anew.
    """
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, inside(Path(name)):
        folder = Path(name)
        for number, state in enumerate(states):
            patch.setenv("SOURCE_DATE_EPOCH", str(1_700_000_000 + number))
            patch.setenv("XDG_CACHE_HOME", f"{name}/cache")
            write(folder, state)
            before = content(folder)
            anew = built(folder, "--no-cache")
            with pytest.MonkeyPatch.context() as without:
                without.setenv("XDG_CACHE_HOME", f"{name}/none")
                results = read()
            put_back(folder, before)
            if data.draw(st.booleans(), label="two processes"):
                with pytest.MonkeyPatch.context() as shared:
                    shared.setattr(pipeline, "WORTH_SHARING", 1)
                    shared.setattr(pipeline, "processors", lambda: 2)
                    assert built(folder, "--no-cache") == anew
                    assert read() == results
                put_back(folder, before)
            assert built(folder) == anew
            again = built(folder)
            assert again.files == anew.files
            assert again == built(folder, "--no-cache")
            assert read() == results


@settings(max_examples=6, deadline=None)
@given(edits(), st.data())
def test_a_deck_is_the_same_whatever_the_way(states: list[State], data: st.DataObject) -> None:
    is_the_same_whatever_the_way(states, data)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(edits(), st.data())
def test_many_decks_are(states: list[State], data: st.DataObject) -> None:
    is_the_same_whatever_the_way(states, data)


def test_a_deck_built_anew_over_its_own_ledger_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two proposals ask the same, one of them as a card asked that was shipped for another note."""
    row = "- **rank**: the width of the `A` and `B` matrices"
    own, rate = f"{row}\n\n# LoRA\n\n{row}".encode(), f"{row}\n\n- 学习率：`1e-4`".encode()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with inside(tmp_path):
        for number, notes in enumerate(({"index.md": own, "b/d.md": rate}, {"b/c.md": own, "index.md": rate})):
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_700_000_000 + number))
            write(tmp_path, State(notes, None, 'language="zh"'))
            assert built(tmp_path).files == built(tmp_path, "--no-cache").files


def test_two_builds_share_a_cache(tmp_path: Path) -> None:
    """Two builds at once with one cache write what each would alone."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "ankillm", "build", "notes", "-o", "out.apkg"]
    for name in ("one", "other"):
        write(tmp_path / name, State({}, None, ""))
    for _ in range(2):
        running = [
            subprocess.Popen(command, cwd=tmp_path / name, env=environment, stdout=PIPE, stderr=STDOUT, text=True)
            for name in ("one", "other")
        ]
        said = [process.communicate(timeout=60)[0] for process in running]
        assert [process.returncode for process in running] == [0, 0], said
    assert (tmp_path / "one/out.apkg").read_bytes() == (tmp_path / "other/out.apkg").read_bytes()
    assert not list((tmp_path / "cache/ankillm").glob(".*"))
