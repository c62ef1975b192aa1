"""How what ankillm lacks is installed beside it: by pip, or by what put it into a folder of its own."""

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ankillm.common.shells import quoted


def installing(packages: Sequence[str], *, upgrade: bool = False) -> str:
    """Return the command that installs packages where this ankillm finds them."""
    names = " ".join(map(quoted, packages))
    home = Path(sys.prefix)
    if (home / "pipx_metadata.json").is_file():
        return f"pipx runpip ankillm install --upgrade {names}" if upgrade else f"pipx inject ankillm {names}"
    option = "--upgrade " if upgrade else ""
    if (home / "uv-receipt.toml").is_file() or importlib.util.find_spec("pip") is None:
        return f"uv pip install --python {quoted(sys.prefix)} {option}{names}"
    return f"{_python()} -m pip install {option}{names}"


def _python() -> str:
    """Return what this Python is called in a shell: its whole path, where a shorter name would be another's."""
    here = Path(sys.executable)
    places = {name: shutil.which(name) for name in ("python", "python3")}
    names = (name for name, place in places.items() if place and Path(place).parent == here.parent)
    return next(names, quoted(sys.executable))
