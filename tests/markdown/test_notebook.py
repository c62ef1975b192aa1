"""Notebooks: cells as Markdown and fences, without outputs."""

import json

import pytest

from ankillm.markdown.note import UnreadableNote, note_text


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


def test_what_is_no_notebook_is_told() -> None:
    with pytest.raises(UnreadableNote, match="is no notebook"):
        note_text(b"{}", "n.ipynb", "n.ipynb")
