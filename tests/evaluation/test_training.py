"""Training gives the same bytes each time; the shipped weights say what they were made from."""

import ast
import hashlib
import json
import os
import subprocess
import sys
import zlib
from itertools import chain, islice

import pytest
from annotations import OWN, ROOT, AnnotatedNote, held_out_authors, other_notes, own_notes
from folds import folds, without
from generators import cards_from, judged_by, product_cards
from judged import FILE as JUDGED
from judged import judged_cards, names_of
from train import MOST_BYTES, WEIGHTS

from ankillm.cards.questions import ask
from ankillm.extract import extract
from ankillm.extract.judge import features_of
from ankillm.extract.linear import weights

SUBSET = """
import sys
import zlib
from itertools import islice
import train as training
from annotations import own_notes
from examples import examples_of
from train import as_file, train
some = training.judged_cards()[-9000:]  # judged in groups, and a seventh of the time
training.judged_cards = lambda: some
sys.stdout.buffer.write(as_file(train({note: examples_of(note) for note in islice(own_notes(), 4)})))
"""
WORDS = {f"{side}{sign}" for side in "fb" for sign in ":^$"}
"""How the names of words begin."""
MOSTLY = 0.95
NOT_SHIPPED = {"sklearn", "scipy"}


def trained_on_four(seed: str) -> bytes:
    """Return the weights that four notes give in a process whose sets have an order of their own."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "evaluation")])
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, "-c", SUBSET], env=env, check=True, capture_output=True).stdout


def test_training_is_deterministic() -> None:
    """Whatever order sets have, and once more, the bytes are the same."""
    first = trained_on_four("1")
    assert first == trained_on_four("2")
    trained = json.loads(zlib.decompress(first))
    assert trained["worth"]["grams"]
    assert trained["choice"]["features"]
    assert list(trained["trained_on"]) == sorted([JUDGED.name, *(note.name for note in list(own_notes())[:4])])


def test_the_shipped_weights_are_small_and_load() -> None:
    assert WEIGHTS.stat().st_size <= MOST_BYTES
    with judged_by(None):
        assert weights().chance(0) == 500
        assert weights().worth.features
        assert weights().choice.features


def test_the_shipped_weights_say_what_they_were_trained_on() -> None:
    """Every note of ours is named with its hash; no note of an author held out is."""
    trained_on = json.loads(zlib.decompress(WEIGHTS.read_bytes()))["trained_on"]
    assert {note.name: note.sha256 for note in own_notes()}.items() <= trained_on.items()
    assert trained_on[JUDGED.name] == hashlib.sha256(JUDGED.read_bytes()).hexdigest()
    assert {card.author for card in judged_cards()}.isdisjoint(held_out_authors())
    held_out = {note.name for note in other_notes() if note.author in held_out_authors()}
    assert not held_out & set(trained_on)


def made_up(name: str, author: str) -> AnnotatedNote:
    """Return a note of which only its name and author matter."""
    return AnnotatedNote(name, author, "en", "", (), "")


def test_cards_were_kept_by_the_names_that_the_product_looks_at() -> None:
    """What is seen of a card but its words was seen of judged cards too, or the weights say nothing of it."""
    known = set(chain.from_iterable(card.features for card in judged_cards()))
    asked: list[bool] = []
    for annotated in islice(own_notes(), 4):
        found = list(extract(annotated.note))
        passages = [choice.passage for choice in found]
        for at, choice in enumerate(found):
            for ranked in choice.proposals:
                card = ask(ranked.proposal.concept, annotated.note, "deck")
                names = names_of(card, ranked, choice, features_of(passages, at))
                asked += [name in known for name in names if name[:2] not in WORDS and name[0] not in "<>"]
    assert sum(asked) > MOSTLY * len(asked)


def test_an_author_is_in_one_fold() -> None:
    notes = [made_up(f"en/{at}", f"author {at % 9}") for at in range(20)] + [
        made_up("own/a", OWN),
        made_up("own/b", OWN),
    ]
    found = folds(notes)
    assert len(found) == 7
    assert sorted(chain.from_iterable(found)) == sorted(note.name for note in notes)
    assert found[-1] == {"own/a", "own/b"}
    authors = [{note.author for note in notes if note.name in fold} for fold in found]
    assert sum(map(len, authors)) == len({note.author for note in notes})


def test_our_notes_alone_are_left_out_one_by_one() -> None:
    notes = [made_up(f"own/{at}", OWN) for at in range(8)]
    assert sorted(map(len, folds(notes))) == [1, 1, 1, 1, 2, 2]
    assert len(without(dict.fromkeys(notes, ()), folds(notes)[0])) == 6


def test_a_higher_threshold_gives_fewer_cards() -> None:
    cards = product_cards(next(own_notes()))
    counts = [len(cards_from(cards, threshold)) for threshold in (0, 600, 1000)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[1] > 0


@pytest.mark.parametrize("folder", ["src", "reference_trainer"])
def test_the_product_does_without_scikit_learn(folder: str) -> None:
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            assert not {name.split(".")[0] for name in names} & NOT_SHIPPED, file
