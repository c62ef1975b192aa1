"""Names of files as every system takes them, Windows too."""

import re

from ankillm.common.patterns import regex

REFUSED = regex(r'[<>:"/\\|?*\x00-\x1f]')
DEVICE = regex(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?", re.IGNORECASE)


def is_device(name: str) -> bool:
    """Whether a name is that of a device to Windows, whatever its suffix: `con`, `nul.apkg`."""
    return bool(DEVICE.fullmatch(name))


def name_of_file(text: str) -> str:
    """Return a text as the name of a file, without its suffix: what Windows refuses is a hyphen."""
    name = REFUSED.sub("-", text).rstrip(". ")
    return f"{name}_" if is_device(name) or not name else name
