"""Files that are always whole, and one build at a time."""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from io import BufferedReader
from pathlib import Path

from ankillm.common.diagnostics import Refusal
from ankillm.common.lock import REMOVES_OPEN, lock


def shown(path: Path) -> str:
    """Return a path as messages show it: from the current folder where it lies below, else as it is."""
    try:
        return Path(os.path.abspath(path)).relative_to(Path.cwd()).as_posix()  # noqa: PTH100  (leaves links as they are)
    except ValueError:
        return str(path)


UNWRITTEN = ".tmp"
"""What the name of a file ends in, after a dot at its start, until it is whole."""


class UnreadableError(OSError):
    """A file that is not read; the text says why."""


class LinkedOutError(UnreadableError):
    """A file behind a link that leads out of the folder which its own folder lies in."""


class MissingError(UnreadableError):
    """A file that is not there."""


def read_file(path: Path, most: int, *, linked: bool = True, inside: bool = False) -> bytes:
    """Return the content of a regular file of at most `most` bytes.

    `linked`: also through a link; `inside`: but none that leads out of its project, as a clone may bring one.

    :raises UnreadableError: if it is no such file.
    """
    with opened(path, most, linked=linked, inside=inside) as file:
        try:
            content = file.read(min(most, os.fstat(file.fileno()).st_size) + 1)  # no more is set aside than is there
            content += file.read(most + 1 - len(content)) if len(content) <= most and file.peek(1) else b""
        except OSError as error:
            raise UnreadableError(f"cannot be read ({error.strerror})") from None
    if len(content) > most:  # it grew, or its size is told wrongly, as under /proc
        raise _too_large(most)
    return content


@contextlib.contextmanager
def opened(path: Path, most: int, *, linked: bool = True, inside: bool = False) -> Iterator[BufferedReader]:
    """Open a regular file of at most `most` bytes for reading, as `read_file`; nothing else is opened, or waited for.

    Whatever comes with notes or a project may be a pipe, a device, or larger than the memory.

    :raises UnreadableError: if it is no such file.
    """
    if inside and path.is_symlink() and not is_inside(path, path.parent.parent):
        raise LinkedOutError("is a link out of its project: put the file itself there")
    flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | (0 if linked else getattr(os, "O_NOFOLLOW", 0))
    try:
        handle = os.open(path, os.O_RDONLY | flags)
    except FileNotFoundError as error:
        raise MissingError(f"cannot be read ({error.strerror})") from None
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror})") from None
    except ValueError:
        raise UnreadableError("cannot be read (no name of a file)") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("is not a regular file")
        if status.st_size > most:
            raise _too_large(most)
        with os.fdopen(handle, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(handle)


def files_below(root: Path) -> Iterator[Path]:
    """Yield the files in a folder and below it, in order; hidden folders are passed over, and links not followed."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names))


def _too_large(most: int) -> UnreadableError:
    return UnreadableError(f"is over {most // 2**20} MiB" if most >= 2**20 else f"is over {most // 2**10} KiB")


def is_inside(path: Path, root: Path) -> bool:
    """Whether a path leads, through all links, to a place inside a folder; `realpath` takes loops as they are."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what a folder holds, sorted; nothing where there is none.

    :raises UnreadableError: if it cannot be looked into.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UnreadableError(f"cannot be looked into ({error.strerror})") from None
    return [folder / name for name in names if fnmatchcase(name, pattern)]


def require_place(place: Path) -> None:
    """Refuse a place where there is neither a file nor a folder.

    :raises Refusal: if so.
    """
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal(f"{place}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise Refusal(f"{place}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def refuse_folder(place: Path) -> None:
    """Refuse to write where a folder is, or where no file can be.

    :raises Refusal: if so.
    """
    try:
        is_folder = place.is_dir()
    except OSError as error:
        raise Refusal(f"{place}: cannot be written ({error.strerror}); choose another place with -o") from None
    if is_folder:
        raise Refusal(f"{place}: is a folder; name a file with -o")


@contextlib.contextmanager
def only_build(output: Path) -> Iterator[None]:
    """Hold the lock of an output; a process that dies lets it go.

    :raises Refusal: if another build holds it, or the folder cannot be written.
    """
    busy = f"{output}: another build is writing it; wait for it to end"
    with only_one(output.with_name(f".{output.name}.lock"), busy, f"{output}: cannot be written", "-o"):
        yield


@contextlib.contextmanager
def only_one(path: Path, busy: str, unwritable: str, option: str) -> Iterator[None]:
    """Hold a lock, a file; a process that dies lets it go.

    :raises Refusal: in the words of `busy` if another holds it, in those of `unwritable` if the file can't be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _locked(path)
    except BlockingIOError:
        raise Refusal(busy) from None
    except OSError as error:
        raise Refusal(f"{unwritable} ({error.strerror}); choose another place with {option}") from None
    try:
        yield
    finally:
        if REMOVES_OPEN:
            path.unlink(missing_ok=True)
        os.close(handle)
        if not REMOVES_OPEN:
            with contextlib.suppress(OSError):  # the next one holds it already
                path.unlink(missing_ok=True)


def _locked(path: Path) -> int:
    """Return the handle of a locked file that still has its name when the lock is had."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            lock(handle)
            if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        except OSError:
            os.close(handle)
            raise
        os.close(handle)


def unwritten(name: str) -> str:
    """Return the name that a file was to have which a build that was killed left; else an empty one."""
    return name[1:].removesuffix(UNWRITTEN) if name.startswith(".") and name.endswith(UNWRITTEN) else ""


def put(files: Mapping[Path, bytes]) -> None:
    """Write files, in their order, each whole or not at all; a file that has these bytes already is left alone.

    All are written beside their places and flushed to the disk before the first takes its place. The names that they
    have until then are fixed, so that what a killed build leaves behind goes with the next.

    :raises Refusal: if one cannot be written; then every file is as it was.
    """
    waiting: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            if not _holds(path, content):
                waiting[path] = temporary = path.with_name(f".{path.name}{UNWRITTEN}")
                _write(temporary, content)
        for path, temporary in waiting.items():
            temporary.replace(path)
        for folder in {path.parent for path in waiting}:
            _flush(folder)
    except OSError as error:
        raise Refusal(f"{path}: cannot be written ({error.strerror}); nothing was changed") from None
    finally:
        for temporary in waiting.values():
            with contextlib.suppress(OSError):  # a folder of that name, or a name that no file can have
                temporary.unlink(missing_ok=True)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and read_file(path, len(content)) == content
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with path.open("xb") as file:  # never through a link that somebody's project brought along
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Make the new names in a folder last; a system that cannot flush a folder keeps them anyway."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
