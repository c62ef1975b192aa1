"""Facts that demos measured: how a demo declares them, how a run is kept as evidence, how evidence is read.

Light at import: `ankillm build` reads evidence and never imports torch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ankillm.messages import Message
from ankillm.refusal import Refusal

__all__ = ["DEVICES", "Evidence", "Measured", "Refusal", "Value", "detail", "fact", "load", "publish", "read"]

SCHEMA = 1
DEVICES = ("cpu", "cuda", "mps")
MAX_BYTES = 64 * 1024
MAX_PICTURE_BYTES = 1024 * 1024
MAX_FACTS = 64
PNG = b"\x89PNG\r\n\x1a\n"

Text: TypeAlias = Annotated[str, Meta(max_length=200)]
Name: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
Picture: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}\.png\Z")]
Integer: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Number: TypeAlias = Annotated[float, Meta(gt=-(2.0**63), lt=2.0**63)]
Value: TypeAlias = Number | Integer | bool | Text
Device: TypeAlias = Annotated[str, Meta(pattern=rf"^({'|'.join(DEVICES)})\Z")]


class Measured(Struct, frozen=True):
    """One fact as it was measured: the value in the fact's unit (0.473 with `%`), and whether it varies by device."""

    value: Value
    unit: Text
    varies: bool


class Evidence(Struct, frozen=True):
    """The evidence file of one demo on one kind of device (`cpu`, `cuda`, `mps`)."""

    demo: Name
    device: Device
    seed: Integer
    versions: Annotated[Mapping[Text, Text], Meta(max_length=MAX_FACTS)]
    source: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    measured_at: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    facts: Annotated[Mapping[Name, Measured], Meta(max_length=MAX_FACTS)]
    pictures: Annotated[tuple[Picture, ...], Meta(max_length=MAX_FACTS)]
    folder: str = ""
    """The folder that the file was read from; pictures lie in it."""


class _Versioned(Struct, frozen=True):
    schema: int


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
    import dataclasses  # noqa: PLC0415  (only demos declare facts)

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
    content = _content(path)
    try:
        schema = msgspec.json.decode(content, type=_Versioned).schema
        _require(schema == SCHEMA, f"evidence of schema {schema!r:.20} instead of {SCHEMA}")
        evidence = msgspec.json.decode(content, type=Evidence)
    except RecursionError:
        raise ValueError("is nested without end") from None
    except msgspec.ValidationError as error:
        raise ValueError(_of_fact(content) or str(error)) from None
    _require(all(map(str.isprintable, _texts(evidence))), "a text is not plain")
    _require(path.name == f"{evidence.demo}.{evidence.device}.json", "the file is not named after its demo and device")
    for name in evidence.pictures:
        _check_picture(path.parent, name)
    return msgspec.structs.replace(evidence, folder=str(path.parent))


def _of_fact(content: bytes) -> str:
    """Return what is wrong with the first bad fact, by its name; msgspec tells only that it is one of them."""
    facts = msgspec.json.decode(content, type=dict[str, Any]).get("facts")
    for name, value in facts.items() if isinstance(facts, dict) else ():
        try:
            msgspec.convert((name, value), tuple[Name, Measured])
        except msgspec.ValidationError as error:
            return f"fact {name[:80]!r}: {error}"
    return ""


def _content(path: Path) -> bytes:
    try:
        _require(path.is_file() and path.stat().st_size <= MAX_BYTES, f"not a file of at most {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error


def _texts(evidence: Evidence) -> Iterator[str]:
    """Yield whatever may be any text."""
    yield from evidence.versions
    yield from evidence.versions.values()
    for measured in evidence.facts.values():
        yield measured.unit
        yield str(measured.value)


def _require(condition: bool, problem: str) -> None:  # noqa: FBT001  (reads as a sentence)
    if not condition:
        raise ValueError(problem)


def _check_picture(folder: Path, name: str) -> None:
    """Make sure that a picture is one, and lies in the folder itself: no link."""
    path = folder / name
    _require(path.is_file() and not path.is_symlink(), f"the picture {name!r} is not a file beside it")
    _require(path.stat().st_size <= MAX_PICTURE_BYTES, f"the picture {name!r} is over {MAX_PICTURE_BYTES} bytes")
    with path.open("rb") as file:
        _require(file.read(len(PNG)) == PNG, f"the picture {name!r} is no PNG file")
