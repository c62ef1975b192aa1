"""Parts of notes → cards as they are shipped, in several processes where there is enough to do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from ankillm.anki.fields import Entry, Fields, Plots, render
from ankillm.anki.media import Picture
from ankillm.build.forking import helpers, shared, told
from ankillm.build.importing import genanki
from ankillm.build.pipeline import all_cards, linked, truths
from ankillm.cards.card import Card
from ankillm.cards.listing import listing
from ankillm.cards.quality import Signature, judge_card, signature
from ankillm.claims.knowledge import Knowledge
from ankillm.common.diagnostics import Diagnostic
from ankillm.common.project import NoteFile
from ankillm.markdown.note import Note

WORTH_SHARING = 30_000
"""Characters of notes from which on a further process pays: a fork costs as much as some twenty cards."""
MOST_HELPERS = 7
"""Further processes at most: each has to compile its patterns anew."""


class Row(NamedTuple):
    """A card as it is shipped, what tells whether it repeats another of its note, and its lines in the listing."""

    entry: Entry
    signature: Signature
    listed: str = ""


class Drawing(Struct, frozen=True):
    """The cards of a part, the media that they show, and what there is to warn of."""

    rows: tuple[Row, ...] = ()
    media: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Job(NamedTuple):
    """A part to draw, and the deck that its cards belong to."""

    note: Note
    deck: str


class Desk(Struct, frozen=True):
    """What every part is drawn with."""

    knowledge: Knowledge
    files: Mapping[str, NoteFile]
    plots: Plots
    listed: bool
    """Whether the cards are also told as text."""
    facts: bool = False
    """Whether facts get cards of their own."""

    def draw(self, job: Job) -> Drawing:
        """Draw the cards of a part."""
        verdicts = self.knowledge.verdicts(job.note)
        made = all_cards(job.note, job.deck, truths(job.note, verdicts, self.knowledge))
        cards = linked(map(judge_card, made), verdicts, self.knowledge, facts=self.facts)
        return self.rendered(card for card in cards if not card.dropped)

    def rendered(self, cards: Iterable[Card]) -> Drawing:
        """Draw cards that are made already."""
        done = render(cards, self.files, self.plots)
        rows = (
            Row(draft.entry, signature(draft.card), listing([draft.card]) if self.listed else "")
            for draft in done.drafts
        )
        return Drawing(tuple(rows), done.media, done.warnings, done.pictures)

    def draw_all(self, jobs: Sequence[Job], tell: Callable[[float], None]) -> list[Drawing]:
        """Draw the cards of all parts; `tell` is told how much of it is done."""
        characters = sum(len(job.note.text) for job in jobs)
        worth = min(characters // WORTH_SHARING, len(jobs) - 1, helpers(), MOST_HELPERS)
        if not worth:
            return [self.draw(job) for job in told(jobs, tell)]
        packed = shared(lambda job: _packed(self.draw(job)), jobs, tell, worth, genanki)
        return [_unpacked(*drawing) for drawing in packed]


def _packed(drawing: Drawing) -> tuple[Any, ...]:
    """Return a drawing as plain tuples, as which it can go from one process to another."""
    rows = [
        ((key, kind, deck, tuple(fields), *rest), tuple(signs), listed)
        for (key, kind, deck, fields, *rest), signs, listed in drawing.rows
    ]
    warnings = [(message.file, message.line, message.text, message.column) for message in drawing.warnings]
    return rows, dict(drawing.media), warnings, drawing.pictures


def _unpacked(rows: Any, media: Any, warnings: Any, pictures: Any) -> Drawing:  # noqa: ANN401  (as `_packed` made them)
    made = (
        Row(Entry(key, kind, deck, Fields(*fields), *rest), Signature(*signs), listed)
        for (key, kind, deck, fields, *rest), signs, listed in rows
    )
    return Drawing(tuple(made), media, tuple(Diagnostic(*words) for words in warnings), pictures)
