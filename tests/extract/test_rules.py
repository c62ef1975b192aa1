"""Every rule on small notes of our own: what it makes of them is written beside them."""

import pytest
from checkout import ROOT
from fixture_files import Case, cases, rewrite
from note_cards import shape_cards

FOLDER = ROOT / "tests" / "extract" / "rules"


def made(given: str) -> str:
    """Write the cards of a note: line, kind and question, front, back, and why it was dropped."""
    out = []
    for card in shape_cards(given):
        dropped = f" × {card.dropped.code}" if card.dropped else ""
        out.append(f"{card.source.line} {card.kind} {card.question}{dropped}\n{card.front}\n=> {card.back}")
    return "\n\n".join(out) or "(nothing)"


@pytest.mark.parametrize("case", list(cases(FOLDER)), ids=lambda case: f"{case.file.stem}-{case.title}")
def test_rule(case: Case, regen: bool) -> None:  # noqa: FBT001  (a fixture)
    """The cards are those that the fixture states."""
    if regen:
        if rewrite(case.file, made):
            pytest.fail(f"{case.file.name} was rewritten: read the difference")
        return
    assert made(case.given) == case.expected


def test_every_rule_has_a_fixture() -> None:
    """A rule without a fixture fails."""
    rooms = ROOT / "src" / "ankillm" / "extract"
    rules = {file.stem for file in rooms.glob("rules_[!c]*/*.py")} - {"__init__"}
    rules |= {f"code_{file.stem}" for file in rooms.glob("rules_code/*.py")} - {"code___init__", "code_code"}
    assert rules
    missing = rules - {file.stem for file in FOLDER.glob("*.md")}
    assert not missing
