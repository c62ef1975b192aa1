"""Where inline Markdown stands in its file: line and column of every link, code span and character of prose."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ankillm.common.patterns import regex

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

MARKED = frozenset({"link", "image", "autolink", "backticks", "html_inline", "math_inline"})
PIPE = regex(r"(?<!\\)\|")
CONTAINERS = regex(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*")
CLOSING_HASHES = regex(r"\s+#+\s*$")


def mark_places(markdown: "MarkdownIt") -> None:
    """Let the parser note in `meta["span"]` which characters of the inline text a link, code span… was read from."""
    for rule in list(markdown.inline.ruler.__rules__):
        if rule.name in MARKED:
            markdown.inline.ruler.at(rule.name, _marking(rule.fn))


def _marking(rule: "Callable[[StateInline, bool], bool]") -> "Callable[[StateInline, bool], bool]":
    def marking(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  (markdown-it's signature)
        start, before = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent:
            new = next((token for token in state.tokens[before:] if token.type != "text"), None)
            if new is not None:
                new.meta.setdefault("span", (start, state.pos))
        return found

    return marking


class Prose(Struct, frozen=True):
    """The inline text of one paragraph, heading or table cell, and where each of its lines ends in the file."""

    content: str
    children: "Sequence[Token]"
    heading: bool
    line: int
    """The first line in the file, 1-based."""
    ends: tuple[int, ...]
    """For each line of the content, the column (0-based) after its last character that is no space."""
    cell: bool

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column (1-based, in characters) of a character of the content."""
        row = self.content.count("\n", 0, offset)
        end = self.content.find("\n", offset)
        rest = self.content[offset : end if end >= 0 else len(self.content)].rstrip()
        escapes = rest.count("|") if self.cell else 0  # a pipe in a cell was written with a backslash
        return self.line + row, self.ends[row] - len(rest) - escapes + 1

    def spans(self, *types: str) -> Iterator["tuple[Token, int, int]"]:
        """Yield the tokens of some types (all if none is named) with the characters they were read from."""
        for token in self.children:
            if "span" in token.meta and (not types or token.type in types):
                yield (token, *token.meta["span"])

    def masked(self, *types: str) -> str:
        """Return the content with the source of some tokens (all marked ones by default) blanked out, in place."""
        parts, at = [], 0
        for _, start, end in self.spans(*types):
            if end > at:
                parts += [self.content[at : max(start, at)], "\0" * (end - max(start, at))]
                at = end
        return "".join(parts) + self.content[at:]


def prose(text: str, tokens: "Sequence[Token]") -> Iterator[Prose]:
    """Yield the inline text of a note in reading order."""
    lines = text.split("\n")
    cell, heading = -1, False
    for token in tokens:
        if token.type in {"tr_open", "table_close"}:
            cell = -1
        elif token.type in {"th_open", "td_open"}:
            cell += 1
        elif token.type in {"heading_open", "heading_close"}:
            heading = token.nesting == 1
        elif token.type == "inline" and token.map:
            first = token.map[0]
            ends = (_cell_end(lines[first], cell),) if cell >= 0 else tuple(_line_ends(lines[first:], token.content))
            yield Prose(token.content, token.children or (), heading, first + 1, ends, cell >= 0)


def _line_ends(lines: Sequence[str], content: str) -> Iterator[int]:
    """Yield where each line of the content ends: at the line's end, but for the closing hashes of a heading."""
    for source, line in zip(lines, content.split("\n"), strict=False):
        end = source.rstrip()
        yield len(end) if end.endswith(line.strip()) else len(CLOSING_HASHES.sub("", end))


def _cell_end(source: str, cell: int) -> int:
    """Return where the text of a table's cell ends in its row."""
    pipes = [match.start() for match in PIPE.finditer(source)] + [len(source)]
    leading = bool(CONTAINERS.fullmatch(source, 0, pipes[0]))
    end = pipes[min(cell + leading, len(pipes) - 1)]
    return len(source[:end].rstrip())
