"""Obsidian's vaults: a folder that holds `.obsidian` is one, and a note in it has an address."""

from functools import cache
from pathlib import Path
from urllib.parse import quote

MARK = ".obsidian"


def vault_link(file: Path) -> str:
    """Return the address that opens a note in Obsidian, by its vault's name; empty outside of vaults."""
    vault = _vault(file.absolute().parent)
    if vault is None:
        return ""
    path = file.absolute().relative_to(vault).as_posix().removesuffix(".md")
    try:
        return f"obsidian://open?vault={quote(vault.name, safe='')}&file={quote(path, safe='')}"
    except UnicodeEncodeError:  # a file's name that is no text
        return ""


@cache
def _vault(folder: Path) -> Path | None:
    """Return the innermost vault that a folder lies in."""
    try:
        return next((place for place in (folder, *folder.parents) if place.name and (place / MARK).is_dir()), None)
    except OSError:  # a folder above that must not be looked into
        return None
