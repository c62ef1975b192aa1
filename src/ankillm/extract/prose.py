"""Prose: where its sentences end, where its lines break for good, and the label in front of it.

Code, formulas, links, brackets, quotes and bold are wholes: nothing is cut inside one.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from ankillm.common.patterns import CHINESE, HAN, regex
from ankillm.markdown.inline import math_kept

WHOLES = (
    (("`",), regex(r"`[^`]*`")),
    (("$",), regex(r"\$\$[^$]+\$\$|\$[^$\n]+\$")),
    (
        ("](", "[[", "://"),
        regex(r"!?\[[^\[\]]*\]\([^()]*\)|\[\[[^\[\]]*\]\]|<?https?://[^\s<>，。；、）]*[^\s<>，。；、）.,;:!?]>?"),
    ),
    (("”", "」", '"'), regex(r"“[^“”]{0,200}”|「[^「」]{0,200}」|\"[^\"\n]{0,120}\"")),
    ((")", "）", "]", "】"), regex(r"[（(][^（()）]*[)）]|\[[^\[\]]*\]|【[^【】]*】")),
    ((")", "）"), regex(r"[（(][^（()）]*[)）]")),
    (("**", "__"), regex(r"\*\*[^*\n]+\*\*|__[^_\n]+__")),
)
"""What is never cut, and signs of which one is in it."""
RUN = r"[.!?](?<![.!?][.!?])"
"""The first of the signs that end a sentence together: from there alone, or runs without end take their square."""
ENDS = rf"(?:{RUN}(?<=\S[.!?])|(?<=\s[.!?])[.!?]|(?<=\A[.!?])[.!?])[.!?]*+[\"'”’)\]*_]*+(?=\s)"
END = regex(rf"(?:[。！？]+[”’」』）)\]*_]*|[；;](?=\s*{HAN})|{ENDS}|{RUN}[.!?]*+[\"'”’)\]*_]*+(?={HAN}))\s*")
SHORT = regex(
    r"(?:\b(?:e\.?g|i\.?e|figs?|vs|eqs?|sec|cf|al|approx|dr|mr|mrs|ms|prof|no|resp|w\.r\.t|a\.k\.a|ch|vol|pp?|st)|\b[A-Z]|^\W*\d{1,3}|^\W*[ivx]{1,4}|\.\.)$",
    re.IGNORECASE,
)
"""What stands before a full stop that ends no sentence."""
START = regex(rf"[A-Z\d`*_\"“‘(\[$<$\\-]|{HAN}|[^\w\s]")
SEQUEL = regex(r"(?:但|而|也|则|否则|然后|同时|以及|并|从而|因此|所以|\d|[（(]\d)")
"""How the second half of a Chinese sentence starts that a semicolon does not part from the first."""
HALF = 12
"""Characters, at least, on both sides of a semicolon that parts statements."""
SEPARATOR = regex(rf"：|:(?=\s|{HAN})|\s[-–—]{{1,2}}\s|——")
LABEL_SIGNS = regex(r"[。，,；;！？!?]|\.\s|\n")
MARKED_LABEL = regex(
    r"\s*(?P<mark>\*\*|__|`|\*|_)(?P<label>[^*`\n]{1,60}?)(?:\s*[：:.。]\s*(?P=mark)\s*[：:]?|(?P=mark)\s*(?:[：:]|\s[-–—]{1,2}\s|——))\s*(?=\S)"
)
LONGEST_LABEL = 48
LABELLED = regex(rf"[^\W\d][^\n：:，。,；;!！?？]{{0,23}}(?:：|:(?=\s|{HAN}))\s*[^\s：:]")
"""A line that starts with a label and goes on."""


@lru_cache(maxsize=64)
def _masked(text: str) -> str:
    """Return a text with its wholes blanked out, each character in its place."""
    for signs, pattern in WHOLES:
        if any(sign in text for sign in signs):
            text = pattern.sub(lambda match: "\0" * len(match[0]), text)
    return text


def width(text: str) -> int:
    """Return how wide a line looks: Chinese characters count twice."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def unwrapped(text: str) -> str:
    """Return hard-wrapped lines as one: without a space between Chinese characters."""
    if "\n" not in text:
        return text
    out = ""
    for line in text.split("\n"):
        part = line.strip().removesuffix("\\")
        tight = not out or (CHINESE.match(out[-1:]) and CHINESE.match(part[:1])) or out[-1:] in "，。；：、！？"
        out += part if tight else f" {part}"
    return out


def line_starts(text: str) -> Iterator[int]:
    """Yield where a line starts a statement of its own, because the line above was ended and not just wrapped."""
    lines = text.split("\n")
    widest = max(map(width, lines))
    at = 0
    for above, line in pairwise(lines):
        at += len(above) + 1
        part = line.lstrip()
        listed = LABELLED.match(part) and LABELLED.match(above.lstrip())
        short = width(above) * 4 < widest * 3 and START.match(part)
        if above.endswith(("  ", "\\", "<br>")) or (
            (listed or short) and not above.rstrip().endswith(("，", ",", "、"))
        ):
            yield at + len(line) - len(part)


def _ends(text: str) -> Iterator[int]:
    """Yield where sentences end, with the space behind them."""
    blank = _masked(text)
    start = 0
    for match in END.finditer(blank):
        end = match.end()
        sign = match[0][0]
        if end >= len(text):
            return
        if sign in "；;":
            tail = END.search(blank, end)
            long = match.start() - start >= HALF and (tail.start() if tail else len(text)) - end >= HALF
            ended = long and not SEQUEL.match(text, end)
        elif sign in ".!?":
            stop = sign == "." and SHORT.search(text, max(start, match.start() - 8), match.start())
            ended = not stop and bool(START.match(text, end))
        else:
            ended = True
        if ended:
            yield end
            start = end


def statements(text: str) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a paragraph's Markdown that are sentences."""
    cuts = sorted({0, *_ends(text), *(line_starts(text) if "\n" in text else ()), len(text)})
    blank = _masked(text)
    spans = [cut for cut in cuts if cut in {0, len(text)} or blank[cut - 1] != "\0" or blank[cut] != "\0"]
    return tuple((start, end) for start, end in pairwise(spans) if text[start:end].strip())


def label_split(text: str) -> tuple[str, str]:
    """Return the label in front of a text (plain) and the text behind it (Markdown); both empty without one."""
    if match := MARKED_LABEL.match(text):
        return math_kept(match["label"]).strip(), text[match.end() :].strip()
    blank = _masked(text[: LONGEST_LABEL + 80])
    found = SEPARATOR.search(blank)
    if found is None or found.start() == 0 or LABEL_SIGNS.search(blank, 0, found.start()):
        return "", ""
    label, rest = math_kept(text[: found.start()]).strip(), text[found.end() :].strip()
    return (label, rest) if label and rest and len(label) <= LONGEST_LABEL else ("", "")


ASKS = regex(
    r"(?:什么是|为什么|为何|如何|怎么|怎样|哪些|what|why|how|when|which|where|who|should|can|is|are|does|do)\b|(?:什么是|为什么|为何|如何|怎么|怎样|哪些)",
    re.IGNORECASE,
)
QUESTION_END = regex(r"[?？][\s*_”\"）)]*$")


def is_question(text: str, *, titled: bool = False) -> bool:
    """Whether a text asks something; a title may do so without a question mark."""
    if QUESTION_END.search(text):
        return True
    return titled and bool(ASKS.match(text.lstrip("*_# ")))
