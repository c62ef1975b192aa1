"""A build upon the last one writes, byte for byte, what a build from nothing writes, and tells the same."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ankillm.build import amending
from ankillm.build import build as building
from ankillm.build.output import Outcome
from ankillm.cli import cli
from ankillm.markdown.inline import passages

SHAPES = (
    "## Why {0} and not {1}?\n\nBecause {0} is {1} times faster.\n",
    "## 第 {0} 个问题是什么？\n\n- 秩：`{1}`\n- 缩放：{0}\n",
    "### term {0}\n\nThe rank is {{{{c1::{1}}}}} and {{{{c{2}::{0}}}}}.\n",
    "## code {0}\n\n```python\nx{0} = {1}  # the number of steps to wait\n```\n",
    "## What does picture {0} show?\n\n![{1}](p{2}.png)\n",
    "## What is twice {2}?\n\nIt is {2}.\n",
    "# Title {1}\n\n<!-- anki: tags=t{0} -->\n",
    "## Which demo of {0}?\n\nLoRA 的 `lora_alpha` 是 {1}。\n",
)
"""Sections: a number that tells them apart, one that changes with an edit, and one of two."""
SECTION = st.tuples(st.integers(0, len(SHAPES) - 1), st.integers(0, 5), st.integers(0, 2))
NOTE = st.lists(SECTION, min_size=2, max_size=8)
PLACE = st.integers(0, 7)
EDIT = st.one_of(
    st.tuples(st.just("put"), PLACE, SECTION),
    st.tuples(st.just("insert"), PLACE, SECTION),
    st.tuples(st.just("delete"), PLACE, SECTION),
    st.tuples(st.just("double"), PLACE, SECTION),
    st.tuples(st.just("last"), PLACE, SECTION),
)
Section = tuple[int, int, int]


def edited(note: list[Section], kind: str, place: int, section: Section) -> list[Section]:
    """Return a note after an edit."""
    at = place % len(note)
    match kind:
        case "put":
            return [*note[:at], (note[at][0], note[at][1], section[2]), *note[at + 1 :]]
        case "insert":
            return [*note[:at], section, *note[at:]]
        case "delete" if len(note) > 2:
            return [*note[:at], *note[at + 1 :]]
        case "double":
            return [*note, note[at]]
    return [*note, section]


def text_of(note: list[Section]) -> str:
    """Return a note as Markdown."""
    return "# Note\n\n" + "\n".join(SHAPES[shape].format(number, edit, 1 + edit % 2) for shape, number, edit in note)


@pytest.fixture
def amended(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Cut notes at every heading, and return the list of whether builds upon the last one came to something."""
    found: list[bool] = []
    original = amending.amend

    def noted(*words: object) -> Outcome | None:
        outcome = original(*words)  # type: ignore[arg-type]  # whatever it is given
        found.append(outcome is not None)
        return outcome

    monkeypatch.setattr(building, "amend", noted)
    monkeypatch.setattr(passages, "LENGTH", 1)
    return found


