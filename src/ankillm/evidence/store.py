"""Evidence on disk: one file a demo and device, read as untrusted, rewritten only where something was learnt."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.files import UnreadableError, files_in, is_inside, put, read_file
from ankillm.common.project import find_config
from ankillm.evidence.schema import READ, SCHEMA, Evidence, Measured, Name, Value

MAX_BYTES = 64 * 1024
MAX_PICTURE_BYTES = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


class _Versioned(Struct, frozen=True):
    schema: int


def load(folders: Iterable[Path]) -> tuple[tuple[Evidence, ...], tuple[Diagnostic, ...]]:
    """Read all evidence of some folders, with a warning for each file that is not as it should be.

    Of two files of one demo and device, that of the earlier folder counts. Sorted by demo and device.
    """
    found: dict[tuple[str, str], Evidence] = {}
    messages: list[Diagnostic] = []
    for folder in folders:
        try:
            paths = files_in(folder, "*.json")
        except UnreadableError as error:
            messages.append(Diagnostic(str(folder), 0, f"{error}; no evidence in it is read: check its rights"))
            continue
        for path in paths:
            try:
                evidence = read(path)
            except ValueError as error:
                messages.append(Diagnostic(str(path), 0, f"{error}; this evidence is left out: measure it again"))
            else:
                found.setdefault((evidence.demo, evidence.device), evidence)
    return tuple(found[key] for key in sorted(found)), tuple(messages)


def read(path: Path) -> Evidence:
    """Read one evidence file, which is untrusted; raise ValueError, in one line, where it breaks the schema."""
    content = _content(path)
    try:
        schema = msgspec.json.decode(content, type=_Versioned).schema
        _require(schema in READ, f"evidence of schema {schema!r:.20} instead of {SCHEMA}")
        evidence = msgspec.json.decode(content, type=Evidence)
    except RecursionError:
        raise ValueError("is nested without end") from None
    except msgspec.ValidationError as error:
        raise ValueError(_of_fact(content) or str(error)) from None
    _require(all(map(str.isprintable, _texts(evidence))), "a text is not plain")
    for name, measured in evidence.facts.items():
        _require(measured.is_whole, f"fact {name!r}: low, high and seeds come together, around a number")
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
        _require(is_inside(path, path.parent), "is a link out of its folder")
        return read_file(path, MAX_BYTES)
    except UnreadableError as error:
        raise ValueError(str(error)) from None


def _texts(evidence: Evidence) -> Iterator[str]:
    """Yield whatever may be any text."""
    yield from evidence.versions
    yield from evidence.versions.values()
    if evidence.hardware:
        yield from (evidence.hardware.name, evidence.hardware.driver)
    for measured in evidence.facts.values():
        yield measured.unit
        yield str(measured.value)


def _require(condition: bool, problem: str) -> None:  # noqa: FBT001  (reads as a sentence)
    if not condition:
        raise ValueError(problem)


def _check_picture(folder: Path, name: str) -> None:
    """Make sure that a picture is one, and lies in the folder itself: no link."""
    path = folder / name
    _require(is_inside(path, folder), f"the picture {name!r} is not a file beside it")
    try:
        content = read_file(path, MAX_PICTURE_BYTES)
    except UnreadableError as error:
        raise ValueError(f"the picture {name!r} {error}") from None
    _require(content.startswith(PNG), f"the picture {name!r} is no PNG file")


def project_evidence(start: Path) -> Path | None:
    """Return the evidence folder of the project around a folder; None outside a project."""
    config = find_config(start)
    return config.parent / "evidence" if config else None


def keep(
    evidence: Evidence, folder: Path, tolerances: Mapping[str, float], draw: Callable[[], Mapping[str, bytes]]
) -> tuple[Path, str]:
    """Keep a run in a folder; return its file and what happened: `new`, `changed`, `same result` or `untouched`.

    The same result (exact facts equal, varying ones within their tolerance) keeps values, versions, date and pictures;
    what another GPU measured is another result.
    A picture `schedule` of the demo `warmup` on the CPU is saved as `warmup.cpu.schedule.png`, before the evidence.
    Raises Refusal if a file cannot be written; then every file is as it was.
    """
    path = folder / f"{evidence.demo}.{evidence.device}.json"
    before = _before(path)
    on_another = before is not None and before.hardware != evidence.hardware  # times and bytes there are other facts
    if before is not None and not on_another and _same(before.facts, evidence.facts, tolerances):
        if before.source == evidence.source:
            return path, "untouched"
        put({path: as_text(msgspec.structs.replace(before, source=evidence.source)).encode()})
        return path, "same result"
    _make(folder)
    pictures = {f"{path.stem}.{name}.png": content for name, content in draw().items()}
    kept = as_text(msgspec.structs.replace(evidence, pictures=tuple(pictures)))
    put({**{folder / name: content for name, content in pictures.items()}, path: kept.encode()})
    return path, "new" if before is None else "changed"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be made ({error.strerror}); what is in its way has to go") from None


def _before(path: Path) -> Evidence | None:
    """Read what was kept; a damaged file, or one whose picture is missing, counts as none."""
    try:
        return read(path) if path.exists() else None
    except ValueError:
        return None


def _same(before: Mapping[str, Measured], now: Mapping[str, Measured], tolerances: Mapping[str, float]) -> bool:
    return before.keys() == now.keys() and all(_close(before[name], now[name], tolerances.get(name, 0)) for name in now)


def _close(before: Measured, now: Measured, tolerance: float) -> bool:
    if (before.unit, before.varies, type(before.value)) != (now.unit, now.varies, type(now.value)):
        return False
    if before.seeds != now.seeds:
        return False
    pairs = ((before.value, now.value), (before.low, now.low), (before.high, now.high))
    return all(_near(one, other, tolerance if now.varies else 0.0) for one, other in pairs)


def _near(one: Value | None, other: Value | None, tolerance: float) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= tolerance
    return one == other


def as_text(evidence: Evidence) -> str:
    """Write evidence as the JSON of its file."""
    data: dict[str, Any] = {"schema": SCHEMA, **msgspec.to_builtins(evidence)}
    data.pop("folder", None)
    if evidence.hardware is None:
        del data["hardware"]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
