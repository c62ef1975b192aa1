"""What a model said is read though a chat slipped; what is no JSON is told so soon, however long it is."""

import time

import pytest

from ankillm.writer.reply import UnreadableReply, all_offers, offers_in

CARD = '{"passage": "1", "form": "question", "question": "What is it?", "quote": "%s", "subject": "it"}'
ONE, TWO = CARD % "one", CARD % "two"


@pytest.mark.parametrize(
    ("said", "quotes"),
    [
        (f'{{"cards": [{ONE}, {TWO}, ], }}', ["one", "two"]),
        (f'Sure [1]:\n```json\n{{"cards": [{ONE},\n{TWO},\n]}}\n```\nEnjoy {{}}.', ["one", "two"]),
        (f'{{"cards": [{ONE}, {TWO}]}}'.replace('"', "“"), ["one", "two"]),
        ("{“cards”: [" + (CARD % "in “curly” marks").replace('"', "”") + "]}", ["in “curly” marks"]),
        ('{"cards": [' + CARD % r"$O(V \ll H)$" + "]}", [r"$O(V \ll H)$"]),
        ('{"cards": [' + CARD % "two\nlines" + "]}", ["two\nlines"]),
        (f'{{"cards": [{ONE}]}} and then {{"cards": [{TWO},]}}', ["one", "two"]),
    ],
)
def test_slips_of_a_chat_are_mended(said: str, quotes: list[str]) -> None:
    assert [offer.quote for offer in all_offers(said)] == quotes


def test_the_first_json_with_cards_counts_though_it_slips() -> None:
    assert [offer.quote for offer in offers_in(f'{{"cards": [{ONE}, {TWO},]}} {{"cards": []}}')] == ["one", "two"]


@pytest.mark.parametrize(
    "said", ["{a" * 10**6, "{“a”:" * 10**5, "[“," * 10**6, "[" * 900 + "1," * 10**6, '{"' + "\\" * 10**6]
)
def test_what_is_no_json_does_not_hold_anyone_up(said: str) -> None:
    began = time.process_time()
    with pytest.raises(UnreadableReply):
        all_offers(said)
    assert time.process_time() - began < 10
