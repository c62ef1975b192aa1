"""`ankillm build` and `ankillm cards` as commands, on good and on bad input, held against real Anki."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportAnkiPackageRequest

NOTE = "# 缓存\n\n## 为什么要缓存？\n\nKV cache 是一种用空间换时间的办法。\n\n"
NOTE += "<!-- anki: id=size -->\n## 默认值是多少？\n\n默认值为 16。\n"
"""Two cards; that with a name of its own is made in any case."""


def ankillm(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    environment = {**os.environ, "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "ankillm", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def imported(package: Path) -> list[str]:
    """Import a package into a fresh collection; return the first fields of its notes."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(str(Path(folder) / "collection.anki2"))
        try:
            collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(package)))
            assert collection.db
            return [fields.split("\x1f")[0] for fields in collection.db.list("select flds from notes order by id")]
        finally:
            collection.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "cache.md").write_text(NOTE, "utf-8")
    return folder


def only_line(run: subprocess.CompletedProcess[str], code: int) -> str:
    """Return the one line on standard error of a run that ended with that code."""
    assert run.returncode == code, run.stderr
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 1, run.stderr
    return lines[0]


@pytest.mark.usefixtures("notes")
def test_a_folder_becomes_a_package_that_anki_takes(tmp_path: Path) -> None:
    run = ankillm("build", "notes", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("✓ notes: 2 cards of 1 note → notes.apkg (2 new)")
    assert len(imported(tmp_path / "notes.apkg")) == 2


@pytest.mark.usefixtures("notes")
def test_json_has_the_keys_that_programs_rely_on(tmp_path: Path) -> None:
    run = ankillm("build", "notes", "--json", cwd=tmp_path)
    (report,) = json.loads(run.stdout)
    keys = "output ledger notes cards media warnings doubts new changed moved retired unchanged".split()
    assert list(report) == keys
    assert report["output"] == "notes.apkg"
    assert len(report["new"]) == report["cards"] == 2


@pytest.mark.usefixtures("notes")
def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    run = ankillm("build", "notes", "--dry-run", cwd=tmp_path)
    assert run.returncode == 0
    assert "new 2" in run.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes"]


@pytest.mark.parametrize("bad", [b"caf\xe9\n", "# x\n".encode("utf-16")])
def test_a_note_that_is_not_utf8_is_named_with_its_line(bad: bytes, notes: Path, tmp_path: Path) -> None:
    (notes / "bad.md").write_bytes(b"# fine\n\n" + bad if not bad.startswith(b"\xff\xfe") else bad)
    line = only_line(ankillm("build", "notes", cwd=tmp_path), 1)
    assert line.startswith("× notes/bad.md:3: " if bad.startswith(b"caf") else "× notes/bad.md:1: ")
    assert (tmp_path / "notes.apkg").exists()
    assert "2 cards" in ankillm("build", "notes", cwd=tmp_path).stdout


def test_a_bad_note_alone_builds_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"\xff\n")
    only_line(ankillm("build", "bad.md", cwd=tmp_path), 2)
    assert not list(tmp_path.glob("*.apkg"))


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize("words", [("missing.md",), ("empty",), ("notes", "-o", "notes")])
def test_what_cannot_be_done_is_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    only_line(ankillm("build", *words, cwd=tmp_path), 2)


def test_a_note_without_cards_is_told(tmp_path: Path) -> None:
    (tmp_path / "thin.md").write_text("# Hello\n", "utf-8")
    assert "no cards" in only_line(ankillm("build", "thin.md", cwd=tmp_path), 2)


