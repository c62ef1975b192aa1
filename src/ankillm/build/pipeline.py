"""The one way of a note: bytes → note → concepts → cards → quality → links → fields.

`build`, `cards`, `preview` and `--watch` all go it, with the cache and without, in one process and in several.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from ankillm.anki.cloze import words_asked
from ankillm.anki.fields import RenderedCard, left_out, render
from ankillm.anki.media import Album, Plots, plots
from ankillm.build.cache import NoteResult, packed
from ankillm.build.inputs import Live, NoteInput, name_of_places
from ankillm.build.processes import processors, shared
from ankillm.cards.card import Card, Drop
from ankillm.cards.claim_cards import Mention
from ankillm.cards.demo_links import link, titled
from ankillm.cards.integrity import REASONS, broken
from ankillm.cards.plain import letters, plain_lines
from ankillm.cards.quality import REPEATED, judge_card, repeated, signature
from ankillm.cards.selection import WITHOUT, selected
from ankillm.cards.tags import own_tags
from ankillm.claims.contradictions import doubts
from ankillm.claims.doubt import Doubt
from ankillm.claims.knowledge import Knowledge, know
from ankillm.claims.verdicts import Verdict
from ankillm.common.diagnostics import Diagnostic, Span
from ankillm.common.project import DeckSpec, evidence_around, trainer_folder
from ankillm.extract import extract
from ankillm.extract.rank import Choice
from ankillm.markdown.note import Note, UnreadableNote, decode, note_text, parse
from ankillm.writer.written import WrittenCard

if TYPE_CHECKING:
    from ankillm.markdown.notebook import Cells

INDEX = frozenset({"index", "readme"})
MOST_TURNS = 3
"""How often a note's cards are made over its own, at the most: a card that went may let another be asked elsewhere."""
TOO_DEEP = "its blocks stand too deep in one another; write them beside one another"
WORTH_SHARING = 50
"""Notes to be read from which on further processes pay."""


class Context(Struct, frozen=True):
    """What every note of a deck is made into cards with."""

    spec: DeckSpec
    knowledge: Knowledge
    plots: Plots


class Deck(Struct, frozen=True):
    """What came of a deck's notes, in reading order; `facts` are the cards of facts, which belong to no note."""

    name: str
    notes: tuple[NoteResult, ...]
    facts: tuple[RenderedCard, ...]
    media: Mapping[str, bytes]
    """By name: what notes and demos show."""
    warnings: tuple[Diagnostic, ...]
    """About evidence; each note has its own."""

    @property
    def cards(self) -> tuple[RenderedCard, ...]:
        """All cards, those too that were dropped."""
        return (*chain.from_iterable(note.cards for note in self.notes), *self.facts)

    @property
    def kept(self) -> tuple[RenderedCard, ...]:
        """The cards that go into the package."""
        facts = (card for card in self.facts if not card.dropped)
        return (*chain.from_iterable(note.kept for note in self.notes), *facts)

    @property
    def read(self) -> tuple[NoteResult, ...]:
        """The notes that could be read."""
        return tuple(note for note in self.notes if not note.problem)

    @property
    def unreadable(self) -> tuple[Diagnostic, ...]:
        """Why each other note could not be read."""
        return tuple(note.problem for note in self.notes if note.problem)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What notes say that surely contradicts a measured fact."""
        return tuple(chain.from_iterable(note.doubts for note in self.notes))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What there is to say of the notes that were read, each line once."""
        return tuple(dict.fromkeys(chain.from_iterable(note.diagnostics for note in self.notes)))


def knowledge_here() -> Knowledge:
    """Read the demos and the evidence, of the project around the current folder first, then the shipped one."""
    return know(trainer_folder(), evidence_around(Path.cwd()))


def context_of(spec: DeckSpec, knowledge: Knowledge) -> Context:
    """Return what the notes of a deck are made into cards with."""
    return Context(spec, knowledge, plots(knowledge.pictures))


def note_of(given: NoteInput, spec: DeckSpec) -> Note | Diagnostic:
    """Return a note as its sections, or why it cannot be read."""
    if given.problem:
        return given.problem
    try:
        text = note_text(given.data, given.path, given.place)
    except UnreadableNote as error:
        return error.message
    try:
        note = parse(text, given.path, given.place, spec.language)
    except RecursionError:
        return Diagnostic(given.place, 0, TOO_DEEP)
    if cells := _cells(given):
        warnings = (Diagnostic(*cells.place(one.file, one.line), one.text) for one in note.warnings)
        return replace(note, warnings=tuple(warnings))
    return note


