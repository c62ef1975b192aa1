"""Damage to files: accidents and malice, the bytes of a file changed or something put in its place that is no file."""

import os
import random
from pathlib import Path

SPLICES = (
    b"[" * 5000,
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\x1b]0;x\x07",
    b"9" * 5000,
    b"{{c0::x}}",
    b"{{c1::" * 400,
    b"</div><script>x</script>",
    b"\\\\(\\\\href{javascript:x}{y}\\\\)",
    b"[sound:x.mp3]",
    b"\x00",
    b"-1",
    b'""',
    b"null",
    b"\n",
)


def damaged(data: bytes, source: random.Random) -> bytes:
    """Return the bytes of a file after some accidents and some malice."""
    for _ in range(source.randrange(1, 4)):
        at, other = source.randrange(len(data) + 1), source.randrange(len(data) + 1)
        low, high = min(at, other), max(at, other)
        match source.randrange(6):
            case 0:
                data = data[:at]
            case 1:
                data = data[:low] + data[high:]
            case 2:
                data = data[:at] + source.choice(SPLICES) + data[at:]
            case 3:
                data = data[:high] + data[low:]
            case 4:
                lines = data.split(b"\n")
                source.shuffle(lines)
                data = b"\n".join(lines)
            case _:
                flipped = bytearray(data)
                for _ in range(min(len(flipped), 8)):
                    flipped[source.randrange(len(flipped))] = source.randrange(256)
                data = bytes(flipped)
    return data


def replaced(place: Path, source: random.Random) -> None:
    """Put something that is no ordinary file in the place of one."""
    if place.is_dir():
        return
    place.unlink(missing_ok=True)
    match source.randrange(5):
        case 0:
            os.mkfifo(place)
        case 1:
            place.symlink_to("/dev/zero")
        case 2:
            place.symlink_to(place.name)
        case 3:
            place.mkdir()
        case _:
            with place.open("wb") as file:
                file.truncate(20 * 10**9)


def damage(place: Path, source: random.Random) -> None:
    """Damage a file, one time in five by something else in its place."""
    if source.random() < 0.2:
        replaced(place, source)
    elif place.is_file() and place.stat().st_size < 10**9:
        place.write_bytes(damaged(place.read_bytes(), source))
