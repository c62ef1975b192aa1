"""How what ankillm lacks is installed beside it: by pip, or by what put it into a folder of its own."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path


def installing(packages: Sequence[str], *, upgrade: bool = False) -> str:
    """Return the command that installs packages where this ankillm finds them."""
    names = " ".join(map(shlex.quote, packages))
    home = Path(sys.prefix)
    if (home / "pipx_metadata.json").is_file():
        return f"pipx runpip ankillm install --upgrade {names}" if upgrade else f"pipx inject ankillm {names}"
    option = "--upgrade " if upgrade else ""
    if (home / "uv-receipt.toml").is_file():
        return f"uv pip install --python {shlex.quote(sys.prefix)} {option}{names}"
    return f"python -m pip install {option}{names}"