def note_result(given: NoteInput, context: Context) -> NoteResult:
    """Return all that comes of a note; a card of it that was shipped and is still proposed is among its cards."""
    note = note_of(given, context.spec)
    if isinstance(note, Diagnostic):
        return NoteResult(given.path, "", problem=note)
    verdicts = context.knowledge.verdicts(note)
    doubted = doubts(note, context.knowledge, verdicts) if context.spec.demos else ()
    choices = _choices(note, given.written)

    every = cache(lambda: _choices(note, given.written, every=True))

    def made_over(live: Live) -> _Rendered:
        """Return the cards of the note where some were shipped."""
        proposed = every() if live else choices
        cards = _placed(finished_cards(note, proposed, verdicts, context, live, doubted), given)
        made, album = render(cards, {note.path: given.entry}, context.plots.names)
        return _Rendered(tuple(_each_once(cards, made)), tuple(made), album)

    cards, made, album = _settled(made_over, given.live)
    return NoteResult(
        note.path,
        note.meta.get("deck", "") or note.title,
        tuple(card for card in cards if not card.dropped),
        packed(cards),
        (*note.warnings, *_stale(choices, given.written, note), *album.warnings, *filter(None, map(left_out, made))),
        album.pictures,
        _mentions(note, verdicts, doubted, context),
        doubts=doubted,
    )


class _Rendered(NamedTuple):
    """The cards of a note as they were made, those marked that repeat another, and the images that they show."""

    cards: tuple[RenderedCard, ...]
    made: tuple[RenderedCard, ...]
    album: Album

    @property
    def asked(self) -> Live:
        """What it ships, as the next build finds it."""
        kept = (card for card in self.cards if not card.dropped)
        return frozenset((card.key, *words_asked(card.kind, *card.fields[:2])) for card in kept)


def _settled(made_over: Callable[[Live], _Rendered], live: Live) -> _Rendered:
    """Return the cards of a note over those that were shipped; as far as a few turns tell, the next build makes these.

    Where all that was shipped is made anyway, it is as if nothing had been.
    """
    plain = found = made_over(frozenset())
    for _ in range(MOST_TURNS if live else 0):
        found = plain if live <= plain.asked else made_over(live)
        if found.asked == live:
            break
        live = found.asked
    return found


def _choices(note: Note, written: Sequence[WrittenCard], *, every: bool = False) -> Sequence[Choice]:
    """Return what is proposed for a note's passages, cards that a model wrote among it."""
    if not written:
        return tuple(extract(note, every=every))
    from ankillm.writer.proposals import with_written  # noqa: PLC0415  (only notes with written cards pay for it)

    return tuple(with_written(extract(note, every=every), written, note))


def _stale(choices: Sequence[Choice], written: Sequence[WrittenCard], note: Note) -> tuple[Diagnostic, ...]:
    if not written:
        return ()
    from ankillm.writer.proposals import stale  # noqa: PLC0415  (as above)

    count = stale(choices, written, note.path)
    what = "a written card is" if count == 1 else f"{count} written cards are"
    text = f"{what} left out: its passage changed, or no longer bears it out; run ankillm write"
    return (Diagnostic(note.file, 0, text),) if count else ()


def _cells(given: NoteInput) -> "Cells | None":
    """Return the cells of a note that is a notebook."""
    if not given.path.lower().endswith(".ipynb"):
        return None
    from ankillm.markdown.notebook import Cells  # noqa: PLC0415  (only notebooks pay for it)

    return Cells(decode(given.data, given.place))


def _placed(cards: tuple[Card, ...], given: NoteInput) -> tuple[Card, ...]:
    """Return cards with their places as a reader finds them: those of a notebook by its cells."""
    if not (cells := _cells(given)):
        return cards

    def placed(source: Span) -> Span:
        file, line = cells.place(source.file, source.line)
        return Span(file, line, line + source.end - source.line)

    return tuple(replace(card, source=placed(card.source)) for card in cards)


