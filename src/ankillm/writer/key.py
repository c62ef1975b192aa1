"""The key of a server: it comes from the environment, goes to that server alone, and is in no file and no message."""

import os
import re

KEY = "OPENAI_API_KEY"
"""Names in the environment the key of the server, where it wants one."""
SECRET = 16
"""Characters from which on it is a secret, and no word that stands in its place, such as `ollama`."""


def key() -> str:
    """Return the key; empty where there is none."""
    return os.environ.get(KEY, "")


def without_key(text: str) -> str:
    """Return what a server said without the key, which it knows and may repeat; a sign in its place fits no card."""
    return re.sub(re.escape(key()), "\0", text, flags=re.IGNORECASE) if len(key()) >= SECRET else text
