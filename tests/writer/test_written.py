"""The file of written cards: sorted, one line a card, read by a schema."""

from pathlib import Path

import msgspec
import pytest

from ankillm.common.diagnostics import Refusal
from ankillm.writer.written import SILENT, WrittenCard, by_note, dump_written, read_written, save_written

CARD = WrittenCard("a.md", "0123456789abcdef", "question", "为什么？", "因为", "缓存", "tiny", 1, "2026-01-01")
REFUSED = msgspec.structs.replace(CARD, question="", quote="", refused=SILENT)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Each card once, in one order, whatever order they came in."""
    file = tmp_path / "zh.written.jsonl"
    save_written(file, [CARD, REFUSED, CARD])
    assert read_written(file) == (CARD, REFUSED)
    assert file.read_bytes() == dump_written([REFUSED, CARD])
    assert read_written(tmp_path / "none.jsonl") == ()


@pytest.mark.parametrize(
    ("line", "content"),
    [
        (1, b""),
        (1, b"<html>"),
        (1, b'{"schema":0}\n'),
        (1, b'{"guid":"a"}\n'),
        (2, b'{"schema":1}\n{"note":"a.md"}\n'),
        (2, b'{"schema":1}\n<<<<<<< HEAD\n'),
        (2, b'{"schema":1}\n' + b"[" * 100_000),
        (3, dump_written([CARD]) + dump_written([CARD]).split(b"\n")[1].replace(b"0123", b"../x")),
        (3, dump_written([CARD]) + dump_written([CARD]).split(b"\n")[1].replace(b'"question",', b'"essay",')),
        (3, dump_written([CARD]) + dump_written([CARD]).split(b"\n")[1].replace(b'"note"', b'"html":"<b>","note"')),
        (2, b'{"schema":1}\n\xff\xfe\n'),
    ],
)
def test_a_damaged_file_is_one_line_with_its_place(tmp_path: Path, line: int, content: bytes) -> None:
    file = tmp_path / "zh.written.jsonl"
    file.write_bytes(content)
    with pytest.raises(Refusal, match=rf"zh\.written\.jsonl:{line}: [^\n]*(delete|git)[^\n]*$"):
        read_written(file)


def test_a_file_of_a_newer_version_says_so(tmp_path: Path) -> None:
    file = tmp_path / "zh.written.jsonl"
    file.write_bytes(b'{"schema":2}\n')
    with pytest.raises(Refusal, match="newer ankillm"):
        read_written(file)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is not a regular file"):
        read_written(tmp_path)


def test_cards_of_a_note_that_is_gone_are_offered_to_all() -> None:
    moved = msgspec.structs.replace(CARD, note="old.md")
    assert by_note([CARD, moved, REFUSED], ["a.md", "b.md"]) == {"a.md": (CARD, moved), "b.md": (moved,)}
