"""Score the cards of annotated notes, each made by weights that have not seen the note's author.

python evaluation/evaluate.py [--write]

Prints the figures as Markdown: by group of authors and density, along the threshold, by role, by rule, those of other
generators, and what readers said of cards drawn at random. Held-out authors are scored with the shipped weights.
`--write` puts the figures into the README.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import gate
from annotations import OWN, AnnotatedNote, held_out_authors, other_notes
from examples import best_cards, examples_of, proposed_cards
from figures import ScoredNote, by_role, by_rule, figures, table
from folds import folds
from generators import cards_from, judged_by, line_cards, middle_word_cards, product_cards
from train import as_file, train, training_notes

from ankillm.cards.card import Card
from ankillm.cards.selection import THRESHOLDS

CURVE = (0, 200, 260, 320, 350, 380, 410, 450, 500, 600)
BOTH = "both"
GROUPS = ("held out", "left out in turn", BOTH, "our own")
README = Path(__file__).with_name("README.md")
FIGURES = "<!-- What follows is the output of make evaluate. -->\n"
HEAD = ("must", "any", "fit", "cards per 100 lines")

Made = Mapping[AnnotatedNote, Sequence[Card]]
"""The best card of each passage of notes, however unsure."""


def left_out_cards(notes: Sequence[AnnotatedNote]) -> Made:
    """Return the cards of notes, each by weights trained without its fold."""
    examples = {annotated: examples_of(annotated) for annotated in notes}
    made: dict[AnnotatedNote, Sequence[Card]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "weights.json.z")
        for left_out in folds(notes):
            file.write_bytes(as_file(train(examples, left_out)))
            with judged_by(file):
                made |= {one: product_cards(one) for one in notes if one.name in left_out}
    return made


def shipped_cards(notes: Iterable[AnnotatedNote]) -> Made:
    """Return the cards of notes by the shipped weights."""
    with judged_by(None):
        return {annotated: product_cards(annotated) for annotated in notes}


def groups(left_out: Made, held_out: Made) -> dict[str, Made]:
    """Return cards by group of authors."""
    own = {one: cards for one, cards in left_out.items() if one.author == OWN}
    others = {one: cards for one, cards in left_out.items() if one.author != OWN}
    both: Made = {**others, **held_out} if others and held_out else {}
    return {name: made for name, made in zip(GROUPS, (held_out, others, both, own), strict=True) if made}


def scored(made: Made, threshold: int) -> list[ScoredNote]:
    """Return notes with the cards that a threshold lets through."""
    return [ScoredNote(annotated, cards_from(cards, threshold)) for annotated, cards in made.items()]


def in_language(made: Made, language: str) -> Made:
    """Return the notes of one language, or with `zh, en` all."""
    return {one: cards for one, cards in made.items() if one.language in language}


def densities(found: Mapping[str, Made]) -> Iterator[Sequence[str]]:
    """Yield a row of figures for each group, language and density."""
    for name, made in found.items():
        for language in ("zh, en", "zh", "en"):
            part = in_language(made, language)
            size = f"{len({one.author for one in part})} / {len(part)}"
            for density, threshold in THRESHOLDS.items():
                yield name, language, density, size, *figures(scored(part, threshold), spread=True)


def curve(made: Made) -> Iterator[Sequence[str]]:
    """Yield a row of figures for each language and threshold."""
    for language in ("zh", "en"):
        for threshold in CURVE:
            yield language, str(threshold), *figures(scored(in_language(made, language), threshold))


def baselines(found: Mapping[str, Made]) -> Iterator[Sequence[str]]:
    """Yield a row of figures for each group and each other generator."""
    generators = {
        "all that the rules propose": proposed_cards,
        "of that, the most wanted for each passage": best_cards,
        "a card a line": line_cards,
        "the middle word of each sentence hidden": middle_word_cards,
    }
    for name, made in found.items():
        yield name, "ankillm, normal", *figures(scored(made, THRESHOLDS["normal"]))
        for generator, cards_of in generators.items():
            yield name, generator, *figures([ScoredNote(one, cards_of(one)) for one in made])


def report(found: Mapping[str, Made]) -> Iterator[str]:
    """Yield all figures, table by table."""
    name = BOTH if BOTH in found else next(iter(found))
    notes = scored(found[name], THRESHOLDS["normal"])
    yield "### By density\n"
    yield table(("group", "language", "density", "authors / notes", *HEAD), densities(found), words=3)
    yield "\n### Beside other generators\n"
    yield table(("group", "generator", *HEAD), baselines(found), words=2)
    yield f"\n### Along the threshold: {name}\n"
    yield table(("language", "threshold", *HEAD), curve(found[name]))
    yield f"\n### By role: {name}, density normal\n"
    yield table(("role", "must", "met", "%"), by_role(notes))
    yield f"\n### By rule: {name}, density normal\n"
    yield table(("rule", "cards", "met", "%"), by_rule(notes))
    yield "\n### Judged one by one\n"
    yield table(gate.HEAD, gate.draws(gate.drawn_cards()), words=2)


def main() -> None:
    """Print all figures, and write them where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the figures into the README")
    given = parser.parse_args()
    held_out = held_out_authors()
    left_out = left_out_cards(training_notes())
    found = groups(left_out, shipped_cards(one for one in other_notes() if one.author in held_out))
    text = "\n".join(report(found))
    print(text)
    if given.write:
        before, _, _ = README.read_text("utf-8").partition(FIGURES)
        README.write_text(f"{before}{FIGURES}\n{text}\n", "utf-8")


if __name__ == "__main__":
    main()
