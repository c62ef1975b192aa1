# ruff: noqa: E501  (tables of texts read best as they are)
"""Notes in the signs of many programs come out as the same blocks: what they should be is written beside them."""

import re
import time

import pytest
from checkout import ROOT
from fixture_files import Case, cases, rewrite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ankillm.anki.html import field_html
from ankillm.extract import extract
from ankillm.markdown.blocks import Block, CodeBlock
from ankillm.markdown.dialects import normalised
from ankillm.markdown.note import Note, parse
from ankillm.markdown.writer import as_markdown

FOLDER = ROOT / "tests" / "markdown" / "dialects"


def outlined(text: str, path: str = "n.md") -> str:
    """Write the sections of a note: the line and the titles of each, then what it holds."""
    note = parse(text, path)
    parts = [f"tags: {', '.join(note.tags)}"] if note.tags else []
    parts += [f"! {message}" for message in note.warnings]
    for section in note.sections:
        parts.append(f"[{section.line}] {' / '.join(section.path)}".rstrip())
        parts += [f"{block.line} {as_markdown((block,))}" for block in section.blocks]
    return "\n".join(parts)


@pytest.mark.parametrize("case", list(cases(FOLDER)), ids=lambda case: f"{case.file.stem}-{case.title}")
def test_reading(case: Case, regen: bool) -> None:  # noqa: FBT001  (a fixture)
    """The sections are those that the fixture states."""
    if regen:
        if rewrite(case.file, outlined):
            pytest.fail(f"{case.file.name} was rewritten: read the difference")
        return
    assert outlined(case.given) == case.expected


def test_components_of_mdx_go_and_what_they_hold_stays() -> None:
    text = 'import X from "./x"\nexport const y = 1\n\n<Tabs>\n<TabItem value="a">\n\n<Banner\n  a={1}\n    b="c"\n/>\n\n## Why <X />?\n\nIt is.\n</TabItem>\n'
    assert "Tab" not in outlined(text, "n.mdx")
    assert outlined(text, "n.mdx").endswith("[12] Why <X />?\n14 It is.")
    assert "Banner" not in outlined(text, "n.mdx")
    assert "<Tabs>" in outlined(text[text.index("<Tabs") :], "n.md")
    assert "Tab" not in outlined(text, "n.md")  # a page by its imports
    assert outlined('import X from "x"\n\n<Tab value="a">Words</Tab> <X>stays</X>\n').endswith("3 Words <X>stays</X>")


def test_a_drawing_is_told_by_its_front_matter() -> None:
    note = parse("---\nexcalidraw-plugin: parsed\n---\n\n## What is drawn?\n\nText.\n", "n.md")
    assert not note.sections
    assert "is a drawing" in str(note.warnings[0])


def test_an_indent_behind_a_sign_that_nobody_sees_is_no_code() -> None:
    text = "# X\n\n\u200b\tLoRA adds two matrices.\n\n- one\n\n  \u200b\u200b \tof many\n\nWords\n\n\tcode\n"
    section = parse(text, "n.md").sections[0]
    assert [type(block) is CodeBlock for block in section.blocks] == [False, False, False, True]
    assert outlined(text).startswith("[1] X\n3 LoRA adds two matrices.\n5 - one\n\n  of many\n")


def shown(note: Note) -> str:
    """Return what a reader sees of a note in its fields."""
    titles = [section.title for section in note.sections]
    return " ".join([*titles, *(_seen(block) for section in note.sections for block in section.blocks)])


def _seen(block: Block) -> str:
    html = block.code if isinstance(block, CodeBlock) else field_html(as_markdown((block,)), {})
    return re.sub(r"<[^>]*>", " ", html)


