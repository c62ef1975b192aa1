"""`ankillm init`: a new project that builds at once."""

from pathlib import Path

import click

from ankillm.cli.console import done, following
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import shown
from ankillm.common.project import CONFIG

FIRST = Path("notes") / "first.md"
FILES = {
    CONFIG: """schema = 1

[decks.notes]
notes = "notes"
name = "Notes"
""",
    FIRST: """# LoRA

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
""",
    Path(".gitignore"): """*.apkg
/preview/
""",
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(folder: Path) -> None:
    """Make a project in FOLDER: deck/deck.toml, a .gitignore, and a note if there is none. What exists stays as it is.

    \b
    Examples:
      ankillm init my-notes
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    if (folder / CONFIG).exists():
        raise Refusal(f"{shown(folder / CONFIG)}: exists already; ankillm build builds its decks")
    written = []
    try:
        noted = any((folder / FIRST.parent).rglob("*.md"))
        for path, text in FILES.items():
            place = folder / path
            if not place.exists() and not (noted and path == FIRST):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, "utf-8")
                written.append(path.as_posix())
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written ({error.strerror})") from None
    done(f"a project in {shown(folder)}: {', '.join(written)}")
    following("ankillm build" if folder == Path() else f"cd {shown(folder)} && ankillm build")
