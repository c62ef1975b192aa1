"""A note read section by section has the blocks that the parser alone finds in it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it.common.utils import MD_TRIM_CHARS

from ankillm.markdown.blocks import Section
from ankillm.markdown import parser, passages
from ankillm.markdown.parser import block_parser
from ankillm.markdown.passages import read_text
from ankillm.markdown.plainly import SPACE, plain_blocks
from ankillm.markdown.reader import read_blocks
from ankillm.markdown.sections import outline

PLAIN = "# title|## 二 **粗**|### x #|#no|#|a word|字 `a`|b\u00a0|\u3000c| d|- item|  more|1. one|> quote|a) b|===|---"
OTHER = "```|~~~py|    code|<!-- anki: skip -->|<!-- open|-->|<div>|<pre>|</pre>|![p](a.png)|[a]: b|[a]|$$|x $$"
LINES = st.sampled_from([*PLAIN.split("|"), *OTHER.split("|"), "| a | b |", "|---|---|"])
BLANK = st.just("")
NOTES = st.lists(st.one_of(BLANK, LINES), max_size=24).map("\n".join)


def parsed(text: str) -> tuple[Section, ...]:
    """Return the sections of a note as the parser alone reads them."""
    references: dict[str, object] = {}
    return outline(read_blocks(block_parser().parse(text, references), references)[0])[0]


@settings(max_examples=2000)
@given(NOTES, st.sampled_from([1, 20, 4000]))
@example("a\n\n```\n\n# no heading\n\n```\n\n## heading\n\nb", 1)
@example("a\n\n- x\n\n  ```\n\n# heading\n\nb", 1)
@example("a\n\n<!-- open\n\n# no heading\n\n-->\n\n## heading\n\nb", 1)
@example("a\n\n<!-- anki: id=x -->\n\n# heading\n\nb", 1)
@example("# a\n\n---\n\nb\n\n---\n\n# c\n\n", 1)
@example("<pre>\n\n# title", 20)
def test_a_note_reads_as_the_parser_reads_it(text: str, length: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "LENGTH", length)
        assert read_text(text, {}) == parsed(text)


@given(NOTES, st.sampled_from([1, 20, 4000]))
def test_passages_are_the_whole_note(text: str, length: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passages, "LENGTH", length)
        found = passages.passages(text)
    assert "".join(passage.text for passage in found) == text
    for at, passage in enumerate(found):
        assert passage.line == 1 + sum(before.text.count("\n") for before in found[:at])


def test_plain_sections_need_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "block_parser", None)
    sections = read_text("# Title\n\nAn *answer*.\n\n## 为什么 **r** 很小？\n\n因为 `r` 是秩。\n\n另一段\n", {})
    assert [len(section.blocks) for section in sections] == [1, 2]


@pytest.mark.parametrize("section", "a\nb|a\n===|- a|[a](b)|a <b>| a|# a #|#|1. a|\ta|a\n ".split("|"))
def test_other_sections_are_the_parsers(section: str) -> None:
    assert plain_blocks(section, 1) is None


def test_trimmed_is_what_the_parser_trims() -> None:
    assert set(SPACE) == set(MD_TRIM_CHARS)
