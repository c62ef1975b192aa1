"""Take every picture of the documents anew: cards as Anki shows them, the preview, the READMEs' first picture.

python tests/support/pictures.py [FOLDER]

The folder is `docs/pictures` by default. Each deck is built, imported into Anki and photographed in its page.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from checkout import ROOT
from shoot import shoot
from shoot_preview import shoot_preview
from story import story

CARDS = {
    "refuted.png": ("note.md", "略微", 680, False),
    "refuted-night.png": ("note.md", "略微", 680, True),
    "refuted-phone.png": ("note.md", "略微", 390, True),
    "refuted.en.png": ("note.en.md", "slightly", 680, False),
}
"""Picture → note, words of the card, width in CSS pixels, night."""
TENTH = ["j"] * 9 + ["space"]
PREVIEWS = {"preview.png": ([], False), "preview-night.png": (["n"], False), "preview-phone.png": ([], True)}
"""Picture → keys pressed after those that lead to a card, phone."""
STORIES = {"story.png": "prefix.zh.md", "story.en.png": "prefix.md"}
"""Picture → example."""


def ankillm(*words: str | Path) -> None:
    """Run the command in this checkout."""
    subprocess.run([sys.executable, "-m", "ankillm", *map(str, words)], cwd=ROOT, check=True, capture_output=True)


def pictures(work: Path) -> dict[str, bytes]:
    """Return every picture as a PNG, by its name."""
    taken: dict[str, bytes] = {}
    for name, (note, words, width, night) in CARDS.items():
        package = work / f"{note}.apkg"
        if not package.exists():
            ankillm("build", f"docs/pictures/{note}", "-o", package)
        options = argparse.Namespace(width=width, night=night, question=False)
        taken[name] = shoot(package, words, options)
    ankillm("preview", "notes/zh", "-o", work / "preview")
    for name, (keys, phone) in PREVIEWS.items():
        taken[name] = shoot_preview(work / "preview", [*TENTH, *keys], phone=phone)
    for name, example in STORIES.items():
        taken[name] = story(ROOT / "docs" / "examples" / example, work)
    return taken


def main() -> None:
    """Write the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        for name, picture in pictures(Path(work)).items():
            (folder / name).write_bytes(picture)
            print(f"{folder / name}: {len(picture) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
