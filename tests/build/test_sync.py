"""`ankillm sync`, held against a real collection by the official library, behind a server that speaks as the add-on."""

import os
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anki_server import RunningAnki, running
from deckwork import bring, collection

from ankillm.anki import changes, connection
from ankillm.anki.backups import covering
from ankillm.anki.connection import Connection
from ankillm.anki.holdings import RETIRED
from ankillm.build.inputs import select
from ankillm.build.report import Change
from ankillm.build.sync import Synced, Wish, sync
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import only_one
from ankillm.common.project import DeckSpec
from ankillm.common.user_state import state_folder

if TYPE_CHECKING:
    from anki.notes import Note


def asked(name: str, question: str, answer: str) -> str:
    """Return a section that surely gives a card."""
    return f"\n<!-- anki: id={name} -->\n## {question}\n\n{answer}\n"


FIRST, SECOND, THIRD, FOURTH = (f"第{n}个问题是什么？" for n in "一二三四")
APPENDIX = "附录里问什么？"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PARTS = [
    asked(f"q{at}", question, f"{question[:3]}答案。") for at, question in enumerate([FIRST, SECOND, THIRD, FOURTH])
]
GUIDE = f"# 指南\n{''.join(PARTS)}"
WITHOUT_FOURTH = f"# 指南\n{''.join(PARTS[:3])}"
OTHER = f"# 附录\n{asked('appendix', APPENDIX, '附录的答案。')}"
MORE = f"# 更多\n{asked('more', '还有什么？', '还有这个。')}"


def many(number: int) -> str:
    """Return a note with so many cards."""
    return "# 多\n" + "".join(asked(f"n{at}", f"第 {at} 号问题是什么？", f"第 {at} 号的答案。") for at in range(number))


