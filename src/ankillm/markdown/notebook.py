"""Notebooks: cells of Markdown as they are, cells of code as fences, no outputs; each line knows its cell."""

from collections.abc import Callable, Mapping
from typing import Any

SUFFIX = ".ipynb"
MISSING = "is a notebook, which needs nbformat: python -m pip install nbformat"


class BadNotebook(ValueError):  # noqa: N818  (the file is at fault, not the program)
    """A notebook that cannot be read; the text says why."""


def notebook_text(source: str) -> str:
    """Return a notebook as Markdown.

    :raises BadNotebook: if it is none, or nbformat is not installed.
    """
    try:
        import nbformat  # noqa: PLC0415  (an extra; only notebooks pay for it)
    except ImportError:
        raise BadNotebook(MISSING) from None
    try:
        read: Callable[..., Mapping[str, Any]] = nbformat.reads
        notebook = read(source, as_version=4)
        cells = notebook["cells"]
    except Exception as error:  # noqa: BLE001  (nbformat raises whatever its schema and JSON raise)
        raise BadNotebook(f"is no notebook: {type(error).__name__}; open it in Jupyter and save it again") from None
    language = str(notebook.get("metadata", {}).get("kernelspec", {}).get("language", "") or "python")
    return "\n\n".join(_cell(cell, language) for cell in cells)


def _cell(cell: Mapping[str, Any], language: str) -> str:
    source = str(cell.get("source", "")).rstrip("\n")
    if cell.get("cell_type") == "markdown":
        return source
    if cell.get("cell_type") == "code" and source.strip():
        return f"~~~~~~{language}\n{source}\n~~~~~~"
    return ""
