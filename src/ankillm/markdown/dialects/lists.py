"""Lists that end without a blank line: a label in bold, or one over a list of its own, is no part of the item above.

CommonMark lets a line that is not indented go on with the item before it; `**Cons**` below the pros is meant as a
title, as every program that is not so strict shows.
"""

from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import ASKS, ITEM, Line

QUOTED = regex(r"(?:[ ]{0,3}>[ ]?)*")
BOLD = regex(r"(\*\*|__)(?=\S)(?:(?!\1).)+?(?:[：:?？]\s*\1|\1\s*[：:]|\1\s*$)")
"""A label or a question in bold."""
LABEL = regex(r"[^\s\-*+#|>`<$!\[\d][^。.!?！？|]{0,30}[：:]\s*$")
"""A label without marks; over a list."""

DEFINES = regex(r":[ \t]+(?P<said>\S.*)$")
TERM = regex(r"(?:\*\*(?=\S))?(?![-*+>#|:]|\d+[.)]|\s)[^|]{1,60}(?<![。.!！;；:：,，])$")


def with_definitions(lines: Sequence[Line]) -> list[Line]:
    """Return lines with lists of definitions as items: a term, and below it a colon and what it means."""
    out: list[Line] = []
    term = ""
    for line in lines:
        match = DEFINES.match(line.text) if not line.code else None
        at = next((at for at in range(len(out) - 1, max(-1, len(out) - 3), -1) if not out[at].blank), -1)
        above = out[at] if match and at >= 0 else None
        if match and above and not above.code and TERM.match(above.text.rstrip()):
            term = above.text.strip()
            del out[at:]
            out += [Line("", above.number)] if out and not out[-1].blank and not ITEM.match(out[-1].text) else []
        if match and term:
            words = term if "*" in term or "`" in term else f"**{term}**"
            colon = "" if ASKS.search(term) else ":"
            out.append(line._replace(text=f"- {words}{colon} {match['said']}"))
        else:
            term = "" if not line.blank and not line.text[0].isspace() else term
            out.append(line)
    return out


def with_ended_lists(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines with a blank one between a list and a label that stands right below it."""
    prefix, in_list = "", False
    for at, line in enumerate(lines):
        quoted = QUOTED.match(line.text)
        before = quoted[0] if quoted else ""
        text = line.text[len(before) :]
        if line.code or not text.strip() or before.count(">") != prefix.count(">"):
            in_list = in_list and line.code
        elif in_list and not text[0].isspace() and not ITEM.match(text) and _is_label(text, lines, at):
            yield Line(before.rstrip(), line.number)
            in_list = False
        if not line.code and text.strip():
            in_list, prefix = in_list or bool(ITEM.match(text)), before
        yield line


def _is_label(text: str, lines: Sequence[Line], at: int) -> bool:
    if BOLD.match(text):
        return True
    below = lines[at + 1].text.lstrip(" >") if at + 1 < len(lines) else ""
    return bool(LABEL.match(text) and ITEM.match(below))
