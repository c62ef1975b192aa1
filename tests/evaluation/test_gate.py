"""The gate: what two readers said of cards drawn at random."""

from gate import HEAD, SURE, DrawnCard, drawn_cards, draws


def test_a_draw_is_told_by_both_readers_and_by_the_worse() -> None:
    cards = [
        DrawnCard("three", "now", 10.0, "gap", SURE, ("keep", "keep")),
        DrawnCard("three", "now", 10.0, "gap", SURE - 1, ("keep", "mend")),
        DrawnCard("three", "now", 10.0, "term", SURE - 1, ("junk", "junk")),
        DrawnCard("three", "now", 10.0, "term", SURE, ("mend", "mend")),
    ]
    every, sure = draws(cards)
    assert every == ("three", "now", "4", "25–50", "25–50", "25", "25 / 50 / 25", "75", "10")
    assert sure == ("three", f"the same, score {SURE} and more", "2", "50", "50", "0", "50 / 50 / 0", "100", "5")


def test_every_draw_has_its_row() -> None:
    """And one for its sure cards, if it has any: cards of rules without a judge have no score.

    The cards that a draw is held against, of other versions or by experts, are fewer than its own.
    """
    cards = drawn_cards()
    rows = list(draws(cards))
    whole = [row for row in rows if not row[1].startswith("the same, score")]
    assert len(whole) == len({(card.authors, card.looks) for card in cards})
    assert len(rows) - len(whole) == len({(card.authors, card.looks) for card in cards if card.score >= SURE})
    assert {len(row) for row in rows} == {len(HEAD)}
    assert all(int(row[2]) >= 30 for row in whole)
