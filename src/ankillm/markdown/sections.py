"""Blocks → sections: headings, and the lines that learners write in place of headings.

A pseudo-heading is a line of nothing but bold (`**1. pre_seq_len**`, `**优势：**`), a question in bold, or a list of
one such item whose body stands after the list (`2. **优化器**:` and a fence). A heading over nothing but links ends
with them; a toggle's heading ends where the toggle does.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from ankillm.markdown.blocks import (
    NO_DIRECTIVE,
    TOGGLED,
    AnyBlock,
    Block,
    CodeBlock,
    Directive,
    Heading,
    Image,
    Item,
    List,
    Math,
    Paragraph,
    Quote,
    Section,
    SectionEnd,
    Table,
    ThematicBreak,
)
from ankillm.markdown.inline import escaped, is_only_links
from ankillm.markdown.titles import (
    QUESTION_END,
    bold_question,
    clean_title,
    numbered_question,
    pseudo_title,
    without_answer_sign,
)

PSEUDO = 7
UNDERLINED = 2
GOES_ON = (List, CodeBlock, Table, Image, Math, Quote)
"""What goes on with an answer that stands behind its question; the next paragraph does not."""


class _Part(Struct):
    """A title, with the blocks up to the next one; `kind` says how it fits in."""

    kind: Literal["heading", "toggle", "again", "end"]
    level: int
    title: str
    line: int
    directive: Directive
    blocks: list[Block]
    asks: bool = False
    """Whether its title is a question in bold."""
    answered: bool = False
    """Whether its answer is said to be one, or stood behind the question: then the next paragraph is none."""


def _lone_item(block: AnyBlock) -> Item | None:
    """Return the item of a numbered list of one, if it is nothing but a line."""
    if isinstance(block, List) and block.ordered and len(block.items) == 1 and not block.items[0].rest:
        return block.items[0]
    return None


def _pseudo_heading(block: AnyBlock, following: AnyBlock | None) -> _Part | None:
    """Return the part that a line in bold opens."""
    item = block if isinstance(block, Paragraph) else _lone_item(block)
    if item is None:
        return None
    asked, said = bold_question(item.text)
    if asked and (said or not (following is None or isinstance(following, Heading | SectionEnd))):
        answer: list[Block] = [Paragraph(said, item.line, item.end)] if said else []
        return _Part("heading", PSEUDO, asked, item.line, item.directive, answer, asks=True, answered=bool(said))
    if not asked and _is_answer(following):
        title = numbered_question(item.text, numbered=item is not block)
        if title:
            return _Part("heading", PSEUDO, title, item.line, item.directive, [], asks=True)
    if (
        following is None
        or isinstance(following, Heading | SectionEnd)
        or (item is block and without_answer_sign(following))
    ):
        return None
    title = pseudo_title(item.text)
    return _Part("heading", PSEUDO, title, item.line, item.directive, []) if title else None


def _is_answer(block: AnyBlock | None) -> bool:
    """Whether a block may answer a question above it: it asks nothing itself, and opens nothing."""
    item = block if isinstance(block, Paragraph) else _lone_item(block) if block else None
    if block is None or isinstance(block, Heading | SectionEnd | ThematicBreak):
        return False
    return not (item and QUESTION_END.search(item.text))


def _underlined(block: AnyBlock, following: AnyBlock | None) -> _Part | None:
    """Return the part of `1. Motivation` over a line of dashes: meant as a heading, though no heading to Markdown."""
    item = _lone_item(block)
    adjacent = isinstance(following, ThematicBreak) and following.line == block.line + 1
    title = clean_title(item.text) if item and adjacent else ""
    return _Part("heading", UNDERLINED, title, block.line, NO_DIRECTIVE, []) if title else None


def _opened(block: AnyBlock, following: AnyBlock | None) -> _Part | None:
    """Return the part that a block opens."""
    if isinstance(block, Heading):
        kind: Literal["toggle", "heading"] = "toggle" if block.level == TOGGLED else "heading"
        return _Part(kind, block.level, clean_title(block.text), block.line, block.directive, [])
    return _underlined(block, following) or _pseudo_heading(block, following)


def _only_links(block: Block) -> bool:
    if isinstance(block, Paragraph):
        return is_only_links(block.text)
    if isinstance(block, List):
        return all(not item.rest and is_only_links(item.text) for item in block.items)
    return False


def _questions(blocks: Sequence[AnyBlock]) -> Iterator[AnyBlock]:
    """Yield blocks with lists of questions in bold, and quotes that begin with one, as sections that open and close."""
    for block in blocks:
        if isinstance(block, Quote) and (opened := _quoted_question(block)):
            yield from opened
            continue
        asked = [bold_question(item.text) for item in block.items] if isinstance(block, List) else []
        if not isinstance(block, List) or not all(
            title and (said or item.rest) for (title, said), item in zip(asked, block.items, strict=True)
        ):
            yield block
            continue
        for (title, said), item in zip(asked, block.items, strict=True):
            yield Heading(escaped(title), TOGGLED, item.line, item.line, item.directive.within(block.directive))
            yield from [Paragraph(said, item.line, item.line)] if said else []
            yield from item.rest
            yield SectionEnd(item.end, item.end)


def _quoted_question(quote: Quote) -> Sequence[AnyBlock]:
    """Return the blocks of a quote that asks in bold and answers, behind its own title or not, as sections.

    What stands before the first question is left as a quote; what asks and answers nothing gives nothing.
    """
    found: list[AnyBlock] = []
    before: list[Block] = []
    for at, block in enumerate(quote.blocks):
        title, said = bold_question(block.text) if isinstance(block, Paragraph) else ("", "")
        if title and (said or _is_answer(next(iter(quote.blocks[at + 1 :]), None))):
            found += [SectionEnd(block.line, block.line)] if found else []
            found.append(
                Heading(escaped(title), TOGGLED, block.line, block.line, block.directive.within(quote.directive))
            )
            found += [Paragraph(said, block.line, block.end)] if said else []
        elif found:
            found.append(block)
        else:
            before.append(block)
    if not found:
        return ()
    lead = [replace(quote, blocks=tuple(before), end=before[-1].end)] if before else []
    return (*lead, *found, SectionEnd(quote.end, quote.end))


def _parts(blocks: Sequence[AnyBlock]) -> Iterator[_Part]:
    """Yield the parts of a note; one that comes again goes on with the section around."""
    part = _Part("heading", 0, "", 1, NO_DIRECTIVE, [])
    for block, following in zip_longest(blocks, blocks[1:]):
        if (opened := _opened(block, following)) or isinstance(block, SectionEnd):
            yield part
            part = opened or _Part("end", 0, "", block.line, NO_DIRECTIVE, [])
            continue
        if part.answered and not isinstance(block, GOES_ON):
            yield part
            part = _Part("again", 0, "", block.line, NO_DIRECTIVE, [])
        answer = without_answer_sign(block) if part.asks and not part.blocks else None
        part.answered = part.answered or isinstance(answer, Paragraph)
        part.blocks.append(answer or block)
        alone = len(part.blocks) == 1 and following and not isinstance(following, Heading | SectionEnd)
        if part.level > 1 and alone and part.kind == "heading" and _only_links(block):
            yield part
            part = _Part("again", 0, "", block.end, NO_DIRECTIVE, [])
    yield part


class _Title(NamedTuple):
    """A title that sections below it are under."""

    level: float
    title: str
    directive: Directive


class _Path(Struct):
    """The titles above, and what they were where each open toggle began."""

    above: list[_Title]
    toggles: list[tuple[_Title, list[_Title]]]

    def enter(self, part: _Part) -> Directive:
        """Take the step that a part makes; return what holds for its blocks."""
        level: float = part.level
        if part.kind == "end" and self.toggles:
            opened, before = self.toggles.pop()
            self.above = before if any(entry is opened for entry in self.above) else self.above
        elif part.kind == "again":
            self.above = self.above[:-1]
        elif part.kind == "toggle":
            level = self._inner()
        elif part.kind == "heading":
            self.above = [entry for entry in self.above if entry.level < level]
        own = part.directive.within(self.above[-1].directive if self.above else NO_DIRECTIVE)
        if part.title:
            title = _Title(level, part.title, own)
            if part.kind == "toggle":
                self.above = self._around(part.title)
                self.toggles.append((title, self.above))
            self.above = [*self.above, title]
        return own

    def _around(self, title: str) -> list[_Title]:
        """Return the titles above a toggle: a question is none of the question in bold before it."""
        above, asks = list(self.above), QUESTION_END.search(title)
        while asks and above and above[-1].level == PSEUDO and QUESTION_END.search(above[-1].title):
            above.pop()
        return above

    def _inner(self) -> float:
        """Return a level below what is open and above any heading that stands deeper."""
        level = self.above[-1].level if self.above else 0.0
        return (level + int(level) + 1) / 2


def outline(blocks: Sequence[AnyBlock]) -> tuple[Section, ...]:
    """Return the sections of some blocks in reading order, each with its path of titles."""
    sections: list[Section] = []
    path = _Path([], [])
    for at, part in enumerate(_parts(tuple(_questions(blocks)))):
        if at == 0 and not part.blocks:  # the blocks start with a heading
            continue
        own = path.enter(part)
        titles = tuple(entry.title for entry in path.above)
        sections.append(Section(part.title, part.level, titles, tuple(part.blocks), part.line, own))
    return tuple(section for section in sections if section.blocks or section.title)
