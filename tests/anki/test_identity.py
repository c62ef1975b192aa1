"""Identity: what the ledger keeps, and what is told when it cannot."""

import json
from pathlib import Path

import pytest
from deckwork import Output, bring, card, collection
from msgspec.structs import replace

from ankillm.anki import ledger
from ankillm.build.report import Change
from ankillm.cards.card import Card
from ankillm.common.diagnostics import Refusal


@pytest.fixture
def output(tmp_path: Path) -> Output:
    """Return a place to ship to."""
    return Output(tmp_path)


def lines(output: Output) -> dict[str, ledger.Line]:
    """Return the ledger's lines by key; keys must not be shared."""
    known = ledger.read(output.ledger)
    assert known
    assert len({line.key for line in known.lines}) == len(known.lines)
    return {line.key: line for line in known.lines}


def keys(changes: tuple[Change, ...]) -> tuple[str, ...]:
    """Return the keys of what became of some cards."""
    return tuple(change.key for change in changes)


A, B, C = card("甲是什么？", "第一"), card("乙是什么？", "第二"), card("丙是什么？", "第三")


def test_a_retired_card_comes_back_as_the_same(output: Output) -> None:
    output.ship(A, B)
    born = lines(output)[B.key]
    told = output.ship(A)
    assert (keys(told.retired), told.retiring, told.cards) == ((B.key,), told.retired, 1)
    assert lines(output)[B.key] == replace(born, state="retired")
    told = output.ship(A)
    assert (keys(told.retired), told.retiring) == ((B.key,), ()), "it is listed until it is gone from Anki"
    told = output.ship(A, B)
    assert (told.new, told.retired, told.cards) == ((), (), 2)
    assert lines(output)[B.key] == born


def test_a_retired_card_that_is_gone_from_anki_is_listed_no_more(output: Output) -> None:
    """Nothing else changes: when it comes back, it is the same card."""
    output.ship(A, B)
    born = lines(output)[B.key]
    output.ship(A)
    told = output.ship(A, gone=frozenset({born.guid}))
    assert (told.retired, told.searches) == ((), ())
    assert output.ship(A).retired == ()
    output.ship(A, B)
    assert lines(output)[B.key] == born
    assert keys(output.ship(A).retired) == (B.key,), "retired anew, it may be there again"


@pytest.mark.parametrize("kind", ["basic", "cloze"])
def test_a_declined_card_stays_away_until_its_answer_changes(output: Output, kind: str) -> None:
    """Another question, another section and another look of the same answer bring nothing back."""

    def made(question: str, answer: str) -> Card:
        whole = f"{question}{answer}。"
        return card(question, answer, name="键") if kind == "basic" else card(whole, gaps=[answer], name="键")

    output.ship(A, made("学习率是", "很小的数"))
    guid = lines(output)["a.md#节#键#" + kind].guid
    told = output.ship(A, made("学习率是", "很小的数"), declined=frozenset({guid}))
    assert (told.cards, told.retired, told.new) == (1, (), ())
    with collection() as anki:
        assert bring(anki, output.package) == {"new": 1}
    told = output.ship(A, made("学习率是" if kind == "cloze" else "学习率又是", "很小的数"))
    assert (told.cards, lines(output)["a.md#节#键#" + kind].state) == (1, "declined")
    assert output.ship(A).retired == (), "there is nothing in Anki to be dealt with"
    told = output.ship(A, made("学习率是", "很大的数"))
    line = lines(output)["a.md#节#键#" + kind]
    assert (told.cards, line.state, line.guid) == (2, "live", guid)
    assert line.modified > line.born


def test_a_declined_card_is_never_what_another_deck_shipped(output: Output) -> None:
    """A GUID that this ledger does not hold, or that is retired, declines nothing."""
    output.ship(A, B)
    before = lines(output)
    output.ship(A)
    told = output.ship(A, declined=frozenset({"a" * 16, before[B.key].guid}))
    assert (told.cards, lines(output)[B.key].state) == (1, "retired")


def test_retired_and_moved_cards_are_found_by_the_search_that_is_told(output: Output) -> None:
    """The search, as printed, selects exactly these cards in Anki."""
    output.ship(A, B, C)
    with collection() as anki:
        bring(anki, output.package)
        told = output.ship(replace(A, deck="别处"))
        bring(anki, output.package)
        searches = dict(told.searches)
        retired, moved = searches["retired"], searches["moved"]
        assert (set(keys(told.retired)), keys(told.moved), moved.deck) == ({B.key, C.key}, (A.key,), "别处")
        found = {anki.get_card(number).note()["Front"] for number in anki.find_cards(retired.text)}
        assert found == {"乙是什么？", "丙是什么？"}
        assert [anki.get_card(number).note()["Front"] for number in anki.find_cards(moved.text)] == ["甲是什么？"]


