"""Identity: what the ledger keeps, and what is told when it cannot."""

import json
from pathlib import Path

import pytest
from deckwork import Shop, bring, card, collection
from msgspec.structs import replace

from ankillm.anki import ledger
from ankillm.common.diagnostics import Refusal


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a place to ship to."""
    return Shop(tmp_path)


def lines(shop: Shop) -> dict[str, ledger.Line]:
    """Return the ledger's lines by key; keys must not be shared."""
    known = ledger.read(shop.ledger)
    assert known
    assert len({line.key for line in known.lines}) == len(known.lines)
    return {line.key: line for line in known.lines}


A, B, C = card("甲是什么？", "第一"), card("乙是什么？", "第二"), card("丙是什么？", "第三")


def test_a_retired_card_comes_back_as_the_same(shop: Shop) -> None:
    shop.ship(A, B)
    born = lines(shop)[B.key]
    told = shop.ship(A)
    assert (told.retired, told.cards) == ((B.key,), 1)
    assert lines(shop)[B.key] == replace(born, state="retired")
    assert shop.ship(A).retired == ()
    told = shop.ship(A, B)
    assert (told.new, told.retired, told.cards) == ((), (), 2)
    assert lines(shop)[B.key] == born


def test_retired_and_moved_cards_are_found_by_the_search_that_is_told(shop: Shop) -> None:
    """The search, as printed, selects exactly these cards in Anki."""
    shop.ship(A, B, C)
    with collection() as anki:
        bring(anki, shop.package)
        told = shop.ship(replace(A, deck="别处"))
        bring(anki, shop.package)
        (retired,), (moved,) = told.retirements, told.moves
        assert (set(told.retired), told.moved, moved.deck) == ({B.key, C.key}, (A.key,), "别处")
        found = {anki.get_card(number).note()["Front"] for number in anki.find_cards(retired.text)}
        assert found == {"乙是什么？", "丙是什么？"}
        assert [anki.get_card(number).note()["Front"] for number in anki.find_cards(moved.text)] == ["甲是什么？"]


def test_a_basic_card_that_becomes_a_cloze_is_new(shop: Shop) -> None:
    shop.ship(card("缓存随长度增长。", "", name="缓存"))
    told = shop.ship(card("缓存随长度增长。", gaps=["长度"], name="缓存"))
    assert (len(told.new), len(told.retired)) == (1, 1)
    with collection() as anki:
        assert bring(anki, shop.package, merge=True) == {"new": 1}


def test_an_authors_id_holds_through_any_change(shop: Shop) -> None:
    """With an id, even another question with another answer in another note is the same card."""
    first = card("甲？", "一", id="x", name="甲")
    shop.ship(first, B)
    guid = lines(shop)[first.key].guid
    shop.notes = ("a.md", "b.md")
    told = shop.ship(card("全然不同？", "另一个答案", id="x", note="b.md", name="别的"), B)
    assert (told.new, told.retired, len(told.changed)) == ((), (), 1)
    assert guid in {line.guid for line in lines(shop).values()}


def test_a_line_number_is_no_change(shop: Shop) -> None:
    """It is written to the package and the ledger, but the modification time stays."""
    shop.ship(A)
    before = lines(shop)[A.key]
    told = shop.ship(replace(A, source=replace(A.source, line=99)))
    after = lines(shop)[A.key]
    assert (told.changed, told.unchanged, after.modified) == ((), 1, before.modified)
    assert after.fields.source == "a.md:99"


def test_times_never_go_back(shop: Shop) -> None:
    """A clock that goes backwards, or two builds in one second, still give a later time for changed content."""
    shop.ship(A)
    first = lines(shop)[A.key].modified
    shop.now = 1000
    told = shop.ship(replace(A, back="改了"))
    assert (len(told.changed), lines(shop)[A.key].modified) == (1, first + 1)


def test_a_lost_ledger_gives_the_same_guids_and_says_so(shop: Shop) -> None:
    shop.ship(A, B)
    guids = {line.guid for line in lines(shop).values()}
    shop.ledger.unlink()
    told = shop.ship(A, B)
    assert [line.text[:18] for line in told.warnings] == ["the ledger is gone"]
    assert {line.guid for line in lines(shop).values()} == guids


