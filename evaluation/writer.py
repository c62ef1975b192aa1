"""Score what a language model writes, so that one can be chosen.

python evaluation/writer.py URL MODEL [--notes N] [--limit N] [--jobs N]

The model is asked as `ankillm write` asks it, for passages of annotated notes that are worth a card and have none: of
notes by held-out authors where they lie beside the checkout, else of our own. Prints must, any, fit and cards for 100
lines of the rules alone and with what was written, how many written cards meet a wanted one, and what was refused.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from annotations import AnnotatedNote, held_out_authors, other_notes, own_notes
from figures import ScoredNote, by_rule, figures, table
from generators import CONTEXT, cards_from
from msgspec import Struct

from ankillm.build.pipeline import finished_cards
from ankillm.cards.score import WRITTEN
from ankillm.cards.selection import THRESHOLDS
from ankillm.extract import extract
from ankillm.writer.conversation import Manner, converse
from ankillm.writer.outcome import Origin, Outcome
from ankillm.writer.prompt import version
from ankillm.writer.proposals import with_written
from ankillm.writer.requests import Request, at_most, requests_of
from ankillm.writer.server import Server, server_at
from ankillm.writer.verifier import reason
from ankillm.writer.written import WrittenCard

HEAD = ("must", "any", "fit", "cards per 100 lines")


class Written(Struct, frozen=True):
    """An annotated note, and what a model wrote for it."""

    annotated: AnnotatedNote
    cards: tuple[WrittenCard, ...]


class Answers(Struct, frozen=True):
    """What came of asking: the notes that were asked about, how many passages, what was refused by code."""

    notes: tuple[Written, ...]
    asked: int
    refused: Counter[str]
    unread: int


def scored(one: Written, cards: Sequence[WrittenCard]) -> ScoredNote:
    """Return a note with the cards that a build would make of it, with what was written."""
    note = one.annotated.note
    made = finished_cards(note, with_written(extract(note), cards, note), (), CONTEXT)
    return ScoredNote(one.annotated, cards_from((card for card in made if not card.dropped), THRESHOLDS["normal"]))


def spread(notes: Sequence[AnnotatedNote], count: int | None) -> list[AnnotatedNote]:
    """Return so many notes at most, spread evenly over all of them, so that each language has some."""
    kept = min(count or len(notes), len(notes))
    return [notes[at * len(notes) // kept] for at in range(kept)]


def ask(notes: Sequence[AnnotatedNote], server: Server, limit: int | None, jobs: int) -> Answers:
    """Ask a model about notes, at most for so many passages of each.

    :raises ServerError: if the server can't be asked any more.
    """
    pairs: list[tuple[AnnotatedNote, Request]] = []
    for annotated in notes:
        found = requests_of(annotated.note, tuple(extract(annotated.note)), "normal")
        pairs += [(annotated, request) for request in at_most(found, limit)]
    origin = Origin(server.model, version(), datetime.now(UTC).date().isoformat())
    outcomes: dict[int, Outcome | None] = {}
    converse([request for _, request in pairs], server, origin, Manner(jobs=jobs), outcomes.__setitem__)
    written: dict[AnnotatedNote, list[WrittenCard]] = {}
    refused: Counter[str] = Counter()
    for at, (annotated, _) in enumerate(pairs):
        found_cards = written.setdefault(annotated, [])
        if outcome := outcomes[at]:
            found_cards += outcome.accepted
            refused.update(card.refused for card in outcome.cards if card.refused)
            refused.update(outcome.lost)
    return Answers(
        tuple(Written(annotated, tuple(cards)) for annotated, cards in written.items()),
        sum(len(request.wanted) for _, request in pairs),
        refused,
        sum(outcome is None for outcome in outcomes.values()),
    )


def report(answers: Answers, model: str) -> Iterator[str]:
    """Yield the figures as Markdown."""
    alone = [scored(one, ()) for one in answers.notes]
    both = [scored(one, one.cards) for one in answers.notes]
    accepted = sum(len(one.cards) for one in answers.notes)
    yield f"{model}, prompt {version()}: {answers.asked} passages of {len(answers.notes)} notes asked for, "
    yield f"{accepted} cards accepted, {answers.refused.total()} refused, {answers.unread} answers not readable.\n"
    yield table(("cards", *HEAD), (("rules alone", *figures(alone)), (f"with {model}", *figures(both))))
    yield "\n"
    yield table(("rule", "cards", "met", "%"), (row for row in by_rule(both) if row[0] == WRITTEN))
    yield "\n"
    yield table(
        ("count", "refused", "because"), ((str(n), code, reason(code)) for code, n in answers.refused.most_common())
    )


def main(words: Sequence[str] | None = None) -> None:
    """Print the figures of a model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("model")
    parser.add_argument("--notes", type=int, help="at most so many notes, spread over all")
    parser.add_argument("--limit", type=int, help="at most so many passages of a note")
    parser.add_argument("--jobs", type=int, default=1, help="requests at a time")
    parser.add_argument("--timeout", type=float, default=300, help="seconds that an answer may take")
    given = parser.parse_args(words)
    held_out = held_out_authors()
    notes = [one for one in other_notes() if one.author in held_out] or list(own_notes())
    server = server_at(given.url, given.model, given.timeout)
    answers = ask(spread(notes, given.notes), server, given.limit, given.jobs)
    print("\n".join(report(answers, given.model)))


if __name__ == "__main__":
    main()
