"""The documents: what they show is what the commands print, and what they name is there."""

import re
from pathlib import Path

import click
import pytest
import yaml
from checkout import ROOT
from documents import playground, printed, renewed

from ankillm.cli import cli
from ankillm.common.project import load

READMES = ("README.md", "README.zh-CN.md")
PAGES = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("**/*.md")))
WRITTEN = tuple(page for page in PAGES if not page.startswith(("docs/examples/", "docs/pictures/note")))
"""The pages of docs/, less the notes that they show."""
PAIRS = (
    READMES,
    *((page, page.replace("docs/", "docs/zh/")) for page in WRITTEN if page.count("/") == 1),
)
"""Documents of both languages: all of them."""
MADE = (*READMES, "CONTRIBUTING.md", *WRITTEN)
OTHERS = ("CHANGELOG.md", "SECURITY.md", "benchmarks/README.md", "evaluation/README.md")
LONGEST = 120
"""Lines of a README."""
FENCED = re.compile(r"^(`{3,}).*?^\1$", re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(ankillm [^`]+)`")
LINK = re.compile(r"\]\((?!https?:|demo:)([^)\s#]*)#?([^)\s]*)[^)]*\)|src=\"(?!https?:)([^\"]+)\"")
ELSEWHERE = {"train"}
"""Its options are those of the training loop, which reads them itself."""


def text_of(name: str) -> str:
    """Return a document."""
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", MADE)
def test_output_in_documents_is_what_commands_print(name: str, tmp_path: Path, *, regen: bool) -> None:
    now = renewed(text_of(name), playground(tmp_path))
    if regen and now != text_of(name):
        (ROOT / name).write_text(now, "utf-8")
        pytest.fail(f"{name} was rewritten: read the difference, then run again")
    assert text_of(name) == now, "make regen rewrites it"


@pytest.mark.parametrize("command", cli.list_commands(click.Context(cli)))
def test_every_command_is_documented(command: str) -> None:
    for name in (*READMES, "docs/commands.md"):
        assert f"ankillm {command}" in text_of(name), name


def commands_of(name: str) -> list[list[str]]:
    """Return the words of every `ankillm` command line in a document's fences and code spans."""
    lines = [line for fence in SHELL.findall(text_of(name)) for line in fence.splitlines()]
    spans = INLINE.findall(FENCED.sub("", text_of(name)))
    wanted = [line.removeprefix("$ ") for line in (*lines, *spans)]
    return [re.split(r"\s+", line.split(" |")[0]) for line in wanted if line.startswith("ankillm ")]


@pytest.mark.parametrize("name", [*MADE, *OTHERS[1:]])  # a changelog names what is gone
def test_every_command_line_in_documents_has_a_command_and_options_that_exist(name: str) -> None:
    context = click.Context(cli)
    for _, *words in commands_of(name):
        if words[0].startswith("-"):
            continue
        command = cli.get_command(context, words[0])
        assert command, words
        known = {option for parameter in command.get_params(context) for option in parameter.opts}
        used = {word.split("=")[0] for word in words[1:] if word.startswith("-") and len(word) > 1}
        assert words[0] in ELSEWHERE or used <= known, words


def links(name: str) -> list[tuple[str, str]]:
    """Return the links and pictures of a document that stay in the repository: path and anchor."""
    prose = FENCED.sub("", text_of(name))
    prose = re.sub(r"`[^`\n]+`(?!\])", "", prose)  # code; not where it is what a link says
    return [(path or picture, anchor) for path, anchor, picture in LINK.findall(prose)]


@pytest.mark.parametrize("name", [*MADE, *OTHERS])
def test_links_lead_to_files_and_headings(name: str) -> None:
    for path, anchor in links(name):
        target = (ROOT / name).parent.joinpath(path) if path else ROOT / name
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text("utf-8")), anchor


def anchors(text: str) -> set[str]:
    """Return the anchors that a host gives to a document's headings."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("folder", ["docs", "docs/zh"])
def test_every_page_is_listed(folder: str) -> None:
    index = f"{folder}/README.md"
    listed = {Path(folder, path).as_posix() for path, _ in links(index) if "/" not in path}
    pages = {page for page in WRITTEN if Path(page).parent == Path(folder)}
    assert listed | {index} == pages


def headings(name: str) -> list[int]:
    """Return the levels of a document's headings."""
    return [len(mark) for mark in re.findall(r"^(#+) ", FENCED.sub("", text_of(name)), re.MULTILINE)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_both_languages_have_the_same_sections_tables_and_commands(pair: tuple[str, str]) -> None:
    english, chinese = (text_of(name) for name in pair)
    assert headings(pair[0]) == headings(pair[1])
    if pair[0] == "docs/commands.md":  # one prints the help, the other explains it
        return
    assert english.count("\n|") == chinese.count("\n|")
    used = [re.findall(r"^\$ ankillm (\w+)", text, re.MULTILINE) for text in (english, chinese)]
    assert used[0] == used[1]


def section(page: str, command: str) -> str:
    """Return what a page of commands says of one."""
    return page.partition(f"\n## ankillm {command}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("command", cli.list_commands(click.Context(cli)))
def test_every_option_is_explained_in_chinese(command: str) -> None:
    """By each of its names, but what turns off what is off, in the order of the help."""
    explanation = section(text_of("docs/zh/commands.md"), command)
    explained = re.findall(r"`(--?[\w-]+)`", " ".join(re.findall(r"^\| (`-.*?) \| ", explanation, re.MULTILINE)))
    options = section(text_of("docs/commands.md"), command).partition("ptions:\n")[2]
    lines = re.findall(r"^  (-.*?)(?:  |$)", options, re.MULTILINE)
    names = re.findall(r"(?<!\S)(--?[a-z][\w-]*)", " ".join(lines))
    without = {"-h", "--help", *(f"--no-{name[2:]}" for name in names)}
    assert explained == [name for name in names if name not in without]


def fences(name: str, language: str) -> list[str]:
    """Return what the fences of a language hold in a document."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(name), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", ["docs/steering.md", "docs/zh/steering.md"])
def test_settings_that_are_shown_are_read(name: str, tmp_path: Path) -> None:
    (settings,) = fences(name, "toml")
    config = tmp_path / "deck" / "deck.toml"
    config.parent.mkdir()
    config.write_text(settings, "utf-8")
    (deck,) = load(tmp_path).decks
    assert set(re.findall(r"^(\w+) =", settings, re.MULTILINE)) - {"schema"} <= set(deck.__struct_fields__)


@pytest.mark.parametrize("name", ["docs/claims.md", "docs/zh/claims.md"])
def test_the_hook_that_is_shown_is_there(name: str) -> None:
    (config,) = fences(name, "yaml")
    shown = {hook["id"] for repository in yaml.safe_load(config)["repos"] for hook in repository["hooks"]}
    assert shown <= {hook["id"] for hook in yaml.safe_load(text_of(".pre-commit-hooks.yaml"))}


@pytest.mark.parametrize("name", READMES)
def test_a_readme_is_read_in_five_minutes(name: str) -> None:
    assert len(text_of(name).splitlines()) <= LONGEST


@pytest.mark.parametrize("name", READMES)
def test_measured_numbers_in_the_readme_are_claims_that_hold(name: str, tmp_path: Path) -> None:
    """A README is a note too: its numbers are held against evidence, and a changed one is found."""
    copy = playground(tmp_path)
    assert "refuted" not in printed(f"ankillm check {name}", copy)
    text = text_of(name)
    (copy / name).write_text(text.replace('"= 32.6×"', '"= 32.7×"'), "utf-8")
    assert "32.7×" in printed(f"ankillm check {name}", copy)
    assert "× 3 claims in 1 note" in printed(f"ankillm check {name}", copy)
