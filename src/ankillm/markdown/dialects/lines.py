"""Lines of a note on their way to the parser: each with its number in the file, and whether it is code."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ankillm.common.patterns import regex

TOGGLE, TOGGLE_END = "\ufdd2", "\ufdd3"
"""Start a heading that opens a section of its own kind, or ends it; no note holds them, `normalised` sees to that."""
PREFIX = regex(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")
"""What stands before the words of a line: quote signs, indents, marks of lists."""
FENCE = regex(r"(`{3,}(?=[^`]*$)|~{3,})")
ITEM = regex(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
INDENTED = regex(r"(?: {4}| {0,3}\t)[ \t]*\S")
ASKS = regex(r"[?？]\W*$")
DOLLARS = "$$"
FORMULA_NAME = regex(r"\([A-Za-z][\w:.-]*\)|\{#[\w:.-]+\}")
"""What MyST and Pandoc call a formula, behind it."""
ENVIRONMENT = regex(r"\$\$[ \t]*\\begin\{")
MOST_MATH = 200
"""Lines of one displayed formula."""


class Line(NamedTuple):
    """A line: its text, its number in the file (1-based), whether it is code or a formula, which no dialect touches."""

    text: str
    number: int
    code: bool = False

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return not self.text.strip()


def toggle(title: str, number: int, prefix: str = "") -> Line:
    """Return the line that opens a section with this title."""
    return Line(f"{prefix}###### {TOGGLE}{title}", number)


def toggle_end(number: int, prefix: str = "") -> Line:
    """Return the line that ends the section opened last."""
    return Line(f"{prefix}###### {TOGGLE_END}", number)


def prefix_of(text: str) -> str:
    """Return what stands before the words of a line."""
    match = PREFIX.match(text)
    return match[0] if match else ""


def indent_of(prefix: str) -> str:
    """Return what stands before the words of the lines that go on with one: quote signs, and spaces for the rest."""
    return re.sub(r"[^>\t]", " ", prefix)


def _fences(lines: Sequence[Line]) -> Iterator[Line]:
    """Mark fences with what is in them; one in a quote or in an item ends with it."""
    closing: re.Pattern[str] | None = None
    quoted, indent = False, 0
    for line in lines:
        if closing and not line.blank:
            inner = line.text.lstrip(" \t")
            if (quoted and not inner.startswith(">")) or len(line.text) - len(inner) < indent:
                closing = None
        if closing:
            yield line._replace(code=True)
            closing = None if closing.match(line.text) else closing
            continue
        prefix = prefix_of(line.text) if "```" in line.text or "~~~" in line.text else ""
        fence = FENCE.match(line.text, len(prefix))
        if fence:
            closing = re.compile(rf"[ \t>]*{re.escape(fence[1][0])}{{{len(fence[1])},}}[ \t]*$")
            quoted, indent = ">" in prefix, len(prefix) if prefix.strip(" \t>") else 0
        yield line._replace(code=True) if fence else line


def _formulas(lines: Sequence[Line]) -> Iterator[Line]:
    """Mark the lines of displayed formulas of more than one line, and give their signs lines of their own."""
    signs = [at for at, line in enumerate(lines) if not line.code and line.text.count(DOLLARS) == 1]
    ends: dict[int, int] = {}
    last = -1
    for here, there in pairwise(signs):
        text = lines[here].text
        begins = text[len(prefix_of(text)) :].startswith(DOLLARS) or bool(ENVIRONMENT.search(text))
        between = lines[here + 1 : there]
        if (
            here > last
            and there - here <= MOST_MATH
            and (begins or not any(line.blank or line.code for line in between))
        ):
            ends[here] = last = there
    until = -1
    for at, line in enumerate(lines):
        before, _, after = line.text.partition(DOLLARS)
        if at in ends:
            until = ends[at]
            prefix = prefix_of(before)
            words = before[len(prefix) :].strip()
            yield from [line._replace(text=before.rstrip())] if words else []
            indent = indent_of(prefix)
            yield line._replace(text=f"{indent if words else prefix}{DOLLARS}", code=True)
            yield from [line._replace(text=indent + after.strip(), code=True)] if after.strip() else []
        elif at == until:
            prefix = before[: len(before) - len(before.lstrip(" \t>"))]
            yield from [line._replace(text=before, code=True)] if before.strip(" \t>") else []
            yield line._replace(text=f"{prefix}{DOLLARS}", code=True)
            words = "" if FORMULA_NAME.fullmatch(after.strip()) else after.strip()
            yield from [line._replace(text=prefix + words)] if words else []
        elif at > until or not line.blank:  # a blank line would end the formula
            yield line._replace(code=True) if at < until else line


def _dedented(lines: Sequence[Line]) -> Iterator[Line]:
    """Take the indent off lists that are indented like code, with nothing above to belong to."""
    shift, in_list, blank = "", False, True
    for line in lines:
        text = line.text
        if line.code or line.blank:
            blank = blank or line.blank
        elif shift and text.startswith(shift):
            line = line._replace(text=text[len(shift) :])  # noqa: PLW2901  (the same line)
        else:
            shift = ""
            indented = INDENTED.match(text)
            if blank and indented and not in_list and ITEM.match(text):
                shift = text[: len(text) - len(text.lstrip())]
                line = line._replace(text=text[len(shift) :])  # noqa: PLW2901  (likewise)
            in_list = bool(ITEM.match(text)) or (in_list and (bool(indented) or text[:1].isspace() or not blank))
            blank = False
        yield line


def _indented(lines: Sequence[Line]) -> Iterator[Line]:
    """Mark indented code: under a blank line, and under no list."""
    in_list, blank, code = False, True, False
    for line in lines:
        if line.code or line.blank:
            yield line
            blank = blank or line.blank
            continue
        indented = bool(INDENTED.match(line.text))
        code = indented and (code or (blank and not in_list))
        if not indented:
            in_list = bool(ITEM.match(line.text)) or (in_list and (line.text[:1].isspace() or not blank))
        blank = False
        yield line._replace(code=True) if code else line


def numbered(text: str) -> list[Line]:
    """Return the lines of a text with their numbers."""
    return [Line(line, number) for number, line in enumerate(text.split("\n"), 1)]


def with_code(lines: Iterable[Line]) -> list[Line]:
    """Return lines with code and displayed formulas marked, and lists that stand indented under nothing moved out."""
    marked = [line._replace(code=False) if line.code else line for line in lines]
    text = "\n".join(line.text for line in marked)
    if "```" in text or "~~~" in text:
        marked = list(_fences(marked))
    if DOLLARS in text:
        marked = list(_formulas(marked))
    if "    " in text or "\t" in text:
        marked = list(_indented(list(_dedented(marked))))
    return marked
