"""Where what is to be remembered of this machine lies: with the user, outside of every project and of git."""

import os
from pathlib import Path

from ankillm.common.diagnostics import Refusal


def state_folder() -> Path:
    """Return the folder, made if need be: `ankillm` in `$XDG_STATE_HOME`, or in `~/.local/state`.

    :raises Refusal: if there can be none.
    """
    told = Path(os.environ.get("XDG_STATE_HOME", ""))
    try:
        place = (told if told.is_absolute() else Path.home() / ".local" / "state") / "ankillm"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError) as error:
        raise Refusal(f"what was synchronised cannot be remembered ({error}); set XDG_STATE_HOME") from None
    return place
