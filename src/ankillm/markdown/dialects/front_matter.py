"""Front matter: what a YAML parser makes of it, values as they are written."""

import re
from collections.abc import Mapping
from typing import Any

from ankillm.common.patterns import regex

FENCED = regex(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
ENTRY = regex(r"([^\W\d][\w -]*?)\s*:(?:\s+(.*?))?\s*$")
MAX_LENGTH = 20_000
SEPARATOR = regex(r"[,，、\s]+")
TAG_KEYS = ("tags", "tag")


def front_matter(text: str) -> tuple[int, dict[str, str]]:
    """Return how many lines the front matter of a text takes, and what it says: lists are joined with commas.

    What is between dashes but no mapping is a part of the note.
    """
    match = FENCED.match(text) if text.startswith("---") else None
    if not match or len(match[0]) > MAX_LENGTH:
        return 0, {}
    source = match[1] or ""
    entries = _loaded(source)
    if entries is None:
        entries = _by_lines(source)
    if source.strip() and not entries:
        return 0, {}
    return match[0].count("\n") + (not match[0].endswith("\n")), entries


def _loaded(source: str) -> dict[str, str] | None:
    """Return the entries as YAML; None where it is none."""
    import yaml  # noqa: PLC0415  (only notes with front matter pay for it)

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # builds texts, lists and mappings, nothing else
    try:
        loaded = yaml.load(source, Loader=loader)  # noqa: S506  (see above)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(loaded, Mapping):
        return None
    entries = {str(key).strip().lower(): value for key, value in loaded.items()}
    return {key: said for key, value in entries.items() if (said := _said(key, value)) is not None}


def _said(key: str, value: Any) -> str | None:  # noqa: ANN401  (whatever YAML holds)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        space = "_" if key in TAG_KEYS else " "  # no tag of Anki's has a space
        return ", ".join(space.join(part.split()) for part in value if isinstance(part, str))
    return None


def _by_lines(source: str) -> dict[str, str]:
    """Read what is no YAML line by line, as `title: LoRA: a method` has to be."""
    entries: dict[str, str] = {}
    key = ""
    for line in source.splitlines():
        if entry := ENTRY.match(line):
            key = entry[1].lower()
            entries[key] = (entry[2] or "").strip("'\"")
        elif key and line.lstrip().startswith("- "):
            entries[key] = ", ".join(filter(None, (entries[key], line.lstrip()[2:].strip("'\" "))))
    return entries


def tags_in(meta: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags that a note's metadata names."""
    said = " ".join(meta.get(key, "") for key in TAG_KEYS)
    names = (name.strip("#[]\"' ") for name in SEPARATOR.split(said))
    return tuple(dict.fromkeys(filter(None, names)))
