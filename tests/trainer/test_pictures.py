"""Pictures: small PNG files, the same bytes for the same numbers, nothing in them but the picture."""

import struct
from typing import Any

from ankillm.evidence.run import _pictures
from reference_trainer.support.pictures import curves


def draw(values: list[float]) -> dict[str, Any]:
    return {"loss": curves({"a": values, "b": [1.0, 2.0, 1.5]}, x="step", y="loss")}


def chunks(png: bytes) -> list[bytes]:
    """Name the chunks of a PNG file (PNG specification, section 5.3)."""
    names, at = [], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        names.append(png[at + 4 : at + 8])
        at += 12 + length
    return names


def test_a_picture_is_small_and_has_no_metadata() -> None:
    (png,) = _pictures([3.0, 2.0, 1.0], draw).values()
    assert len(png) < 40_000
    assert struct.unpack_from(">II", png, 16) == (480, 288)
    assert set(chunks(png)) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert _pictures([3.0, 2.0], lambda x: draw([*x, 1.0])) == _pictures([3.0, 2.0], lambda x: draw([*x, 1.0]))
    assert _pictures([3.0, 2.0], lambda x: draw([*x, 1.0])) != _pictures([3.0, 2.0], lambda x: draw([*x, 1.1]))
