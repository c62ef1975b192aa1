"""What git puts back reaches Anki: the ledger goes back in time, and the last package says what was shipped."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from deckwork import bring, collection, rows
from edit_table import PRESETS, answer_all
from hostile_table import run

RIGHT, WRONG = "Because the norm of a step stays bounded.", "Because the norm of a step stays unbounded."
NOTE = (
    "# Training\n\n## Why are gradients clipped?\n\n{}\n\n## Why is the rate warmed up?\n\nBecause early steps vary.\n"
)
EPOCH = "1760000000"


class Repository:
    """A folder of a note with its deck, under git; the package is not, as `ankillm init` has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        (folder / ".gitignore").write_text("*.apkg\n")
        self.write(RIGHT)

    def git(self, *command: str) -> None:
        """Run git, with nothing of its user's."""
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "merge.conflictStyle=merge")
        given = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_EDITOR": "true"}
        subprocess.run(["git", *who, *command], cwd=self.folder, check=True, capture_output=True, env=given)

    def write(self, answer: str) -> None:
        """Write the note."""
        (self.folder / "note.md").write_text(NOTE.format(answer))

    def build(self) -> str:
        """Build the deck; return what is said."""
        code, said = run(self.folder, "build", "note.md", "-o", "deck.apkg")
        assert code == 0, said
        return said

    def commit(self) -> None:
        """Commit note and ledger."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")

    def keep(self, name: str) -> Path:
        """Return a copy of the package."""
        return Path(shutil.copy(self.folder / "deck.apkg", self.folder.parent / f"{name}.apkg"))


def shipped(repository: Repository, answer: str, name: str) -> Path:
    """Write, build and commit; return a copy of the package."""
    repository.write(answer)
    repository.build()
    repository.commit()
    return repository.keep(name)


def _after_an_edit(*command: str) -> Callable[[Repository], list[Path]]:
    """Return what ships the right answer, then the wrong one, and lets git put the right one back."""

    def act(repository: Repository) -> list[Path]:
        found = [shipped(repository, RIGHT, "one"), shipped(repository, WRONG, "two")]
        repository.git(*command)
        return found

    return act


def _stash(repository: Repository) -> list[Path]:
    found = [shipped(repository, RIGHT, "one")]
    repository.write(WRONG)
    repository.build()
    repository.git("stash")
    return [*found, repository.keep("two")]


def _merge(strategy: str) -> Callable[[Repository], list[Path]]:
    def act(repository: Repository) -> list[Path]:
        found = [shipped(repository, "Because.", "none"), shipped(repository, "Because it has to be.", "one")]
        repository.git("checkout", "-q", "-b", "side")
        shipped(repository, RIGHT, "side")
        repository.git("checkout", "-q", "main")
        found += [shipped(repository, WRONG, "two")]
        if strategy == "ours":
            repository.git("checkout", "-q", "side")
        repository.git("merge", "-q", "-X", strategy, "main" if strategy == "ours" else "side")
        return found

    return act


def _retired_between(repository: Repository) -> list[Path]:
    """Ship a wrong answer, then no such card; git puts back what was before both."""
    found = [shipped(repository, RIGHT, "one"), shipped(repository, WRONG, "two")]
    (repository.folder / "note.md").write_text(NOTE.partition("## Why are")[0] + "## Why is it so?\n\nIt has to be.\n")
    repository.build()
    repository.commit()
    repository.git("reset", "-q", "--hard", "HEAD~2")
    return found


WAYS: dict[str, Callable[[Repository], list[Path]]] = {
    "revert": _after_an_edit("revert", "--no-edit", "HEAD"),
    "reset": _after_an_edit("reset", "-q", "--hard", "HEAD~1"),
    "checkout": _after_an_edit("checkout", "-q", "HEAD~1"),
    "restore": _after_an_edit("checkout", "-q", "HEAD~1", "--", "note.md", "deck.ledger.jsonl"),
    "stash": _stash,
    "merge, ours": _merge("ours"),
    "merge, theirs": _merge("theirs"),
    "reset, with the card retired between": _retired_between,
}


@pytest.mark.parametrize("way", WAYS)
def test_what_git_puts_back_reaches_anki(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under every import setting, though no clock went on; it is told as a change, and no review is lost."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    (tmp_path / "project").mkdir()
    repository = Repository(tmp_path / "project")
    before = WAYS[way](repository)
    assert RIGHT in (repository.folder / "note.md").read_text()
    assert "changed)" in repository.build().replace("nothing changed", "")
    built = (repository.folder / "deck.apkg").read_bytes(), (repository.folder / "deck.ledger.jsonl").read_bytes()
    for more in ((), ("--no-cache",)):
        assert "nothing changed" in run(repository.folder, "build", "note.md", "-o", "deck.apkg", *more)[1]
    assert built == (
        (repository.folder / "deck.apkg").read_bytes(),
        (repository.folder / "deck.ledger.jsonl").read_bytes(),
    )
    for preset in PRESETS:
        settings = {"update": preset.update, "merge": preset.merge, "scheduling": preset.scheduling}
        with collection() as anki:
            for package in before:
                bring(anki, package, **settings)  # type: ignore[arg-type]
            assert WRONG in rows(anki, "select flds from notes where flds like '%clipped%'")[0][0]
            answer_all(anki)
            history = rows(anki, "select * from revlog order by id")
            bring(anki, repository.folder / "deck.apkg", **settings)  # type: ignore[arg-type]
            ((fields,),) = rows(anki, "select flds from notes where flds like '%clipped%'")
            assert RIGHT in fields, preset
            assert rows(anki, "select * from revlog order by id") == history


def test_without_the_package_the_ledger_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says was shipped was shipped, and a damaged package says nothing."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    repository = Repository(tmp_path)
    repository.build()
    ledger = (tmp_path / "deck.ledger.jsonl").read_bytes()
    for content in (None, b"", b"PK\x05\x06", b"\0" * 4096):
        (tmp_path / "deck.apkg").unlink()
        if content is not None:
            (tmp_path / "deck.apkg").write_bytes(content)
        repository.build()
        assert (tmp_path / "deck.ledger.jsonl").read_bytes() == ledger


def test_times_do_not_run_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock, or a ledger, that is far ahead: every edit still reaches Anki, and the ledger is read again."""
    with collection() as anki:
        repository = Repository(tmp_path)
        for epoch, answer in ((2**33 - 1, "one"), (2**33, "two"), (2**40, "three"), (10**300, "four"), (1, "five")):
            monkeypatch.setenv("SOURCE_DATE_EPOCH", str(epoch))
            repository.write(f"Because of {answer}.")
            for more in ((), ("--no-cache",)):
                code, said = run(tmp_path, "build", "note.md", "-o", "deck.apkg", *more)
                assert code == 0, said
            bring(anki, tmp_path / "deck.apkg")
            assert len(anki.find_notes(f'"of {answer}."')) == 1


