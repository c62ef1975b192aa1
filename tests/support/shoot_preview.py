"""Take the picture of a preview, in Chromium, after some keys.

python tests/support/shoot_preview.py preview docs/pictures/preview.png j j space --night
"""

import argparse
from pathlib import Path

from browser import chromium, tab
from shoot import compact

SIZE, PHONE = (1180, 760), (390, 844)
"""CSS pixels."""


def shoot_preview(preview: Path, keys: list[str], *, phone: bool = False) -> bytes:
    """Return a PNG of a preview, by the DOM names of the keys that are pressed first; `space` is a name too."""
    with chromium() as wire, tab(wire, *(PHONE if phone else SIZE)) as page:
        page.open(preview / "index.html")
        page.until("document.querySelector('iframe').contentDocument?.querySelector('.sheet')")
        for key in keys:
            page.press(key.replace("space", " "))
        page.until("[...document.querySelector('iframe').contentDocument.images].every(image => image.complete)")
        return compact(page.picture())


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preview", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("keys", nargs="*", help="DOM names of keys to press first; space is a name too")
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--phone", action="store_true", help="as wide as a phone")
    options = parser.parse_args()
    picture = shoot_preview(options.preview, [*options.keys, *(["n"] * options.night)], phone=options.phone)
    options.picture.write_bytes(picture)
    print(f"{options.picture}: {len(picture) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
