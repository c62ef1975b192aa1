"""The last check of a card: nothing of a note's signs is left over on it, and no number is another one.

`broken` compares a finished card with the lines that it was made from, and gives the code of what is wrong.
"""

import re
from functools import lru_cache

from ankillm.common.patterns import regex
from ankillm.markdown.dialects import normalised
from ankillm.markdown.gaps import without_gaps
from ankillm.markdown.inline import plain_text
from ankillm.markdown.spans import masked

DIGITS = regex(r"\d+")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉０１２３４５６７８９", "012345678901234567890123456789")
FENCED = regex(r"^([ \t>]*)(`{3,}|~{3,}).*?(?:^[ \t>]*\2[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
FORMULA = regex(r"\$\$.*?\$\$", re.DOTALL)
ESCAPED = regex(r"\\.", re.DOTALL)
ADDRESS = regex(r"\]\((?:<[^<>]*>|[^()\s]*)")
LIST_NUMBER = regex(r"^[ \t]*\d+[.)][ \t]", re.MULTILINE)
LEFT_OVER: tuple[tuple[str, str, "re.Pattern[str]"], ...] = (
    ("open-math", "a formula is cut", regex(r"(?<!\w)\$(?=[\\A-Za-z{(|])(?![A-Z]{3}\b)|(?<=[\w}\\)])\$(?!\w)")),
    ("open-bold", "a mark of bold is left over", regex(r"\*\*(?=\S)(?![*\s\d])|(?<=[^\s*\d])\*\*")),
    ("open-code", "a mark of code is left over", regex(r"`")),
    ("highlight", "a mark of a highlight is left over", regex(r"(?<![=!<>\w])==(?=[^\s=])|(?<=[^\s=!<>])==(?![=\w])")),
    ("comment", "a mark of a comment is left over", regex(r"(?<![\w%])%%(?!%)")),
    ("gap", "a gap's mark is left over", regex(r"\{\{c\d*::")),
    ("embed", "an embed is left over", regex(r"!\[\x00\[")),
)
"""The signs that a card shows only where its source means them so: a code, what is wrong, what it looks like."""
REASONS = {code: reason for code, reason, _ in LEFT_OVER} | {
    "number-changed": "a number of the answer does not stand in the note there",
}
"""What the codes of `broken` mean."""


def broken(front: str, back: str, source: str) -> str:
    """Return the code of what is wrong with a card, empty if it is whole.

    `front` and `back` are its Markdown, gaps filled; `source` holds the lines of the note that it was made from.
    """
    for text in (front, back):
        if code := _left_over(text, source):
            return code
    if not any(map(str.isdigit, back)):
        return ""
    answer = ADDRESS.sub("](", LIST_NUMBER.sub("", FENCED.sub("", back)))
    return "" if _numbers(answer) <= _numbers(source) else "number-changed"


def _left_over(text: str, source: str) -> str:
    """Return the code of a sign that stands in a text outside of code and formulas, more often than it was meant."""
    bare = _bare(text.replace("![[", "![\0["))  # an embed would be a span
    if not any(sign in bare for sign in ("$", "**", "`", "==", "%%", "{{c", "![\0[")):
        return ""
    meant = _bare(without_gaps(normalised(source).text))
    for code, _, pattern in LEFT_OVER:
        if (found := len(pattern.findall(bare))) and found > len(pattern.findall(meant)):
            return code
    return ""


def _bare(text: str) -> str:
    """Return a text without what may hold any sign: fences, formulas, closed spans, what is escaped."""
    blocks = FORMULA.sub("", FENCED.sub("", text))
    return "\n".join(ESCAPED.sub("", masked(line)) for line in blocks.split("\n"))


@lru_cache(maxsize=8)  # many cards are made from one paragraph
def _numbers(text: str) -> frozenset[str]:
    """Return the runs of digits of a text as it is read, raised ones among them."""
    return frozenset((*DIGITS.findall(text.translate(RAISED)), *DIGITS.findall(plain_text(text).translate(RAISED))))