def test_equal_cards_are_told_apart(shop: Shop) -> None:
    """Each has a GUID of its own; one that goes takes no other's."""
    told = shop.ship(A, A, A)
    assert told.new == (A.key, f"{A.key}~2", f"{A.key}~3")
    told = shop.ship(A, A)
    assert (told.unchanged, len(told.retired)) == (2, 1)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[:-40], "is damaged"),
        (lambda text: text.replace('"born":1', '"born":"1'), "is damaged"),
        (lambda text: text + text.splitlines()[-1] + "\n", "is damaged"),
        (lambda text: text.replace('{"schema":1}', '{"schema":2}'), "written by a newer ankillm"),
        (lambda text: text.replace('{"schema":1}', "[]"), "is damaged"),
        (lambda _: "", "is damaged"),
        (lambda _: "[" * 100_000, "is damaged"),
        (lambda text: "<<<<<<< HEAD\n" + text, "is damaged"),
    ],
)
def test_a_damaged_or_newer_ledger_is_refused(shop: Shop, damage, says: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """One line that says so, and nothing is overwritten."""
    shop.ship(A, B)
    shop.ledger.write_text(damage(shop.ledger.read_text()))
    before = shop.ledger.read_bytes(), shop.package.read_bytes()
    with pytest.raises(Refusal, match=says):
        shop.ship(A, B, C)
    assert (shop.ledger.read_bytes(), shop.package.read_bytes()) == before


def test_an_older_ledger_is_migrated(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step makes the lines of one version into those of the next; the file is written in the present one."""
    shop.ship(A)
    present = shop.ledger.read_text()
    monkeypatch.setattr(ledger, "MIGRATIONS", {0: lambda row: {name.lower(): value for name, value in row.items()}})
    rows = [{name.upper(): value for name, value in json.loads(row).items()} for row in present.splitlines()[1:]]
    shop.ledger.write_text("\n".join(map(json.dumps, [{"schema": 0}, *rows])))
    shop.ship(A)
    assert shop.ledger.read_text() == present


def test_the_ledger_reads_as_it_was_written(shop: Shop) -> None:
    """Whatever characters a card holds."""
    odd = card('行\u2028段\u2029\x85 "引" \\ #号？', "𝕏\t末", name="a#b#", section=("C#", "x"))
    shop.ship(odd)
    assert shop.ship(odd).unchanged == 1


def test_cards_of_an_unread_note_stay(shop: Shop) -> None:
    """They stay live, in the ledger and in the package as last shipped; when the note is gone, they retire."""
    shop.notes = ("a.md", "b.md")
    other = card("另一篇？", note="b.md")
    shop.ship(A, other)
    shop.notes, shop.unread = ("a.md",), ("b.md",)
    told = shop.ship(A)
    assert (told.cards, told.retired, told.unchanged) == (2, (), 1)
    with collection() as anki:
        assert bring(anki, shop.package) == {"new": 2}
    shop.unread = ()
    assert shop.ship(A).retired == (other.key,)


def test_a_build_of_one_note_keeps_the_cards_of_the_others(shop: Shop) -> None:
    """What this build is not about does not retire while its file is there."""
    (shop.folder / "notes").mkdir()
    (shop.folder / "notes" / "b.md").touch()
    shop.notes = ("a.md", "b.md")
    shop.ship(A, card("另一篇？", note="b.md"))
    shop.notes = ("a.md",)
    assert shop.ship(A).cards == 2


def test_foreign_html_in_a_ledger_reaches_no_package(shop: Shop) -> None:
    """A ledger that came with somebody's project is not trusted; its cards of unread notes are looked at."""
    shop.notes = ("a.md", "b.md")
    shop.ship(A, card("另一篇？", note="b.md"))
    evil = "<img src=x onerror=alert(1)>"
    shop.ledger.write_text(shop.ledger.read_text().replace('另一篇？","答案', f'另一篇？","{evil}'))
    shop.notes, shop.unread = ("a.md",), ("b.md",)
    told = shop.ship(A)
    assert (told.cards, [line.file for line in told.warnings]) == (1, ["b.md"])


def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    told = shop.ship(A, dry_run=True)
    assert (told.new, list(shop.folder.iterdir())) == ((A.key,), [])
    shop.ship(A)
    before = shop.ledger.read_bytes(), shop.package.read_bytes()
    told = shop.ship(B, dry_run=True)
    assert (told.new, told.retired) == ((B.key,), (A.key,))
    assert (shop.ledger.read_bytes(), shop.package.read_bytes()) == before


def test_templates_change_in_place(shop: Shop, tmp_path: Path) -> None:
    """A new style reaches a reader's notes; the cards' own times do not move."""
    templates = tmp_path / "templates"
    templates.mkdir()
    from ankillm.common.project import resource  # noqa: PLC0415

    for file in resource("templates").iterdir():
        (templates / file.name).write_bytes(file.read_bytes())
    shop.ship(A)
    with collection() as anki:
        bring(anki, shop.package)
        (templates / "style.css").write_text(".card { color: teal }")
        told = shop.ship(A, templates=templates)
        bring(anki, shop.package)
        model = anki.models.by_name("ankillm basic")
        assert told.unchanged == 1
        assert model
        assert "teal" in model["css"]


def test_cards_that_share_an_id_or_all_but_their_tags_stay_apart(shop: Shop) -> None:
    """One id above several cards, and equal cards that differ in a tag: building again changes nothing."""
    cards = [card(f"第 {at} 行？", f"答 {at}", id="表") for at in range(6)]
    cards += [card("同问？", "同答", tags=(f"t{at}",)) for at in range(6)]
    shop.ship(*cards)
    before = shop.package.read_bytes()
    told = shop.ship(*cards)
    assert (told.unchanged, shop.package.read_bytes() == before) == (12, True)
    told = shop.ship(*cards[1:6], *cards[7:])
    assert (told.unchanged, len(told.retired), told.changed) == (10, 2, ())
