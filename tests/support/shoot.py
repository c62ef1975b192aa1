"""Take the picture of a card: a package as Anki imports it, one side in Anki's page, in Chromium.

python tests/support/shoot.py deck/zh.apkg 'prefix_projection' docs/pictures/refuted.png --night
"""

import argparse
import io
import tempfile
from pathlib import Path

from browser import chromium, tab
from PIL import Image
from reviewer import Shown, page, shown


def find(cards: list[Shown], words: str) -> Shown:
    """Return the first card that holds all the words in its fields."""
    wanted = words.split()
    for card in cards:
        if all(word in " ".join(card.fields.values()) for word in wanted):
            return card
    raise SystemExit(f"no card holds {words!r}")


def shoot(package: Path, words: str, options: argparse.Namespace) -> bytes:
    """Return a PNG of the card's side, as high as its content."""
    with tempfile.TemporaryDirectory() as name, chromium() as wire, tab(wire, options.width, 100) as open_tab:
        folder = Path(name)
        card = find(shown(package, folder), words)
        side = card.question if options.question else card.answer
        file = folder / "side.html"
        file.write_text(page(side, number=card.number, night=options.night, phone=options.width < 500), "utf-8")
        open_tab.open(file)
        height = open_tab.evaluate("document.scrollingElement.scrollHeight")
        open_tab.resize(options.width, height, scale=2)
        return compact(open_tab.picture())


def compact(png: bytes) -> bytes:
    """Return the picture in 128 colours, a third of its size; a card has few."""
    small = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("words", help="words that the card holds in its fields")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--width", type=int, default=760, help="CSS pixels; below 500 it is a phone")
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--question", action="store_true", help="the front, not the answer")
    options = parser.parse_args()
    picture = shoot(options.package, options.words, options)
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    options.picture.write_bytes(picture)
    print(f"{options.picture}: {len(picture) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
