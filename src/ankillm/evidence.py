"""Facts that demos measured: how a demo declares them, how a run is kept as evidence, how evidence is read.

Only the standard library at import: `ankillm build` reads evidence and never imports torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = float | int | bool | str


@dataclass(frozen=True, slots=True)
class Measured:
    """One fact as it was measured: the value in the fact's unit (0.473 with `%`), and whether it varies by device."""

    value: Value
    unit: str
    varies: bool


@dataclass(frozen=True, slots=True)
class Evidence:
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
