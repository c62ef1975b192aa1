"""Packages into Anki and out of it: by their paths, or, where Anki runs on another machine, as media."""

import base64
import binascii
import zipfile
from contextlib import suppress
from pathlib import Path

from ankillm.anki.connection import AnkiError, Connection
from ankillm.common.diagnostics import Refusal

PASSING = "_ankillm-passing.apkg"
"""What a package is called while it lies among the media of an Anki elsewhere."""


def bring(anki: Connection, package: Path) -> None:
    """Have Anki import a package, as it does itself: it is all or nothing.

    :raises AnkiError: if Anki cannot.
    :raises Refusal: if Anki does not answer as it should.
    """
    if anki.is_local:
        _import(anki, str(package.absolute()))
        return
    content = base64.b64encode(package.read_bytes()).decode()
    anki.ask("storeMediaFile", str | None, filename=PASSING, data=content)  # type: ignore[arg-type]
    try:
        _import(anki, _there(anki))
    finally:
        _forget(anki)


def export(anki: Connection, deck: str, target: Path) -> None:
    """Have Anki export a deck with its scheduling; the file is there whole or not at all.

    :raises AnkiError: if Anki cannot.
    :raises Refusal: if there is no file afterwards.
    """
    part = target.with_name(f".{target.stem}.part.apkg")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        if anki.is_local:
            anki.ask("exportPackage", bool, deck=deck, path=str(part), includeSched=True)
        else:
            anki.ask("exportPackage", bool, deck=deck, path=_there(anki), includeSched=True)
            part.write_bytes(base64.b64decode(anki.ask("retrieveMediaFile", str, filename=PASSING)))
            _forget(anki)
        if not zipfile.is_zipfile(part):
            raise Refusal(f"{target}: Anki exported no backup there, and nothing was changed; may Anki write there?")
        part.replace(target)
    except (OSError, binascii.Error) as error:
        raise Refusal(f"{target}: no backup can be written ({error}); nothing was changed") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _import(anki: Connection, path: str) -> None:
    if not anki.ask("importPackage", bool, path=path):
        raise AnkiError("the package was not imported")


def _there(anki: Connection) -> str:
    folder = anki.ask("getMediaDirPath", str)
    separator = "\\" if "\\" in folder else "/"
    return f"{folder}{separator}{PASSING}"


def _forget(anki: Connection) -> None:
    with suppress(AnkiError):
        anki.ask("deleteMediaFile", object, filename=PASSING)
