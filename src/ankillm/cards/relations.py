"""How a card stands to the titles above it and to its passage, and how its two sides stand to each other.

A bag of words cannot see it: whether a statement names what its section is about, whether it points elsewhere, how
much of the answer stands in the question. The names are those of `looks` in the weights, as those of `looks.py` are.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ankillm.cards.card import Card
from ankillm.cards.plain import GAP
from ankillm.cards.wording.cut import words
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.concepts import Concept, Statement
from ankillm.extract.passage import Passage

SHARES = (0.01, 0.34, 0.67, 1)
SIZES = (1, 2, 3, 4, 6, 9, 14, 20)
LENGTHS = (20, 40, 60, 90, 130, 180, 260)
HEADED = regex(r"(?P<head>[^\[\]]{1,60}?)(?:：|: | — )")
"""What stands in front of a statement: the name of what it is about."""
POINTS = regex(
    r"\b(?:it|this|that|these|those|they|them|their|its)\b"
    r"|它|这[个种些样里]|该|其(?!他|它|中|实|余|次)|此(?!外)|上述|前者|后者",
    re.IGNORECASE,
)
STARTS = {
    "en": regex(
        r"(?:it|its|this|that|these|those|they|their|he|she|his|for (?:that|this)|in (?:this|that)|instead|here|there"
        r"|such|another|others?|one|both|each|the (?:second|first|third|other|latter|former|above|same))\b",
        re.IGNORECASE,
    ),
    "zh": regex(
        r"它|这|其|该|此|他们|她|我们|你|上述|以上|以下|那|前者|后者|另|同样|相应|具体|所有|每个|整个|也|还|并|而|但|则|就|再|又"
    ),
}
"""How a statement starts that goes on with another one."""
ELSEWHERE = regex(
    r"如?图|见[表下上附第]|下图|如下|[上下前后]面|本[文章节]|这里|参[见考]|[上以][述上下]|文中|作者"
    r"|\b(?:figure|fig\.?|slide|above|below|here|see|following|previous|later|earlier|next section|chapter|paper"
    r"|authors?)\b",
    re.IGNORECASE,
)
"""What points to another place: a figure, a section, a paper."""
ACRONYM = regex(r"\b[A-Z][a-z]*+[A-Z0-9][A-Za-z0-9]*+\b")
CAPITAL = regex(r"(?<=[a-z,] )[A-Z][a-z]+")
LATIN = regex(r"[A-Za-z]{2,}")
LETTER = regex(r"[A-Za-z]")
NUMBER = regex(r"\d+")
COMPUTED = regex(r"\d\.\d\d|\d/\d")
SIGN = regex(r"[“”\"'‘’「」()（）\[\]]")
ENDED = regex(r"[。！？；;]|[.!?] (?=[A-Z])")
CLAUSE = regex(r"[，,；;]")
ASKS = regex(r"[?？]")
ASKING = regex(r"[?？]|如何|为什么|什么")
ADDRESS = regex(r"https?:|\.(?:py|md|com|pdf|png)")
FILE = regex(r"[-_].*[-_]|\.md")
PAIRS = (("(", ")"), ("（", "）"), ("“", "”"), ("「", "」"), ("《", "》"), ("【", "】"))
STOPS = {"。": "stop", ".": "stop", "；": "semicolon", ";": "semicolon", "，": "comma", ",": "comma", "：": "colon"}


def relations(card: Card, sides: tuple[str, str], concept: Concept, passage: Passage) -> Iterator[str]:
    """Yield the names of what relates a card to its titles and its passage; its sides are as `shown` gives them."""
    front, back = (" ".join(side.split()) for side in sides)
    question, titles = card.question, card.context
    language = "zh" if CHINESE.search(front) else "en"
    headed = HEADED.match(front)
    rest = front[headed.end() :] if headed else front
    yield from _to_titles(words(rest), words(back), titles, language)
    yield from _sides(rest, back, f"{question}/{language}")
    yield from _pointing(rest, back, language, headed=headed is not None)
    yield from _named(front, rest, back, titles, language)
    yield from _of_passage(front, concept, passage, f"{question}/{language}")


def _step(value: float, bounds: Sequence[float]) -> int:
    return bisect_right(bounds, value)


def _share(wanted: frozenset[str], told: frozenset[str]) -> int:
    return _step(len(wanted & told) / len(wanted), SHARES) if wanted else -1


def _to_titles(rest: frozenset[str], back: frozenset[str], titles: Sequence[str], language: str) -> Iterator[str]:
    """Yield how much of the titles is named by a statement and by its answer."""
    named = [words(title) for title in titles]
    last = named[-1] if named else frozenset()
    yield f"last={_share(last, rest)}/{language}"
    yield f"last-back={_share(last, back)}/{language}"
    yield f"last-size={min(len(last), 6)}/{language}"
    yield f"first={_share(named[0], rest) if named else -1}/{language}"
    yield f"first-back={_share(named[0], back) if named else -1}/{language}"
    yield f"between-back={_share(frozenset().union(*named[1:-1]), back)}/{language}"
    yield f"any={max((_share(one, rest) for one in named), default=-1)}/{language}"


def _sides(rest: str, back: str, form: str) -> Iterator[str]:
    """Yield how much each side says, and how it begins and ends."""
    yield f"says={_step(len(words(rest)), SIZES)}/{form}"
    yield f"answers={_step(len(words(back)), SIZES)}/{form}"
    yield f"begins={_class(back[:1])}/{form}"
    yield f"ends={min(len(ENDED.findall(back.rstrip('。.;；'))), 3)}/{form}"
    for side, text in (("front", rest), ("back", back)):
        if any(text.count(opening) != text.count(closing) for opening, closing in PAIRS) or text.count('"') % 2:
            yield f"unbalanced-{side}"
    if GAP in rest:
        before, _, after = rest.partition(GAP)
        tail = after.strip(" 。.;；,，")
        yield f"behind={'none' if not tail else 'clause' if after.lstrip()[:1] in ',，。；;.' else 'inner'}/{form[-2:]}"
        yield f"clauses={min(len(CLAUSE.findall(before)), 3)}/{form[-2:]}"
        yield f"cue={_step(len(words(before)), SIZES)}/{form[-2:]}"
    elif ASKS.search(rest):
        yield "asks"


def _class(sign: str) -> str:
    """Return what kind of sign an answer begins with."""
    if sign.isdigit():
        return "digit"
    if CHINESE.match(sign):
        return "zh"
    return "upper" if sign.isupper() else "lower" if sign.islower() else "sign"


def _pointing(rest: str, back: str, language: str, *, headed: bool) -> Iterator[str]:
    """Yield whether a card points to what stands elsewhere."""
    yield f"points={min(len(POINTS.findall(rest)), 3)}/{language}"
    if STARTS[language].match(rest):
        yield f"starts-pointing/{headed}"
    if ELSEWHERE.search(rest):
        yield "elsewhere-front"
    if ELSEWHERE.search(back):
        yield "elsewhere-back"


def _named(front: str, rest: str, back: str, titles: Sequence[str], language: str) -> Iterator[str]:
    """Yield how much of a card are names, numbers and signs."""
    both = f"{front} {back}"
    yield f"acronyms={min(len(ACRONYM.findall(rest)), 3)}/{language}"
    yield f"acronyms-all={min(len(ACRONYM.findall(both)), 4)}"
    yield f"acronyms-titles={min(sum(len(ACRONYM.findall(title)) for title in titles), 3)}/{language}"
    yield f"capitals={min(len(CAPITAL.findall(both)), 3)}/{language}"
    yield f"latin={min(len(LATIN.findall(back)), 4)}/{language}"
    if language == "zh":
        yield f"latin-share={5 * len(LETTER.findall(both)) // len(both)}"
    yield f"numbers={min(len(NUMBER.findall(both)), 4)}/{language}"
    yield f"signs={min(len(SIGN.findall(both)), 6)}/{language}"
    if COMPUTED.search(back):
        yield "computed"
    if ADDRESS.search(both):
        yield "address"
    if "!" in both or "！" in both:
        yield "exclaims"
    if titles and FILE.search(titles[0]):
        yield "file"
    if titles and ASKING.search(titles[-1]):
        yield "under-question"


def _of_passage(front: str, concept: Concept, passage: Passage, form: str) -> Iterator[str]:
    """Yield where the subject of a card comes from, and how its answer stands in its passage."""
    subject = getattr(concept, "subject", "").lower()
    yield f"subject={_source(subject, passage)}"
    where = "text" if subject in passage.text.lower() else "front" if subject in front.lower() else "out"
    yield f"subject-in={where if subject else 'none'}"
    yield f"size={_step(len(passage.text), LENGTHS)}/{passage.kind}"
    if isinstance(concept, Statement):
        yield f"next={_next(concept.text[concept.end :])}/{form}"


def _source(subject: str, passage: Passage) -> str:
    if not subject:
        return "none"
    if any(subject in label.lower() for label in passage.labels):
        return "label"
    titles = [title.lower() for title in passage.titles]
    if titles and subject in titles[-1]:
        return "last"
    return "above" if any(subject in title for title in titles) else "note"


def _next(behind: str) -> str:
    """Return what kind of sign follows an answer in its statement."""
    return STOPS.get(behind[:1], "space" if behind[:1] == " " else "word") if behind else "end"
