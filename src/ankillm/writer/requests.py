"""What a model is asked for: the passages of a section that are worth a card and have none, with what stands around."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from ankillm.cards.plain import texts
from ankillm.cards.selection import SILENT, by_passage
from ankillm.common.project import Density
from ankillm.extract.bare import bare
from ankillm.extract.judge import worth_of
from ankillm.extract.passage import Passage
from ankillm.extract.rank import Choice
from ankillm.markdown.note import Note
from ankillm.writer.polarity import is_hearsay
from ankillm.writer.quotation import is_struck
from ankillm.writer.verifier import asked_letters
from ankillm.writer.written import passage_key

WORTHY: dict[Density, int] = {"few": 350, "normal": 170, "many": 80}
"""The chance of a thousand that a passage is worth a card, from which on a model is asked for one."""
UNASKED = frozenset({*SILENT, "question"})
"""Kinds of passages that hold no answer."""
CONTEXT = frozenset({"sentence", "item", "lead", "question", "comment", "row", "formula"})
"""Kinds of passages that are shown though nothing is asked for them."""
MOST_PASSAGES, MOST_CHARACTERS = 12, 4000
"""Of passages that one request asks for, and of what it shows."""
LONGEST_PASSAGE = 1500


class Request(Struct, frozen=True):
    """A section, or a part of a long one: its passages, those with a label are asked for."""

    note: Note
    titles: tuple[str, ...]
    passages: tuple[tuple[str, Passage], ...]
    asked: tuple[str, ...]
    """The fronts of the section's cards."""
    others: frozenset[tuple[str, str]] = frozenset()
    """What the note's cards ask and answer, by letters."""

    @property
    def wanted(self) -> dict[str, Passage]:
        """The passages that are asked for, by their labels."""
        return {label: passage for label, passage in self.passages if label}


def requests_of(
    note: Note, choices: Sequence[Choice], density: Density, done: Collection[str] = (), *, everything: bool = False
) -> Iterator[Request]:
    """Yield what to ask of a note, in reading order; passages whose key is in `done` were asked before.

    `everything`: passages that have a card too.
    """
    cards = [[card for card in made if not card.dropped] for made in by_passage(choices, note, "", density)]
    others = frozenset(asked_letters(card) for made in cards for card in made)
    passages = [choice.passage for choice in choices]
    groups: dict[int, list[int]] = {}
    for at, choice in enumerate(choices):
        groups.setdefault(choice.passage.section.line, []).append(at)
    for group in groups.values():
        asked = tuple(texts(card)[0] for at in group for card in cards[at])
        wanted = {
            at
            for at in group
            if (everything or not cards[at])
            and _is_fit(passages[at], done)
            and worth_of(passages, at) >= WORTHY[density]
        }
        shown = [
            (at in wanted, choices[at].passage) for at in group if at in wanted or _is_context(choices[at].passage)
        ]
        for part in _parts(shown):
            if any(asks for asks, _ in part):
                yield Request(note, choices[group[0]].passage.section.path, _numbered(part), asked, others)


def _is_fit(passage: Passage, done: Collection[str]) -> bool:
    """Whether a passage can hold an answer, and was not asked for before."""
    if passage.kind in UNASKED or len(passage.text) > LONGEST_PASSAGE:
        return False
    unfit = passage.directive.skip or "{{c" in passage.text or is_struck(passage) or is_hearsay(passage.plain)
    unread = passage.kind not in {"code", "formula", "row", "list"} and not bare(passage.text)
    return not (unfit or unread or passage_key(passage) in done)


def _is_context(passage: Passage) -> bool:
    return passage.kind in CONTEXT and not passage.directive.skip


def _parts(shown: Iterable[tuple[bool, Passage]]) -> Iterator[list[tuple[bool, Passage]]]:
    """Yield the passages of a section in parts that a small model can take in."""
    part: list[tuple[bool, Passage]] = []
    asks = size = 0
    for asked, passage in shown:
        if part and (asks + asked > MOST_PASSAGES or size + len(passage.text) > MOST_CHARACTERS):
            yield part
            part, asks, size = [], 0, 0
        part.append((asked, passage))
        asks += asked
        size += len(passage.text)
    if part:
        yield part


def _numbered(part: Sequence[tuple[bool, Passage]]) -> tuple[tuple[str, Passage], ...]:
    labels = count(1)
    return tuple((str(next(labels)) if asked else "", passage) for asked, passage in part)


def by_content(request: Request) -> Request:
    """Return a request whose labels are those of its passages' content, so that they last from one day to the next."""
    labelled = ((passage_key(passage)[:8] if label else "", passage) for label, passage in request.passages)
    return replace(request, passages=tuple(labelled))


def at_most(requests: Iterable[Request], limit: int | None) -> Iterator[Request]:
    """Yield requests until they ask for so many passages; the last of them asks for no more than are left."""
    left = limit
    for request in requests:
        if left is None:
            yield request
            continue
        if left <= 0:
            return
        kept = set([*request.wanted][:left])
        cut = tuple((label if label in kept else "", passage) for label, passage in request.passages)
        left -= len(kept)
        yield replace(request, passages=cut)
