"""Words that make a statement one of degree, in Chinese and English, and what they would mean of a measured fact."""

import re
from collections.abc import Iterator

from msgspec import Struct

from ankillm.claims.quantities import Amount, exact, find_amounts
from ankillm.common.patterns import regex
from ankillm.evidence.demo import FactSpec
from ankillm.evidence.schema import Measured

BEFORE = (
    ("<", r"不到|不足|少于|低于|小于|不及|less than|fewer than|under|below"),
    ("<=", r"不超过|至多|最多|不大于|up to|at most|no more than|not more than"),
    (">", r"超过|大于|多于|高于|more than|over|above|exceed(?:s|ing)?"),
    (">=", r"至少|不少于|不低于|不小于|at least|no less than"),
    ("≈", r"约为?|大约|大概|将近|接近|差不多|about|around|roughly|approximately|nearly|some"),
)
AFTER = ((">=", r"以上|多倍|or more"), ("<=", r"以下|以内|之内|or less|or fewer"), ("≈", r"左右|上下|or so"))
RANGE = regex(r"\s*(?:-|–|—|~|～|到|至|to|and)\s*")
SMALLER = r"减少|降低|减小|减轻|节省|节约|缩小|reduc\w*|decreas\w*|lower\w*|sav(?:e|es|ing)|cut\w*|shrink\w*|fewer|less"
LARGER = (
    r"增加|增大|增多|提高|提升|加快|变大|变多|变快|increas\w*|rais\w*|more|larger|bigger|faster|higher|extra|additional"
)
DEGREES = (
    ("slight", r"略微|略有|稍微|稍稍|小幅|轻微|少许|slight(?:ly)?|marginal(?:ly)?|a little|a bit|somewhat"),
    ("tiny", r"(?:很小|极小|一小)的?一?部分|很少一部分|极少|微不足道|negligible"),
    ("tiny", r"(?:a )?(?:tiny|small) (?:fraction|part|share|number)"),
    ("great", r"大大|大幅度?|极大|显著|明显|成倍"),
    ("great", r"(?:great|significant|substantial|drastic)(?:ly)?|dramatic(?:ally)?"),
    ("none", r"(?:没有|没|无|毫无)(?:任何|什么)?(?:影响|变化|区别|差别|改变|差异)|不(?:会)?(?:影响|改变)|不变"),
    ("none", r"(?:完全)?(?:相同|一致)|no (?:effect|impact|influence|difference|change)|unchanged|identical"),
    ("none", r"(?:do|does|did|will)(?:n't| not) (?:change|affect|alter)"),
)
DIFFERENCE = regex(r"差|变化|改变|误差|影响|变长|difference|change|error|growth|effect|longer", re.IGNORECASE)
REACH = 24
"""Characters around a number in which its comparison stands."""
PLAUSIBLE = 3
"""A bare number is taken for a fact's value only within this factor: most numbers in notes are settings."""


class Degree(Struct, frozen=True):
    """A quantity or a word of degree: where it stands, and the kind or the comparison with its amounts."""

    start: int
    end: int
    kind: str
    amounts: tuple[Amount, ...] = ()
    smaller: bool = False
    directed: bool = False
    """Whether the sentence says that something grows or shrinks; else it only says that it changes."""


def find_degrees(text: str) -> Iterator[Degree]:
    """Yield the quantities and the words of degree of a sentence."""
    amounts = [amount for amount in find_amounts(text) if not amount.name]
    used: set[int] = set()
    for index, amount in enumerate(amounts):
        if index not in used:
            following = amounts[index + 1] if index + 1 < len(amounts) else None
            paired = following is not None and bool(RANGE.fullmatch(text, amount.end, following.start))
            used |= {index + 1} if paired else set()
            yield _compared(text, (amount, following) if paired and following else (amount,))
    for kind, words in DEGREES:
        for match in re.finditer(_words(words), text, re.IGNORECASE):
            smaller, larger = (bool(re.search(words, text, re.IGNORECASE)) for words in (SMALLER, LARGER))
            yield Degree(match.start(), match.end(), kind, smaller=smaller, directed=smaller or larger)


def _words(words: str) -> str:
    """Let English words stand alone; Chinese ones stand anywhere."""
    return rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])"


def _compared(text: str, amounts: tuple[Amount, ...]) -> Degree:
    start, end = amounts[0].start, amounts[-1].end
    if len(amounts) > 1:
        return Degree(start, end, "..", amounts)
    before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
    for sign, words in BEFORE:
        pattern = rf"{_words(words)}(?:\s*(?:有|是|为|占|要|需要?|只|用|the|of|only))?\s*$"
        if match := re.search(pattern, before, re.IGNORECASE):
            return Degree(start - len(before) + match.start(), end, sign, amounts)
    for sign, words in AFTER:
        if match := re.match(rf"\s*个?\s*{_words(words)}", after, re.IGNORECASE):
            return Degree(start, end + match.end(), sign, amounts)
    return Degree(start, end, "=", amounts)


def expectation(degree: Degree, spec: FactSpec, measured: Measured) -> str:
    """Return what a degree would mean of a fact, as a claim's title without a mark; empty if it can't be about it."""
    if isinstance(measured.value, str):
        return ""
    if degree.amounts:
        return "" if isinstance(measured.value, bool) else _of_amounts(degree, spec, measured.value)
    return _of_words(degree, spec, measured)


def _of_amounts(degree: Degree, spec: FactSpec, value: float) -> str:
    unit = degree.amounts[0].unit or degree.amounts[-1].unit
    if unit != spec.unit:
        return ""
    numbers = [f"{amount.value:f}" for amount in degree.amounts]
    if not unit and not _plausible(degree.amounts, value):
        return ""
    if degree.kind == "..":  # from a larger to a smaller one is no range: `2-1`
        return f"{numbers[0]}..{numbers[1]}{unit}" if degree.amounts[0].value <= degree.amounts[1].value else ""
    if degree.kind == "≈" or (degree.kind == "=" and spec.varies):
        return f"≈ {numbers[0]}{unit} ± 10%"
    return f"{degree.kind} {numbers[0]}{unit}"


def _plausible(amounts: tuple[Amount, ...], value: float) -> bool:
    measured = abs(exact(value))
    return any(measured <= abs(a.value) * PLAUSIBLE and abs(a.value) <= measured * PLAUSIBLE for a in amounts)


def _of_words(degree: Degree, spec: FactSpec, measured: Measured) -> str:
    meant = {
        ("slight", "×"): "<= 1.5×",
        ("slight", "%"): "<= 5%",
        ("tiny", "%"): "< 5%",
        ("great", "×"): ">= 2×",
        ("great", "%"): "<= 10%" if degree.smaller else "",
    }
    if degree.kind != "none":
        if spec.unit == "×" and not degree.directed:
            return ""
        return meant.get((degree.kind, spec.unit), "")
    if not DIFFERENCE.search(f"{spec.zh} {spec.en}"):
        return ""
    if isinstance(measured.value, bool):
        return "no"
    if spec.unit == "×":
        return "≈ 1× ± 1%" if spec.varies else "= 1×"
    return f"<= {spec.tolerance:.6f}".rstrip("0").rstrip(".") if spec.varies else "= 0"
