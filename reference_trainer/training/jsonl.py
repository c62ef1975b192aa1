"""Lines of JSONL: what is read, and which part of it is held out."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ankillm.evidence import Refusal


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a data file, and where it stands."""

    place: str
    value: Mapping[str, Any]


def read_lines(path: Path) -> list[Line]:
    """Read a JSONL file, empty lines left out; raise `Refusal`, with the line's number, for what is no example."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: not UTF-8: {error}") from None
    lines = [_line(f"{path}:{number}", one) for number, one in enumerate(text.split("\n"), 1) if one.strip()]
    if not lines:
        raise Refusal(f'{path}: no examples; each line is a JSON object like {{"prompt": "…", "response": "…"}}')
    return lines


def _line(place: str, text: str) -> Line:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refusal(f"{place}:{error.colno}: bad JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise Refusal(f"{place}: bad JSON: nested too deeply, or a number of too many digits") from None
    if isinstance(value, dict) and ("messages" in value or {"prompt", "response"} <= value.keys()):
        return Line(place, value)
    raise Refusal(f"{place}: an example is an object with prompt and response, or with messages")


def hold_out(lines: Sequence[Line], seed: int) -> tuple[list[Line], list[Line]]:
    """Split off a tenth of the lines, at least one, for evaluation; raise `Refusal` if there is only one line."""
    if len(lines) < 2:
        raise Refusal(f"{lines[0].place}: one example can't be both trained on and evaluated; add more, or --dev")
    held = set(random.Random(seed).sample(range(len(lines)), max(1, len(lines) // 10)))
    return [line for i, line in enumerate(lines) if i not in held], [lines[i] for i in sorted(held)]
