r"""Displayed formulas in other signs: `\[` and `\]` over lines, fences of the language `math`, environments of TeX.

Chat programs copy `\[` as `[`: brackets around TeX that fill their lines are a formula too.
"""

import re
from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import MOST_MATH, Line, indent_of, prefix_of

FENCE = regex(
    r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?:`{3,}|~{3,})[ \t]*(?:math|latex-math|katex)[ \t]*$", re.IGNORECASE
)
CLOSES = regex(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*$")
OPENS = regex(r"(?P<prefix>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)\\\[(?P<tex>(?:(?!\\\]).)*)$")
ENDS = regex(r"(?P<tex>.*?)\\\](?P<after>[ \t]*[.,，。]?[ \t]*)$")
ESCAPED_ALONE = regex(r"^([ \t>]*)\\(\\[\[\]])[ \t]*$")
r"""A bracket whose backslash was escaped for a generator of sites, alone in its line: `\\[`."""
BEGINS = regex(
    r"(?P<prefix>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)"
    r"(?=\\begin\{(?P<name>(?:equation|align(?:ed|at|edat)?|gather(?:ed)?|multline|eqnarray|split|cases|array|[bpvBV]?matrix)\*?)\})"
)
BARE = regex(r"(?P<prefix>[ \t>]*)\[(?: (?P<tex>[^\[\]]*\\[A-Za-z].*) \])?[ \t]*[.,，。]?[ \t]*$")
SPACED = regex(r"(?P<prefix>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)\$(?:[ \t]+(?P<tex>[^$]*))?$")
"""A formula between single dollars, with a space or a line break inside of them."""
SPACED_END = regex(r"(?P<tex>[^$]*)\$[ \t]*[.,，。]?[ \t]*$")
BARE_END = regex(r"[ \t>]*\][ \t]*[.,，。]?[ \t]*$")
ESCAPED_INDEX = regex(
    r"(?P<words>\\(?:text\w*|math(?:rm|tt|it|sf)|operatorname)\{[^{}]*\})|\\_(?=\{|[A-Za-z0-9](?![A-Za-z0-9]))"
)
COMMAND = regex(r"\\[A-Za-z]{2,}|[_^]\{")


def with_formulas(lines: list[Line]) -> list[Line]:
    """Return lines with these formulas between `$$`, their lines where they were."""
    lines = list(_fenced(lines))
    if any("\\_" in line.text for line in lines):
        lines = list(_with_indices(lines))
    if any("$" in line.text and not line.code for line in lines):
        lines = list(_spaced(lines))
    if any("\\\\[" in line.text for line in lines):
        lines = [line if line.code else line._replace(text=ESCAPED_ALONE.sub(r"\1\2", line.text)) for line in lines]
    if any("\\[" in line.text for line in lines):
        lines = list(_bracketed(lines))
    if any("\\" in line.text and not line.code for line in lines):
        lines = list(_set_apart(lines))
    return lines


def _with_indices(lines: Sequence[Line]) -> Iterator[Line]:
    """Write displayed formulas with the indices that were meant; fences of code stay."""
    inside = fenced = False
    for line in lines:
        said = line.text.strip(" \t>")
        if line.code and not inside and said.startswith(("```", "~~~")):
            fenced = not fenced
        displayed = inside or said.startswith("$$")
        if not fenced and "$$" in said:
            inside ^= said.count("$$") % 2 == 1
        yield line._replace(text=with_indices(line.text)) if displayed and not fenced else line


def with_indices(tex: str) -> str:
    r"""Return TeX with `_` for `\_{1}` and `x\_i`: escaped for programs that read Markdown in formulas first.

    Words with an underscore, as within `\text{num\_heads}`, keep it.
    """
    return ESCAPED_INDEX.sub(lambda match: match["words"] or "_", tex)


def _spaced(lines: Sequence[Line]) -> Iterator[Line]:
    """Write what stands between single dollars over several lines of a paragraph between two."""
    at = 0
    while at < len(lines):
        line = lines[at]
        opens = SPACED.match(line.text) if "$" in line.text and not line.code else None
        end = _end_of_spaced(lines, at) if opens else 0
        closing = SPACED_END.match(lines[end].text) if end else None
        if not opens or not closing:
            yield line
            at += 1
            continue
        indent = indent_of(opens["prefix"])
        yield Line(f"{opens['prefix']}$$", line.number, code=True)
        if opens["tex"]:
            yield Line(indent + opens["tex"], line.number, code=True)
        yield from (within._replace(code=True) for within in lines[at + 1 : end])
        if closing["tex"].strip(" \t>"):
            yield Line(closing["tex"], lines[end].number, code=True)
        yield Line(f"{indent}$$", lines[end].number, code=True)
        at = end + 1


def _end_of_spaced(lines: Sequence[Line], at: int) -> int:
    """Return where such a formula ends, 0 where none does before the paragraph's end."""
    tex = bool(COMMAND.search(lines[at].text))
    for to in range(at + 1, min(at + MOST_MATH, len(lines))):
        text = lines[to].text
        tex = tex or bool(COMMAND.search(text))
        if lines[to].blank or lines[to].code:
            return 0
        if "$" in text:
            return to if tex and SPACED_END.match(text) else 0
    return 0


def _set_apart(lines: Sequence[Line]) -> Iterator[Line]:
    """Write environments of TeX, and what bare brackets around TeX hold, between `$$`."""
    at = 0
    while at < len(lines):
        line, end = lines[at], 0
        begins = None if line.code else BEGINS.match(line.text) or BARE.match(line.text)
        if begins:
            inner = line.text[begins.end("prefix") :]
            name = begins.groupdict().get("name")
            sign = f"\\end{{{name}}}" if name else ""
            tex = [inner] if name else [begins["tex"]] if begins["tex"] else []
            closed = bool(tex) and (not name or sign in inner)
            end = at if closed else _last(lines, at, sign)
        if not begins or end < 0:
            yield line
            at += 1
            continue
        prefix = begins["prefix"]
        indent = indent_of(prefix)
        yield Line(f"{prefix}$$", line.number, code=True)
        yield from (Line(indent + text, line.number, code=True) for text in tex)
        last = end + 1 if name else end
        yield from (within._replace(code=True) for within in lines[at + 1 : last] if not within.blank)
        yield Line(f"{indent}$$", lines[end].number, code=True)
        at = end + 1


def _last(lines: Sequence[Line], at: int, sign: str) -> int:
    """Return the line in which a formula over several lines ends: with a sign, or in a bracket alone; -1 for none."""
    tex = False
    for to in range(at + 1, min(at + MOST_MATH, len(lines))):
        text = lines[to].text
        if lines[to].code:
            return -1
        if sign and sign in text:
            return to if text.partition(sign)[2].strip(" \t.,，。") == "" else -1
        if not sign and BARE_END.match(text):
            return to if tex else -1
        tex = tex or bool(COMMAND.search(text))
    return -1


def _fenced(lines: Sequence[Line]) -> Iterator[Line]:
    inside = False
    for line in lines:
        if line.code and (CLOSES.match(line.text) if inside else FENCE.match(line.text)):
            inside = not inside
            text = f"{prefix_of(line.text)}$$"
        else:
            text = line.text
        yield line._replace(text=text)


def _bracketed(lines: Sequence[Line]) -> Iterator[Line]:
    at = 0
    while at < len(lines):
        line = lines[at]
        opens = OPENS.match(line.text) if "\\[" in line.text and not line.code else None
        end = _end(lines, at) if opens else 0
        if not opens or not end:
            yield line
            at += 1
            continue
        prefix = opens["prefix"]
        indent = indent_of(prefix)
        yield Line(f"{prefix}$${opens['tex'].rstrip()}", line.number, code=True)
        for within in lines[at + 1 : end]:
            if not within.blank:
                yield within._replace(code=True)
        closing = ENDS.match(lines[end].text)
        tex = closing["tex"].rstrip() if closing else ""
        yield Line(f"{tex}$$" if tex.strip(" \t>") else f"{indent}$$", lines[end].number, code=True)
        at = end + 1


def _end(lines: Sequence[Line], at: int) -> int:
    """Return where a formula that opens in a line ends, 0 where nothing ends it."""
    for to in range(at + 1, min(at + MOST_MATH, len(lines))):
        if lines[to].code or "\\[" in lines[to].text:
            return 0
        if "\\]" in lines[to].text:
            return to if ENDS.match(lines[to].text) else 0
    return 0
