"""Rows of tables that are cut within code, math or a link: put together again, or left out and told."""

import re

from ankillm.common.patterns import regex
from ankillm.markdown.code_spans import code_spans
from ankillm.markdown.dialects.lines import ITEM, Line

RULE = regex(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
ROW = regex(r"(?P<prefix>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<cells>\|(?=[\s|]*[^\s|]).*\|)[ \t]*$")
PIPE = regex(r"(?<!\\)\|")
MATH = regex(r"(?<![\\$\d])\$(?![\s$])(?:[^$\\\n]|\\.)*?(?<!\s)\$(?![\d$])")
NORM = regex(r"\\\|(?P<inner>(?:(?!\\\|).)+)\\\|")
OF_NORM = regex(r"[ \t]*[_^]")
NAMES_NORM = regex(r"\bnorm|范数|正则|L[12p](?!\w)", re.IGNORECASE)
WIKI = regex(r"(!?\[\[[^\[\]\n|\\]+)\|(?=[^\[\]\n|]*\]\])")
WHOLE = (MATH, regex(r"\\\((?:(?!\\[()]).)+\\\)"), regex(r"!?\[\[[^\[\]\n]+\]\]"))


def with_rows(lines: list[Line], warnings: list[tuple[int, str]]) -> list[Line]:
    """Return lines with pipes in code and math escaped where they cut a row; a row that stays too long is left out."""
    out = _ruled(lines)
    gone: set[int] = set()
    at = 1
    while at < len(out):
        rule = out[at].text
        if out[at].code or "|" not in rule or not RULE.match(rule) or "|" not in out[at - 1].text:
            at += 1
            continue
        count = len(_cells(rule))
        row = at - 1
        while row < len(out) and (row == at or ("|" in out[row].text and not out[row].code)):
            out[row] = out[row]._replace(text=_with_norms(WIKI.sub(r"\1\\|", out[row].text)))
            if row != at and len(_filled(out[row].text, count)) > count:
                text = _escaped(out[row].text)
                cells = len(_filled(text, count))
                out[row] = out[row]._replace(text=text)
                if cells > count and row > at:
                    gone.add(row)
                    warnings.append(
                        (out[row].number, f"the row has {cells} cells, its header {count}; it gives no card")
                    )
            row += 1
        at = max(row, at + 1)
    return [line for at, line in enumerate(out) if at not in gone]


def _ruled(lines: list[Line]) -> list[Line]:
    """Return lines with the rule below a table's head, where Logseq needs none: rows that are closed at both ends."""
    out: list[Line] = []
    in_table = False
    for at, line in enumerate(lines):
        row = ROW.match(line.text) if "|" in line.text and not line.code else None
        out.append(line)
        if row and not in_table and at + 1 < len(lines):
            below = lines[at + 1]
            count = len(_cells(row["cells"]))
            other = None if RULE.match(below.text) or below.code else ROW.match(below.text)
            if other and count > 1 and not ITEM.match(below.text) and len(_cells(other["cells"])) == count:
                out.append(Line(re.sub(r"[^\t]", " ", row["prefix"]) + "|" + "---|" * count, line.number))
        in_table = "|" in line.text and not line.code
    return out


def _with_norms(text: str) -> str:
    r"""Write `\|x\|` in a formula as `\Vert` where it is a norm: the parser takes the backslash for a cell's own."""
    if text.count("\\|") < 2 or "$" not in text:  # noqa: PLR2004  (one opens, one closes)
        return text
    named = bool(NAMES_NORM.search(text))

    def norm(match: re.Match[str]) -> str:
        is_norm = named or OF_NORM.match(match.string, match.end())
        return rf"\Vert {match['inner'].strip()} \Vert" if is_norm else match[0]

    return MATH.sub(lambda match: NORM.sub(norm, match[0]), text)


def _cells(text: str) -> list[str]:
    """Return the cells of a row, as the parser cuts it."""
    return PIPE.split(text.strip(" \t>").removeprefix("|").removesuffix("|"))


def _filled(text: str, count: int) -> list[str]:
    """Return the cells of a row, empty ones behind the last column left out."""
    cells = _cells(text)
    while len(cells) > count and not cells[-1].strip():
        cells.pop()
    return cells


def _escaped(text: str) -> str:
    """Escape the pipes in code, math and links between notes."""
    spans = [*code_spans(text), *(match.span() for whole in WHOLE for match in whole.finditer(text))]
    parts, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [text[at:start], PIPE.sub(r"\\|", text[start:end])]
            at = end
    return "".join(parts) + text[at:]
