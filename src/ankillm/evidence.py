"""Facts that demos measured: how a demo declares them, how a run is kept as evidence, how evidence is read.

Only the standard library at import: `ankillm build` reads evidence and never imports torch.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from ankillm.messages import Message
from ankillm.patterns import regex
from ankillm.refusal import Refusal

__all__ = ["DEVICES", "Evidence", "Measured", "Refusal", "Value", "detail", "fact", "load", "publish", "read"]

Value: TypeAlias = float | int | bool | str

SCHEMA = 1
DEVICES = ("cpu", "cuda", "mps")
MAX_BYTES = 64 * 1024
MAX_PICTURE_BYTES = 1024 * 1024
MAX_FACTS = 64
PNG = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 200
_NAME = regex(r"[a-z][a-z0-9_]{0,63}")
_SOURCE = regex(r"[0-9a-f]{64}")
_DATE = regex(r"\d{4}-\d{2}-\d{2}")
_PICTURE = regex(r"[a-z0-9][a-z0-9_.-]{0,99}\.png")


class Measured(Struct, frozen=True):
    """One fact as it was measured: the value in the fact's unit (0.473 with `%`), and whether it varies by device."""

    value: Value
    unit: str
    varies: bool


class Evidence(Struct, frozen=True):
    """The evidence file of one demo on one kind of device (`cpu`, `cuda`, `mps`)."""

    demo: str
    device: str
    seed: int
    versions: Mapping[str, str]
    source: str
    measured_at: str
    facts: Mapping[str, Measured]
    pictures: tuple[str, ...]
    folder: str
    """The folder that the file was read from; pictures lie in it."""


def fact(  # noqa: PLR0913  (one keyword a property; all but the labels are optional)
    *,
    zh: str,
    en: str,
    unit: str = "",
    terms: tuple[str, ...] = (),
    varies: bool = False,
    tolerance: float = 0.0,
    question_zh: str = "",
    question_en: str = "",
) -> Any:  # noqa: ANN401  (a dataclass field stands for a value of any type)
    """Declare a fact: a field of a demo's dataclass with labels in both languages.

    `terms` are what a card must be about to show it. A fact that `varies` from device to device or from run to run
    gives its `tolerance`, in its own unit: within it, two measurements are the same result. The questions, if any,
    ask for this fact on a card of its own. A fact that could not be measured is None and is left out.
    All arguments are literals: they are read from the source, without importing the demo.
    """
    texts = {"zh": zh, "en": en, "unit": unit, "question_zh": question_zh, "question_en": question_en}
    return dataclasses.field(metadata={**texts, "terms": terms, "varies": varies, "tolerance": tolerance})


def detail(*, zh: str, en: str, unit: str = "") -> Any:  # noqa: ANN401  (as above)
    """Declare what is printed beside the facts and is none: what a demo measured of the user's own model."""
    return fact(zh=zh, en=en, unit=unit, varies=True)


def publish(run: Callable[..., Any], draw: Callable[[Any], Mapping[str, Any]] | None = None) -> None:
    """Run a demo from the command line: measure, print its facts and keep them as evidence.

    `run(device, …)` returns the demo's dataclass of facts; of `seed`, `model` and `trust_remote_code` it is given
    those that it takes. `draw(result)` returns matplotlib figures by name.
    """
    from ankillm.publishing import main  # noqa: PLC0415  (rich and torch only where a demo runs)

    main(run, draw)


def load(folders: Iterable[Path]) -> tuple[tuple[Evidence, ...], tuple[Message, ...]]:
    """Read all evidence of some folders, with a warning for each file that is not as it should be.

    Of two files of one demo and device, that of the earlier folder counts. Sorted by demo and device.
    """
    found: dict[tuple[str, str], Evidence] = {}
    messages: list[Message] = []
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            try:
                evidence = read(path)
            except ValueError as error:
                messages.append(Message(str(path), 0, f"{error}; this evidence is left out: measure it again"))
            else:
                found.setdefault((evidence.demo, evidence.device), evidence)
    return tuple(found[key] for key in sorted(found)), tuple(messages)


