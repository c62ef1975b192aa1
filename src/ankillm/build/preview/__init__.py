"""The preview: a folder that shows all cards as Anki would, in any browser, without a server.

`index.html` and its scripts are the same for every deck; the cards are data, in `cards.js`. The page's content security
policy allows neither the network nor a script in a card.
"""

import html
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from ankillm.anki.fields import Fields, RenderedCard
from ankillm.anki.media import NAMED
from ankillm.anki.note_types import read_look
from ankillm.build.pipeline import Deck
from ankillm.claims.verdicts import Kind
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import put, unwritten
from ankillm.common.patterns import regex
from ankillm.common.project import resource

SCRIPTS = ("state.js", "template.js", "filters.js", "rows.js", "stage.js", "preview.js", "vendor/temml.min.js")
PAGE = ("index.html", "preview.css", *SCRIPTS)
LINK = regex(r'<a href="([^"]+)">')
CARDS, STAMP = "cards.js", "stamp.js"


def show(decks: Iterable[Deck], folder: Path, *, watched: bool = False) -> Path:
    """Write the cards of decks into one preview; return its page.

    :raises Refusal: as `write`.
    """
    found = list(decks)
    media = {name: content for deck in found for name, content in deck.media.items()}
    cards = chain.from_iterable(deck.cards for deck in found)
    return write(cards, media, read_look(resource("templates")), folder, watched=watched)


def write(
    cards: Iterable[RenderedCard],
    media: Mapping[str, bytes],
    look: Mapping[str, str],
    folder: Path,
    *,
    watched: bool = False,
) -> Path:
    """Write the preview and return its page.

    `look` holds the templates and the style by their file names. A watched page looks every second whether its cards
    were written anew, and then shows those.

    :raises Refusal: if the folder holds anything but a preview, or cannot be written.
    """
    _refuse_strangers(folder)
    new = [place for place in (folder / "media", folder) if not place.exists()]
    try:
        (folder / "media").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written ({error.strerror}); name another folder with -o") from None
    page = Path(__file__).parent
    content = {folder / "media" / name: picture for name, picture in media.items()}
    content |= {folder / Path(name).name: page.joinpath(name).read_bytes() for name in PAGE}
    data: dict[str, object] = {
        "cards": [record(card, folder) for card in cards],
        "look": dict(look),
        "reviewer": page.joinpath("reviewer.css").read_text(encoding="utf-8"),
        "verdicts": [kind.value for kind in Kind],
        "watched": watched,
    }
    try:
        put(content | _data(folder, data))
    except Refusal:
        for place in new:  # then nothing was changed
            with suppress(OSError):
                place.rmdir()
        raise
    return folder / "index.html"


def record(card: RenderedCard, folder: Path) -> dict[str, object]:
    """Return what the page in a folder knows of a card."""
    names = ("Text" if card.kind == "cloze" else "Front", *(name.capitalize() for name in Fields._fields[1:]))
    return {
        "key": card.key,
        "type": card.kind,
        "question": card.question,
        "deck": card.deck,
        "tags": list(card.tags),
        "source": f"{card.source.file}:{card.source.line}",
        "opens": _opens(card, folder),
        "demo": card.demo,
        "verdicts": [{"kind": kind, "text": text} for kind, text in card.verdicts],
        "dropped": {"code": card.dropped.code, "reason": card.dropped.reason} if card.dropped else None,
        "fields": {name: value for name, value in zip(names, card.fields, strict=True) if value},
    }


def _opens(card: RenderedCard, folder: Path) -> str:
    """Return the address that opens a card's note: in its vault, else the file, from the page; empty for no file."""
    if vault := LINK.match(card.fields.source):
        return html.unescape(vault[1])
    file = Path(card.source.file)
    try:
        return quote(os.path.relpath(file, folder).replace(os.sep, "/")) if file.is_file() else ""
    except (OSError, ValueError):  # on another drive, or no name of a file
        return ""


def _refuse_strangers(folder: Path) -> None:
    """Leave a folder alone that has files in it and is no preview, nor what a preview that was cut off left."""
    media = folder / "media"
    for place in (folder, media):
        if place.is_symlink():
            raise Refusal(f"{place} is a link, and nothing is written through it; name another folder with -o")
    try:
        if folder.exists() and not folder.is_dir():
            raise Refusal(f"{folder} is a file; name a folder with -o")
        names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
        pictures = {entry.name for entry in media.iterdir()} if media.is_dir() else set()
    except OSError as error:
        raise Refusal(f"{folder}: cannot be looked into ({error.strerror}); name another folder with -o") from None
    own = {CARDS, STAMP, *(Path(name).name for name in PAGE)}
    half = STAMP in map(unwritten, names)  # the stamp is the last to take its place
    strangers = {name for name in names - {"media"} if unwritten(name) not in own and not (half and name in own)}
    strangers |= {name for name in pictures if not (NAMED.fullmatch(name) or unwritten(name))}
    if strangers and STAMP not in names:
        raise Refusal(f"{folder} has files in it and is no preview; name another folder with -o")


def _data(folder: Path, data: Mapping[str, object]) -> dict[Path, bytes]:
    """Return the cards, then the stamp that tells an open page of them."""
    stamp = os.urandom(8).hex()
    cards = json.dumps({**data, "stamp": stamp}, ensure_ascii=False)
    return {
        folder / CARDS: f"window.ankillm = {cards};\n".encode("utf-8", "replace"),
        folder / STAMP: f'window.ankillmStamp = "{stamp}";\n'.encode(),
    }
