"""What a model is asked for is what a build has no card of."""

from pathlib import Path

from ankillm.cards.selection import by_passage
from ankillm.extract import extract
from ankillm.markdown.note import parse
from ankillm.writer.requests import requests_of

NOTES = Path(__file__).parents[2] / "notes" / "zh"


def test_no_passage_is_asked_for_that_has_a_card() -> None:
    """The level of the whole note counts for both, whatever passage is looked at."""
    asked = 0
    for file in sorted(NOTES.glob("*.md")):
        note = parse(file.read_text(encoding="utf-8"), file.name)
        choices = list(extract(note))
        built = zip(choices, by_passage(choices, note, "", "normal"), strict=True)
        carded = [choice.passage for choice, made in built if any(not card.dropped for card in made)]
        for request in requests_of(note, choices, "normal"):
            for passage in request.wanted.values():
                asked += 1
                assert not any(passage is one for one in carded), (file.name, passage.text)
    assert asked > 0
