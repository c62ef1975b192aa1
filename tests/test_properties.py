"""What must hold of every note, tried on random pieces put together at random."""

from itertools import pairwise

from checkout import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from note_cards import cards_of, shape_cards

from ankillm.cards.card import Card
from ankillm.cards.plain import texts
from ankillm.markdown.note import language_of

FIXTURES = ROOT / "tests" / "extract" / "rules"
PIECES = [
    line for file in sorted(FIXTURES.glob("*.md")) for line in file.read_text("utf-8").split("\n") if line.strip()
]
NOISE = st.text(alphabet="aB1 :：*_`#|-[](){}<>!$\\\n\t①（）。？，中文=", max_size=40)
LINES = st.lists(st.one_of(st.sampled_from(PIECES), st.just(""), NOISE), max_size=30)
UNHURRIED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(text: str) -> list[Card]:
    """Return every card of a text, dropped ones too."""
    return list(cards_of(text))


@given(LINES)
@UNHURRIED
def test_every_card_lies_in_its_note_and_asks_something(lines: list[str]) -> None:
    """No text is too odd to read; a card's span lies in the note, a kept card has both sides."""
    text = "\n".join(lines)
    last = text.count("\n") + 1
    for card in made(text):
        assert 1 <= card.source.line <= card.source.end <= last + 1
        if not card.dropped:
            front, back = texts(card)
            assert front.strip()
            assert back.strip()


@given(LINES)
@UNHURRIED
def test_gaps_lie_in_their_text(lines: list[str]) -> None:
    """A gap hides something, and gaps do not overlap."""
    for card in made("\n".join(lines)):
        spans = sorted((gap.start, gap.end) for gap in card.gaps)
        assert all(0 <= start < end <= len(card.front) for start, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(LINES)
@UNHURRIED
def test_the_same_text_gives_the_same_cards(lines: list[str]) -> None:
    """Nothing but the text decides."""
    text = "\n".join(lines)
    assert made(text) == made(text)


@given(st.lists(st.sampled_from(PIECES), max_size=20), st.integers(1, 5))
@UNHURRIED
def test_keys_survive_a_section_above(lines: list[str], count: int) -> None:
    """A section put in at the top, in the note's language, changes no key below it, only lines."""
    below = "# 标题\n\n" + "\n".join(lines) + "\n"
    title, said = ("新的", "甲乙丙丁。") if language_of(below) == "zh" else ("More", "Some more words.")
    above = f"# {title}\n\n" + f"{said}\n\n" * count
    keys = [card.key for card in shape_cards(below)]
    assert [card.key for card in shape_cards(above + below)][-len(keys) or None :] == keys
