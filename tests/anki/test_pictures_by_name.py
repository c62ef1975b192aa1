"""Pictures are found by the names that people write."""

import unicodedata
from pathlib import Path

import pytest

from ankillm.anki.html import field_html
from ankillm.anki.media import NoPicture, find
from ankillm.build.build import build
from ankillm.build.report import Mode
from ankillm.common.project import DeckSpec
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


def test_a_bare_name_is_looked_for_in_every_folder(tmp_path: Path) -> None:
    """As Obsidian does: beside the note first, else the shortest path; never in hidden folders, nor by half a path."""
    for place in ("notes/deep/er/a.png", "notes/img/a.png", "notes/.trash/b.png", "c.png"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"x")
    root, folder = tmp_path / "notes", tmp_path / "notes" / "x"
    folder.mkdir()
    assert find("a.png", folder, root) == root / "img" / "a.png"
    for missing in ("b.png", "c.png", "er/a.png"):
        with pytest.raises(NoPicture, match="is missing"):
            find(missing, folder, root)
    (folder / "a.png").write_bytes(b"y")
    assert find("a.png", folder, root) == folder / "a.png"


def test_a_picture_that_comes_to_lie_anywhere_is_seen_by_the_next_build(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    note = "# T\n\n## 什么是门控？\n\n![[gate.png]]\n\n门控是按输入决定哪些信息通过的机制。\n"
    (tmp_path / "notes" / "n.md").write_text(note, "utf-8")
    spec = DeckSpec("d", (tmp_path / "notes",), tmp_path / "d.apkg")
    assert build(spec, Mode()).media == 0
    (tmp_path / "notes" / "img").mkdir()
    (tmp_path / "notes" / "img" / "gate.png").write_bytes(b"one")
    assert build(spec, Mode()).media == 1
    package = spec.output.read_bytes()
    (tmp_path / "notes" / "img" / "gate.png").write_bytes(b"two")
    build(spec, Mode())
    assert spec.output.read_bytes() != package


def test_a_picture_whose_words_look_like_an_address_goes_with_the_package(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(name.encode())
    shown = "LoRA freezes the weights and trains two small matrices. ![x src=|300](a.png) ![y](b.png)"
    (tmp_path / "n.md").write_text(f"# LoRA\n\n### What does LoRA do?\n\n{shown}\n", "utf-8")
    assert build(DeckSpec("d", (tmp_path / "n.md",), tmp_path / "d.apkg"), Mode()).media == 2
