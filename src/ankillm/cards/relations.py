"""How a card stands to the titles above it and to its passage, and how its two sides stand to each other.

A bag of words cannot see it: whether a statement names what its section is about, whether it points elsewhere, or where
its answer ends. The names are those of `looks` in the weights, as those of `looks.py` are.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from ankillm.cards.card import Card
from ankillm.cards.plain import GAP
from ankillm.cards.wording.cut import words
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.concepts import Concept, Statement
from ankillm.extract.passage import Passage

NOTHING: frozenset[str] = frozenset()
SHARES = (0.01, 0.34, 0.67, 1)
SIZES = (1, 2, 3, 4, 6, 9, 14, 20)
LENGTHS = (20, 40, 60, 90, 130, 180, 260)
HEADED = regex(r"[^\[\]]{1,60}?(?:：|: | — )")
"""What stands in front of a statement: the name of what it is about."""
POINTS = regex(
    r"\b(?:it|this|that|these|those|they|them|their|its)\b"
    r"|它|这[个种些样里]|该|其(?!他|它|中|实|余|次)|此(?!外)|上述|前者|后者",
    re.IGNORECASE,
)
"""Words that stand for a thing that is named elsewhere."""
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
SIGN = regex(r"[“”\"'‘’「」()（）\[\]]")
ENDED = regex(r"[。！？；;]|[.!?] (?=[A-Z])")
CLAUSE = regex(r"[，,；;]")
ASKS = regex(r"[?？]")
ADDRESS = regex(r"https?:|\.(?:py|md|com|pdf|png)")
FILE = regex(r"[-_].*[-_]|\.md")
STOPS = {"。": "stop", ".": "stop", "；": "semicolon", ";": "semicolon", "，": "comma", ",": "comma", "：": "colon"}


def relations(card: Card, sides: tuple[str, str], concept: Concept, passage: Passage) -> Iterator[str]:
    """Yield the names of what relates a card to its titles and its passage; its sides are as `shown` gives them."""
    front, back = (" ".join(side.split()) for side in sides)
    language = "zh" if CHINESE.search(front) else "en"
    headed = HEADED.match(front)
    rest = front[headed.end() :] if headed else front
    told, answered = words(rest), words(back)
    form = f"{card.question}/{language}"
    yield from _to_titles(told, answered, card.context, language)
    yield f"says={bisect_right(SIZES, len(told))}/{form}"
    yield f"answers={bisect_right(SIZES, len(answered))}/{form}"
    yield from _sides(rest, back, form, language)
    yield from _named(f"{front} {back}", rest, back, language)
    yield from _of_passage(front, concept, passage, form)


def _share(wanted: frozenset[str], told: frozenset[str]) -> int:
    return bisect_right(SHARES, len(wanted & told) / len(wanted)) if wanted else -1


def _to_titles(told: frozenset[str], answered: frozenset[str], titles: tuple[str, ...], language: str) -> Iterator[str]:
    """Yield how much of the titles is named by a statement and by its answer."""
    named, acronyms, of_file = _titles(titles)
    first, last = (named[0], named[-1]) if named else (NOTHING, NOTHING)
    shares = [_share(one, told) for one in named]
    yield f"first={shares[0] if shares else -1}/{language}"
    yield f"last={shares[-1] if shares else -1}/{language}"
    yield f"any={max(shares, default=-1)}/{language}"
    yield f"first-back={_share(first, answered)}/{language}"
    yield f"between-back={_share(NOTHING.union(*named[1:-1]), answered)}/{language}"
    yield f"last-back={_share(last, answered)}/{language}"
    yield f"last-size={min(len(last), 6)}/{language}"
    yield f"acronyms-titles={acronyms}/{language}"
    if of_file:
        yield "file"


@lru_cache(maxsize=64)  # of all cards of a section
def _titles(titles: tuple[str, ...]) -> tuple[list[frozenset[str]], int, bool]:
    """Return the words of each title, how many names in capitals they hold, and whether the first is a file's name."""
    acronyms = sum(len(ACRONYM.findall(title)) for title in titles)
    return [words(title) for title in titles], min(acronyms, 3), bool(titles and FILE.search(titles[0]))


def _sides(rest: str, back: str, form: str, language: str) -> Iterator[str]:
    """Yield how the two sides begin and end, and whether they point to what stands elsewhere."""
    yield f"begins={_class(back[:1])}/{form}"
    yield f"ends={min(len(ENDED.findall(back.rstrip('。.;；'))), 3)}/{form}"
    if GAP in rest:
        before, _, after = rest.partition(GAP)
        tail = after.strip(" 。.;；,，")
        yield f"behind={'none' if not tail else 'clause' if after.lstrip()[:1] in ',，。；;.' else 'inner'}/{language}"
        yield f"clauses={min(len(CLAUSE.findall(before)), 3)}/{language}"
        yield f"cue={bisect_right(SIZES, len(words(before)))}/{language}"
    elif ASKS.search(rest):
        yield "asks"
    yield f"points={min(len(POINTS.findall(rest)), 3)}/{language}"
    if ELSEWHERE.search(rest):
        yield "elsewhere-front"
    if ELSEWHERE.search(back):
        yield "elsewhere-back"


def _class(sign: str) -> str:
    """Return what kind of sign an answer begins with."""
    if sign.isdigit():
        return "digit"
    if CHINESE.match(sign):
        return "zh"
    return "upper" if sign.isupper() else "lower" if sign.islower() else "sign"


def _named(both: str, rest: str, back: str, language: str) -> Iterator[str]:
    """Yield how much of a card are names, numbers and signs."""
    yield f"acronyms={min(len(ACRONYM.findall(rest)), 3)}/{language}"
    yield f"acronyms-all={min(len(ACRONYM.findall(both)), 4)}"
    yield f"capitals={min(len(CAPITAL.findall(both)), 3)}/{language}"
    yield f"latin={min(len(LATIN.findall(back)), 4)}/{language}"
    if language == "zh":
        yield f"latin-share={5 * len(LETTER.findall(both)) // len(both)}"
    yield f"numbers={min(len(NUMBER.findall(both)), 4)}/{language}"
    yield f"signs={min(len(SIGN.findall(both)), 6)}/{language}"
    if ADDRESS.search(both):
        yield "address"


def _of_passage(front: str, concept: Concept, passage: Passage, form: str) -> Iterator[str]:
    """Yield where the subject of a card comes from, and how its answer stands in its passage."""
    subject = getattr(concept, "subject", "").lower()
    yield f"subject={_source(subject, passage)}"
    where = "text" if subject in passage.text.lower() else "front" if subject in front.lower() else "out"
    yield f"subject-in={where if subject else 'none'}"
    yield f"size={bisect_right(LENGTHS, len(passage.text))}/{passage.kind}"
    if isinstance(concept, Statement):
        yield f"next={_next(concept.text[concept.end :])}/{form}"


def _source(subject: str, passage: Passage) -> str:
    """Return where a subject comes from."""
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
