"""The preview: a folder that shows all cards as Anki would, in any browser, without a server.

`index.html` and its scripts are the same for every deck; the cards are data, in `cards.js`. The page's content security
policy allows neither the network nor a script in a card.
"""

import json
import os
from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from ankillm.anki.fields import Draft, Fields, Rendered, Unrenderable, draft, plots, render
from ankillm.anki.footer import shown_value
from ankillm.anki.html import escape
from ankillm.anki.note_types import read_look
from ankillm.build.pipeline import Collected
from ankillm.cards.card import Card, Drop
from ankillm.cards.names import clean, deck_name, tags
from ankillm.claims.verdicts import Kind, Verdict
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.files import put
from ankillm.common.project import resource

SCRIPTS = ("state.js", "template.js", "filters.js", "rows.js", "stage.js", "preview.js", "vendor/temml.min.js")
PAGE = ("index.html", "preview.css", *SCRIPTS)
CARDS, STAMP = "cards.js", "stamp.js"


def show(
    found: Iterable[Collected], pictures: Mapping[str, tuple[Path, ...]], folder: Path, *, watched: bool = False
) -> tuple[Path, tuple[Diagnostic, ...]]:
    """Write the cards of decks into one preview; return its page, and a warning for each picture that is not to be had.

    `pictures` are those of each demo.

    :raises Refusal: as `write`.
    """
    decks = [drafts_of(collected, pictures) for collected in found]
    drafts = chain.from_iterable(deck.drafts for deck in decks)
    media = {name: content for deck in decks for name, content in deck.media.items()}
    index = write(drafts, media, read_look(resource("templates")), folder, watched=watched)
    return index, tuple(chain.from_iterable(deck.warnings for deck in decks))


def write(
    drafts: Iterable[Draft], media: Mapping[str, bytes], look: Mapping[str, str], folder: Path, *, watched: bool = False
) -> Path:
    """Write the preview and return its page.

    `look` holds the templates and the style by their file names. A watched page looks every second whether its cards
    were written anew, and then shows those.

    :raises Refusal: if the folder holds anything but a preview, or cannot be written.
    """
    _refuse_strangers(folder)
    try:
        (folder / "media").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be written ({error.strerror}); name another folder with -o") from None
    page = files("ankillm.build.preview")
    content = {folder / "media" / name: picture for name, picture in media.items()}
    content |= {folder / Path(name).name: page.joinpath(name).read_bytes() for name in PAGE}
    data: dict[str, object] = {
        "cards": [record(draft) for draft in drafts],
        "look": dict(look),
        "reviewer": page.joinpath("reviewer.css").read_text(encoding="utf-8"),
        "verdicts": [kind.value for kind in Kind],
        "watched": watched,
    }
    put(content | _data(folder, data))
    return folder / "index.html"


def drafts_of(collected: Collected, pictures: Mapping[str, tuple[Path, ...]]) -> Rendered:
    """Return all cards of a deck as drafts, dropped ones too, with their media; `pictures` are those of each demo."""
    shown = plots(pictures)
    rendered = render(collected.cards, {entry.path: entry for entry in collected.files}, shown)
    known = {id(draft.card): draft for draft in rendered.drafts}
    drafts = tuple(known.get(id(card)) or _undrawable(card) for card in collected.cards)
    media, warnings = {**shown.media, **rendered.media}, (*shown.warnings, *rendered.warnings)
    return replace(rendered, drafts=drafts, media=media, warnings=warnings)


def _undrawable(card: Card) -> Draft:
    """Return what is shown of a card that Anki could not show: its text, marked as dropped, and why."""
    try:
        return draft(card)
    except Unrenderable as error:
        dropped = card.dropped or Drop("unrenderable", str(error))
    fields = Fields(escape(clean(card.front)), escape(clean(card.back)), "", "", "", "")
    return Draft(replace(card, dropped=dropped), fields, deck_name(card.deck), tags(card.tags), ())


def record(draft: Draft) -> dict[str, object]:
    """Return what the page knows of a card."""
    card, fields = draft.card, draft.fields
    names = ("Text" if card.kind == "cloze" else "Front", *(name.capitalize() for name in Fields._fields[1:]))
    return {
        "key": card.key,
        "type": card.kind,
        "question": card.question,
        "deck": draft.deck,
        "tags": list(draft.tags),
        "source": f"{card.source.file}:{card.source.line}",
        "demo": card.demo,
        "verdicts": [{"kind": verdict.kind.value, "text": _sentence(verdict)} for verdict in card.verdicts],
        "dropped": {"code": card.dropped.code, "reason": card.dropped.reason} if card.dropped else None,
        "fields": {name: value for name, value in zip(names, fields, strict=True) if value},
    }


def _sentence(verdict: Verdict) -> str:
    """Say in one line what was claimed, what was expected and what was measured."""
    claim, measured = verdict.claim, verdict.measured
    parts = [claim.phrase, claim.expectation]
    if measured:
        parts.append(f"measured {shown_value(measured, 'en')} on {verdict.device}")
    parts += [part for part in (verdict.reason, f"{claim.demo}#{claim.fact}") if part]
    return " · ".join([*parts, f"{claim.file}:{claim.line}:{claim.column}"])


def _refuse_strangers(folder: Path) -> None:
    """Leave a folder alone that has files in it and is no preview."""
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file; name a folder with -o")
    if folder.exists() and any(folder.iterdir()) and not (folder / STAMP).exists():
        raise Refusal(f"{folder} has files in it and is no preview; name another folder with -o")


def _data(folder: Path, data: Mapping[str, object]) -> dict[Path, bytes]:
    """Return the cards, then the stamp that tells an open page of them."""
    stamp = os.urandom(8).hex()
    cards = json.dumps({**data, "stamp": stamp}, ensure_ascii=False)
    return {
        folder / CARDS: f"window.ankillm = {cards};\n".encode(),
        folder / STAMP: f'window.ankillmStamp = "{stamp}";\n'.encode(),
    }
