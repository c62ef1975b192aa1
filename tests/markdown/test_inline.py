"""Simple lines read without the parser come out as the parser has them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ankillm.anki import html
from ankillm.markdown import inline, parser

WORDS = st.text(st.sampled_from("ab 1.-:+=()“”，。中é\u00a0\u3000²'\"%"), max_size=6)
SIGNS = [*"*`_<&[]!|#>~{}\n\t$\\", "~~", "a_b", " * ", "](", "**", "![", "&lt;", "<b>", " \n "]
PIECE = st.one_of(
    WORDS, WORDS.map(lambda words: f"`{words}`"), WORDS.map(lambda words: f"**{words}**"), st.sampled_from(SIGNS)
)
LINE = st.lists(PIECE, min_size=1, max_size=6).map("".join)


def parsed(line: str) -> tuple[str, str]:
    """Return a line as plain text and as HTML, by the parser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inline, "marked_parts", lambda _line: None)
        patch.setattr(html, "marked_parts", lambda _line: None)
        patch.setattr(html, "MARKUP", re.compile(""))
        patch.setattr(inline, "MARKUP", re.compile(""))
        return inline.plain_text.__wrapped__(line), html.field_html(line, {})


@settings(max_examples=1000)
@given(LINE)
def test_a_line_reads_as_the_parser_reads_it(line: str) -> None:
    assert (inline.plain_text.__wrapped__(line), html.field_html(line, {})) == parsed(line)


@pytest.mark.parametrize("line", ["what is **item 1**?", "use `a_b<c>` here", "设为 `1e-4`，**学习率**很小"])
def test_common_lines_need_no_parser(line: str) -> None:
    assert inline.marked_parts(line) is not None


@pytest.mark.parametrize("line", ["a*b*", "``a``", "[a](b)", "**a", "`a", "a <b>", "** a**", "\\`a`", "a_b_"])
def test_other_lines_are_the_parsers(line: str) -> None:
    assert inline.marked_parts(line) is None


WORDED = "word|  word `a`|　词 |- item|  more|1. one|> quote|a. word\u00a0"
SIGNED = "# title|===|---|```|$$|<!-- a|-->|    code|[a]: b|||"
BLOCK_LINES = st.sampled_from([*WORDED.split("|"), *SIGNED.split("|"), "| a | b |", "|---|---|"])


@settings(max_examples=1000)
@given(st.lists(BLOCK_LINES, max_size=10).map("\n".join))
def test_lone_lines_are_paragraphs_wherever_they_stand(text: str) -> None:
    """The rule for lone lines changes no block of any document."""
    quick, slow = (parser.block_parser.__wrapped__() for _ in range(2))
    slow.disable("lone_line")
    assert [token.as_dict() for token in quick.parse(text)] == [token.as_dict() for token in slow.parse(text)]
