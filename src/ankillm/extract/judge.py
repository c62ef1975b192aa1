"""The judge: how likely is a passage worth a card? A linear model over its characters and its structure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.linear import grams_of, weights
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import size

WORD_ENDS = regex(r"\W+")
CHAT = frozenset({"i", "we", "you", "your", "our"})
CHAT_ZH = "我 你 您 大家 笔者".split()
WHY = "because|since|so that|therefore|due to|因为|由于|所以|因此|从而|使得".split("|")
IF = regex(r"如果|当.{1,20}时|若")
IS = regex(r"\bis an?\b|\brefers to\b|是一种|是指|指的是|称为")
EXAMPLE = "e.g.|for example|for instance|例如|比如|假设|举例".split("|")
POINTING = regex(
    r"(?:它|这|该|此|其|那|他|上述|前者|后者|(?:it|its|this|these|they|that|those|he|there|such)\b)", re.IGNORECASE
)
NUMBER = regex(r"\d")


def worth_of(passages: Sequence[Passage], at: int) -> int:
    """Return the chance of a passage among those of its note, of a thousand, that it is worth a card."""
    return worth_by(passages[at], features_of(passages, at))


def worth_by(passage: Passage, seen: Iterable[str]) -> int:
    """Return the chance of a passage by what is to be seen of its structure, and by its characters."""
    model = weights().worth
    return weights().chance(model.total(seen) + model.told(grams_of(passage.plain)))


def features_of(passages: Sequence[Passage], at: int) -> tuple[str, ...]:
    """Return the names of what is to be seen of the structure of a passage among those of its note."""
    before = passages[at - 1] if at else None
    after = passages[at + 1] if at + 1 < len(passages) else None
    return tuple(features(passages[at], at, len(passages), before, after))


def features(passage: Passage, at: int, count: int, before: Passage | None, after: Passage | None) -> Iterator[str]:
    """Yield the names of what is to be seen of a passage's structure."""
    text = passage.plain
    kind = passage.kind
    yield f"kind={kind}"
    yield f"size={size(len(text))}"
    yield f"kind={kind}/{size(len(text))}"
    yield f"language={'zh' if CHINESE.search(text) else 'en'}/{kind}"
    yield f"depth={min(passage.depth, 4)}/{kind}"
    yield f"order={min(passage.order, 8)}"
    yield f"siblings={size(passage.siblings)}/{kind}"
    yield f"sentence={min(passage.sentence, 4)}/{min(passage.sentences, 5)}"
    yield f"alike={passage.alike}/{kind}"
    yield f"labelled={bool(passage.label)}/{kind}"
    yield f"titles={min(len(passage.titles), 5)}"
    yield f"labels={min(len(passage.labels), 4)}"
    yield f"parts={min(len(passage.parts), 8)}/{kind}"
    yield f"place={10 * at // count}"
    yield f"before={before.kind if before else ''}/{kind}"
    yield f"after={after.kind if after else ''}/{kind}"
    if passage.kind == "code":
        yield f"language={getattr(passage.block, 'language', '')}"
        yield f"told={bool(passage.label)}"
    for name, holds in _signs(passage, text):
        if holds:
            yield name
            yield f"{name}/{kind}"


def _chats(text: str, lowered: str, words: Sequence[str]) -> bool:
    if not CHAT.isdisjoint(words) or ("let" in words and "let's" in lowered):
        return True
    return any(map(text.__contains__, CHAT_ZH))


def _signs(passage: Passage, text: str) -> Iterator[tuple[str, bool]]:
    lowered = text.lower()
    words = WORD_ENDS.split(lowered)
    yield "digit", bool(NUMBER.search(text))
    yield "code", "`" in passage.text
    yield "math", "$" in passage.text
    yield "bold", "**" in passage.text
    yield "link", "](" in passage.text or "://" in passage.text
    yield "quoted", passage.quoted
    yield "asks", text.rstrip().endswith(("?", "？"))
    yield "announces", text.rstrip().endswith((":", "："))
    yield "equals", "=" in text
    yield "brackets", "(" in text or "（" in text
    yield "chat", _chats(text, lowered, words)
    yield "why", any(map(lowered.__contains__, WHY))
    yield "if", "if" in words or "when" in words or bool(IF.search(text))
    yield "is", ("is" in words or "refers" in words or not text.isascii()) and bool(IS.search(lowered))
    yield "example", any(map(lowered.__contains__, EXAMPLE))
    yield "pointing", bool(POINTING.match(text))
