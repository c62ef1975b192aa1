"""The languages that ankillm has words for."""

import os
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]


def locale_language() -> Language:
    """Return the language that the terminal is set to; English for any other."""
    setting = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if setting.startswith("zh") else "en"