def deck_of(note: Note, spec: DeckSpec) -> str:
    """Return the deck of a note: that of its front matter, else folders and files below the deck's name.

    `index.md` stands for its folder.
    """
    own = note.meta.get("deck", "")
    name = deck_name(spec, own or note.title)
    if is_lone(spec) or own:
        return name if is_lone(spec) else own
    pure = PurePosixPath(note.path)
    parts = [*pure.parts[:-1], *([] if pure.stem.lower() in INDEX else [pure.stem])]
    return "::".join([name, *parts])


def is_lone(spec: DeckSpec) -> bool:
    """Whether a deck is about one note alone, which then names it."""
    return len(spec.notes) == 1 and spec.notes[0].is_file()


def deck_name(spec: DeckSpec, title: str) -> str:
    """Return the deck's name: as told, else what a lone note says (its front matter or heading), else the folder's."""
    if spec.name:
        return spec.name
    return title if is_lone(spec) else name_of_places(spec.notes) or "ankillm"


def all_cards(
    note: Note, choices: Iterable[Choice], verdicts: tuple[Verdict, ...], context: Context, live: Live = frozenset()
) -> list[Card]:
    """Return the cards of one note in reading order, those of its claims too."""
    deck = deck_of(note, context.spec)
    made = list(selected(choices, note, deck, context.spec.density, live))
    if verdicts:
        from ankillm.cards.claim_cards import truth_cards  # noqa: PLC0415  (only notes with claims pay for it)

        for card in truth_cards(note, verdicts, context.knowledge.demos):
            tags = (*card.tags, *own_tags(card.section, card.question, card.name))
            made.append(judge_card(replace(card, deck=card.deck or deck, tags=tags)))
    return sorted(made, key=lambda card: card.source.line)


def linked(
    cards: Iterable[Card], note: Note, verdicts: tuple[Verdict, ...], doubted: tuple[Doubt, ...], context: Context
) -> Iterator[Card]:
    """Yield cards with all that they are linked with; those that ask again what a claim's own card asks dropped."""
    known = context.knowledge
    demos = known.demos if context.spec.demos else ()
    found = link(cards, verdicts, demos, known.evidence, note.text, doubted)
    if not verdicts:
        return found
    from ankillm.cards.claim_cards import without_asked  # noqa: PLC0415  (as above)

    return without_asked(found, known.demos, facts=context.spec.facts)


def finished_cards(  # noqa: PLR0913, PLR0917  (all that is known of a note)
    note: Note,
    choices: Iterable[Choice],
    verdicts: tuple[Verdict, ...],
    context: Context,
    live: Live = frozenset(),
    doubted: tuple[Doubt, ...] = (),
) -> tuple[Card, ...]:
    """Return the cards of one note, linked, those marked that are dropped; `live` as `selected` has it."""
    made = all_cards(note, choices, verdicts, context, live)
    return tuple(_without_shown(tuple(linked(_whole(made, note), note, verdicts, doubted, context))))


def _whole(cards: Iterable[Card], note: Note) -> Iterator[Card]:
    """Yield cards; one that holds a sign or a number which its lines of the note do not have is dropped."""
    lines = note.text.split("\n")
    for card in cards:
        code = ""
        if not (card.dropped or card.code or card.verdicts):
            code = broken(card.front, card.back, "\n".join(_lines_of(card, lines)))
        yield replace(card, dropped=Drop(code, REASONS[code])) if code else card


def _without_shown(cards: Sequence[Card]) -> Iterator[Card]:
    """Yield cards, but for what gave none and is shown by one of these: the question above it, or what a claim says."""
    lines = sorted({card.source.line for card in cards if card.dropped and card.dropped.code in WITHOUT})
    shown: dict[int, list[str]] = {}
    for card in cards:
        at, end = bisect_left(lines, card.source.line), bisect_right(lines, card.source.end)
        if at < end and not card.dropped:
            text = letters(f"{plain_lines(card.front)}{plain_lines(card.back)}")
            for line in lines[at:end]:
                shown.setdefault(line, []).append(text)
    for card in cards:
        if card.dropped and card.dropped.code in WITHOUT and card.source.line in shown:
            words = letters(plain_lines(card.front))
            if words and any(words in text for text in shown[card.source.line]):
                continue
        yield card


