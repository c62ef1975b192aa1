"""The evidence file of a demo: what it holds, as types that a reader checks it against."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

SCHEMA = 2
READ = (1, 2)
"""The schemas that are read: 1 knew no range over seeds."""
DEVICES = ("cpu", "cuda", "mps")
MAX_FACTS = 64

Text: TypeAlias = Annotated[str, Meta(max_length=200)]
Name: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
Picture: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}\.png\Z")]
Integer: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Number: TypeAlias = Annotated[float, Meta(gt=-(2.0**63), lt=2.0**63)]
Value: TypeAlias = Number | Integer | bool | Text
Device: TypeAlias = Annotated[str, Meta(pattern=rf"^({'|'.join(DEVICES)})\Z")]


class Measured(Struct, frozen=True, omit_defaults=True):
    """One fact as it was measured: the value in the fact's unit (0.473 with `%`), and whether it varies by device.

    Of a fact that was measured over several seeds the value is the median, beside the lowest and the highest.
    """

    value: Value
    unit: Text
    varies: bool
    low: Number | Integer | None = None
    high: Number | Integer | None = None
    seeds: Annotated[int, Meta(ge=2, le=1000)] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether there is no range, or a whole one around a number."""
        if self.low is None or self.high is None or self.seeds is None:
            return (self.low, self.high, self.seeds) == (None, None, None)
        numeric = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        return numeric and self.low <= float(self.value) <= self.high


class Hardware(Struct, frozen=True):
    """The GPU that measured: times and bytes mean nothing without it."""

    name: Text
    memory: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    """Bytes."""
    driver: Text


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
    hardware: Hardware | None = None
    """On CUDA."""