def test_a_basic_card_that_becomes_a_cloze_is_new(output: Output) -> None:
    output.ship(card("缓存随长度增长。", "", name="缓存"))
    told = output.ship(card("缓存随长度增长。", gaps=["长度"], name="缓存"))
    assert (len(told.new), len(told.retired)) == (1, 1)
    with collection() as anki:
        assert bring(anki, output.package, merge=True) == {"new": 1}


def test_an_authors_id_holds_through_any_change(output: Output) -> None:
    """With an id, even another question with another answer in another note is the same card."""
    first = card("甲？", "一", id="x", name="甲")
    output.ship(first, B)
    guid = lines(output)[first.key].guid
    output.notes = ("a.md", "b.md")
    told = output.ship(card("全然不同？", "另一个答案", id="x", note="b.md", name="别的"), B)
    assert (told.new, told.retired, len(told.changed)) == ((), (), 1)
    assert guid in {line.guid for line in lines(output).values()}


def test_a_line_number_is_no_change(output: Output) -> None:
    """It is written to the package and the ledger, but the modification time stays."""
    output.ship(A)
    before = lines(output)[A.key]
    told = output.ship(replace(A, source=replace(A.source, line=99)))
    after = lines(output)[A.key]
    assert (told.changed, told.unchanged, after.modified) == ((), 1, before.modified)
    assert after.fields.source == "a.md:99"


def test_times_never_go_back(output: Output) -> None:
    """A clock that goes backwards, or two builds in one second, still give a later time for changed content."""
    output.ship(A)
    first = lines(output)[A.key].modified
    output.now = 1000
    told = output.ship(replace(A, back="改了"))
    assert (len(told.changed), lines(output)[A.key].modified) == (1, first + 1)


def test_a_lost_ledger_gives_the_same_guids_and_says_so(output: Output) -> None:
    output.ship(A, B)
    guids = {line.guid for line in lines(output).values()}
    output.ledger.unlink()
    told = output.ship(A, B)
    assert [line.text[:18] for line in told.warnings] == ["the ledger is gone"]
    assert {line.guid for line in lines(output).values()} == guids


