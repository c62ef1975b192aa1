"""Fixture files: cases of title, input and expected, set off by lines of one dot; a flag rewrites what is expected."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a fixture file."""

    file: Path
    number: int
    title: str
    given: str
    expected: str


def cases(folder: Path) -> Iterator[Case]:
    """Yield every case of a folder's files."""
    for file in sorted(folder.glob("*.md")):
        parts = file.read_text("utf-8").split("\n.\n")
        for number in range(len(parts) // 3):
            title, given, expected = parts[3 * number : 3 * number + 3]
            yield Case(file, number, title.strip(), given, expected)


def rewrite(file: Path, made: Callable[[str], str]) -> bool:
    """Write the expected parts anew; whether any changed."""
    parts = file.read_text("utf-8").split("\n.\n")
    out: list[str] = []
    for number in range(len(parts) // 3):
        title, given = parts[3 * number : 3 * number + 2]
        out += [title.strip() if number == 0 else "\n" + title.strip(), given, made(given)]
    text = "\n.\n".join(out) + "\n.\n"
    changed = text != file.read_text("utf-8")
    file.write_text(text, "utf-8")
    return changed
