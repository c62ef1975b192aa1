"""What earlier versions wrote is read: ledgers, packages and evidence; no card loses its history.

Each folder of `tests/fixtures/` is a project as the commit of its name left it, with notes, picture, deck and evidence.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from anki.collection import Collection
from checkout import ROOT
from deckwork import bring, collection, is_sound

from ankillm.anki import ledger
from ankillm.anki.ledger import Line
from ankillm.anki.note_types import FIELDS
from ankillm.evidence.store import load

VERSIONS = sorted(path.name for path in (ROOT / "tests" / "fixtures").iterdir())


@pytest.fixture(params=VERSIONS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a copy of a project that an earlier version left."""
    return Path(shutil.copytree(ROOT / "tests" / "fixtures" / request.param, tmp_path / "project"))


def build(project: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Build the project."""
    command = [sys.executable, "-m", "ankillm", "build"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


def lines(project: Path) -> dict[str, Line]:
    """Return the lines of the project's ledger by their GUIDs."""
    found = ledger.read(project / "deck/zh.ledger.jsonl")
    assert found
    return {line.guid: line for line in found.lines}


def fields(anki: Collection) -> dict[str, list[str]]:
    """Return the fields of every note type of a collection."""
    return {model["name"]: anki.models.field_names(model) for model in anki.models.all()}


def test_every_card_keeps_its_guid_and_its_birth(project: Path) -> None:
    """What is asked and answered as before has its time too; what retired stays retired."""
    before = lines(project)
    build(project)
    after = lines(project)
    assert before.keys() <= after.keys()
    for guid, line in before.items():
        assert after[guid].born == line.born
        assert (after[guid].modified == line.modified) == (after[guid].hash == line.hash)
    assert [line.key for line in before.values() if line.state == "retired"] == ["old.md#旧#为什么删掉这篇？#basic"]
    keys = {line.key: line.guid for line in before.values()}
    assert all(keys.get(line.key, line.guid) == line.guid for line in after.values())


def test_anki_takes_the_new_deck_for_the_old_one(project: Path) -> None:
    """Its cards are updated, none is doubled, and no note type gained a field."""
    old = [line.guid for line in lines(project).values() if line.state == "live"]
    with collection() as anki:
        assert bring(anki, project / "deck/zh.apkg") == {"new": len(old)}
        numbers = {guid: anki.find_notes(f"key:{guid}") for guid in old}
        models = fields(anki)
        build(project)
        bring(anki, project / "deck/zh.apkg")
        assert {guid: anki.find_notes(f"key:{guid}") for guid in old} == numbers
        assert all(len(found) == 1 for found in numbers.values())
        assert fields(anki) == models
        assert is_sound(anki, updated=True)


def test_the_note_types_have_the_fields_that_they_had(project: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(project / "deck/zh.apkg") as archive:
        archive.extract("collection.anki2", tmp_path)
    database = sqlite3.connect(tmp_path / "collection.anki2")
    ((models,),) = database.execute("select models from col")
    database.close()
    shipped = {model["name"]: [field["name"] for field in model["flds"]] for model in json.loads(models).values()}
    assert shipped == {f"ankillm {kind}": list(names) for kind, names in FIELDS.items()}


def test_cards_of_a_note_that_cannot_be_read_come_out_of_the_old_package(project: Path) -> None:
    """With the picture that they show."""
    live = [line for line in lines(project).values() if line.note == "lora.md" and line.state == "live"]
    assert any("<img" in line.fields.back for line in live)
    (project / "notes/zh/lora.md").write_bytes(b"\xff")
    (project / "notes/zh/a.png").unlink()
    said = build(project, 1).stderr
    assert said.startswith("× notes/zh/lora.md:1: ")
    after = lines(project)
    assert [after[line.guid] for line in live] == live
    with zipfile.ZipFile(project / "deck/zh.apkg") as archive:
        assert any(name.startswith("a-") for name in json.loads(archive.read("media")).values())


def test_evidence_is_read(project: Path) -> None:
    folder = project / "deck/evidence"
    found, warnings = load([folder])
    assert not warnings
    for evidence in found:
        written = json.loads((folder / f"{evidence.demo}.{evidence.device}.json").read_text("utf-8"))["facts"]
        assert {name: measured.value for name, measured in evidence.facts.items()} == {
            name: fact["value"] for name, fact in written.items()
        }
    assert len(found) == len(list(folder.iterdir())) > 0
