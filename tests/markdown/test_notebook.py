"""Notebooks: cells as Markdown and fences, without outputs."""

import json
from pathlib import Path

import pytest
from note_cards import CONTEXT

from ankillm.build.inputs import NoteInput
from ankillm.build.pipeline import note_result
from ankillm.common.project import NoteFile
from ankillm.markdown.note import UnreadableNote, note_text
from ankillm.markdown.notebook import Cells


def notebook(*cells: tuple[str, str]) -> str:
    """Return a notebook with these cells."""
    made: list[dict[str, object]] = []
    for kind, source in cells:
        extra: dict[str, object] = {"outputs": [], "execution_count": None} if kind == "code" else {}
        made.append({"cell_type": kind, "metadata": {}, "source": source, **extra})
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})


def test_cells_are_read() -> None:
    text = notebook(("markdown", "# T\n\nwords"), ("code", "x = 1"), ("raw", "raw"))
    assert note_text(text.encode(), "n.ipynb", "n.ipynb").strip() == "# T\n\nwords\n\n~~~~~~python\nx = 1\n~~~~~~"


def test_a_notebook_of_an_older_program_is_read_without_a_word() -> None:
    """Its cells have no ids, of which nbformat warns."""
    text = notebook(("markdown", "words")).replace('"nbformat_minor": 4', '"nbformat_minor": 5')
    assert note_text(text.encode(), "n.ipynb", "n.ipynb").strip() == "words"


def test_a_fence_ends_with_its_cell() -> None:
    text = notebook(("markdown", "```py\nx = 1"), ("markdown", "## Why?\n\n~~~\na\n~~~"), ("markdown", "b"))
    wanted = "```py\nx = 1\n```\n\n## Why?\n\n~~~\na\n~~~\n\nb"
    assert note_text(text.encode(), "n.ipynb", "n.ipynb") == wanted


def test_what_is_no_notebook_is_told() -> None:
    with pytest.raises(UnreadableNote, match="is no notebook"):
        note_text(b"{}", "n.ipynb", "n.ipynb")


def test_a_place_names_its_cell_and_the_line_in_it() -> None:
    cells = [("markdown", "# T"), ("code", ""), ("markdown", "a\n\nb\n"), ("code", "x = 1\ny = 2"), ("markdown", "c")]
    source = notebook(*cells)
    lines = note_text(source.encode(), "n.ipynb", "n.ipynb").split("\n")
    found = {line: Cells(source).place("n.ipynb", at) for at, line in enumerate(lines, 1) if line and line[0] != "~"}
    wanted = {"# T": (1, 1), "a": (3, 1), "b": (3, 3), "x = 1": (4, 1), "y = 2": (4, 2), "c": (5, 1)}
    assert found == {line: (f"n.ipynb, cell {cell}", row) for line, (cell, row) in wanted.items()}


def test_a_card_of_a_notebook_says_its_cell() -> None:
    source = notebook(
        ("markdown", "# LoRA"), ("markdown", "words\n\n## 什么是 LoRA？\n\nLoRA 是一种只训练两个小矩阵的微调方法。")
    )
    entry = NoteFile(Path("notes", "n.ipynb"), "n.ipynb", Path("notes"))
    result = note_result(NoteInput(entry, "n.ipynb", source.encode()), CONTEXT)
    kept = [card for card in result.cards if not card.dropped]
    assert {(card.source.file, card.source.line) for card in kept} == {("n.ipynb, cell 2", 5)}
    assert kept[0].fields.source == "n.ipynb, cell 2:5"