def built(folder: Path, *options: str) -> tuple[Any, tuple[bytes, ...]]:
    """Build the notes of a folder; return what was told and written."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner().invoke(cli, ["build", "notes", "-o", "out.apkg", "--json", *options])
    finally:
        os.chdir(here)
    assert result.exit_code == 0, result.output
    files = tuple((folder / f"out.{suffix}").read_bytes() for suffix in ("apkg", "ledger.jsonl"))
    return json.loads(result.stdout), files


Both = Callable[[str], tuple[Any, ...]]


@pytest.fixture
def both() -> Iterator[Callable[[], Both]]:
    """Yield what begins two folders, one built upon the last build and one from nothing, and builds a note in both."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        count = 0

        def begin() -> Both:
            nonlocal count
            count += 1
            home, number = Path(name, str(count)), 1_700_000_000
            for folder in ("upon", "anew"):
                (home / folder / "notes").mkdir(parents=True)
                for picture in (1, 2):
                    (home / folder / "notes" / f"p{picture}.png").write_bytes(b"picture %d" % picture)
                (home / folder / "notes/other.md").write_text("# Other\n\n## Why another?\n\nTo have two.\n")
            patch.setenv("XDG_CACHE_HOME", f"{home}/cache")

            def build(text: str) -> tuple[Any, ...]:
                nonlocal number
                number += 1
                patch.setenv("SOURCE_DATE_EPOCH", str(number))
                for folder in ("upon", "anew"):
                    (home / folder / "notes/note.md").write_text(text, "utf-8")
                upon, anew = built(home / "upon"), built(home / "anew", "--no-cache")
                assert upon == anew
                return upon

            return build

        yield begin


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NOTE, st.lists(EDIT, min_size=1, max_size=5))
@example([(0, 1, 0), (0, 2, 0), (0, 3, 0)], [("put", 1, (0, 0, 1)), ("last", 0, (0, 9, 9)), ("insert", 0, (0, 4, 0))])
def test_after_any_edits_it_is_the_same(
    both: Callable[[], Both],
    amended: list[bool],  # noqa: ARG001  (notes are cut at every heading)
    note: list[Section],
    edits: list[tuple[str, int, Section]],
) -> None:
    build = both()
    build(text_of(note))
    for kind, place, section in edits:
        note = edited(note, kind, place, section)
        build(text_of(note))


NOTE_OF_NINE = [(0, number, 0) for number in range(9)]


@pytest.mark.parametrize(
    ("edit", "upon"),
    [
        (("put", 4, (0, 0, 1)), True),
        (("last", 0, (0, 17, 0)), True),
        (("insert", 4, (0, 17, 0)), True),
        (("delete", 4, (0, 0, 0)), False),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_which_edits_are_built_upon_the_last_build(
    both: Callable[[], Both],
    amended: list[bool],
    edit: tuple[str, int, Section],
    upon: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    build = both()
    build(text_of(NOTE_OF_NINE))
    build(text_of(edited(NOTE_OF_NINE, *edit)))
    assert amended == [upon]


def test_where_most_is_new_all_is_drawn_without_looking_at_the_last_build(
    both: Callable[[], Both], amended: list[bool]
) -> None:
    build = both()
    build(text_of(NOTE_OF_NINE))
    build(text_of([*NOTE_OF_NINE, *((0, number, 0) for number in range(9, 2000))]))
    assert amended == []


def test_a_card_that_repeats_one_that_stands_is_no_matter_for_an_amendment(
    both: Callable[[], Both], amended: list[bool]
) -> None:
    build = both()
    build(text_of([(5, 1, 0), (0, 1, 0), (5, 2, 1)]))
    build(text_of([(5, 1, 1), (0, 1, 0), (5, 2, 1)]))
    assert amended == []


@pytest.mark.parametrize("file", ["out.apkg", "out.ledger.jsonl", "notes/p1.png"])
def test_files_that_changed_since_are_not_built_upon(
    file: str, amended: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/p1.png").write_bytes(b"picture")
    (tmp_path / "notes/note.md").write_text(text_of([(0, 1, 0), (4, 1, 0)]))
    built(tmp_path)
    changed = (tmp_path / file).read_bytes().replace(b"Because", b"As")
    (tmp_path / file).write_bytes(changed if file.endswith(".jsonl") else b"another")
    (tmp_path / "notes/note.md").write_text(text_of([(0, 1, 1), (4, 1, 0)]))
    built(tmp_path)
    assert amended == []


def test_a_dry_run_upon_the_last_build_writes_nothing(
    amended: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/note.md").write_text(text_of(NOTE_OF_NINE))
    _, files = built(tmp_path)
    (tmp_path / "notes/note.md").write_text(text_of(edited(NOTE_OF_NINE, "put", 4, (0, 0, 1))))
    told, after = built(tmp_path, "--dry-run")
    assert len(told[0]["changed"]) == 1
    assert after == files
    assert amended == [True]
