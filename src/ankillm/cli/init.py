"""`ankillm init`: a project in a folder, whose notes are those that are there, or a first one."""

import json
from pathlib import Path

import click

from ankillm.cli.console import counted, done, following, warn
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import UnreadableError, put, read_file, shown
from ankillm.common.project import CONFIG, note_files
from ankillm.common.shells import quoted

NOTES = Path("notes")
FIRST = NOTES / "first.md"
SETTINGS = """schema = 1
# exclude = ["Daily", "*.draft.md"]   # what is no note: names, or paths from the notes' folder
# demos = false                       # no links from cards to demos
# density = "many"                    # few, normal or many cards

[decks.{label}]
notes = {notes}
name = {name}
"""
FIRST_NOTE = """# LoRA

LoRA is a way to fine-tune a model by training two small matrices beside each frozen one.

- Advantage: only the small matrices are stored

## Why does training start from the original model's outputs?

One of the two matrices starts at zero, so their product is zero.

```python
config = LoraConfig(
    r=8,                     # the rank of the update
    inference_mode=False,    # the adapter is to be trained
)
```
"""
ABOUT = frozenset({"readme.md", "changelog.md", "license.md", "contributing.md"})
MOST_BYTES = 2**20
"""Of a `.gitignore`."""
IGNORED = """*.apkg
/preview/
/runs/
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(folder: Path) -> None:
    """Start a project in FOLDER: deck/deck.toml for the notes that are there, and a .gitignore.

    The notes are those in notes/, else all in FOLDER (a vault, say); where there is none, a first one is written. What
    exists stays as it is.

    \b
    Examples:
      ankillm init my-notes
      cd my-vault && ankillm init
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    if (folder / CONFIG).exists():
        raise Refusal(f"{shown(folder / CONFIG)}: exists already; ankillm build builds its decks")
    place = NOTES if _count(folder / NOTES) else Path() if _count(folder) else NOTES
    number = _count(folder / place)
    name = (folder.resolve().name if place == Path() else "") or "Notes"
    texts = {
        CONFIG: SETTINGS.format(label="notes", notes=json.dumps(place.as_posix()), name=json.dumps(name)),
        **({} if number else {FIRST: FIRST_NOTE}),
        Path(".gitignore"): IGNORED,
    }
    files = {folder / path: text.encode() for path, text in texts.items() if not (folder / path).exists()}
    try:
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written ({error.strerror})") from None
    put(files)
    if lacking := _unignored(folder / ".gitignore"):
        there = shown(folder / ".gitignore")
        warn(f"{there}: stays as it is; add {', '.join(lacking)} to it, or git keeps what is built")
    written = ", ".join(file.relative_to(folder).as_posix() for file in files)
    done(f"a project in {shown(folder)}: {written}" + (f", for {counted(number, 'note')}" if number else ""))
    following("ankillm build" if folder == Path() else f"cd {quoted(shown(folder))} && ankillm build")


def _unignored(file: Path) -> list[str]:
    """Return what a file that was there does not keep git from."""
    try:
        lines = read_file(file, MOST_BYTES).decode("utf-8", "replace").splitlines()
    except UnreadableError:
        return []
    return [line for line in IGNORED.split() if line not in lines and line.strip("/") not in lines]


def _count(folder: Path) -> int:
    """Return how many notes a folder holds, beside what tells of the folder itself."""
    notes = note_files((folder,)) if folder.is_dir() else ()
    return sum(note.path.lower() not in ABOUT for note in notes)
