"""markdown-it's tokens → blocks: paragraphs split where their lines are items, claims reduced to their phrases."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ankillm.common.patterns import regex
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
    SectionEnd,
    Table,
    ThematicBreak,
)
from ankillm.markdown.dialects.lines import TOGGLE, TOGGLE_END
from ankillm.markdown.gaps import without_gaps
from ankillm.markdown.inline import inline_tokens, is_only_links
from ankillm.markdown.list_lines import displayed, is_bullet, is_item, split_lines, without_mark
from ankillm.markdown.lone_marks import without_lone_marks
from ankillm.markdown.spans import spans

if TYPE_CHECKING:
    from markdown_it.token import Token

WIKI = regex(r"(?<!!)\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\](?!\([^()\s]*[./#][^()\s]*\))")
REFERENCE = regex(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\](?:\[([^\[\]]*)\])?(?![(\[:])")
INLINE_CLAIM = regex(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\(<?demo:[^)]*\)")
CLAUSES = regex(r"[。，；：！？]|[.,;:!?=]\s|\s[=–—-]\s")
IMAGE_SIGN = regex(r"!\[|<img", re.IGNORECASE)
IMAGE_LINE = regex(r"^\s*!\[([^\]]*)\]\(<?([^)>]+?)>?\)\s*$")


class _Reader(Struct):
    """A cursor over the tokens, and the steering comment that waits for its block."""

    tokens: "Sequence[Token]"
    references: Mapping[str, Any]
    directive: Directive
    numbers: Sequence[int]
    """The number in the file of each line of the text."""
    at: int = 0
    last: int = 0
    """The line in which a block of raw HTML ends: where in it a part of it stands is not known."""

    def take(self) -> "Token":
        token = self.tokens[self.at]
        self.at += 1
        return token

    def said(self, inline: "Token") -> str:
        """Return the Markdown of an inline token with claims as their phrases: a `demo:` address reaches no card."""
        if "**" in inline.content:
            inline.content = without_lone_marks(inline.content)
        if "[" not in inline.content:
            return inline.content
        if "[[" in inline.content and WIKI.search(inline.content):
            if is_only_links(inline.content):  # it leads elsewhere, and is to be seen as such
                return WIKI.sub(lambda match: f"[{_linked(match)}](<{match[1]}>)", inline.content)
            return WIKI.sub(_linked, inline.content)
        return REFERENCE.sub(self._phrase, INLINE_CLAIM.sub(r"\1", inline.content))

    def _phrase(self, match: re.Match[str]) -> str:
        from markdown_it.common.utils import normalizeReference  # noqa: PLC0415  (as the parser itself)

        label = normalizeReference(match[2] or match[1])
        address = self.references.get("references", {}).get(label, {}).get("href", "")
        if address.startswith("demo:"):
            return match[1]
        return f"[{match[1]}](<{address}>)" if address else match[0]

    def lines(self, token: "Token") -> tuple[int, int]:
        """Return a block's first and last line."""
        first, after = token.map or (0, 1)
        last = max(after, first + 1)
        start = self.numbers[first]
        return start, self.last or max(start, self.numbers[min(last, len(self.numbers)) - 1])

    def directed(self) -> Directive:
        directive, self.directive = self.directive, NO_DIRECTIVE
        return directive


def _linked(match: re.Match[str]) -> str:
    """Return what is seen of a link to a note: `Note > Heading`, and nothing of the id of a block."""
    note, *parts = match[1].split("#")
    named = [part.strip() for part in (note, *parts) if part.strip() and not part.startswith("^")]
    return match[2] or " > ".join(named) or match[1]


def _pictures(inline: "Token") -> list[tuple[str, str]]:
    """Return the images of a paragraph that holds nothing else, else nothing."""
    if not IMAGE_SIGN.search(inline.content):
        return []
    found: list[tuple[str, str]] = []
    for child in inline_tokens(inline.content):
        if child.type == "image":
            found.append((str(child.attrs.get("src", "")), child.content))
        elif child.type == "html_inline":
            from ankillm.markdown.raw_html import images_in  # noqa: PLC0415  (only notes with raw HTML pay for a parser of it)

            found += images_in(child.content)
        elif child.type not in {"softbreak", "hardbreak"} and child.content.strip():
            return []
    return found


def _paragraph(reader: _Reader, opened: "Token") -> Iterator[AnyBlock]:
    inline = reader.take()
    reader.take()
    line, end = reader.lines(opened)
    if pictures := _pictures(inline):
        yield from (Image(src, alt, line, end, reader.directed()) for src, alt in pictures)
    elif inline.content.strip():
        yield from _parts(_upright(reader.said(inline)), line, max(line, end), reader.directed())


def _upright(text: str) -> str:
    """Return a paragraph that is slanted from end to end, and says more than a name, without the marks for it."""
    mark = text[:1]
    if mark not in {"*", "_"} or text[1:2] == mark or text[-1:] != mark or not CLAUSES.search(text):
        return text
    first = next(iter(spans(text)), None)
    return text[1:-1] if first and first.end == len(text) and first.kind == "emphasis" else text


def _parts(text: str, line: int, last: int, directive: Directive) -> Iterator[AnyBlock]:
    """Split a paragraph where its lines are things of their own; a run of numbered lines is a list.

    Its lines are no more than those up to `last`, though a formula may have been given lines of its own.
    """
    items: list[Item] = []
    ordered = True
    for part in split_lines(text):
        end = min(line + part.count("\n"), last)
        image = IMAGE_LINE.match(part)
        if is_item(part) and "\n" in text:
            ordered = not is_bullet(part)
            number = len(items) + 1 if ordered else 0
            items.append(Item((Paragraph(without_mark(part), line, end),), line, end, number))
        else:
            yield from _gathered(items, directive, ordered=ordered)
            items = []
            if image:
                yield Image(image[2], image[1], line, end, directive)
            elif tex := displayed(part):
                yield Math(tex, line, end, directive)
            else:
                yield Paragraph(part, line, end, directive)
        line = min(end + 1, last)
    yield from _gathered(items, directive, ordered=ordered)