def test_decks_whose_names_differ_in_case_share_nothing(tmp_path: Path) -> None:
    """`d.apkg` and `d.APKG` have a ledger each."""
    repository = Repository(tmp_path)
    (tmp_path / "other.md").write_text("# Other\n\n## Why is there another?\n\nBecause there is.\n")
    for _ in range(2):
        for note, output in (("note.md", "d.apkg"), ("other.md", "d.APKG")):
            code, said = run(tmp_path, "build", note, "-o", output)
            assert (code, "retired" in said, "anew" in said) == (0, False, False), said
    assert "nothing changed" in run(tmp_path, "build", "note.md", "-o", "d.apkg")[1]
    assert len(list(tmp_path.glob("*.ledger.jsonl"))) == 2
    assert repository.folder == tmp_path


def test_the_order_of_a_ledger_says_nothing(tmp_path: Path) -> None:
    """Cards of a note that cannot be read are shipped in one order, however the ledger was sorted."""
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text(
        "# A\n\n" + "".join(f"## Why is there a {at}th?\n\nBecause of {at}.\n\n" for at in range(9))
    )
    (notes / "b.md").write_text("# B\n\n## Why is there a b?\n\nBecause.\n")
    assert run(tmp_path, "build", "notes", "-o", "o.apkg")[0] == 0
    (notes / "a.md").write_bytes(b"\xff")
    assert run(tmp_path, "build", "notes", "-o", "o.apkg")[0] == 1
    ledger, package = tmp_path / "o.ledger.jsonl", tmp_path / "o.apkg"
    built = ledger.read_bytes(), package.read_bytes()
    lines = ledger.read_text().splitlines(keepends=True)
    for order in (lines[::-1], sorted(lines), [lines[0], *lines[5:], *lines[1:5]]):
        ledger.write_text("".join(order))
        assert run(tmp_path, "build", "notes", "-o", "o.apkg", "--no-cache")[0] == 1
        assert (ledger.read_bytes(), package.read_bytes()) == built
