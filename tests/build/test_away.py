"""Folders that cannot be looked into, or are away: their cards stay, and it is said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from deckwork import bring, collection
from unprivileged import bound_run

QUESTION = "# {0}\n\n## Why is {0} here?\n\nBecause {0} is needed.\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with two notes, one in a folder of a folder, and a deck built of them."""
    (tmp_path / "notes" / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "notes" / "one.md").write_text(QUESTION.format("one"))
    (tmp_path / "notes" / "sub" / "deep" / "two.md").write_text(QUESTION.format("two"))
    assert bound_run(tmp_path, "build", "notes", "-o", "out.apkg").returncode == 0
    return tmp_path


def _closed(folder: Path) -> Callable[[], object]:
    folder.chmod(0)
    return lambda: folder.chmod(0o755)


def _unsearchable(folder: Path) -> Callable[[], object]:
    folder.chmod(0o444)
    return lambda: folder.chmod(0o755)


def _unmounted(folder: Path) -> Callable[[], object]:
    away = next(above for above in folder.parents if above.name == "notes").parent / "away"
    folder.rename(away)
    folder.mkdir()

    def back() -> None:
        folder.rmdir()
        away.rename(folder)

    return back


@pytest.mark.parametrize(
    ("name", "leave"),
    [("sub", _closed), ("sub/deep", _closed), ("sub/deep", _unsearchable), ("sub/deep", _unmounted)],
)
def test_cards_of_a_folder_that_is_away_stay(
    name: str, leave: Callable[[Path], Callable[[], object]], place: Path
) -> None:
    """Twice, with the cache; when it is back, nothing has changed, and when it is deleted, its cards retire."""
    folder = place / "notes" / name
    back = leave(folder)
    for more in ((), (), ("--no-cache",)):
        done = bound_run(place, "build", "notes", "-o", "out.apkg", *more)
        assert (done.returncode, "2 cards of 1 note" in done.stdout) == (1, True), done
        assert "retired" not in done.stdout
        assert done.stderr.startswith(f"× notes/{name}"), done.stderr
        assert "cards stay" in done.stderr or "two.md: cannot be read (Permission denied)" in done.stderr
        assert done.stderr.count("\n") == 1
    with collection() as anki:
        assert bring(anki, place / "out.apkg") == {"new": 2}
    back()
    done = bound_run(place, "build", "notes", "-o", "out.apkg")
    assert (done.returncode, "2 cards of 2 notes → out.apkg (nothing changed)" in done.stdout) == (0, True), done
    (place / "notes/sub/deep/two.md").unlink()
    (place / "notes/sub/deep").rmdir()
    (place / "notes/sub").rmdir()
    assert "1 retired" in bound_run(place, "build", "notes", "-o", "out.apkg").stdout


def test_an_empty_folder_without_a_past_is_nothing(place: Path) -> None:
    (place / "notes" / "empty").mkdir()
    done = bound_run(place, "build", "notes", "-o", "out.apkg", "--no-cache")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["build", "cards", "check", "preview"])
def test_notes_that_cannot_be_looked_into_at_all(command: str, tmp_path: Path) -> None:
    """One line, exit code 2, no traceback: the folder itself, the one above it, or a project's settings."""
    notes = tmp_path / "above" / "notes"
    notes.mkdir(parents=True)
    (notes / "one.md").write_text(QUESTION.format("one"))
    for folder in (notes, notes.parent):
        folder.chmod(0)
        done = bound_run(tmp_path, command, "above/notes")
        folder.chmod(0o755)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done
        assert done.stderr[1:].startswith(" above/notes: cannot be "), done.stderr


def test_notes_that_moved_out_of_a_folder_left_empty_are_the_same_cards(place: Path) -> None:
    """Nothing is doubled, and nothing is said of the folder; what did not move stays."""
    notes = place / "notes"
    (notes / "sub" / "deep" / "three.md").write_text(QUESTION.format("three"))
    assert bound_run(place, "build", "notes", "-o", "out.apkg").returncode == 0
    (notes / "sub" / "deep" / "two.md").rename(notes / "two.md")
    (notes / "sub" / "deep" / "three.md").rename(place / "three.md")
    done = bound_run(place, "build", "notes", "-o", "out.apkg")
    assert (done.returncode, "3 cards of 2 notes" in done.stdout, "1 moved" in done.stdout) == (1, True, True), done
    assert "is empty, and notes lay in it" in done.stderr
    (place / "three.md").rename(notes / "three.md")
    done = bound_run(place, "build", "notes", "-o", "out.apkg")
    assert (done.returncode, "3 cards of 3 notes" in done.stdout, done.stderr) == (0, True, ""), done
    with collection() as fresh:
        assert bring(fresh, place / "out.apkg") == {"new": 3}
