"""The figures of a model that writes, by a server over real HTTP."""

import json
import re

import pytest
from lying_server import saying, serving
from writer import main


def test_figures_tell_what_a_model_adds(capsys: pytest.CaptureFixture[str]) -> None:
    """One that makes things up adds nothing, and is told to."""
    card = {"passage": "1", "form": "question", "question": "What is it?", "quote": "made up", "subject": "it"}
    with serving(saying(json.dumps({"cards": [card]}))) as server:
        main([server.url, "liar", "--notes", "2", "--limit", "2"])
    said = capsys.readouterr().out
    assert re.search(r"liar, prompt \d+: 4 passages of 2 notes asked for,", said)
    assert re.search(r"\| \d+ \| not-quoted \| the quotation does not stand in its passage \|", said)
    alone, both = (re.findall(rf"^\| {name} \|(.*)$", said, re.MULTILINE) for name in ("rules alone", "with liar"))
    assert alone == both
