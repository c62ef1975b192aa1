"""A project's `deck.toml` comes with a cloned folder: whatever stands in it, the answer is one line."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from ankillm.anki.allowed_html import harmless
from ankillm.build.build import build, read_decks
from ankillm.build.inputs import inputs_of, select
from ankillm.build.report import Mode
from ankillm.common import vault
from ankillm.common.diagnostics import Refusal
from ankillm.common.path_patterns import pattern_of
from ankillm.common.project import DeckSpec, load

SETTINGS = ("decks", "demos", "density", "exclude", "facts", "language", "schema")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"schema = ", "is not TOML: .*; mend it, or delete it and run ankillm init"),
        (b"\xff", "is not UTF-8; save it as UTF-8"),
        (b"x = " + b"[" * 20_000, "is not TOML: .*; mend it, or delete it and run ankillm init"),
        (b"schema = " + b"9" * 5_000, "is not TOML: .*; mend it, or delete it and run ankillm init"),
    ],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_bytes(content)
    with pytest.raises(Refusal, match=rf"^.*deck.toml: {says}$"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", 'deck/deck.toml: names no deck; add [decks.NAME] with notes = "FOLDER"'),
        (
            'density = "lots"\n[decks.mine]\nnotes = "."\n',
            "deck/deck.toml: density: invalid enum value 'lots'; it is few, normal or many",
        ),
        (
            'language = ["zh"]\n[decks.mine]\nnotes = "."\n',
            "deck/deck.toml: language: expected `str | null`, got `array`; it is zh or en",
        ),
        (
            '[decks.mine]\nnotes = "."\nlanguage = "fr"\n',
            "deck/deck.toml: of a deck: language: invalid enum value 'fr'; it is zh or en",
        ),
        (
            '[decks.mine]\nnotes = ".."\n',
            'deck/deck.toml: [decks.mine] needs notes = "a folder inside the project", or a list of such folders',
        ),
        (
            "[decks.mine]\nnotes = []\n",
            'deck/deck.toml: [decks.mine] needs notes = "a folder inside the project", or a list of such folders',
        ),
        ("[decks.mine]\nnotes = 7\n", "deck/deck.toml: of a deck: notes: expected `str | array`, got `int`"),
        (
            '[decks.mine]\nnotes = "."\nexclude = "x"\n',
            "deck/deck.toml: of a deck: exclude: expected `array | null`, got `str`",
        ),
        ("exlude = []\n", f"deck/deck.toml: unknown setting 'exlude'; known are {', '.join(SETTINGS)}"),
        ('[decks.mine]\nnotes = ["a", "gone"]\n', "deck/deck.toml: [decks.mine] notes: gone is not there"),
        ('[decks.mine]\nnotes = "gone"\n', "deck/deck.toml: [decks.mine] notes: gone is not there"),
    ],
)
def test_a_project_without_a_deck_or_its_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, says: str
) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_text(content)
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as refused:
        select(())
    assert str(refused.value).removeprefix(f"{tmp_path}/") == says


def test_a_deck_has_its_own_density_or_that_of_all(tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    decks = '[decks.one]\nnotes = "."\ndensity = "few"\n[decks.other]\nnotes = "."\n'
    (tmp_path / "deck" / "deck.toml").write_text(f'density = "many"\n{decks}')
    assert [deck.density for deck in load(tmp_path).decks] == ["few", "many"]


def project(folder: Path, config: str, notes: Iterable[str], monkeypatch: pytest.MonkeyPatch) -> tuple[DeckSpec, ...]:
    """Make a project with notes that have one card each, and return its decks."""
    for place in ("deck/deck.toml", *notes):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(f"# {Path(place).stem}\n\n<!-- anki: id={place} -->\n## Why?\n\nBecause.\n")
    (folder / "deck" / "deck.toml").write_text(config)
    monkeypatch.chdir(folder)
    return select(())


def paths(spec: DeckSpec) -> list[str]:
    """Return the paths of a deck's notes."""
    return [note.path for note in inputs_of(spec)]


