"""The pass before the parser: the signs of every program that notes are written with, written one way.

What Obsidian, Logseq, Notion, GitHub, VuePress, MkDocs, MyST, flashcard plugins and chat programs write goes in;
CommonMark with tables and dollar math comes out, each line with its number in the file. Code is left as it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.components import is_page, without_components
from ankillm.markdown.dialects.containers import with_containers
from ankillm.markdown.dialects.flashcards import with_cards
from ankillm.markdown.dialects.footnotes import without_footnotes
from ankillm.markdown.dialects.formulas import with_formulas
from ankillm.markdown.dialects.front_matter import front_matter, tags_in
from ankillm.markdown.dialects.headings import with_headings, without_marks
from ankillm.markdown.dialects.lines import Line, numbered, with_code
from ankillm.markdown.dialects.lists import with_definitions, with_ended_lists
from ankillm.markdown.dialects.metadata import without_metadata
from ankillm.markdown.dialects.navigation import SIGN, without_navigation
from ankillm.markdown.dialects.obsidian import without_comments
from ankillm.markdown.dialects.outliners import STATES, with_org, without_states
from ankillm.markdown.dialects.signs import end_tags, plain_signs, without_tags_over_lines
from ankillm.markdown.dialects.tables import with_rows
from ankillm.markdown.dialects.toggles import with_toggles

INDENT = regex(r"^([ \t]*)[\u200b\u2060\ufeff][\u200b\u2060\ufeff \t]*", re.MULTILINE)
"""An indent behind a character that nobody sees: programs write it so that a paragraph is indented, and is no code."""
OURS = dict.fromkeys(range(0xFDD0, 0xFDF0), "\ufffd") | dict.fromkeys((0x200B, 0x2060, 0xFEFF), "")
"""Characters that Unicode keeps for a program's own use, of which none in a note is a sign of ours; and those that
nobody sees, which programs write beside marks of bold."""


class Normal(Struct, frozen=True):
    """A note written one way: its text, the number in the file of each of its lines, what it says of itself."""

    text: str
    numbers: tuple[int, ...]
    meta: Mapping[str, str]
    tags: tuple[str, ...]
    line_tags: tuple[tuple[int, int, tuple[str, ...]], ...] = ()
    """First and last line, and the tags that what stands there has: of a line, or of a heading with all below it."""
    warnings: tuple[tuple[int, str], ...] = ()
    """Lines with what had to be left out of them."""


def normalised(text: str, *, components: bool = False) -> Normal:
    """Return a note's text as the parser reads it; with `components` as MDX, in which lines are code of a page."""
    text = INDENT.sub(r"\1", text).translate(OURS) if not text.isascii() else text
    count, meta = front_matter(text)
    tags, warnings = list(tags_in(meta)), list[tuple[int, str]]()
    lines = numbered(text)
    lines = with_code([line._replace(text="") if line.number <= count else line for line in lines])
    components = components or ("import " in text and is_page(lines))
    lines = list(without_components(lines)) if components else lines
    lines = _blocks(lines, text, meta, tags, warnings)
    tagged = tuple(_tagged(lines)) if "#" in text else ()
    lines = list(without_tags_over_lines(lines)) if "<" in text else lines
    lines = [line if line.code else line._replace(text=plain_signs(line.text)) for line in lines]
    tags += [tag for tag in tags_in(meta) if tag not in tags]
    written, numbers = "\n".join(line.text for line in lines), tuple(line.number for line in lines)
    return Normal(written, numbers, meta, tuple(dict.fromkeys(tags)), tagged, tuple(warnings))


def _tagged(lines: Sequence[Line]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the tags at the ends of lines, with the lines that they hold for."""
    for at, line in enumerate(lines):
        if line.code or not (found := end_tags(line.text)):
            continue
        last = line
        if level := _level(line):
            below = next(
                (other for other in range(at + 1, len(lines)) if 0 < _level(lines[other]) <= level), len(lines)
            )
            last = lines[below - 1]
        yield line.number, last.number, found


def _level(line: Line) -> int:
    """Return the level of a heading, 0 for any other line."""
    marks = len(line.text) - len(line.text.lstrip("#"))
    return marks if not line.code and marks <= 6 and line.text[marks : marks + 1] == " " else 0  # noqa: PLR2004


def _blocks(
    lines: list[Line], text: str, meta: dict[str, str], tags: list[str], warnings: list[tuple[int, str]]
) -> list[Line]:
    """Apply what reaches over lines, each where its sign occurs."""
    if "#+" in text:
        lines = with_org(lines)
    if any(state in text for state in STATES):
        lines = list(without_states(lines))
    if "%%" in text:
        lines = list(without_comments(lines))
    lines = list(without_marks(lines))
    if SIGN in text:
        lines = list(without_navigation(lines))
    if "#" in text:
        lines = list(with_headings(lines))
    lines = without_metadata(lines, meta, tags)
    if "<details" in text.lower():
        lines = with_toggles(lines)
    lines = with_containers(lines)
    if "[^" in text:
        lines = list(without_footnotes(lines))
    lines = with_formulas(lines)
    lines = with_cards(lines)
    if "\n:" in text:
        lines = with_definitions(lines)
    if "\n- " in text or "\n* " in text or "\n+ " in text or "\n1" in text or "\n> " in text:
        lines = list(with_ended_lists(lines))
    return with_rows(lines, warnings) if "|" in text else lines
