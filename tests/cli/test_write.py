"""`ankillm write` by way of a chat: what is asked, what is kept of the answer, what a build makes of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ankillm.build.inputs import select
from ankillm.cli import cli
from ankillm.cli.watch import _places, state
from ankillm.common.diagnostics import Refusal
from ankillm.writer.written import read_written

NOTE = """# KV cache

## Prefill

Prefill processes all tokens of the prompt in one pass, so that it is limited by compute and not by bandwidth.
Decoding waits for memory bandwidth, one token at a time.
"""
CONFIG = '[decks.en]\nnotes = "notes"\nname = "Serving"\n'
FILE, LEDGER = Path("deck/en.written.jsonl"), Path("deck/en.ledger.jsonl")
DECODING = {
    "question": "What is decoding bound by?",
    "quote": "memory bandwidth",
    "subject": "decoding",
}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command in a project with one note."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("notes").mkdir()
    Path("deck").mkdir()
    Path("deck/deck.toml").write_text(CONFIG)
    Path("notes/serving.md").write_text(NOTE)

    def command(*words: str, said: str = "", code: int = 0) -> Result:
        result = CliRunner().invoke(cli, words, input=said, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return command


def labels(prompt: str) -> dict[str, str]:
    """Return the passages of a prompt by how they begin."""
    return {words: label for label, words in re.findall(r"^\[(\w+)\] (\w+)", prompt, re.MULTILINE)}


def reply(label: str, **words: str) -> str:
    """Return an answer with one card, as a chat would put it."""
    card = {"passage": label, "form": "question", **DECODING, **words}
    return f"Sure! Here are your cards:\n```json\n{json.dumps({'cards': [card]}, ensure_ascii=False)}\n```\nEnjoy."


def written(run: Run) -> list[dict[str, Any]]:
    """Return the cards of the deck that were written."""
    cards = json.loads(run("cards", "--json").stdout)
    return [card for card in cards if card["rule"] == "written"]


def ask(run: Run) -> str:
    return labels(run("write", "--prompt", "--all").stdout)["Decoding"]


def test_without_a_way_to_a_model_it_says_what_there_is_to_ask(run: Run) -> None:
    said = run("write", "--all").stdout
    assert re.search(r"✓ \d passages in 1 section of 1 note", said)
    assert "--server" in said
    assert "--prompt" in said


def test_an_answer_becomes_a_card_of_the_next_build(run: Run) -> None:
    """The same bytes each time, with the cache and without; nothing but the file and the notes is read."""
    label = ask(run)
    assert "1 card accepted, 0 refused" in run("write", "--answers", "-", said=reply(label)).stdout
    (card,) = written(run)
    assert (card["front"], card["back"]) == ("What is decoding bound by?", "memory bandwidth")
    run("build")
    package = Path("deck/en.apkg").read_bytes()
    run("build")
    run("build", "--no-cache")
    assert Path("deck/en.apkg").read_bytes() == package
    run("preview")
    assert "What is decoding bound by?" in Path("preview/cards.js").read_text("utf-8")
    FILE.unlink()
    run("build")
    assert not written(run)
    assert Path("deck/en.apkg").read_bytes() != package, "the file is a part of the cache's key"


def test_the_same_answer_again_changes_nothing(run: Run) -> None:
    label = ask(run)
    run("write", "--answers", "-", said=reply(label))
    before = FILE.read_bytes()
    assert "0 cards accepted, 0 refused" in run("write", "--answers", "-", said=reply(label)).stdout
    assert FILE.read_bytes() == before


def test_a_refused_card_is_kept_with_its_reason_and_makes_none(run: Run) -> None:
    label = ask(run)
    said = run("write", "--answers", "-", said=reply(label, quote="the speed of light")).stdout
    assert "0 cards accepted, 1 refused" in said
    assert "does not stand in its passage" in said
    assert [card.refused for card in read_written(FILE)] == ["not-quoted"]
    assert not written(run)


def test_a_changed_passage_makes_its_card_stale_until_it_is_written_anew(run: Run) -> None:
    """A card that is written anew with an equal answer is the same card to Anki, whatever it asks."""
    run("write", "--answers", "-", said=reply(ask(run)))
    run("build")
    guid = [json.loads(line)["guid"] for line in LEDGER.read_text().splitlines() if "decoding bound" in line]
    Path("notes/serving.md").write_text(NOTE.replace("token at a time", "token a step"))
    assert "a written card is left out: its passage changed" in run("build").stderr
    assert not written(run)
    anew = reply(ask(run), question="What limits decoding?")
    run("write", "--answers", "-", said=anew)
    assert "written card" not in run("build").stderr
    lines = [json.loads(line) for line in LEDGER.read_text().splitlines()]
    assert [(line["guid"], line["state"]) for line in lines if "What limits" in str(line)] == [(guid[0], "live")]
    assert [card.question for card in read_written(FILE)] == ["What limits decoding?"]


def test_a_note_that_is_moved_keeps_its_cards(run: Run) -> None:
    run("write", "--answers", "-", said=reply(ask(run)))
    Path("notes/serving.md").rename("notes/other.md")
    assert len(written(run)) == 1


def test_a_named_note_of_a_project_has_its_cards_in_the_projects_file(run: Run) -> None:
    label = ask(run)
    run("write", "notes/serving.md", "--answers", "-", said=reply(label))
    assert FILE.exists()
    cards = json.loads(run("cards", "notes/serving.md", "--json").stdout)
    assert [card["back"] for card in cards if card["rule"] == "written"] == ["memory bandwidth"]


def test_a_card_of_someone_elses_file_counts_only_as_far_as_the_note_bears_it_out(run: Run) -> None:
    run("write", "--answers", "-", said=reply(ask(run)))
    FILE.write_text(FILE.read_text().replace('"memory bandwidth"', '"the moon"'))
    assert not written(run)
    FILE.write_text(
        FILE.read_text().replace('"the moon"', '"memory bandwidth"').replace("bound by?", "<b>bound</b> by?")
    )
    assert not written(run)


def test_a_damaged_file_is_one_line_and_nothing_is_written(run: Run) -> None:
    run("write", "--answers", "-", said=reply(ask(run)))
    run("build")
    package = Path("deck/en.apkg").read_bytes()
    FILE.write_text(FILE.read_text() + "garbage\n")
    with pytest.raises(Refusal, match=r"deck/en\.written\.jsonl:3: is no written card"):
        run("build")
    assert Path("deck/en.apkg").read_bytes() == package


@pytest.mark.parametrize("said", ["", "I'm sorry, I can't.", '{"cards": ', "[" * 5000])
def test_an_answer_without_cards_is_refused_in_one_line(run: Run, said: str) -> None:
    with pytest.raises(Refusal, match="holds no JSON with cards"):
        run("write", "--answers", "-", said=said)
    assert not FILE.exists()


def test_a_dry_run_writes_nothing(run: Run) -> None:
    assert "nothing was written" in run("write", "--answers", "-", "--dry-run", said=reply(ask(run))).stdout
    assert not FILE.exists()


def test_what_came_of_it_as_json(run: Run) -> None:
    found = json.loads(run("write", "--answers", "-", "--json", said=reply(ask(run))).stdout)
    assert found["asked"] == 1
    assert [card["quote"] for card in found["accepted"]] == ["memory bandwidth"]
    assert found["refused"] == {}


def test_a_note_that_cant_be_read_is_told_and_the_others_are_asked_about(run: Run) -> None:
    Path("notes/bad.md").write_bytes(b"# \xff")
    result = run("write", "--prompt", code=1)
    assert "notes/bad.md:1: byte 0xff is not UTF-8" in result.stderr
    assert labels(result.stdout)
    Path("notes/serving.md").unlink()
    with pytest.raises(Refusal, match="is not UTF-8"):
        run("write", "--prompt")


def test_a_deck_is_built_again_when_its_written_cards_changed_on_watch(run: Run) -> None:
    """What is watched holds the file, which may come to be only later."""
    run("write", "--answers", "-", said=reply(ask(run)))
    assert FILE.resolve() in {file.resolve() for file in state(_places(select(())))}