def test_a_deck_of_several_folders_names_their_notes_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two notes of one name in two of them are two notes."""
    config = '[decks.mine]\nnotes = ["lectures", "papers", "loose.md"]\n'
    (spec,) = project(tmp_path, config, ["lectures/index.md", "papers/index.md", "loose.md", "other.md"], monkeypatch)
    assert paths(spec) == ["lectures/index.md", "loose.md", "papers/index.md"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        (["Daily"], ["a.md", "b.draft.md", "deep/archive/c.md", "deep/d.md"]),
        (["daily"], ["Daily/1.md", "a.md", "b.draft.md", "deep/Daily/2.md", "deep/archive/c.md", "deep/d.md"]),
        (["/Daily/"], ["a.md", "b.draft.md", "deep/Daily/2.md", "deep/archive/c.md", "deep/d.md"]),
        (["*.draft.md", "Daily"], ["a.md", "deep/archive/c.md", "deep/d.md"]),
        (["deep/*/c.md", "Daily"], ["a.md", "b.draft.md", "deep/d.md"]),
        (["deep/**"], ["Daily/1.md", "a.md", "b.draft.md"]),
        (["**/archive", "Daily/**"], ["a.md", "b.draft.md", "deep/Daily/2.md", "deep/d.md"]),
        (["deep/*.md", "Daily", "?.md"], ["b.draft.md"]),
        (["[z-a]*", "[", "Daily"], ["a.md", "b.draft.md", "deep/archive/c.md", "deep/d.md"]),
        (["[ab]*.md", "", "/"], ["Daily/1.md", "deep/Daily/2.md", "deep/archive/c.md", "deep/d.md"]),
    ],
)
def test_what_is_excluded_is_no_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exclude: list[str], left: list[str]
) -> None:
    notes = ["a.md", "b.draft.md", "Daily/1.md", "deep/Daily/2.md", "deep/archive/c.md", "deep/d.md"]
    config = f'exclude = {exclude[:1]}\n[decks.mine]\nnotes = "."\nexclude = {exclude[1:]}\n'
    (spec,) = project(tmp_path, config, notes, monkeypatch)
    assert paths(spec) == left


def test_cards_of_a_note_that_is_left_out_retire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (spec,) = project(tmp_path, '[decks.mine]\nnotes = "."\n', ["a.md", "Daily/1.md"], monkeypatch)
    assert build(spec, Mode(cached=False)).cards == 2
    (tmp_path / "deck" / "deck.toml").write_text('exclude = ["Daily"]\n[decks.mine]\nnotes = "."\n')
    (spec,) = select(())
    report = build(spec, Mode(cached=False))
    assert (report.cards, [change.place for change in report.retired]) == (1, ["Daily/1.md:4"])


def test_what_a_build_wrote_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (spec,) = project(tmp_path, '[decks.mine]\nnotes = "."\n', ["a.md"], monkeypatch)
    first = build(spec, Mode(listing=True, cached=False))
    assert spec.listing.exists()
    again = build(spec, Mode(listing=True, cached=False))
    assert (first.notes, again.notes, again.new) == (1, 1, ())


def test_front_matter_names_the_deck_of_a_note_wherever_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spec,) = project(tmp_path, '[decks.mine]\nnotes = "."\nname = "Mine"\n', ["a.md", "b.md"], monkeypatch)
    note = tmp_path / "a.md"
    note.write_text(f"---\ndeck: Exam::June\n---\n{note.read_text()}")
    (deck,) = read_decks([spec])
    assert {card.deck for card in deck.kept} == {"Exam::June", "Mine::b"}
    (lone,) = read_decks(select((note,)))
    assert {card.deck for card in lone.kept} == {"Exam::June"}


def test_a_deck_of_a_project_is_chosen_by_name_and_never_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = '[decks.one]\nnotes = "a"\nname = "First"\n[decks.two]\nnotes = "b"\n'
    project(tmp_path, config, ["a/a.md", "b/b.md"], monkeypatch)
    assert [spec.label for spec in select((), None, "First")] == ["one"]
    assert [spec.label for spec in select((), tmp_path / "x.apkg", "two")] == ["two"]
    with pytest.raises(Refusal, match="no deck of this project is called Mine; there is First, two"):
        select((), None, "Mine")
    with pytest.raises(Refusal, match="choose one with --deck"):
        select((), tmp_path / "x.apkg")


def test_several_files_are_named_by_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, '[decks.one]\nnotes = "vault"\n', ["vault/a.md", "vault/b.md", "vault/c/d.md"], monkeypatch)
    monkeypatch.chdir(tmp_path / "vault")
    (spec,) = select((Path("b.md"), Path("a.md")))
    assert (spec.output.name, read_decks([spec])[0].name) == ("vault.apkg", "vault")


def test_demos_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = 'demos = false\nfacts = true\n[decks.one]\nnotes = "."\n[decks.two]\nnotes = "."\ndemos = true\n'
    specs = project(tmp_path, config, [], monkeypatch)
    (tmp_path / "a.md").write_text("# LoRA\n\n<!-- anki: id=a -->\n## What is `lora_alpha`?\n\nThe scale.\n")
    off, on = ({card.demo for card in deck.kept} for deck in read_decks(specs))
    assert (off, on) == ({""}, {"lora"})


def test_a_note_in_a_vault_has_a_link_back_and_no_path_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever folder it is built from."""
    place = tmp_path / "My Vault"
    (spec,) = project(place, '[decks.one]\nnotes = "."\n', ["深/a b.md"], monkeypatch)
    (outside,) = (card.fields.source for card in read_decks([spec])[0].kept)
    (place / ".obsidian").mkdir()
    vault._vault.cache_clear()
    monkeypatch.chdir(tmp_path)
    (far,) = read_decks(select((place / "深" / "a b.md",)))[0].kept
    assert far.fields.source.endswith(">My Vault/深/a b.md:4</a>")
    monkeypatch.chdir(tmp_path.parent.parent)
    (tmp_path.parent / "x").mkdir()
    monkeypatch.chdir(tmp_path.parent / "x")
    (deck,) = read_decks(select((place / "深" / "a b.md",)))
    (card,) = deck.kept
    assert outside == "深/a b.md:4"
    link = "obsidian://open?vault=My%20Vault&amp;file=%E6%B7%B1%2Fa%20b"
    assert card.fields.source == f'<a href="{link}">a b.md:4</a>'
    assert harmless(card.fields.source)
    assert str(tmp_path) not in "".join(card.fields)


