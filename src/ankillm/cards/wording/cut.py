"""A cut in a statement: what is to be asked for, and what stands around it."""

import re
from bisect import bisect_right
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.patterns import BRACKETED, CHINESE, regex
from ankillm.markdown.sentences import END, WHOLE

PROTECTED = regex(f"{WHOLE}|{BRACKETED}")
"""Code, formulas, links and brackets, in which no sentence ends."""
CLOSERS = {"（": "）", "(": ")", "[": "]", "「": "」", "“": "”", "《": "》", "【": "】", "{": "}"}
OPENERS = {closer: opener for opener, closer in CLOSERS.items()}
LEADING = regex(r"[\s，,：:；;、。—–→⇒|=]+|-+\s+|[.)）]\s+")
RANGE = regex(r"[\d.]+\s*[~～–-]\s*$")
INITIALS = regex(r"[A-Za-z][a-z]*")
SHORT = regex(r"(?<![A-Za-z])[A-Z][A-Za-z]*[A-Z](?![A-Za-z])")
FORMULA = regex(r"^(?P<name>[^=≈:：（(,，$`]{2,40}?)\s*=\s+(?P<right>[^=:：。，；;]{5,120})$")
OPERATOR = regex(r"\s[*/+×÷·−-]\s|\d\s*[×*]|[/×÷]|√")
TRAILING = " \t\n，,；;：:、。—–→"
WORDS = regex(r"[a-z0-9][a-z0-9.+]*[a-z0-9]|[a-zαβγλσθ]|[^\W\x00-\u04ff]+")
NAME_LENGTH = 32
SMALL = frozenset("a an the of in on for to and or with by vs at as is are 的 与 和 中".split())
HALF = 0.5
SPACES = regex(r"\s+")
IN_NUMBER = regex(r"\d[,.]\d")
WIDE = regex(r"\s\s|[^\S ]")
"""White space that is no single space."""
LAST_WORD = regex(r"[A-Za-z]+(?=\s*$)")
LONGEST_CUE = 24
"""Characters, at the most, of the word that leads to a cut, and the white space behind it."""
BRACKET = regex(f"[{re.escape(''.join((*CLOSERS, *OPENERS)))}]")


class Cut(Struct, frozen=True):
    """A statement with the span worth asking for, and its subject."""

    text: str
    start: int
    end: int
    cue: str
    subject: str

    @property
    def hidden(self) -> str:
        """What is asked for."""
        return self.text[self.start : self.end]

    @property
    def after(self) -> str:
        """All that follows."""
        return self.text[self.end :]

    @property
    def before(self) -> str:
        """All that comes first."""
        return self.text[: self.start]


def squeezed(cut: Cut) -> Cut:
    """Return the cut with single spaces."""
    if not _is_wide(cut.text):
        return cut
    before, hidden = SPACES.sub(" ", cut.before), SPACES.sub(" ", cut.hidden)
    text = before + hidden + SPACES.sub(" ", cut.after)
    return replace(cut, text=text, start=len(before), end=len(before + hidden))


@lru_cache(maxsize=64)  # as for all that is asked of a text: its cuts come one after the other
def _is_wide(text: str) -> bool:
    return WIDE.search(text) is not None


def settled(cut: Cut) -> Cut:
    """Return the cut without signs at its ends, and with whole brackets."""
    start, end = cut.start, cut.end
    while start < end and (match := LEADING.match(cut.text, start, end)):
        start = match.end()
    if cut.text[start : start + 1].isdigit() and (match := RANGE.search(cut.text, 0, start)):
        start = match.start()
    end = start + len(cut.text[start:end].rstrip(TRAILING))
    end = _bracketed(cut.text, start, end)
    end = start + len(cut.text[start:end].rstrip(TRAILING))
    return cut if (start, end) == (cut.start, cut.end) else replace(cut, start=start, end=end)


def _bracketed(text: str, start: int, end: int) -> int:
    """Return the end at which the brackets of a span are whole: farther where one closes at once, else nearer."""
    waiting: list[int] = []
    for at in _brackets(text):
        if not start <= at < end:
            continue
        if text[at] in CLOSERS:
            waiting.append(at)
        elif text[at] in OPENERS and not waiting:
            return at
        elif text[at] in OPENERS and text[waiting[-1]] == OPENERS[text[at]]:
            waiting.pop()
    if not waiting:
        return end
    close = text.find(CLOSERS[text[waiting[0]]], end)
    near = close >= 0 and close - end <= NAME_LENGTH and len(waiting) == 1
    return close + 1 if near else waiting[0]


