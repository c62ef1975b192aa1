"""The evidence in git is that of the demos in git: the same code, the same facts, nothing left over."""

import pytest
from checkout import ROOT

from ankillm.common.project import trainer_folder
from ankillm.evidence.demo import Demo
from ankillm.evidence.source import demos
from ankillm.evidence.store import load

FOLDER = ROOT / "deck" / "evidence"
DEMOS = demos(trainer_folder())
EVIDENCE, MESSAGES = load([FOLDER])


def test_all_of_it_can_be_read() -> None:
    assert MESSAGES == ()
    assert {file.demo for file in EVIDENCE} <= {demo.name for demo in DEMOS}


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_each_demo_was_measured_as_it_is(demo: Demo) -> None:
    """What only a GPU measures may be missing on the CPU; mend the rest by `make measure`."""
    files = {file.device: file for file in EVIDENCE if file.demo == demo.name}
    assert files["cpu"].source == demo.source, "measured with other code: run make measure"
    declared = {fact.name: (fact.unit, fact.varies) for fact in demo.facts}
    measured = {name: (fact.unit, fact.varies) for name, fact in files["cpu"].facts.items()}
    assert measured.items() <= declared.items()
    missing = {fact for fact in demo.facts if fact.name not in measured}
    assert all("GPU" in fact.en for fact in missing)


def test_no_picture_is_left_over() -> None:
    named = {picture for file in EVIDENCE for picture in file.pictures}
    assert {path.name for path in FOLDER.glob("*.png")} == named