@pytest.mark.usefixtures("notes")
def test_the_output_folder_is_made(tmp_path: Path) -> None:
    assert ankillm("build", "notes", "-o", "a/b/deck.apkg", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a/b/deck.apkg").exists()
    assert (tmp_path / "a/b/deck.ledger.jsonl").exists()


def test_pictures_missing_and_outside_are_warnings(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    text = "# LoRA\n\n## LoRA 的结构是什么？\n\n![a](no.png)\n\n## LoRA 的公式是什么？\n\n![b](../secret.png)\n"
    (notes / "pictures.md").write_text(text, "utf-8")
    run = ankillm("build", "notes", cwd=tmp_path)
    assert run.returncode == 0
    assert [line.split(": ")[0] for line in run.stderr.splitlines()] == [
        "! notes/pictures.md:5",
        "! notes/pictures.md:9",
        "! notes/pictures.md:3",
        "! notes/pictures.md:7",
    ]


def test_front_matter_and_deck_name(notes: Path, tmp_path: Path) -> None:
    (notes / "cache.md").write_text("---\ndeck: 推理\n---\n\n" + NOTE, "utf-8")
    assert ankillm("build", "notes/cache.md", cwd=tmp_path).stdout.startswith("✓ 推理:")
    assert ankillm("build", "notes/cache.md", "--deck", "D", cwd=tmp_path).stdout.startswith("✓ D:")


def cards(*words: str | Path, cwd: Path) -> list[dict[str, Any]]:
    """Return what `ankillm cards --json` prints."""
    run = ankillm("cards", *words, "--json", cwd=cwd)
    assert run.returncode == 0, run.stderr
    result: list[dict[str, Any]] = json.loads(run.stdout)
    return result


def test_line_endings_and_a_byte_order_mark_change_nothing(notes: Path, tmp_path: Path) -> None:
    plain = cards("notes", cwd=tmp_path)
    for data in (
        b"\xef\xbb\xbf" + NOTE.encode(),
        NOTE.replace("\n", "\r\n").encode(),
        NOTE.replace("\n", "\r").encode(),
    ):
        (notes / "cache.md").write_bytes(data)
        assert cards("notes", cwd=tmp_path) == plain


def test_dropped_cards_are_told_with_their_rule(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text("# LoRA\n\n- 特点：效果好\n- 优点：可以合并进权重，推理时没有额外开销\n", "utf-8")
    kept = cards("n.md", cwd=tmp_path)
    everything = cards("n.md", "--dropped", cwd=tmp_path)
    assert [card["dropped"] for card in kept] == [None]
    told = [card["dropped"]["code"] for card in everything if card["dropped"]]
    assert "praise" in told
    assert len(told) == len(everything) - 1


def test_words_that_look_like_tags_reach_the_card(tmp_path: Path) -> None:
    parts = [
        "# 填充",
        "<!-- anki: id=eos -->\n## 没有填充符怎么办？",
        "用 `<eos>` 代替 `<pad>`",
        "## 显存",
        "显存比原来大约少了 **30%** 的样子。",
    ]
    parts += ["<!-- anki: id=s -->\n## 为什么不能去掉 `<s>`？", "训练时见过它。"]
    (tmp_path / "n.md").write_text("\n\n".join(parts), "utf-8")
    assert ankillm("build", "n.md", cwd=tmp_path).returncode == 0
    shipped = next(iter(tmp_path.glob("*.ledger.jsonl"))).read_text("utf-8")
    assert "用 <code>&lt;eos&gt;</code> 代替 <code>&lt;pad&gt;</code>" in shipped
    assert "为什么不能去掉 &lt;s&gt;？" in shipped
    assert "{{c1::30%}}" in shipped


def test_a_name_that_is_no_text_does_not_stop_a_build(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    (tmp_path / "n.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "n.md").write_text("# LoRA\n\nLoRA is a method of fine-tuning models.\n\n![x](n.png)\n")
    command: list[str | Path] = [sys.executable, "-m", "ankillm", "build", folder, "-o", "out.apkg"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


def test_a_card_whose_answer_is_a_missing_picture_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text(
        "# LoRA\n\n<!-- anki: id=a -->\n## 结构是怎样的？\n\n![图](gone.png)\n\n"
        "<!-- anki: id=b -->\n## 秩是什么？\n\n矩阵的秩。\n",
        "utf-8",
    )
    run = ankillm("build", "n.md", cwd=tmp_path)
    assert "n.md:4: a card is left out: it has no answer without its picture" in run.stderr
    assert run.stdout.startswith("✓ LoRA: 1 card of 1 note → n.apkg (1 new)")


@pytest.mark.usefixtures("notes")
def test_build_imports_only_what_it_needs(tmp_path: Path) -> None:
    """Neither torch nor what the demos need is imported by a build."""
    code = (
        "import sys; from ankillm.cli import cli\n"
        "cli(['build', 'notes'], standalone_mode=False)\n"
        "assert 'genanki' in sys.modules\n"
        "unused = {'torch', 'transformers', 'peft', 'reference_trainer'}\n"
        "assert not unused & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("notes")
def test_a_package_is_handed_to_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a double click would: by the system's own program, which is told the package."""
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/told\n', "utf-8")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:{os.environ['PATH']}")
    run = ankillm("build", "notes", "--open", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    told = tmp_path / "told"
    for _ in range(100):
        if told.exists() and told.read_text("utf-8"):
            break
        time.sleep(0.05)
    assert told.read_text("utf-8").strip() == str(tmp_path / "notes.apkg")
    told.unlink()
    assert ankillm("build", "notes", "--open", "--dry-run", cwd=tmp_path).returncode == 0
    assert not told.exists()
    opener.write_text("#!/bin/sh\necho no method available >&2\nexit 3\n", "utf-8")
    run = ankillm("build", "notes", "--open", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "! notes.apkg: no program opens it; in Anki: File → Import\n")
