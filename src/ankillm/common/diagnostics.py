"""What the reader is told: one line with its place, what is wrong and what to do."""

from msgspec import Struct

from ankillm.common.patterns import regex

UNPRINTABLE = regex("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What would break a line, steer a terminal, turn its order round or fail to print: names may hold anything."""


def on_one_line(text: str) -> str:
    """Return a text as one line that steers no terminal, whatever name of a file, deck or model stands in it."""
    return UNPRINTABLE.sub("\ufffd", text)


class Diagnostic(Struct, frozen=True):
    """One line about a note or a file, `file:line:column: text`; line and column are 1-based, 0 where unknown."""

    file: str
    line: int
    text: str
    column: int = 0

    def __str__(self) -> str:
        """Return the line, in the form that editors can jump to."""
        place = [self.file, *(str(number) for number in (self.line, self.column) if number)]
        line = f"{':'.join(place)}: {self.text}" if self.file else self.text
        return on_one_line(line)


class Span(Struct, frozen=True):
    """Where a piece of a note stands: the path to show, the first and the last line (1-based, inclusive)."""

    file: str
    line: int
    end: int


class Refusal(Exception):  # noqa: N818  (not a fault of the program: the command can't be carried out, exit code 2)
    """Nothing can be done and nothing was written; the text is the one line to show, after what led to it."""

    def __init__(self, text: str, before: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(text)
        self.before = before
