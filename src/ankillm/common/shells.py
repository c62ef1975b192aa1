"""Words as shells take them: those of POSIX, of Windows, and both at once."""

import os
import shlex
import subprocess

from ankillm.common.patterns import regex

PLAIN = regex(r"[\w.]+(?:-[\w.]+)*")
ACTIVE = frozenset("\"$`\\!%'")
"""Signs that mean something to some shell even between quotation marks."""


def quoted(word: str) -> str:
    """Return a word as the shell of this system takes it."""
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)


def quoted_anywhere(word: str) -> str:
    """Return a word as every shell takes it, if there is a way; else as those of POSIX do."""
    if PLAIN.fullmatch(word):
        return word
    return shlex.quote(word) if ACTIVE & {*word} else f'"{word}"'