WORDS = st.sampled_from(["alpha", "中文", "x1", "42", "beta7", "结果。", "done."])
INLINE = st.one_of(
    WORDS,
    *(WORDS.map(form.format) for form in (
        "=={}==", "**{}**", "`{}`", "<b>{}</b>", "<mark>{}</mark>", "{{dfn}}`{}`", "[[{}]]", "$`{}`$", "\\({}_2\\)",
        "$${}^2$$", "<u>{}</u>", "[{}](https://e.org/?q=1)", "~~{}~~", "<sup>{}</sup>", "<span class='a'>{}</span>", "++{}++",
    )),
)  # fmt: skip
LINE = st.lists(INLINE, min_size=1, max_size=4).map(" ".join)
BEHIND = st.sampled_from(["", " ^ab1", " #tag/one", " %%hidden%%", " <!-- note -->"])
SHAPE = st.sampled_from([
    "{}", "- {}", "- [ ] {}", "> {}", "##T {}", "## T {}", "> [!tip] {}\n> more", "::: tip T {}\nmore\n:::", "**T {}?** ⭐\n\nmore",
    "<details><summary>T {}</summary>\n\nmore\n\n</details>", "<p>{}</p>", "1. {}", "!!! note\n    {}", "    - {}",
])  # fmt: skip
PARAGRAPHS = st.lists(st.tuples(SHAPE, LINE, BEHIND), min_size=1, max_size=6)
HIDDEN = re.compile(r"\^ab1|tag/one|hidden|note\b|dfn|class='a'|https://e\.org/\?q=1")
SIGNS = re.compile(r"==|%%|\*\*|\[!|:::|\{dfn\}|#tag|\^ab1|\[ \]|</?(?:b|mark|u|span|details|summary)\b|\[\[|!!!")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PARAGRAPHS)
def test_no_word_is_lost_no_digit_changed_no_sign_left(paragraphs: list[tuple[str, str, str]]) -> None:
    """What a reader sees of a note is in the note, and the other way round."""
    text = "\n\n".join(shape.format(line + behind * (f"{shape}\n".count("{}\n"))) for shape, line, behind in paragraphs)
    seen = shown(parse("# Title\n\n" + text, "n.md"))
    for word in ("alpha", "中文", "x1", "42", "beta7", "结果", "done"):
        assert seen.count(word) == text.count(word), (word, text, seen)
    assert not SIGNS.search(seen), (text, seen)
    assert "\ufdd2" not in seen


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("ab1 :?%=#^[]|!`$*\\<>{}()-~\t中。", max_size=14), max_size=12).map("\n".join))
def test_any_text_keeps_its_lines(text: str) -> None:
    """Every line that comes out knows a line that went in, in order."""
    normal = normalised(text)
    assert normal.text.count("\n") + 1 == len(normal.numbers) or not normal.numbers
    assert list(normal.numbers) == sorted(normal.numbers)
    assert all(1 <= number <= text.count("\n") + 1 for number in normal.numbers)
    parse(text, "n.md")


PIECES = {
    "words": "word ", "han": "汉字，", "line": "a line of words\n", "row": "| a | `b|c` |\n", "json": '{"a": [1, 2]},\n',
    "stars": "*", "brackets": "[", "tags": "<", "wide": "\u3000", "dollars": "$", "ticks": "`", "colons": ":::\n",
    "quotes": "> ", "comments": "%%", "highlights": "==a ", "details": "<details>", "hashes": "#a ", "items": "- a\n",
    "braces": "{{c1::", "escapes": "\\(", "footnotes": "[^1]", "embeds": "![[", "pairs": "**a** ", "sup": "<sup>a</sup>",
    "clozes": "{{cloze a ", "changes": "{~~a~>", "fields": "[a:: b ", "raised": "^^a ", "bars": "| a |\n", "pluses": "++ab ",
}  # fmt: skip


@pytest.mark.parametrize("name", PIECES)
def test_time_grows_no_faster_than_the_text(name: str) -> None:
    """Four times the text takes far less than sixteen times as long, or next to no time."""
    head = {"row": "| a | b |\n|---|---|\n", "json": "```json\n"}.get(name, "")

    def spent(size: int) -> float:
        text = head + PIECES[name] * (size // len(PIECES[name]))
        start = time.process_time()
        parse(text, "n.md")
        return time.process_time() - start

    spent(1_000)
    small, large = (min(spent(size) for _ in range(3)) for size in (15_000, 60_000))
    assert large < max(12 * small, 0.1), (small, large)


WHOLE = {
    "prose": "Warmup raises the rate slowly, because `lr` is **large**. What does it cost? It takes $n$ steps. ",
    "sentences": "学习率先慢慢升高，因为一开始步子太大。为什么要**预热**？它能稳住梯度。",
    "names": "lr: 0.1; ", "row": PIECES["row"], "json": PIECES["json"], "python": "x = f(a, b)  # adds\n",
    "stars": "*", "brackets": "[", "tags": "<", "wide": "\u3000",
    "spaces in a title": " ", "tabs in a question": "\t", "spaces in a term": " ", "spaces in bold": " ", "stars in a title": "*",
}  # fmt: skip
AROUND = {
    "spaces in a title": ("# a", "b\n"), "tabs in a question": ("# A\n\n## What is 1", "b?\n\nIt is so.\n"),
    "spaces in a term": ("# A\n\n**1", "warmup**：一种方法，用于训练。\n"), "spaces in bold": ("# A\n\n**1", "warmup**\n"), "stars in a title": ("# “", "=\n\ntext\n"),
    "row": ("| a | b |\n|---|---|\n", ""), "json": ("```\n", ""), "python": ("```python\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_time_to_all_that_is_proposed_grows_no_faster_than_the_text(name: str) -> None:
    """The same, up to what the rules make of it; a fence without a language is data or Python."""
    head, tail = AROUND.get(name, ("", ""))

    def spent(size: int) -> float:
        text = head + WHOLE[name] * (size // len(WHOLE[name].encode())) + tail
        start = time.process_time()
        tuple(extract(parse(text, "n.md")))
        return time.process_time() - start

    spent(1_000)
    small, large = min(spent(15_000) for _ in range(2)), min(spent(60_000) for _ in range(2))
    assert large < max(9 * small, 0.5), (small, large)  # 0.3 on an idle machine