def _gathered(items: list[Item], directive: Directive, *, ordered: bool) -> Iterator[AnyBlock]:
    if items:
        yield List(ordered=ordered, items=tuple(items), line=items[0].line, end=items[-1].end, directive=directive)


def _heading(reader: _Reader, opened: "Token") -> Iterator[AnyBlock]:
    text = reader.said(reader.take())
    reader.take()
    line, end = reader.lines(opened)
    if text.startswith(TOGGLE_END):
        yield SectionEnd(line, end)
    elif text.startswith(TOGGLE):
        yield Heading(text[1:], TOGGLED, line, end, reader.directed())
    else:
        yield Heading(text, int(opened.tag[1]), line, end, reader.directed())
        if "{{c" in text and without_gaps(text) != text:  # a title that hides something is a card of its own
            yield Paragraph(text, line, end)


def _fence(reader: _Reader, token: "Token") -> Iterator[AnyBlock]:
    line, end = reader.lines(token)
    words = token.info.split()
    first = line + 1 if token.type == "fence" else line
    yield CodeBlock(words[0].lower().strip("{}.") if words else "", token.content, line, end, first, reader.directed())


def _math(reader: _Reader, token: "Token") -> Iterator[AnyBlock]:
    yield Math(token.content, *reader.lines(token), reader.directed())


def _rule(reader: _Reader, token: "Token") -> Iterator[AnyBlock]:
    yield ThematicBreak(*reader.lines(token))


def _html(reader: _Reader, token: "Token") -> Iterator[AnyBlock]:
    from ankillm.markdown.html_blocks import html_markdown  # noqa: PLC0415  (only notes with raw HTML pay for a parser)
    from ankillm.markdown.parser import block_parser  # noqa: PLC0415  (likewise)
    from ankillm.markdown.raw_html import read_directive  # noqa: PLC0415  (likewise)

    written, comments = html_markdown(token.content)
    line, end = reader.lines(token)
    if written:
        tokens = block_parser().parse(written, dict(reader.references))
        tokens = [token for token in tokens if token.type != "html_block"]
        numbers = [line] * (written.count("\n") + 1)
        yield from _until(_Reader(tokens, reader.references, reader.directed(), numbers, last=max(line, end)))
    for words in comments:
        reader.directive = read_directive(words)


def _nested(blocks: Iterator[AnyBlock], *, of_item: bool = False) -> Iterator[Block]:
    """Yield blocks within an item or a quote, where no section can be: its title is a line in bold.

    So is a heading in an item: programs that write all in lists have it so.
    """
    for block in blocks:
        if isinstance(block, Heading) and (block.level == TOGGLED or of_item):
            text = block.text if "**" in block.text else f"**{block.text}**"
            yield Paragraph(text, block.line, block.end, block.directive)
        elif not isinstance(block, SectionEnd):
            yield block


def _quote(reader: _Reader, opened: "Token") -> Iterator[AnyBlock]:
    directive = reader.directed()
    blocks = tuple(_nested(_until(reader, "blockquote_close")))
    yield Quote(blocks, *reader.lines(opened), directive)


def _list(reader: _Reader, opened: "Token") -> Iterator[AnyBlock]:
    directive = reader.directed()
    items: list[Item] = []
    close = opened.type.replace("_open", "_close")
    while (token := reader.take()).type != close:
        of_item = reader.directed()
        blocks = tuple(_nested(_until(reader, "list_item_close"), of_item=True))
        line, end = reader.lines(token)
        if blocks:
            items.append(Item(blocks, line, end, int(token.info) if token.info.isdigit() else 0, of_item))
    if items:
        yield List(opened.type == "ordered_list_open", tuple(items), *reader.lines(opened), directive)


def _table(reader: _Reader, opened: "Token") -> Iterator[AnyBlock]:
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    cells: list[str] = []
    while (token := reader.take()).type != "table_close":
        if token.type == "tr_open":
            lines.append(reader.lines(token)[0])
        elif token.type == "inline":
            cells.append(reader.said(token))
        elif token.type == "tr_close":
            rows.append(tuple(cells))
            cells = []
    yield Table(rows[0], tuple(rows[1:]), tuple(lines[1:]), *reader.lines(opened), reader.directed())


READERS: "dict[str, Callable[[_Reader, Token], Iterator[AnyBlock]]]" = {
    "paragraph_open": _paragraph,
    "heading_open": _heading,
    "fence": _fence,
    "code_block": _fence,
    "math_block": _math,
    "hr": _rule,
    "html_block": _html,
    "blockquote_open": _quote,
    "bullet_list_open": _list,
    "ordered_list_open": _list,
    "table_open": _table,
}


def _until(reader: _Reader, close: str = "") -> Iterator[AnyBlock]:
    """Yield blocks up to a token that closes what they are in; without one, all that are left."""
    while reader.at < len(reader.tokens) and (token := reader.take()).type != close:
        if read := READERS.get(token.type):
            yield from read(reader, token)


def read_blocks(
    tokens: "Sequence[Token]", references: Mapping[str, Any], numbers: Sequence[int]
) -> tuple[AnyBlock, ...]:
    """Return the blocks of a note in reading order.

    `references` is markdown-it's environment, `numbers` holds the number in the file of each line.
    """
    return tuple(_until(_Reader(tokens, references, NO_DIRECTIVE, numbers)))
