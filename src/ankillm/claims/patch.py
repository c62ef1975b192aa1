"""Suggestions as a patch that `git apply` takes: the notes themselves are never rewritten."""

import codecs
import re
from collections.abc import Iterable, Sequence
from difflib import unified_diff

from ankillm.claims.knowledge import Knowledge
from ankillm.claims.phrases import links_of
from ankillm.claims.suggestion import Suggestion
from ankillm.claims.verdicts import FAILING
from ankillm.common.patterns import regex
from ankillm.markdown.note import UNSAFE, Note, parse

FENCE = regex(r"([\s>]*(?:(?:[-*+]|\d+[.)])\s+)*)(?:```|~~~)")
MARKER = regex(r"[^\s>]")
QUOTED = regex(r'[\x00-\x1f\x7f"\\]')
UNENDED = "\\ No newline at end of file\n"


def patch(note: Note, data: bytes, suggestions: Iterable[Suggestion], known: Knowledge) -> str:
    """Return the difference between a note and itself with some suggestions; empty if none of them can be taken.

    `data` is the note as it lies there: its line endings stay. What is taken passes the check, one after the other from
    the end of the note to its beginning; what would not is left out.
    """
    before = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    text, taken = before.replace("\r\n", "\n").replace("\r", "\n"), 0
    passing = len(known.verdicts(note))
    for suggestion in sorted(suggestions, key=lambda each: (each.under or each.line, each.column), reverse=True):
        changed = with_suggestion(text, suggestion)
        readable = UNSAFE.sub("\ufffd", changed)  # as notes are read; what is printed has the note's own characters
        verdicts = known.verdicts(parse(readable, note.path, note.file, note.language)) if changed else ()
        if changed and len(verdicts) == passing + taken + 1 and not any(each.kind in FAILING for each in verdicts):
            text, taken = changed, taken + 1
    return _difference(note.file, before, text, data) if taken else ""


def with_suggestion(text: str, suggestion: Suggestion) -> str:
    """Return a note's text with a suggestion; empty where its words do not stand as they are said to."""
    lines = text.split("\n")
    if suggestion.under:
        fence = FENCE.match(lines[suggestion.under - 1])
        margin = MARKER.sub(" ", fence[1]) if fence else ""
        following = lines[suggestion.under] if suggestion.under < len(lines) else ""
        added = [margin.rstrip(), f"{margin}{suggestion.paste}", *([margin.rstrip()] if following.strip() else [])]
        lines[suggestion.under : suggestion.under] = added
        return "\n".join(lines)
    line, at = lines[suggestion.line - 1], suggestion.column - 1
    if not line.startswith(suggestion.phrase, at) or _is_linked(line, at):
        return ""
    lines[suggestion.line - 1] = line[:at] + suggestion.paste + line[at + len(suggestion.phrase) :]
    return "\n".join(lines)


def _is_linked(line: str, at: int) -> bool:
    """Whether a character stands within a link, whose place no other one takes by itself."""
    return any(link.start <= at < link.end for link in links_of(line))


def _difference(file: str, before: str, text: str, data: bytes) -> str:
    """Return a unified difference; each line keeps its ending, and a new one has that of the file's first."""
    endings = re.findall(r"\r\n|\r|\n", before)
    if "\r" in endings:
        return ""  # old Mac's lines are one to git
    ending = endings[0] if endings else "\n"
    old = before.split("\n")
    same = {line.removesuffix("\r"): line for line in old[:-1]}
    *lines, last = text.split("\n")
    new = [*(same.get(line, line + ending[:-1]) for line in lines), last]
    bom = "\ufeff" if data.startswith(codecs.BOM_UTF8) else ""
    names = (_name(f"a/{file}"), _name(f"b/{file}"))
    return "".join(_whole(unified_diff(_kept(bom, old), _kept(bom, new), *names)))


def _kept(bom: str, lines: Sequence[str]) -> list[str]:
    """Return lines with their ends; the last has none, and is none if it is empty."""
    return [f"{bom if at == 0 else ''}{line}\n" for at, line in enumerate(lines[:-1])] + [
        line for line in lines[-1:] if line.rstrip("\r")
    ]


def _whole(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{UNENDED}"


def _name(path: str) -> str:
    """Return a path as a patch names it: quoted where it has to be, ended by a tab where it has a space."""
    if QUOTED.search(path):
        escaped = QUOTED.sub(lambda sign: f"\\{ord(sign[0]):03o}", path)
        return f'"{escaped}"'
    return f"{path}\t" if " " in path else path
