"""A project's `deck.toml` comes with a cloned folder: whatever stands in it, the answer is one line."""

from pathlib import Path

import pytest

from ankillm.build.inputs import select
from ankillm.common.diagnostics import Refusal
from ankillm.common.project import load


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"schema = ", "is not TOML: .*; mend it, or delete it and run ankillm init"),
        (b"\xff", "is not UTF-8; save it as UTF-8"),
        (b"x = " + b"[" * 20_000, "is not TOML: .*; mend it, or delete it and run ankillm init"),
        (b"schema = " + b"9" * 5_000, "is not TOML: .*; mend it, or delete it and run ankillm init"),
    ],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_bytes(content)
    with pytest.raises(Refusal, match=rf"^.*deck.toml: {says}$"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", 'deck/deck.toml: names no deck; add [decks.NAME] with notes = "FOLDER"'),
        (
            'density = "lots"\n[decks.mine]\nnotes = "."\n',
            'deck/deck.toml: [decks.mine] density is \'lots\'; it is "few", "normal" or "many"',
        ),
        ('[decks.mine]\nnotes = "gone"\n', "deck/deck.toml: [decks.mine] notes: gone is not there"),
    ],
)
def test_a_project_without_a_deck_or_its_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, says: str
) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_text(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as refused:
        select(())
    assert str(refused.value).removeprefix(f"{tmp_path}/") == says


def test_a_deck_has_its_own_density_or_that_of_all(tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    decks = '[decks.one]\nnotes = "."\ndensity = "few"\n[decks.other]\nnotes = "."\n'
    (tmp_path / "deck" / "deck.toml").write_text(f'density = "many"\n{decks}')
    assert [deck.density for deck in load(tmp_path).decks] == ["few", "many"]
