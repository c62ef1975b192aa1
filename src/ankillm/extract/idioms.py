"""Code as learners read it: a commented line, a comment with the lines under it, lines between two empty ones."""

from collections.abc import Iterator

from msgspec import Struct

from ankillm.markdown.blocks import CodeBlock

SLASHES = frozenset("c cpp c++ cuda go java js javascript jsx kotlin php rust scala swift ts tsx typescript".split())
DASHES = frozenset("sql mysql lua haskell".split())
OUTPUT = frozenset("text txt plaintext plain log output console-output json csv".split())
"""Languages of blocks that hold no code: one idiom each."""


class Idiom(Struct, frozen=True):
    """Some lines of code with the comment that says what they do; `first` and `last` count from 0."""

    comment: str
    code: str
    first: int
    last: int


def sign_of(language: str) -> str:
    """Return what starts a comment in a language."""
    return "//" if language in SLASHES else "--" if language in DASHES else "#"


def _comment(line: str, sign: str) -> str:
    """Return the text of a line that is nothing but a comment."""
    part = line.strip()
    return part.lstrip(sign[0]).strip(" -=*") if part.startswith(sign) and not part.startswith("#!") else ""


def _tail(line: str, sign: str) -> tuple[str, str]:
    """Return a line's code and the comment behind it; no comment, no code."""
    at = line.find(f" {sign}", 1)
    while at > 0:
        code = line[:at]
        if code.strip() and code.count('"') % 2 == 0 and code.count("'") % 2 == 0:
            return code.rstrip(), line[at + 1 :].lstrip(sign[0]).strip()
        at = line.find(f" {sign}", at + 1)
    return "", ""


def idioms(fence: CodeBlock) -> Iterator[Idiom]:
    """Yield the idioms of a code block in order; every line that is not empty belongs to one."""
    lines = fence.code.rstrip("\n").split("\n")
    if fence.language in OUTPUT:
        yield Idiom("", "\n".join(lines).strip("\n"), 0, len(lines) - 1)
        return
    sign = sign_of(fence.language)
    comment: list[str] = []
    code: list[str] = []
    start = 0
    for at, line in enumerate([*lines, ""]):
        words = _comment(line, sign)
        kept, tail = ("", "") if words else _tail(line, sign)
        if (not line.strip() or tail or (words and code)) and (comment or code):
            yield from _idiom(comment, code, start, at - 1)
            comment, code = [], []
        if tail:
            yield Idiom(tail, kept.strip(), at, at)
        elif line.strip():
            start = at if not comment and not code else start
            (comment if words and not code else code).append(words or line)


def _idiom(comment: list[str], code: list[str], first: int, last: int) -> Iterator[Idiom]:
    """Yield one idiom, its code without the indentation that all of its lines share."""
    indent = min((len(line) - len(line.lstrip()) for line in code), default=0)
    yield Idiom(" ".join(comment), "\n".join(line[indent:].rstrip() for line in code), first, last)