def test_no_pattern_takes_long() -> None:
    """A `deck.toml` comes with a cloned project."""
    excluded = pattern_of(["*a" * 60 + "b", "**/" * 60 + "b", "[" * 5_000])
    assert not excluded("/".join(["a" * 250] * 12))


def test_what_is_shared_is_the_same_wherever_it_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Package, ledger and listing; no path of this machine stands in them."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    config = 'facts = true\n[decks.one]\nnotes = "notes"\n'
    project(tmp_path, config, ["notes/a.md", "notes/deep/b.md", "elsewhere/c.md"], monkeypatch)
    (tmp_path / "notes" / "lora.md").write_text("# LoRA\n\nThe scale is `lora_alpha`.\n")
    made = []
    for place in ("", "notes/deep", "elsewhere"):
        monkeypatch.chdir(tmp_path / place)
        (spec,) = select(())
        build(spec, Mode(listing=True, cached=False))
        made.append([file.read_bytes() for file in (spec.output, spec.ledger, spec.listing)])
    assert made[0] == made[1] == made[2]
    assert b"notes/deep/b.md:4" in made[0][1]
    assert str(tmp_path).encode() not in b"".join(made[0])


def test_a_link_out_of_the_project_is_no_folder_of_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloned project gets no notes that lie elsewhere; a link inside of it is one of its folders."""
    (tmp_path / "private").mkdir()
    project(tmp_path / "p", '[decks.mine]\nnotes = "real"\n', ["real/a.md"], monkeypatch)
    (tmp_path / "p" / "inside").symlink_to("real")
    (tmp_path / "p" / "outside").symlink_to("../private")
    (tmp_path / "p" / "deck" / "deck.toml").write_text('[decks.mine]\nnotes = "inside"\n')
    assert paths(select(())[0]) == ["a.md"]
    for place in ("outside", "outside/deeper"):
        (tmp_path / "p" / "deck" / "deck.toml").write_text(f'[decks.mine]\nnotes = ["real", "{place}"]\n')
        with pytest.raises(Refusal, match="is a link out of the project"):
            select(())
