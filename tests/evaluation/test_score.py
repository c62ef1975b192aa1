"""The scorer on small made-up cards."""

import pytest
from annotations import Annotation, Wanted
from score import ScoredCard, Tally, meets, met, tally

QUOTE = "adds the product of two low-rank matrices"
WANTED = Wanted("How does LoRA change a layer?", "adds B·A beside the frozen weight", QUOTE)
ANNOTATION = Annotation((10, 11), "mechanism", "LoRA", "must", (WANTED,))
NOTHING = Annotation((12, 12), "filler", "", "no", ())


def card(back: str = QUOTE, front: str = "How does LoRA work?", context: str = "Notes", line: int = 10) -> ScoredCard:
    return ScoredCard(front, back, context, line, "rule")


@pytest.mark.parametrize(
    ("back", "held"),
    [
        (QUOTE, True),
        (f"**{QUOTE.upper()}**, and more", True),
        ("ａｄｄｓ  B·A beside the frozen `weight`", True),
        ("adds the product of two", True),
        ("adds", False),
        ("adds two matrices", False),
        (f"{QUOTE} {'and so on ' * 20}", False),
        ("", False),
    ],
)
def test_an_answer_holds_what_is_wanted_or_half_of_it(back: str, held: bool) -> None:  # noqa: FBT001 - parametrized
    """Space, signs, width and case do not count; what is three times as long answers too much."""
    assert meets(card(back), ANNOTATION, WANTED) is held


@pytest.mark.parametrize(("line", "near"), [(5, False), (6, True), (11, True), (23, True), (24, False)])
def test_a_card_comes_from_about_the_passages_lines(line: int, near: bool) -> None:  # noqa: FBT001 - parametrized
    assert meets(card(line=line), ANNOTATION, WANTED) is near


def test_what_is_short_is_never_too_long() -> None:
    wanted = Wanted("r?", "8", "8")
    assert meets(card("8, as in most configurations"), ANNOTATION, wanted)
    assert not meets(card("8" + " or so" * 30), ANNOTATION, wanted)


def test_an_answer_that_stands_in_the_front_or_context_meets_nothing() -> None:
    assert not meets(card(front=f"LoRA {QUOTE}?"), ANNOTATION, WANTED)
    assert not meets(card(context=f"Notes → {QUOTE}"), ANNOTATION, WANTED)


def test_a_card_names_its_subject_in_its_front_or_where_its_context_begins() -> None:
    assert not meets(card(front="How does it work?"), ANNOTATION, WANTED)
    assert meets(card(front="How does it work?", context="LoRA"), ANNOTATION, WANTED)
    assert not meets(card(front="How does it work?", context="x" * 80 + "LoRA"), ANNOTATION, WANTED)


def test_a_gap_hides_about_what_is_wanted() -> None:
    """A word of it is too little, and what holds it within much else too much."""
    front = "LoRA […] beside the frozen weight"
    assert meets(card(QUOTE, front), ANNOTATION, WANTED)
    assert meets(card("the product of two low-rank matrices", front), ANNOTATION, WANTED)
    assert not meets(card("matrices", front), ANNOTATION, WANTED)
    assert not meets(card(f"{QUOTE} as if its own letters were but few among very many", front), ANNOTATION, WANTED)


def test_a_quote_may_hold_a_cloze() -> None:
    wanted = Wanted("", "", "a {{c1::low::hint}} rank")
    assert meets(card("a low rank"), ANNOTATION, wanted)


def test_a_card_meets_one_wanted_card_and_one_card_meets_it() -> None:
    twice = Annotation((10, 11), "mechanism", "LoRA", "nice", (WANTED, WANTED))
    assert met([card()], [twice]) == {0: twice}
    assert met([card(), card(), card()], [twice]) == {0: twice, 1: twice}


def test_a_tally_counts_passages_and_cards() -> None:
    nice = Annotation((10, 11), "result", "QLoRA", "nice", (Wanted("", "4 bits", "4 bits"),))
    counted = tally([card(), card("4 bits", "QLoRA?"), card("junk")], [ANNOTATION, nice, NOTHING], 20)
    assert counted == Tally(1, 1, 2, 2, 3, 2, 20)
    assert counted + counted == Tally(2, 2, 4, 4, 6, 4, 40)
    assert counted.shares == pytest.approx((100, 100, 200 / 3, 15))
    assert Tally().shares == (0, 0, 0, 0)
