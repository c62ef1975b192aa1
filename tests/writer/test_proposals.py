"""Written cards beside those of the rules: the better one is taken, and a live one keeps its history."""

import pytest

from ankillm.cards import score, selection
from ankillm.cards.card import Card
from ankillm.cards.names import clean
from ankillm.cards.selection import selected
from ankillm.extract import extract
from ankillm.markdown.note import parse
from ankillm.writer.proposals import with_written
from ankillm.writer.written import WrittenCard, passage_key

SURE = "Prefill processes all tokens of the prompt in one pass, so that it is limited by compute and not by bandwidth."
UNSURE = "Decoding waits for memory bandwidth, one token at a time."
PLAIN = "Prefill in MXFP4 pairs one scale with a block of 32 values."
WRITTEN = {
    SURE: ("What limits prefill?", "compute", "prefill"),
    UNSURE: ("What limits decoding?", "memory bandwidth", "decoding"),
    PLAIN: ("How many values share a scale in prefill?", "32 values", "prefill"),
}


def made(sentence: str, *, written: bool, live: tuple[Card, ...] = ()) -> list[Card]:
    """Return the cards of a note of one sentence, at density many."""
    note = parse(f"# KV cache\n\n## Prefill\n\n{sentence}\n", "serving.md")
    choices = list(extract(note))
    key = next(passage_key(choice.passage) for choice in choices if choice.passage.text == sentence)
    question, quote, subject = WRITTEN[sentence]
    card = WrittenCard("serving.md", key, "question", question, quote, subject, "m", 1, "2026-01-01")
    if written:
        choices = list(with_written(choices, [card], note))
    before = {(clean(one.key), *selection._asked(one)) for one in live}
    return [one for one in selected(choices, note, "", "many", before) if not one.dropped]


@pytest.mark.parametrize(("sentence", "rule"), [(SURE, "statement"), (UNSURE, "written"), (PLAIN, "written")])
def test_of_two_cards_for_a_statement_the_better_is_taken(sentence: str, rule: str) -> None:
    """A written card counts as an even chance, though readers seldom keep what looks like it."""
    assert [card.rule for card in made(sentence, written=True)] == [rule]


def test_a_live_card_stays() -> None:
    """Whatever a model writes about its passage, if it has another answer."""
    (card,) = made(UNSURE, written=False)
    assert made(UNSURE, written=True, live=(card,)) == [card]


def test_a_live_card_that_is_written_anew_keeps_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is the same, its question the model's: to Anki it is the same card."""
    note = parse(
        "# Serving\n\n## Decoding\n\n- bound: memory bandwidth, which each step needs for all weights\n", "a.md"
    )
    choices = list(extract(note))
    (card,) = [one for one in selected(choices, note, "", "many") if not one.dropped]
    live = {(clean(card.key), *selection._asked(card))}
    passage = next(choice.passage for choice in choices if "bandwidth" in choice.passage.text)
    quote = card.back
    anew = WrittenCard(
        "a.md", passage_key(passage), "question", "What is decoding bound by?", quote, "decoding", "m", 1, "2026-01-01"
    )
    for name in ("MARKED", "MARKED_DEFINITION"):
        monkeypatch.setattr(score, name, -400)  # as if the rules thought little of it
    (found,) = [one for one in selected(with_written(choices, [anew], note), note, "", "many", live) if not one.dropped]
    assert (found.rule, found.front) == ("written", "What is decoding bound by?")
    assert found.back == card.back