def _lines_of(card: Card, lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of a note that a card was made from; of a block of HTML all, as its parts know no better."""
    first, end = max(card.source.line - 1, 0), card.source.end
    if first < len(lines) and lines[first].lstrip(" >").startswith("<"):
        end = next((at for at in range(end, len(lines)) if not lines[at].strip()), len(lines))
    return lines[first:end]


def _each_once(cards: Sequence[Card], made: Sequence[RenderedCard]) -> Iterator[RenderedCard]:
    """Yield the rendered cards of a note; one that repeats another above it is dropped."""
    pairs = list(zip(cards, made, strict=True))
    codes = repeated(signature(card) for card, one in pairs if not one.dropped)
    for _, one in pairs:
        code = "" if one.dropped else next(codes)
        yield replace(one, dropped=Drop(code, REPEATED[code])) if code else one


def _mentions(
    note: Note, verdicts: tuple[Verdict, ...], doubted: tuple[Doubt, ...], context: Context
) -> tuple[Mention, ...]:
    if not (context.spec.facts and context.spec.demos):
        return ()
    from ankillm.cards.claim_cards import Standing, mentions  # noqa: PLC0415  (only who asks for cards of facts pays)
    from ankillm.claims.suggest import suggest  # noqa: PLC0415  (likewise)

    said = {(each.demo, each.fact.name): Standing.SHARPENED for each in suggest(note, context.knowledge, titled)}
    said |= {(doubt.demo, doubt.fact): Standing.CONTRADICTED for doubt in doubted}
    return tuple(mentions(note, verdicts, context.knowledge.demos, said))


def deck_from(
    inputs: Sequence[NoteInput],
    context: Context,
    known: Callable[[NoteInput], NoteResult | None] = lambda _note: None,
    tell: Callable[[float], None] = lambda _part: None,
    shipped: Callable[[Collection[str]], Mapping[str, Live]] = lambda _paths: {},
) -> Deck:
    """Make the cards of all notes that are not `known`, and read the images of all; `tell` is told how much is done.

    `shipped` returns for notes by path their cards in the ledger that are live: one that is still proposed stays.
    """
    album = Album()
    results = {note.path: found for note in inputs if (found := known(note)) and _shows_the_same(found, album)}
    fresh = [note for note in inputs if note.path not in results]
    before = shipped([note.path for note in fresh]) if fresh else {}
    fresh = [replace(note, live=before.get(note.path, frozenset())) for note in fresh]
    for note, result in zip(fresh, _results(fresh, context, tell), strict=True):
        results[note.path] = result
        _shows_the_same(result, album)
    ordered = tuple(results[note.path] for note in inputs)
    name = deck_name(context.spec, ordered[0].title if ordered else "")
    lines = shipped([demo.name for demo in context.knowledge.demos]) if context.spec.facts else {}
    live = frozenset(key for asked in lines.values() for key, *_ in asked)
    places = {note.place: note.entry for note in inputs}
    facts, _ = render(_fact_cards(ordered, name, context, live), places, context.plots.names)
    media = {**context.plots.media, **album.contents}
    return Deck(name, ordered, facts, media, (*context.knowledge.warnings, *context.plots.warnings))


def _shows_the_same(result: NoteResult, album: Album) -> bool:
    """Whether the images of a note are those that they were; they are read into the album."""
    names = [album.name_of(src, Path(folder), Path(root)) for src, folder, root, _ in result.images]
    return names == [name for *_, name in result.images]


def _fact_cards(results: Sequence[NoteResult], deck: str, context: Context, live: frozenset[str]) -> Iterator[Card]:
    if not context.spec.facts:
        return
    from ankillm.cards.claim_cards import Beside, fact_cards  # noqa: PLC0415  (as above)

    found = chain.from_iterable(result.mentions for result in results)
    shown = frozenset((fact.demo, fact.name) for result in results for card in result.kept for fact in card.facts)
    beside = Beside(context.spec.density, shown, live)
    for card in fact_cards(found, context.knowledge.demos, context.knowledge.evidence, beside):
        yield replace(card, deck=deck)


def _results(notes: Sequence[NoteInput], context: Context, tell: Callable[[float], None]) -> Iterator[NoteResult]:
    """Yield what comes of notes; in several processes where there are many."""
    processes = processors() if len(notes) >= WORTH_SHARING else 1
    for done, result in enumerate(shared(note_result, notes, context, processes), 1):
        yield result
        tell(done / len(notes))
