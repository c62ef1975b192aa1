"""A statement of prose, an item or a comment: each stretch of it that could be asked for.

Before: `LoRA freezes the weights, so that training needs less memory.`
After: what follows `so that`, what follows `freezes`, what stands before the comma …; the ranking takes one or none.
"""

from collections.abc import Iterator

from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.bare import bare, is_whole
from ankillm.extract.concepts import Statement
from ankillm.extract.cuts import BREAK, Cut, cuts
from ankillm.extract.judge import POINTING
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import Proposal, place_of, size

KINDS = frozenset({"sentence", "item", "comment", "heading", "lead"})
DIGIT = regex(r"\d")
MOST_CHARACTERS = 600


def propose(passage: Passage, subject: str) -> Iterator[Proposal]:
    """Propose every cut of a passage that says something."""
    if passage.kind not in KINDS:
        return
    text = bare(passage.text)
    if not text or len(text) > MOST_CHARACTERS:
        return
    place = place_of(passage)
    for cut in cuts(text):
        if is_whole(text[cut.start : cut.end]):
            named = passage.label if passage.label and cut.start >= len(passage.label) and _is_label(text, cut) else ""
            concept = Statement(place, text, cut.start, cut.end, cut.cue, subject, named)
            yield Proposal("statement", concept, tuple(_features(text, cut, passage)))


def _is_label(text: str, cut: Cut) -> bool:
    return cut.cue in {"after:", "after："} and not BREAK.search(text, 0, max(0, cut.start - 2))


def _features(text: str, cut: Cut, passage: Passage) -> Iterator[str]:
    hidden, before, behind = text[cut.start : cut.end], text[: cut.start], text[cut.end :]
    language = "zh" if CHINESE.search(text) else "en"
    yield f"cue={cut.cue}"
    yield f"reach={cut.reach}{language}"
    yield f"cue={cut.cue}/{cut.reach}"
    yield f"hidden={size(len(hidden))}{language}"
    yield f"before={size(len(before))}{language}"
    yield f"share={10 * len(hidden) // len(text)}"
    yield f"at={10 * cut.start // len(text)}"
    yield f"behind={size(len(behind))}"
    yield f"kind={passage.kind}/{cut.reach}"
    yield f"breaks={min(len(BREAK.findall(hidden)), 4)}"
    yield f"breaks-before={min(len(BREAK.findall(before)), 4)}"
    yield f"first={hidden[:1]}"
    yield f"first2={hidden[:2].lower()}"
    yield f"last={hidden[-1:]}"
    yield f"end2={before.rstrip()[-2:].lower()}"
    if DIGIT.search(hidden):
        yield "digit"
    if POINTING.match(text):
        yield f"pointing/{cut.reach}"
    if passage.label:
        yield f"label/{cut.start >= len(passage.label)}"
        if cut.start >= len(passage.label) and _is_label(text, cut):
            yield f"label={passage.label.lower()}"
            yield f"label-size={size(len(passage.label))}"
            yield f"label-alike={passage.alike}"
