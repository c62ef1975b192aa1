"""The preview: a folder that shows all cards as Anki would, in any browser, without a server.

`index.html` and its scripts are the same for every deck; the cards are data, in `cards.js`. The page's content security
policy allows neither the network nor a script in a card.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ankillm.cards import Card
from ankillm.messages import Refusal
from ankillm.verdicts import Kind, Verdict

SCRIPTS = ("state.js", "template.js", "filters.js", "rows.js", "stage.js", "preview.js", "vendor/temml.min.js")
PAGE = ("index.html", "preview.css", *SCRIPTS)
START = "window.ankillm = "


@dataclass(frozen=True, slots=True)
class Entry:
    """A card, dropped or not, with the fields of its Anki note (HTML)."""

    card: Card
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """The templates by kind of card and side (`front`, `back`), and the style that they share."""

    templates: Mapping[str, Mapping[str, str]]
    style: str


def write(
    entries: Iterable[Entry], media: Mapping[str, Path], look: Look, folder: Path, *, watched: bool = False
) -> Path:
    """Write the preview and return its page; `media` are the files that the fields name.

    A watched page looks every second whether its cards were written anew, and then shows those.
    Raises `Refusal` if the folder holds anything but a preview.
    """
    _refuse_strangers(folder)
    (folder / "media").mkdir(parents=True, exist_ok=True)
    for name, source in media.items():
        shutil.copyfile(source, folder / "media" / name)
    page = files("ankillm.preview")
    for name in PAGE:
        _put(folder / Path(name).name, page.joinpath(name).read_text(encoding="utf-8"))
    data = {
        "cards": [record(entry) for entry in entries],
        "templates": {kind: dict(sides) for kind, sides in look.templates.items()},
        "style": look.style,
        "reviewer": page.joinpath("reviewer.css").read_text(encoding="utf-8"),
        "verdicts": [kind.value for kind in Kind],
        "watched": watched,
    }
    _put_data(folder, data)
    return folder / "index.html"


def record(entry: Entry) -> dict[str, object]:
    """Return what the page knows of a card."""
    card = entry.card
    return {
        "key": card.key,
        "type": card.kind,
        "question": card.question,
        "deck": card.deck,
        "tags": list(card.tags),
        "source": f"{card.source.file}:{card.source.line}",
        "demo": card.demo,
        "verdicts": [{"kind": verdict.kind.value, "text": _sentence(verdict)} for verdict in card.verdicts],
        "dropped": {"code": card.dropped.code, "reason": card.dropped.reason} if card.dropped else None,
        "fields": {name: value for name, value in entry.fields.items() if value},
    }


def _sentence(verdict: Verdict) -> str:
    """Say in one line what was claimed, what was expected and what was measured."""
    claim, measured = verdict.claim, verdict.measured
    parts = [claim.phrase, claim.expectation]
    if measured:
        parts.append(f"measured {measured.value}{measured.unit} on {verdict.device}")
    parts += [part for part in (verdict.reason, f"{claim.demo}#{claim.fact}") if part]
    return " · ".join([*parts, f"{claim.file}:{claim.line}:{claim.column}"])


def _refuse_strangers(folder: Path) -> None:
    """Leave a folder alone that has files in it and is no preview."""
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file; name a folder with -o")
    if folder.exists() and any(folder.iterdir()) and not (folder / "cards.js").exists():
        raise Refusal(f"{folder} has files in it and is no preview; name another folder with -o")


def _put_data(folder: Path, data: Mapping[str, object]) -> None:
    """Write the cards, then the stamp that tells an open page of them."""
    stamp = os.urandom(8).hex()
    _put(folder / "cards.js", f"{START}{json.dumps({**data, 'stamp': stamp}, ensure_ascii=False)};\n")
    _put(folder / "stamp.js", f'window.ankillmStamp = "{stamp}";\n')


def _put(file: Path, text: str) -> None:
    """Write a file that is whole at every moment."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
        out.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(file)
