"""A statement of prose, an item or a comment: each stretch of it that could be asked for.

Before: `LoRA freezes the weights, so that training needs less memory.`
After: what follows `so that`, what follows `freezes`, what stands before the comma …; the ranking takes one or none.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from operator import eq

from ankillm.common.patterns import ADORNED, CHINESE, regex
from ankillm.extract.bare import OPEN, bare, is_whole
from ankillm.extract.concepts import Statement
from ankillm.extract.cuts import BREAK, Cut, cuts
from ankillm.extract.judge import POINTING
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal, place_of, size
from ankillm.extract.vocabulary import WORKED, is_metadata

KINDS = frozenset({"sentence", "item", "comment", "heading", "lead"})
DIGIT = regex(r"\d")
HALVES = frozenset("；;")
COMPARED = 3
"""Characters by which the beginnings of two clauses are compared."""
MOST_CHARACTERS = 600
SAID_TWICE = regex(r"(?P<first>[A-Za-z][\w-]{3,24}|[\u4e00-\u9fff]{2,8})\s(?P=first)(?![A-Za-z])", re.IGNORECASE)
"""A bold name, and the sentence that begins with it: `Parallelization parallelization speeds up …`."""


@lru_cache(maxsize=64)
def unadorned(text: str) -> str:
    """Return a text without the pictures that adorn it, and without a name before the sentence that begins with it."""
    plain = (ADORNED.sub(" ", text).strip() if ADORNED.search(text) else text).lstrip("—–").lstrip()
    return plain[said.end("first") :].lstrip() if (said := SAID_TWICE.match(plain)) else plain


def propose(passage: Passage, subject: str) -> Iterator[Proposal]:
    """Propose every cut of a passage that says something."""
    if passage.kind not in KINDS or is_metadata(passage.label) or _goes_on(passage):
        return
    text = bare(passage.text)
    if len(text) > MOST_CHARACTERS or WORKED.match(text) or not (text := unadorned(text)):
        return
    place = place_of(passage)
    language = "zh" if CHINESE.search(text) else "en"
    points = POINTING.match(text) is not None
    holds_mark, holds_digit = OPEN.search(text), DIGIT.search(text)
    for cut in cuts(text):
        if _is_half(text, cut):
            continue
        if not holds_mark or is_whole(text[cut.start : cut.end]):
            label = passage.label if passage.label and cut.start >= len(passage.label) and _is_label(text, cut) else ""
            concept = Statement(place, text, cut.start, cut.end, cut.cue, subject, label)
            features = [*_features(text, cut, language), f"kind={passage.kind}/{cut.reach}"]
            if holds_digit and DIGIT.search(text, cut.start, cut.end):
                features.append("digit")
            if points:
                features.append(f"pointing/{cut.reach}")
            if passage.label:
                features.append(f"label/{cut.start >= len(passage.label)}")
            if label:
                features += _of_label(passage)
            yield Proposal("statement", concept, tuple(features))


def _is_label(text: str, cut: Cut) -> bool:
    return cut.cue in {"after:", "after："} and not BREAK.search(text, 0, max(0, cut.start - 2))


def _goes_on(passage: Passage) -> bool:
    """Whether a passage is the first of two alike that a label stands over: `位置编码：一代用绝对位置；`."""
    if passage.sentence + 1 >= passage.sentences or not passage.label or passage.text.rstrip()[-1:] not in HALVES:
        return False
    _, _, rest = str(getattr(passage.block, "text", "")).partition(passage.text)
    return passage.text.lstrip("*_`").startswith(passage.label) and _are_alike(passage.rest, rest)


def _is_half(text: str, cut: Cut) -> bool:
    """Whether a cut has the first of two alike alone that a label stands over: `注意力：[一代用 MHA]；二代用 GQA`."""
    after = text[cut.end :]
    return after[:1] in HALVES and _is_label(text, cut) and _are_alike(text[cut.start : cut.end], after[1:])


def _are_alike(one: str, other: str) -> bool:
    """Whether two clauses are told of things of one kind: a character of their first three, or a word, is the same."""
    one, other = one.strip(), other.strip()
    first, second = one.split(" ")[0], other.split(" ")[0]
    if one[:COMPARED].isascii():
        return bool(other) and first.lower() == second.lower()
    return any(map(eq, one[:COMPARED], other[:COMPARED])) or ("：" in one and "：" in other)


def _of_label(passage: Passage) -> tuple[str, ...]:
    label = passage.label
    return f"label={label.lower()}", f"label-size={size(len(label))}", f"label-alike={passage.alike}"


def _features(text: str, cut: Cut, language: str) -> tuple[str, ...]:
    """Return what is to be seen of a cut itself."""
    start, end, cue, reach = cut.start, cut.end, cut.cue, cut.reach
    hidden, before, long = text[start:end], text[:start], len(text)
    return (
        f"cue={cue}",
        f"reach={reach}{language}",
        f"cue={cue}/{reach}",
        f"hidden={size(end - start)}{language}",
        f"before={size(start)}{language}",
        f"share={10 * (end - start) // long}",
        f"at={10 * start // long}",
        f"behind={size(long - end)}",
        f"breaks={_breaks(text, start, end)}",
        f"breaks-before={_breaks(text, 0, start)}",
        f"first={hidden[:1]}",
        f"first2={hidden[:2].lower()}",
        f"last={hidden[-1:]}",
        f"end2={before.rstrip()[-2:].lower()}",
    )


def _breaks(text: str, start: int, end: int) -> int:
    """Return how many clauses end between two places of a text, up to 4."""
    starts, ends = _clause_ends(text)
    return max(0, min(bisect_right(ends, end) - bisect_left(starts, start), 4))


@lru_cache(maxsize=8)
def _clause_ends(text: str) -> tuple[list[int], list[int]]:
    """Return where the signs begin and end that end clauses, with the letter and space that a stop needs beside it."""
    found = [(match.start(), match.end(), match[0] in ".:") for match in BREAK.finditer(text)]
    return [start - stops for start, _, stops in found], [end + stops for _, end, stops in found]