def read(path: Path) -> Evidence:
    """Read one evidence file, which is untrusted; raise ValueError, in one line, where it breaks the schema."""
    data = _parse(path)
    _require(data.get("schema") == SCHEMA, f"evidence of schema {data.get('schema')!r:.20} instead of {SCHEMA}")
    evidence = Evidence(
        demo=_text(data, "demo", _NAME),
        device=_text(data, "device"),
        seed=_integer(data, "seed"),
        versions={_printable(name): _printable(version) for name, version in _object(data, "versions").items()},
        source=_text(data, "source", _SOURCE),
        measured_at=_text(data, "measured_at", _DATE),
        facts={_name(name): _measured(name, value) for name, value in _object(data, "facts").items()},
        pictures=tuple(_picture(path.parent, name) for name in _list(data, "pictures")),
        folder=str(path.parent),
    )
    _require(evidence.device in DEVICES, f"'device' is none of {', '.join(DEVICES)}")
    _require(path.name == f"{evidence.demo}.{evidence.device}.json", "the file is not named after its demo and device")
    return evidence


def _parse(path: Path) -> dict[str, Any]:
    try:
        _require(path.is_file() and path.stat().st_size <= MAX_BYTES, f"not a file of at most {MAX_BYTES} bytes")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except (OSError, RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"not readable as JSON ({type(error).__name__})") from error
    _require(isinstance(data, dict), "not a JSON object")
    return dict(data)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _require(condition: bool, problem: str) -> None:  # noqa: FBT001  (reads as a sentence)
    if not condition:
        raise ValueError(problem)


def _printable(value: object) -> str:
    _require(isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable(), "a text is not plain")
    return str(value)


def _text(data: Mapping[str, Any], key: str, pattern: re.Pattern[str] | None = None) -> str:
    value = data.get(key)
    _require(isinstance(value, str) and (pattern is None or bool(pattern.fullmatch(value))), f"{key!r} is not valid")
    return _printable(value)


def _integer(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    _require(type(value) is int and abs(value) < 2**63, f"{key!r} is not an integer")
    return int(value or 0)


def _object(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    _require(isinstance(value, dict) and len(value) <= MAX_FACTS, f"{key!r} is not an object of {MAX_FACTS} at most")
    return dict(value or {})


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    _require(isinstance(value, list) and len(value) <= MAX_FACTS, f"{key!r} is not a list of {MAX_FACTS} at most")
    return list(value or ())


def _name(name: str) -> str:
    _require(bool(_NAME.fullmatch(name)), "a fact's name is not valid")
    return name


def _measured(name: str, data: object) -> Measured:
    _require(isinstance(data, dict), f"{name!r} is not an object")
    fields: dict[str, Any] = dict(data) if isinstance(data, dict) else {}
    value = fields.get("value")
    if isinstance(value, str):
        _printable(value)
    else:
        number = isinstance(value, int | float) and abs(value) < 2**63  # False for NaN too
        _require(number, f"the value of {name!r} is neither a number, yes or no, nor a text")
    _require(isinstance(fields.get("varies"), bool), f"'varies' of {name!r} is not true or false")
    return Measured(value=value, unit=_text(fields, "unit"), varies=fields["varies"])  # type: ignore[arg-type]  # checked above


def _picture(folder: Path, name: object) -> str:
    """Return a picture's name if it is one, and lies in the folder itself: no path, no link."""
    _require(isinstance(name, str) and bool(_PICTURE.fullmatch(name)), "a picture's name is not valid")
    path = folder / str(name)
    _require(path.is_file() and not path.is_symlink(), f"the picture {name!r} is not a file beside it")
    _require(path.stat().st_size <= MAX_PICTURE_BYTES, f"the picture {name!r} is over {MAX_PICTURE_BYTES} bytes")
    with path.open("rb") as file:
        _require(file.read(len(PNG)) == PNG, f"the picture {name!r} is no PNG file")
    return str(name)
