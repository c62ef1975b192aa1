"""Notebooks: cells of Markdown as they are, cells of code as fences, no outputs; each line knows its cell."""

import warnings
from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

from ankillm.common.installation import installing
from ankillm.common.patterns import regex

BETWEEN = "\n\n"
FENCE = "~~~~~~"
FENCED = regex(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")


class BadNotebook(ValueError):  # noqa: N818  (the file is at fault, not the program)
    """A notebook that cannot be read; the text says why."""


def notebook_text(source: str) -> str:
    """Return a notebook as Markdown, a blank line between its cells.

    :raises BadNotebook: if it is none, or nbformat is not installed.
    """
    return BETWEEN.join(_cells(source))


class Cells:
    """The cells of a notebook by the lines that they have in its text."""

    def __init__(self, source: str) -> None:
        """Read a notebook that `notebook_text` has read."""
        cells = _cells(source)
        lengths = [cell.count("\n") + BETWEEN.count("\n") for cell in cells]
        self._starts = list(accumulate(lengths, initial=1))[: len(cells)]
        self._fenced = [cell.startswith(FENCE) for cell in cells]

    def place(self, file: str, line: int) -> tuple[str, int]:
        """Return the notebook's file and cell that a line of its text stands in, and the line in that cell."""
        at = max(bisect_right(self._starts, line) - 1, 0)
        return f"{file}, cell {at + 1}", max(line - self._starts[at] + 1 - self._fenced[at], 1)


def _cells(source: str) -> list[str]:
    try:
        import nbformat  # noqa: PLC0415  (an extra; only notebooks pay for it)
    except ImportError:
        raise BadNotebook(f"is a notebook, which needs nbformat: {installing(['nbformat'])}") from None
    try:
        read: Callable[..., Mapping[str, Any]] = nbformat.reads
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about ids of cells, which older programs did not write
            notebook = read(source, as_version=4)
        cells = notebook["cells"]
    except Exception as error:  # noqa: BLE001  (nbformat raises whatever its schema and JSON raise)
        raise BadNotebook(f"is no notebook: {type(error).__name__}; open it in Jupyter and save it again") from None
    language = str(notebook.get("metadata", {}).get("kernelspec", {}).get("language", "") or "python")
    return [_cell(cell, language) for cell in cells]


def _left_open(source: str) -> str:
    """Return the line that closes a fence which a cell leaves open: a fence ends with its cell."""
    fence = ""
    for line in source.split("\n"):
        sign = FENCED.match(line)
        if sign and not fence:
            fence = sign[1]
        elif sign and sign[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
    return f"\n{fence}" if fence else ""


def _cell(cell: Mapping[str, Any], language: str) -> str:
    source = str(cell.get("source", "")).rstrip("\n")
    if cell.get("cell_type") == "markdown":
        return source + _left_open(source)
    if cell.get("cell_type") == "code" and source.strip():
        return f"{FENCE}{language}\n{source}\n{FENCE}"
    return ""