def test_equal_cards_are_told_apart(output: Output) -> None:
    """Each has a GUID of its own; one that goes takes no other's."""
    told = output.ship(A, A, A)
    assert keys(told.new) == (A.key, f"{A.key}~2", f"{A.key}~3")
    told = output.ship(A, A)
    assert (told.unchanged, len(told.retired)) == (2, 1)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[:-40], "is damaged"),
        (lambda text: text.replace('"born":1', '"born":"1'), "is damaged"),
        (lambda text: text + text.splitlines()[-1] + "\n", "is damaged"),
        (lambda text: text.replace('{"schema":2}', '{"schema":3}'), "written by a newer ankillm"),
        (lambda text: text.replace('{"schema":2}', "[]"), "is damaged"),
        (lambda text: text.removesuffix('{"end":true}\n'), "was cut off"),
        (lambda text: "".join(text.splitlines(keepends=True)[:-2]), "was cut off"),
        (lambda text: "".join(text.splitlines(keepends=True)[:1]), "was cut off"),
        (lambda text: text.replace('"hash":"', '"hash":"\\ud800'), "is damaged"),
        (lambda text: text.replace('"key":"a.md#', '"key":["#","#","#"],"was":"'), "is damaged"),
        (lambda _: "", "is damaged"),
        (lambda _: "[" * 100_000, "is damaged"),
        (lambda text: "<<<<<<< HEAD\n" + text, "is damaged"),
    ],
)
def test_a_damaged_or_newer_ledger_is_refused(output: Output, damage, says: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """One line that says so, and nothing is overwritten."""
    output.ship(A, B)
    output.ledger.write_text(damage(output.ledger.read_text()))
    before = output.ledger.read_bytes(), output.package.read_bytes()
    with pytest.raises(Refusal, match=says):
        output.ship(A, B, C)
    assert (output.ledger.read_bytes(), output.package.read_bytes()) == before


def test_an_older_ledger_is_migrated(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step makes the lines of one version into those of the next; the file is written in the present one."""
    output.ship(A)
    present = output.ledger.read_text()
    lowered = {**ledger.MIGRATIONS, 0: lambda row: {name.lower(): value for name, value in row.items()}}
    monkeypatch.setattr(ledger, "MIGRATIONS", lowered)
    rows = [{name.upper(): value for name, value in json.loads(row).items()} for row in present.splitlines()[1:-1]]
    output.ledger.write_text("\n".join(map(json.dumps, [{"schema": 0}, *rows])))
    output.ship(A)
    assert output.ledger.read_text() == present


def test_the_ledger_reads_as_it_was_written(output: Output) -> None:
    """Whatever characters a card holds."""
    odd = card('行\u2028段\u2029\x85 "引" \\ #号？', "𝕏\t末", name="a#b#", section=("C#", "x"))
    output.ship(odd)
    assert output.ship(odd).unchanged == 1


def test_cards_of_an_unread_note_stay(output: Output) -> None:
    """They stay live, in the ledger and in the package as last shipped; when the note is gone, they retire."""
    output.notes = ("a.md", "b.md")
    other = card("另一篇？", note="b.md")
    output.ship(A, other)
    output.notes, output.unread = ("a.md",), ("b.md",)
    told = output.ship(A)
    assert (told.cards, told.retired, told.unchanged) == (2, (), 1)
    with collection() as anki:
        assert bring(anki, output.package) == {"new": 2}
    output.unread = ()
    assert keys(output.ship(A).retired) == (other.key,)


def test_a_build_of_one_note_keeps_the_cards_of_the_others(output: Output) -> None:
    """What this build is not about does not retire while its file is there."""
    (output.folder / "notes").mkdir()
    (output.folder / "notes" / "b.md").touch()
    output.notes = ("a.md", "b.md")
    output.ship(A, card("另一篇？", note="b.md"))
    output.notes = ("a.md",)
    assert output.ship(A).cards == 2


def test_foreign_html_in_a_ledger_reaches_no_package(output: Output) -> None:
    """A ledger that came with somebody's project is not trusted; its cards of unread notes are looked at."""
    output.notes = ("a.md", "b.md")
    output.ship(A, card("另一篇？", note="b.md"))
    evil = "<img src=x onerror=alert(1)>"
    output.ledger.write_text(output.ledger.read_text().replace('另一篇？","答案', f'另一篇？","{evil}'))
    output.notes, output.unread = ("a.md",), ("b.md",)
    told = output.ship(A)
    assert (told.cards, [line.file for line in told.warnings]) == (1, ["b.md"])


def test_a_dry_run_writes_nothing(output: Output) -> None:
    told = output.ship(A, dry_run=True)
    assert (keys(told.new), list(output.folder.iterdir())) == ((A.key,), [])
    output.ship(A)
    before = output.ledger.read_bytes(), output.package.read_bytes()
    told = output.ship(B, dry_run=True)
    assert (keys(told.new), keys(told.retired)) == ((B.key,), (A.key,))
    assert (output.ledger.read_bytes(), output.package.read_bytes()) == before


def test_templates_change_in_place(output: Output, tmp_path: Path) -> None:
    """A new style reaches a reader's notes; the cards' own times do not move."""
    templates = tmp_path / "templates"
    templates.mkdir()
    from ankillm.common.project import resource  # noqa: PLC0415

    for file in resource("templates").iterdir():
        (templates / file.name).write_bytes(file.read_bytes())
    output.ship(A)
    with collection() as anki:
        bring(anki, output.package)
        (templates / "style.css").write_text(".card { color: teal }")
        told = output.ship(A, templates=templates)
        bring(anki, output.package)
        model = anki.models.by_name("ankillm basic")
        assert told.unchanged == 1
        assert model
        assert "teal" in model["css"]


def test_cards_that_share_an_id_or_all_but_their_tags_stay_apart(output: Output) -> None:
    """One id above several cards, and equal cards that differ in a tag: building again changes nothing."""
    cards = [card(f"第 {at} 行？", f"答 {at}", id="表") for at in range(6)]
    cards += [card("同问？", "同答", tags=(f"t{at}",)) for at in range(6)]
    output.ship(*cards)
    before = output.package.read_bytes()
    told = output.ship(*cards)
    assert (told.unchanged, output.package.read_bytes() == before) == (12, True)
    told = output.ship(*cards[1:6], *cards[7:])
    assert (told.unchanged, len(told.retired), told.changed) == (10, 2, ())