@lru_cache(maxsize=64)
def _brackets(text: str) -> list[int]:
    return [match.start() for match in BRACKET.finditer(text)]


def sentence(cut: Cut) -> Cut:
    """Return the cut within its own sentence alone."""
    ends = _ends(cut.text)
    at = bisect_right(ends, cut.start)
    first = ends[at - 1] if at else 0
    last = next((end for end in ends[at:] if end >= cut.end), len(cut.text))
    return Cut(cut.text[first:last].rstrip(), cut.start - first, cut.end - first, cut.cue, cut.subject)


@lru_cache(maxsize=64)
def _ends(text: str) -> list[int]:
    """Return where the sentences of a statement end."""
    guarded = [match.span() for match in PROTECTED.finditer(text)]
    return [
        match.end()
        for match in END.finditer(text)
        if match.start() > 0 and not any(start < match.start() < end for start, end in guarded)
    ]


def splits_word(cut: Cut) -> bool:
    """Whether the cut starts or ends within a Latin word or a number: `up to 10|,000`."""
    return any(0 < at < len(cut.text) and _is_inner(cut.text, at) for at in (cut.start, cut.end))


def _is_inner(text: str, at: int) -> bool:
    in_word = _wordlike(text[at - 1]) and _wordlike(text[at])
    return in_word or bool(IN_NUMBER.search(text, max(0, at - 2), at + 2))


def _wordlike(char: str) -> bool:
    return char in "_'’" or (char.isalnum() and not CHINESE.match(char))


@lru_cache(maxsize=256)
def words(text: str) -> frozenset[str]:
    """Return the Latin words and the pairs of Chinese characters of a text."""
    found: set[str] = set()
    for run in WORDS.findall(text.lower()):
        pairs = {run[at : at + 2] for at in range(len(run) - 1)} if CHINESE.match(run) else set()
        found |= pairs or {run.removesuffix("s") or run}
    return frozenset(found - SMALL or found)


def named_in(subject: str, text: str) -> bool:
    """Whether a text names a subject: by half of its words at least."""
    wanted, told = words(subject), words(text)
    latin = {word for word in wanted if word.isascii()}
    return bool(wanted) and all(len(part & told) >= HALF * len(part) for part in (wanted, latin))


def gives_away(front: str, back: str) -> bool:
    """Whether a front says what it asks for."""
    told, asked = "".join(front.lower().split()), "".join(back.lower().split())
    if len(asked) > 2:  # noqa: PLR2004  (a letter or two are in every other word)
        return asked in told
    return asked in words(front)


def short_for(label: str, text: str) -> str:
    """Return the abbreviation in a label that a text spells out, if it does."""
    shorts = SHORT.findall(label)
    letters = "".join(word[0] for word in INITIALS.findall(text)).upper() if shorts else ""
    return next((short for short in shorts if short.upper() == letters), "")


def formula(cut: Cut) -> tuple[str, str] | None:
    """Return the name and the right side of a statement that is one formula, whatever part of it the cut hides."""
    return _formula(cut.text) if "=" in cut.text else None


@lru_cache(maxsize=64)
def _formula(text: str) -> tuple[str, str] | None:
    match = FORMULA.match(text.strip(" .。"))
    return (match["name"].strip(), match["right"].strip()) if match and OPERATOR.search(match["right"]) else None


@lru_cache(maxsize=64)
def last_word(text: str) -> str:
    """Return the word in Latin letters that a text ends with, in lower case."""
    match = LAST_WORD.search(text, max(0, len(text) - LONGEST_CUE))
    return match[0].lower() if match else ""


def ends_label(text: str) -> bool:
    """Whether a text ends with the colon or dash behind a label."""
    said = text.rstrip()
    return said[-1:] in {":", "：", "—", "–"} or (said[-1:] == "-" and said[-2:-1].isspace())


def gap_front(cut: Cut, opening: str) -> str:
    """Return the statement with its span as a gap, its opening put in front."""
    return f"{opening}{cut.before}{{{{c1::{cut.hidden}}}}}{cut.after}"


def is_open(text: str) -> bool:
    """Whether a text ends within brackets."""
    return text.count("(") + text.count("（") > text.count(")") + text.count("）")
