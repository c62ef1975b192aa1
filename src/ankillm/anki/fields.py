"""Card → the fields of its Anki note."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Literal, NamedTuple

from msgspec import Struct

from ankillm.anki.allowed_html import Forbidden, finished
from ankillm.anki.cloze import BadGap, cloze_html
from ankillm.anki.footer import context_html, demo_html, essence, evidence_html, source_html, verdict_line
from ankillm.anki.html import Pictures, escape, field_html, no_pictures
from ankillm.anki.media import Album
from ankillm.cards.card import Card, Drop, ShownFact
from ankillm.cards.names import clean, deck_name, tags
from ankillm.cards.plain import texts
from ankillm.claims.doubt import Doubt
from ankillm.common.diagnostics import Diagnostic, Span
from ankillm.common.patterns import regex
from ankillm.common.project import NoteFile

ONLY_PICTURES = regex(r"^(?:!\[[^\]]*\]\([^()]*\)\s*)+$")
VERDICT_TAGS = "ankillm::"
"""Tags that tell of a verdict: what counts of it as content is in the essence, and staleness does not."""


class Fields(NamedTuple):
    """The fields of an Anki note, HTML, in their order; `front` is a cloze's text. The key and the spares follow."""

    front: str
    back: str
    context: str
    source: str
    demo: str
    evidence: str


class RenderedCard(Struct, frozen=True, array_like=True):
    """A card as it is shipped and listed: all but its identity and its times, which the ledger knows."""

    key: str
    """The card's key as the ledger can hold it."""
    kind: Literal["basic", "cloze"]
    deck: str
    fields: Fields
    tags: tuple[str, ...]
    hash: str
    """Of what is asked and answered: a change of it, and only that, reaches the reader as an update."""
    id: str
    question: str
    front: str
    """Plain text, as `back`; a cloze has `[…]` here, and there what it hides."""
    back: str
    context: tuple[str, ...]
    source: Span
    demo: str = ""
    term: str = ""
    facts: tuple[ShownFact, ...] = ()
    verdicts: tuple[tuple[str, str], ...] = ()
    """Each one's kind, and in one line what was claimed and measured."""
    doubts: tuple[Doubt, ...] = ()
    dropped: Drop | None = None
    rule: str = ""
    score: int = 0
    worth: int = 0


class Unrenderable(ValueError):  # noqa: N818  (the card is at fault, not the program)
    """A card that Anki would not show; the text says why."""


def fields(
    card: Card, pictures: Pictures = no_pictures, plots: Sequence[str] = (), entry: NoteFile | None = None
) -> Fields:
    """Return the fields of a card; `plots` are the media names of its demo's pictures, `entry` its note's file.

    :raises Unrenderable: if the front would be empty, a gap cannot be shown, or no picture is left of an answer.
    """
    try:
        front = (
            cloze_html(card, pictures)
            if card.kind == "cloze"
            else field_html(clean(card.front), card.references, pictures)
        )
    except BadGap as error:
        raise Unrenderable(str(error)) from None
    if not front:
        raise Unrenderable("nothing is left of its question to show")
    back = field_html(clean(card.back), card.references, pictures) if card.back else ""
    if card.back.startswith("![") and ONLY_PICTURES.match(card.back) and "<img" not in back:
        raise Unrenderable("it has no answer without its picture")
    made = Fields(
        front,
        back,
        context_html(card.context, card.note),
        source_html(card, entry),
        demo_html(card.demo, card.term),
        clean(evidence_html(card, plots)),
    )
    try:
        return Fields(*map(finished, made))
    except Forbidden as error:
        raise Unrenderable(str(error)) from None


def rendered(
    card: Card, pictures: Pictures = no_pictures, plots: Sequence[str] = (), entry: NoteFile | None = None
) -> RenderedCard:
    """Return a card as it is shipped; one that was dropped, or cannot be shown, has plain text for its fields."""
    try:
        made = None if card.dropped else fields(card, pictures, plots, entry)
        dropped = card.dropped
    except Unrenderable as error:
        made, dropped = None, Drop("unrenderable", str(error))
    front, back = texts(card)
    slugs = tags(card.tags)
    shown = made or Fields(escape(clean(card.front)), escape(clean(card.back)), "", "", "", "")
    lasting = "\x1f".join(slug for slug in slugs if not slug.startswith(VERDICT_TAGS))
    essential = (card.kind, shown.front, shown.back, shown.context, *plots, lasting, *essence(card))
    return RenderedCard(
        key=clean(card.key),
        kind=card.kind,
        deck=deck_name(card.deck),
        fields=shown,
        tags=slugs,
        hash=_hash(essential) if made else "",
        id=card.id,
        question=card.question,
        front=front,
        back=back,
        context=card.context,
        source=card.source,
        demo=card.demo,
        term=card.term,
        facts=card.facts,
        verdicts=tuple((verdict.kind.value, verdict_line(verdict)) for verdict in card.verdicts),
        doubts=card.doubts,
        dropped=dropped,
        rule=card.rule,
        score=card.score,
        worth=card.worth,
    )


def _hash(essential: Sequence[str]) -> str:
    content = f"[{', '.join(map(encode_basestring, essential))}]"
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def left_out(card: RenderedCard) -> Diagnostic | None:
    """Return the line that says of a card that it cannot be shown; None if it can, or was dropped for its content."""
    if card.dropped is None or card.dropped.code != "unrenderable":
        return None
    return Diagnostic(card.source.file, card.source.line, f"a card is left out: {card.dropped.reason}")


def render(
    cards: Iterable[Card], files: Mapping[str, NoteFile], plots: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[RenderedCard, ...], Album]:
    """Render cards, with the pictures of their notes and of their demos.

    `files` are the notes' by their paths; of a card that belongs to no note, by the path that messages show.

    `plots` are the media names of each demo's pictures. The album has what notes show and what is wrong with it.
    """
    album = Album()
    made = []
    for card in cards:

        def found(src: str, card: Card = card) -> str:
            entry = files.get(card.note)
            return album.of_note(src, entry.file, entry.root, card.source) if entry else ""

        own_plots = plots.get(card.demo, ()) if card.facts else ()
        made.append(rendered(card, found, own_plots, files.get(card.note) or files.get(card.source.file)))
    return tuple(made), album
