"""Lines of JSONL: what is read, and which part of it is held out."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ankillm.evidence import Refusal, UnreadableError, opened

MOST_BYTES, LONGEST_LINE = 2**36, 16 * 2**20
"""Bytes of a file and of a line of it."""
HALF = "\\ud"
"""What a half of a character is written with, the only way to have one in a file of UTF-8."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a data file, and where it stands."""

    place: str
    value: Mapping[str, Any]


def read_lines(path: Path) -> list[Line]:
    """Read a JSONL file, empty lines left out; raise `Refusal`, with the line's number, for what is no example."""
    try:
        lines = [_line(f"{path}:{number}", text) for number, text in _texts(path) if text.strip()]
    except UnreadableError as error:
        raise Refusal(f"{path}: {error}") from None
    if not lines:
        raise Refusal(f'{path}: no examples; each line is a JSON object like {{"prompt": "…", "response": "…"}}')
    return lines


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers; no more than one is held."""
    with opened(path, MOST_BYTES) as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise Refusal(f"{path}:{number}: is over {LONGEST_LINE // 2**20} MiB in one line")
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise Refusal(f"{path}:{number}: byte 0x{line[error.start]:02x} is not UTF-8") from None


def _line(place: str, text: str) -> Line:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refusal(f"{place}:{error.colno}: bad JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise Refusal(f"{place}: bad JSON: nested too deeply, or a number of too many digits") from None
    if HALF in text.lower():
        _refuse_halves(place, value)
    if isinstance(value, dict) and ("messages" in value or {"prompt", "response"} <= value.keys()):
        return Line(place, value)
    raise Refusal(f"{place}: an example is an object with prompt and response, or with messages")


def _refuse_halves(place: str, value: object) -> None:
    """Refuse a line that holds a half of a character, which no text can be made of."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Refusal(f"{place}: \\u{ord(error.object[error.start]):04x} is half of a character") from None
    except RecursionError:
        raise Refusal(f"{place}: bad JSON: nested too deeply") from None


def hold_out(lines: Sequence[Line], seed: int) -> tuple[list[Line], list[Line]]:
    """Split off a tenth of the lines, at least one, for evaluation; raise `Refusal` if there is only one line."""
    if len(lines) < 2:
        raise Refusal(f"{lines[0].place}: one example can't be both trained on and evaluated; add more, or --dev")
    held = set(random.Random(seed).sample(range(len(lines)), max(1, len(lines) // 10)))
    return [line for i, line in enumerate(lines) if i not in held], [lines[i] for i in sorted(held)]
