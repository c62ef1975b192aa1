"""Evidence on disk: one file a demo and device, rewritten only where something was learnt."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ankillm.evidence import SCHEMA, Evidence, Measured, read
from ankillm.files import put
from ankillm.project import find_config
from ankillm.refusal import Refusal


def project_evidence(start: Path) -> Path | None:
    """Return the evidence folder of the project around a folder; None outside a project."""
    config = find_config(start)
    return config.parent / "evidence" if config else None


def keep(
    evidence: Evidence,
    folder: Path,
    tolerances: Mapping[str, float],
    draw: Callable[[], Mapping[str, bytes]],
) -> tuple[Path, str]:
    """Keep a run in a folder; return its file and what happened: `new`, `changed`, `same result` or `untouched`.

    The same result (exact facts equal, varying ones within their tolerance) keeps values, versions, date and pictures.
    A picture `schedule` of the demo `warmup` on the CPU is saved as `warmup.cpu.schedule.png`, before the evidence.
    Raises Refusal if a file cannot be written; then every file is as it was.
    """
    path = folder / f"{evidence.demo}.{evidence.device}.json"
    before = _before(path)
    if before is not None and _same(before.facts, evidence.facts, tolerances):
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
        raise Refusal(f"{folder}: cannot be made ({error.strerror}); give --evidence DIR") from None


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
    if now.varies and isinstance(before.value, int | float) and isinstance(now.value, int | float):
        return abs(before.value - now.value) <= tolerance
    return before.value == now.value


def as_text(evidence: Evidence) -> str:
    """Write evidence as the JSON of its file."""
    data: dict[str, Any] = {"schema": SCHEMA, **msgspec.to_builtins(evidence)}
    del data["folder"]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
