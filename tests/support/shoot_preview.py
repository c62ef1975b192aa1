"""Take the picture of a preview, in Chromium, after some keys.

python tests/support/shoot_preview.py preview docs/pictures/preview.png j j space
"""

import argparse
from pathlib import Path

from browser import chromium, tab
from shoot import compact


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preview", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("keys", nargs="*", help="DOM names of keys to press first; space is a name too")
    options = parser.parse_args()
    with chromium() as wire, tab(wire, 1180, 760) as page:
        page.open(options.preview / "index.html")
        page.until("document.querySelector('iframe').contentDocument?.querySelector('.sheet')")
        for key in options.keys:
            page.press(key.replace("space", " "))
        page.until("[...document.querySelector('iframe').contentDocument.images].every(image => image.complete)")
        picture = compact(page.picture())
    options.picture.write_bytes(picture)
    print(f"{options.picture}: {len(picture) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
