"""Pictures are found by the names that people write."""

import unicodedata
from pathlib import Path

import pytest

from ankillm.anki.html import field_html
from ankillm.anki.media import NoPicture, find
from ankillm.markdown.dialects import normalised


@pytest.mark.parametrize("src", ["c%23.png", "c#.png", "Pr%C3%BCfung.png", "Prüfung.png", "a%20b.png"])
def test_a_picture_is_found(tmp_path: Path, src: str) -> None:
    for name in ("c#.png", unicodedata.normalize("NFD", "Prüfung.png"), "a b.png"):
        (tmp_path / name).write_bytes(b"x")
    assert find(src, tmp_path, tmp_path).is_file()


def test_a_missing_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoPicture, match="is missing"):
        find("x.png", tmp_path, tmp_path)


def test_an_embed_is_a_picture_with_its_width() -> None:
    line = normalised("![[c#.png|250]]").text
    assert field_html(line, {}, lambda src: "m.png" if src == "c%23.png" else "") == '<img src="m.png" width="250">'
