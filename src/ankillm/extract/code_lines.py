"""Code as lines: what is code, what is comment, what the line stands under; for any language of pygments."""

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Place
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock
from ankillm.markdown.code_tokens import tokens
from ankillm.markdown.titles import unnumbered

COMMENT_SIGNS = regex(r"^\s*(?:#+|//+|--+|/\*+|%+|<!--)\s*|\s*(?:\*/|-->)\s*$")
OPENS = regex(r"(?<![\w.])([A-Za-z_][\w.]*)\s*\([^()]*$")
LONGEST_ABOUT = 40
HASHED = frozenset({"", "python", "python3", "py"})
"""Languages, and none, in which a comment begins with `#` and no other sign."""


class CodeLine(Struct, frozen=True):
    """A line of a fence: its code without the comment, the comment's words, and where it stands."""

    number: int
    """The line in the note, 1-based."""
    text: str
    """The line without its indentation."""
    code: str
    comment: str
    indent: int
    about: str
    """The words of the comment line that it stands under; empty if there is none."""
    owner: str
    """The call whose parentheses the line stands in: `peft.LoraConfig`; empty if none."""


@lru_cache(maxsize=64)
def _comment_starts(language: str, code: str) -> tuple[int, ...]:
    """Return for each line where its comment starts, -1 for none."""
    from pygments.token import Comment  # noqa: PLC0415  (slow to import; only notes with code pay)

    starts = [-1] * (code.count("\n") + 1)
    if language in HASHED and "#" not in code:  # a fence without a language is most often data
        return tuple(starts)
    line = column = 0
    for kind, value in tokens(code, language or "python"):
        if kind in Comment and kind is not Comment.Preproc and starts[line] < 0:
            starts[line] = column
        line += value.count("\n")
        column = len(value) - value.rfind("\n") - 1 if "\n" in value else column + len(value)
    return tuple(starts)


def place_of(line: CodeLine, scope: Scope) -> Place:
    """Return where a line of code stands: under the comment line above it, if there is one."""
    return Place((*scope.path, line.about) if line.about else scope.path, line.number, line.number)


def stands_under_comment(language: str, code: str, at: int) -> bool:
    """Whether the line above a character is a comment and nothing else."""
    above = code.count("\n", 0, at) - 1
    if above < 0:
        return False
    start = _comment_starts(language, code)[above]
    return start >= 0 and not code.split("\n")[above][:start].strip()


def words_of(comment: str) -> str:
    """Return a comment's words, without its sign and numbering."""
    return unnumbered(COMMENT_SIGNS.sub("", COMMENT_SIGNS.sub("", comment)).strip()).rstrip("：:")


@lru_cache(maxsize=64)  # six rules look at a fence, one after the other
def code_lines(fence: CodeBlock) -> tuple[CodeLine, ...]:
    """Return the lines of a fence that hold anything."""
    return tuple(_lines(fence))


def _lines(fence: CodeBlock) -> Iterator[CodeLine]:
    starts = _comment_starts(fence.language, fence.code)
    about: list[tuple[int, str]] = []
    owners: list[tuple[int, str]] = []
    for offset, line in enumerate(fence.code.split("\n")):
        if not line.strip():
            continue
        start = starts[offset]
        indent = len(line) - len(line.lstrip())
        code = (line if start < 0 else line[:start]).strip()
        comment = words_of(line[start:]) if start >= 0 else ""
        about = [entry for entry in about if entry[0] <= indent]
        owners = [entry for entry in owners if entry[0] < indent]
        if not code and comment:
            about = [entry for entry in about if entry[0] < indent]
            if len(comment) <= LONGEST_ABOUT:
                about.append((indent, comment))
        yield CodeLine(
            fence.first + offset,
            line.strip(),
            code,
            comment,
            indent,
            about[-1][1] if about else "",
            owners[-1][1] if owners else "",
        )
        if opened := OPENS.search(code):
            owners.append((indent, opened[1]))


@lru_cache(maxsize=16)
def parsed(code: str) -> ast.Module | None:
    """Return the tree of a piece of Python; None for what is no Python, or nested without end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a note's `'\\d'` is no business of whoever builds
            return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
