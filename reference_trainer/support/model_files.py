"""The files of a model from elsewhere, looked at before a library reads them.

What is no regular file, or too large for what its name says, is refused; weights may have any size.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ankillm.evidence import Refusal, UnreadableError, files_in, opened

MOST_CONFIG = 16 * 2**20
MOST_TEXT = 256 * 2**20
"""Bytes of a vocabulary or an index."""
TEXTS = frozenset({".json", ".jinja", ".txt", ".model"})
WEIGHTS = frozenset({".safetensors", ".gguf"})
MOST_WEIGHTS = 2**50
MOST_LAYERS, MOST_LABELS = 10_000, 1_000_000
COUNTS = re.compile(r"(?:layers?|experts?|blocks?|depths?|stages?|codebooks?)(?:$|_)", re.IGNORECASE)
"""What names how many parts of a model there are: each takes time and memory, even without weights."""
LABELS = re.compile("labels$", re.IGNORECASE)


def require_ordinary(folder: Path) -> None:
    """Refuse a model's folder in which a file can't be read as what it is named.

    :raises Refusal: with its path.
    """
    for path in files_in(folder):
        most = MOST_TEXT if path.suffix in TEXTS else MOST_WEIGHTS if path.suffix in WEIGHTS else 0
        try:
            if most and not path.is_dir():
                with opened(path, most):
                    pass
        except UnreadableError as error:
            raise Refusal(f"{path}: {error}") from None


def refuse_endless(values: Mapping[str, Any], ref: str) -> None:
    """Refuse a configuration with more layers, experts or labels than any model has: it would be built for hours.

    :raises Refusal: with the name of the number.
    """
    for name, number in _numbers(values):
        most = MOST_LABELS if LABELS.search(name) else MOST_LAYERS if COUNTS.search(name) else number
        if number > most:
            raise Refusal(f"{ref}: {name} is {number:,}, over {most:,}")


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in values.items():
        if isinstance(value, dict) and name not in {"label2id", "id2label"}:
            yield from _numbers(value)
        for number in value if isinstance(value, list) else (value,):
            if isinstance(number, int):
                yield name, number