class Desk:
    """Notes, their deck and a running Anki."""

    def __init__(self, folder: Path, anki: RunningAnki) -> None:
        self.folder, self.anki = folder, anki
        self.note("guide.md", GUIDE)
        self.note("other.md", OTHER)

    def note(self, name: str, text: str) -> None:
        """Write a note; an empty text takes it away."""
        file = self.folder / "notes" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if text:
            file.write_text(text, "utf-8")
        else:
            file.unlink()

    @property
    def specs(self) -> tuple[DeckSpec, ...]:
        """The deck."""
        return select((self.folder / "notes",), self.folder / "out.apkg")

    def sync(self, **wish: object) -> Synced:
        """Synchronise."""
        (done,) = sync(self.specs, Connection(self.anki.url), Wish(**wish))  # type: ignore[arg-type]
        return done

    def state(self) -> dict[str, bytes]:
        """Return every file that a sync may write, but for the cache."""
        files = [self.folder / "out.apkg", self.folder / "out.ledger.jsonl", *(self.folder / "state").rglob("*")]
        return {str(file): file.read_bytes() for file in files if file.is_file()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return two notes and an Anki with a fresh profile."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    clock = iter(range(1_700_000_000, 1_800_000_000, 60))
    monkeypatch.setattr("ankillm.build.build._now", lambda: next(clock))
    with running(tmp_path / "anki" / "User 1") as anki:
        yield Desk(tmp_path, anki)


def asks(found: tuple[Change, ...]) -> list[str]:
    """Return what some cards ask."""
    return sorted(change.question for change in found)


def test_cards_arrive_and_a_second_sync_has_nothing_to_do(desk: Desk) -> None:
    done = desk.sync()
    assert asks(done.imported) == sorted([FIRST, SECOND, THIRD, FOURTH, APPENDIX])
    assert sorted(desk.anki.fronts()) == asks(done.imported)
    assert done.backups == (), "nothing of ours was there to be touched"
    desk.anki.asked.clear()
    done = desk.sync()
    assert (done.imported, done.updated, done.moved, done.declined) == ((), (), (), ())
    assert not {"importPackage", "exportPackage", "suspend", "addTags", "changeDeck"} & set(desk.anki.asked)


def test_two_syncs_at_once_do_not_mix(desk: Desk) -> None:
    """The second ends in one line before it asks or changes anything; once the first is done, it works."""
    with only_one(state_folder() / "sync.lock", "", "", ""), pytest.raises(Refusal, match="another ankillm sync is"):
        desk.sync()
    assert not desk.anki.asked
    assert not list(desk.folder.glob("out.*"))
    assert len(desk.sync().imported) == 5


def test_reviews_edits_moves_retirements_and_deletions(desk: Desk) -> None:
    """All that a reader and an author do between two syncs; nothing is doubled, and nothing is lost."""
    desk.sync()
    desk.anki.answer_all()
    col = desk.anki.col
    before = desk.anki.scheduling()
    edited = col.get_note(col.find_notes("front:*第一个*")[0])
    edited["Back"] += "（我的补充）"
    col.update_note(edited)
    desk.anki.delete("front:*第二个*")
    desk.note("guide.md", WITHOUT_FOURTH.replace("第三个答案", "第三个答案，已改"))
    desk.note("other.md", "")
    desk.note("deep/other.md", OTHER)
    done = desk.sync()
    assert asks(done.imported) == []
    assert asks(done.updated) == [THIRD]
    assert asks(done.moved) == [APPENDIX]
    assert asks(done.suspended) == [FOURTH]
    assert asks(done.declined) == [SECOND]
    assert sorted(desk.anki.fronts()) == sorted([FIRST, THIRD, FOURTH, APPENDIX])
    assert col.get_note(edited.id)["Back"].endswith("（我的补充）")
    assert desk.anki.fronts(f"is:suspended tag:{RETIRED}") == [FOURTH]
    assert desk.anki.fronts('"deck:notes::deep::other"') == [APPENDIX]
    suspended = set(col.find_cards("is:suspended"))
    for number, now in desk.anki.scheduling().items():
        was = before[number]
        assert [now[0], *now[2:]] == [was[0], *was[2:]], "no interval, due date, ease, memory state or review moved"
        assert (now[1] == was[1]) != (number in suspended)
    done = desk.sync()
    assert (done.imported, done.updated, done.moved, done.suspended, done.declined) == ((), (), (), (), ())
    assert asks(done.report.retired) == [FOURTH], "it is listed until it is gone"
    desk.anki.delete(f"tag:{RETIRED}")
    assert desk.sync().report.retired == ()


def test_deleted_stays_deleted_until_its_answer_changes(desk: Desk) -> None:
    desk.sync()
    desk.anki.delete("front:*第二个*")
    assert asks(desk.sync().declined) == [SECOND]
    desk.note("guide.md", GUIDE.replace("第二个问题是什么？", "第二个问题究竟是什么？").replace("第三", "第叁"))
    desk.sync()
    assert len(desk.anki.fronts()) == 4
    with collection() as fresh:
        assert bring(fresh, desk.folder / "out.apkg") == {"new": 4}, "no package holds it"
    desk.note("guide.md", GUIDE.replace("第二个答案。", "第二个答案是另一个了。"))
    assert SECOND in asks(desk.sync().imported)


def test_more_than_ten_deletions_are_asked_about(desk: Desk) -> None:
    desk.note("many.md", many(changes.MOST_AT_ONCE + 2))
    desk.sync()
    desk.anki.answer_all()
    desk.anki.delete("front:*号问题*")
    before = desk.state()
    with pytest.raises(Refusal, match="--yes") as refusal:
        desk.sync()
    assert "\n" not in str(refusal.value)
    assert desk.state() == before
    assert len(desk.sync(agreed=True).declined) == changes.MOST_AT_ONCE + 2
    assert len(desk.anki.fronts()) == 5


def test_what_is_missing_can_be_had_again(desk: Desk) -> None:
    desk.sync()
    desk.anki.delete("front:*第二个*")
    assert asks(desk.sync(forget=True).imported) == [SECOND]
    desk.note("guide.md", WITHOUT_FOURTH)
    desk.sync()
    assert desk.sync(forget=True).report.retired == ()


def test_another_profile_is_refused_and_has_nothing_declined(desk: Desk) -> None:
    desk.sync()
    with running(desk.folder / "anki" / "Work") as work:
        first, desk.anki = desk.anki, work
        before = desk.state()
        with pytest.raises(Refusal, match=r"profile Work.*with User 1.*--yes"):
            desk.sync()
        assert (desk.state(), work.fronts()) == (before, [])
        done = desk.sync(agreed=True)
        assert (len(done.imported), done.declined) == (5, ())
        assert desk.sync().imported == (), "both are known now"
        desk.anki = first
        assert (desk.sync().imported, desk.sync().declined) == ((), ())


def test_notes_that_were_copied_do_not_take_the_place_of_the_first_ones(desk: Desk) -> None:
    """Another project with the same notes has cards of the same identity, which Anki cannot hold twice."""
    desk.sync()
    fronts, state = desk.anki.fronts("deck:notes::*"), desk.state()
    shutil.copytree(desk.folder / "notes", desk.folder / "copy")
    spec = select((desk.folder / "copy",), desk.folder / "copy.apkg")
    for _ in range(2):
        with pytest.raises(Refusal, match=r"5 cards have the identity of cards in the deck notes::guide.*--yes"):
            sync(spec, Connection(desk.anki.url), Wish())
    assert (desk.anki.fronts("deck:notes::*"), desk.state()) == (fronts, state)
    (desk.folder / "out.ledger.jsonl").unlink()
    assert (desk.sync().imported, desk.sync().moved) == ((), ()), "a ledger that is lost is no copy"
    (done,) = sync(spec, Connection(desk.anki.url), Wish(agreed=True))
    assert len(done.moved) == 5


def test_a_second_machine_declines_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the ledger, and a state of its own."""
    desk.sync()
    monkeypatch.setenv("XDG_STATE_HOME", str(desk.folder / "state2"))
    with running(desk.folder / "anki2" / "User 1") as second:
        desk.anki = second
        done = desk.sync()
        assert (len(done.imported), done.declined) == (5, ())


@pytest.mark.parametrize("agreed", [False, True])
def test_a_fresh_collection_in_the_same_place_gets_all(desk: Desk, *, agreed: bool) -> None:
    desk.sync()
    desk.anki.restore(None)
    done = desk.sync(agreed=agreed)
    assert (len(done.imported), done.declined) == (5, ())
    assert "older" in done.warnings[0]


def test_a_restored_backup_is_no_deletion(desk: Desk) -> None:
    desk.sync()
    backup = desk.anki.copy(desk.folder / "backup.anki2")
    desk.note("more.md", MORE)
    desk.sync()
    desk.anki.answer_all()
    desk.sync()
    desk.anki.restore(backup)
    done = desk.sync()
    assert (asks(done.imported), done.declined) == (["还有什么？"], ())
    desk.anki.delete("front:*还有*")
    assert asks(desk.sync().declined) == ["还有什么？"], "the collection is known again"


def test_a_restored_backup_without_a_review_is_asked_about(desk: Desk) -> None:
    """What is gone was the last that came, and so are its tags: only the reader can tell."""
    desk.sync()
    backup = desk.anki.copy(desk.folder / "backup.anki2")
    desk.note("more.md", MORE)
    desk.sync()
    desk.anki.restore(backup)
    with pytest.raises(Refusal, match=r"as after a restored backup.*--forget"):
        desk.sync()
    assert asks(desk.sync(forget=True).imported) == ["还有什么？"]


def test_the_decks_are_exported_before_the_first_change_of_a_day(desk: Desk) -> None:
    """With their scheduling; three days are kept."""
    desk.sync()
    desk.anki.answer_all()
    desk.note("guide.md", GUIDE.replace("第三个答案", "改过的答案"))
    (file,) = desk.sync().backups
    assert file.name == f"{date.today().isoformat()}.apkg"  # noqa: DTZ011  (as its code)
    with collection() as fresh:
        bring(fresh, file, scheduling=True)
        assert fresh.db
        assert fresh.db.scalar("select count() from revlog") == 5
        assert fresh.find_notes("第三个答案"), "as it was before"
    first = file.read_bytes()
    desk.note("guide.md", GUIDE.replace("第三个答案", "又改的答案"))
    assert desk.sync().backups == (file,)
    assert file.read_bytes() == first
    for day in ("2020-01-01", "2020-01-02", "2020-01-03"):
        file.with_name(f"{day}.apkg").write_bytes(first)
    desk.note("guide.md", GUIDE.replace("第三个答案", "再改的答案"))
    desk.sync()
    assert sorted(kept.stem for kept in file.parent.iterdir()) == ["2020-01-02", "2020-01-03", file.stem]


def test_a_backup_that_is_none_stops_the_sync(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sync()
    desk.note("guide.md", GUIDE.replace("第三个答案", "改过的答案"))
    monkeypatch.setattr(RunningAnki, "_do_export_package", lambda *_, **__: True)
    with pytest.raises(Refusal, match="no backup"):
        desk.sync()
    assert not desk.anki.col.find_notes("改过的答案")


def test_retired_cards_can_be_left_alone(desk: Desk) -> None:
    desk.sync()
    desk.note("other.md", "")
    done = desk.sync(retired="keep")
    assert (done.suspended, asks(done.report.retired)) == ((), [APPENDIX])
    assert desk.anki.fronts(f"is:suspended or tag:{RETIRED}") == []


@pytest.mark.parametrize("by_reader", [False, True])
def test_what_comes_back_is_learned_on_unless_its_reader_suspended_it(desk: Desk, *, by_reader: bool) -> None:
    desk.sync()
    if by_reader:
        desk.anki._do_suspend(list(desk.anki.col.find_cards("front:附录*")))
    desk.note("other.md", "")
    desk.sync()
    desk.note("other.md", OTHER)
    assert asks(desk.sync().returned) == [APPENDIX]
    assert desk.anki.fronts(f"tag:{RETIRED}") == []
    assert desk.anki.fronts("is:suspended") == [APPENDIX] * by_reader


def test_a_card_stays_in_the_deck_that_its_reader_chose(desk: Desk) -> None:
    desk.sync()
    desk.anki._do_change_deck(list(desk.anki.col.find_cards("front:附录*")), "难题")
    desk.note("other.md", "")
    desk.note("deep/other.md", OTHER)
    assert desk.sync().moved == ()
    assert desk.anki.fronts("deck:难题") == [APPENDIX]
    desk.anki._do_change_deck(list(desk.anki.col.find_cards("front:附录*")), "notes::other")
    assert asks(desk.sync().moved) == [APPENDIX], "back where we had it, it goes on"


def test_a_deck_that_anki_spells_otherwise_is_the_same(desk: Desk) -> None:
    desk.anki.col.decks.id("Notes")
    desk.sync()
    desk.note("other.md", "")
    desk.note("deep/other.md", OTHER)
    assert asks(desk.sync().moved) == [APPENDIX]
    assert desk.anki.fronts("deck:Notes::deep::other") == [APPENDIX]


def test_nothing_but_what_was_shipped_is_touched(desk: Desk) -> None:
    """A copy that the reader made, and notes of their own, stay as they are; so do their deck's options."""
    desk.sync()
    col = desk.anki.col
    (preset,) = col.decks.all_config()
    preset["new"]["perDay"] = 99
    col.decks.update_config(preset)
    first = col.get_note(col.find_notes("front:附录*")[0])
    kind = first.note_type()
    assert kind
    copy = col.new_note(kind)
    copy.fields = list(first.fields)
    copy["Front"] += "（副本）"
    deck = col.decks.id("notes::other")
    assert deck
    col.add_note(copy, deck)
    desk.note("other.md", "")
    desk.sync()
    assert desk.anki.fronts("is:suspended") == [APPENDIX]
    assert col.get_note(copy.id).tags == []
    assert [preset["new"]["perDay"] for preset in col.decks.all_config()] == [99]


def test_words_that_were_changed_in_anki_later_stay_and_are_told(desk: Desk) -> None:
    desk.sync()
    note = desk.anki.col.get_note(desk.anki.col.find_notes("front:附录*")[0])
    note["Back"] = "我自己的答案"
    desk.anki.col.update_note(note)
    desk.note("other.md", OTHER.replace("附录的答案", "作者后来的答案"))
    done = desk.sync()
    assert (done.updated, asks(done.kept)) == ((), [APPENDIX])
    assert desk.anki.col.get_note(note.id)["Back"] == "我自己的答案"


def edit(desk: Desk, front: str, field: str, text: str, *tags: str) -> "Note":
    """Change a field of a note in Anki, and give it tags, as a reader did a while ago."""
    col = desk.anki.col
    note = col.get_note(col.find_notes(f"front:*{front}*")[0])
    note[field] = text
    note.tags += tags
    col.update_note(note)
    assert col.db
    col.db.execute("update notes set mod = mod - 1000 where id = ?", note.id)
    return note


@pytest.fixture
def now(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the desk after a sync; what is built from here on is newer than what a reader did before."""
    desk.sync()
    monkeypatch.setattr("ankillm.build.build._now", lambda: int(time.time()))
    return desk


def test_what_only_its_reader_changed_stays_when_the_card_moves_to_another_section(now: Desk) -> None:
    note = edit(now, "附录", "Back", "我自己的答案", "难", "marked")
    now.anki.answer_all()
    before = now.anki.scheduling()
    now.note("other.md", OTHER.replace("# 附录\n", "---\ntags: [新]\n---\n# 第二份附录\n"))
    done = now.sync()
    note.load()
    assert (note["Back"], note["Context"]) == ("我自己的答案", "<span>第二份附录</span>")
    assert {*note.tags} == {"难", "marked", "新", "第二份附录"}
    assert (asks(done.updated), asks(done.kept)) == ([APPENDIX], [APPENDIX])
    assert now.anki.scheduling() == before
    now.note("other.md", OTHER.replace("# 附录\n", "# 第三份附录\n"))
    now.sync()
    note.load()
    assert (note["Back"], note["Context"]) == ("我自己的答案", "<span>第三份附录</span>")
    assert {*note.tags} == {"难", "marked", "第三份附录"}, "what the note gives no longer goes, the reader's stays"


def test_what_both_changed_is_as_in_the_note(now: Desk) -> None:
    """Of the two fields, the one that the reader alone changed stays."""
    note = edit(now, "附录", "Back", "我自己的答案")
    edit(now, "附录", "Front", "我问：附录里问什么？")
    now.note("other.md", OTHER.replace("附录的答案", "作者后来的答案"))
    assert asks(now.sync().kept) == [APPENDIX]
    note.load()
    assert (note["Front"], note["Back"]) == ("我问：附录里问什么？", "作者后来的答案。")


def test_what_needs_a_new_picture_gets_it_and_keeps_its_readers_words(now: Desk) -> None:
    note = edit(now, "附录", "Front", "我问：附录里问什么？", "难")
    (now.folder / "notes" / "a.png").write_bytes(PNG)
    now.note("other.md", OTHER.replace("附录的答案。", "附录的答案。\n\n![](a.png)"))
    now.sync()
    note.load()
    assert (note["Front"], "难" in note.tags) == ("我问：附录里问什么？", True)
    assert "<img" in note["Back"]
    assert len(list(Path(now.anki.col.media.dir()).glob("*.png"))) == 1


def test_where_nothing_was_told_before_the_note_holds(now: Desk) -> None:
    """As after a sync by an older version."""
    (file,) = (now.folder / "state" / "ankillm").glob("*.json")
    file.write_text(re.sub(r'"words":\[[^]]*\]', '"words":[]', file.read_text("utf-8")), "utf-8")
    note = edit(now, "附录", "Back", "我自己的答案")
    now.note("other.md", OTHER.replace("# 附录\n", "# 第二份附录\n"))
    now.sync()
    note.load()
    assert note["Back"] == "附录的答案。"


def test_a_dry_run_tells_what_a_sync_does_and_changes_nothing(desk: Desk) -> None:
    desk.sync()
    desk.anki.answer_all()
    desk.anki.delete("front:*第二个*")
    desk.note("guide.md", WITHOUT_FOURTH.replace("第三个答案", "第三个答案，已改"))
    desk.note("other.md", "")
    desk.note("deep/other.md", OTHER + asked("new", "新问题是什么？", "新答案。"))
    before = desk.state(), desk.anki.scheduling(), desk.anki.fronts()
    told = desk.sync(dry_run=True)
    assert (desk.state(), desk.anki.scheduling(), desk.anki.fronts()) == before
    done = desk.sync()
    words = ("imported", "updated", "moved", "suspended", "declined")
    assert [asks(getattr(told, word)) for word in words] == [asks(getattr(done, word)) for word in words]
    assert all(getattr(done, word) for word in words)


def test_an_anki_elsewhere_gets_and_gives_files_as_media(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "is_local", False)
    assert len(desk.sync().imported) == 5
    desk.note("guide.md", GUIDE.replace("第三个答案", "改过的答案"))
    (file,) = desk.sync().backups
    assert zipfile.is_zipfile(file)
    assert os.listdir(desk.anki._do_get_media_dir_path()) == []  # noqa: PTH208  (as short as can be)


def test_an_older_add_on_does(desk: Desk) -> None:
    """Where the collection lies, its reviews and its tags are told by some versions only."""
    desk.anki.unknown = {
        *("getMediaDirPath", "getNumCardsReviewedByDay", "getTags", "cardsModTime", "getDecks", "modelNames")
    }
    desk.sync()
    desk.anki.delete("front:*第二个*")
    desk.note("other.md", "")
    desk.note("deep/other.md", OTHER)
    desk.note("guide.md", WITHOUT_FOURTH)
    done = desk.sync()
    assert [asks(done.declined), asks(done.moved), asks(done.suspended)] == [[SECOND], [APPENDIX], [FOURTH]]
    assert desk.anki.fronts("is:suspended") == [FOURTH]
    desk.anki.profile = "Work"
    with pytest.raises(Refusal, match="profile Work"):
        desk.sync()


def test_an_anki_that_cannot_be_spoken_to_gives_one_line_and_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sync()
    desk.note("guide.md", GUIDE.replace("第三个答案", "改过的答案"))
    before = desk.state(), desk.anki.fronts()

    def refused(text: str) -> None:
        with pytest.raises(Refusal, match=text) as refusal:
            desk.sync()
        assert "\n" not in str(refusal.value)
        assert (desk.state(), desk.anki.fronts()) == before

    for raw in (
        b"<html>",
        b"",
        b"7",
        b'{"result": "six"}',
        b"[" * 100_000,
        b'{"result": null, "error": null}',
        b"\xff",
    ):
        desk.anki.raw = raw
        refused("not as AnkiConnect does")
    desk.anki.raw = b'{"result": 5, "error": null}'
    refused("speaks version 5")
    desk.anki.raw, desk.anki.status = None, 403
    refused("allows nothing")
    desk.anki.status = 302
    refused("not as AnkiConnect does")
    desk.anki.status, desk.anki.key = 200, "secret"
    refused(connection.KEY_FROM)
    desk.anki.key = None
    monkeypatch.setattr(connection, "GREETING", 0.2)
    import threading  # noqa: PLC0415

    desk.anki.silence = threading.Event()
    refused("busy")
    desk.anki.silence.set()
    desk.anki.silence = None
    held, desk.anki.open = desk.anki.col, None
    with closing(held):
        with pytest.raises(Refusal, match="collection is not available"):
            desk.sync()
        assert desk.state() == before[0]
    with pytest.raises(Refusal, match="is closed"):
        sync(desk.specs, Connection("http://127.0.0.1:9"), Wish())


def test_what_anki_cannot_do_is_one_line_and_is_done_next_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it may not read the package; nothing counts as seen that never arrived."""

    def broken(_self: RunningAnki, path: str) -> bool:
        raise ValueError(f"no rights:\n{path}" + " x" * 500)

    with monkeypatch.context() as broken_for_now:
        broken_for_now.setattr(RunningAnki, "_do_import_package", broken)
        with pytest.raises(Refusal, match="Anki says: no rights: ") as refusal:
            desk.sync()
        assert len(str(refusal.value)) < 300
    assert len(desk.sync().imported) == 5


def test_a_key_opens(desk: Desk) -> None:
    desk.anki.key = "secret"
    (done,) = sync(desk.specs, Connection(desk.anki.url, "secret"), Wish())
    assert len(done.imported) == 5
    for wanted in ("another", None):
        desk.anki.key = wanted
        with pytest.raises(Refusal, match="wants another key, or none"):
            sync(desk.specs, Connection(desk.anki.url, "secret"), Wish())


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8765", "http://", "http://[", "http://a:99999", "http://a\nb"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(Refusal, match="is no address"):
        Connection(url)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8765", True),
        ("http://localhost:1", True),
        ("http://[::1]:8765", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://192.168.1.2:8765", False),
        ("http://127.0.0.1@evil.example", False),
    ],
)
def test_only_the_loopback_is_this_machine(url: str, *, local: bool) -> None:
    assert Connection(url).is_local == local


def test_decks_are_exported_by_what_holds_them_all() -> None:
    assert covering(["a::b::c", "a::b::d", "a::bc", "x", "x::y"]) == ["a", "x"]
    assert covering(["a::b::c", "a::b::d"]) == ["a::b"]
    assert covering(["a::bc", "a::bd"]) == ["a"]
    assert covering([]) == []


def test_damaged_sightings_decline_nothing(desk: Desk) -> None:
    desk.sync()
    desk.anki.delete("front:*第二个*")
    (file,) = (desk.folder / "state" / "ankillm").glob("*.json")
    file.write_bytes(b"\xff")
    done = desk.sync()
    assert (asks(done.imported), done.declined) == ([SECOND], ())
