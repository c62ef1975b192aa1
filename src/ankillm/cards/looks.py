"""How a card looks: what is to be seen of its front and back, by which readers tell a card worth keeping from junk.

The names of these features are those of `looks` in the weights, which were trained on cards that readers judged one by
one (`evaluation/`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import add

from ankillm.cards.card import Card
from ankillm.cards.plain import GAP, gapped, hidden
from ankillm.cards.relations import relations
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.linear import weights
from ankillm.extract.rank import Choice, Ranked

ESCAPED = regex(r"(\$[^$]+\$)|\\([_*`<>\[\]\\#])")
"""A formula, which is as it is, or an escaped sign."""
HEAD = regex(r"[^：:]{1,40}[：:]")
BREAK = regex(r"[,，;；。.:：]")
TOKEN = regex(r"[a-z]+|[\u4e00-\u9fff]+|\d+|\S")
OPEN = "，,、：:(（"
LATIN = "\u04ff"
"""The last character of the alphabets in which words are parted."""
PICTURE = regex(
    r"(?:^[ \t>]*)?(?:!\[\[[^\[\]\n]{1,300}\]\]|!\[[^\[\]\n]{0,300}\]\((?:[^()\n]|\([^()\n]{0,80}\)){0,600}\)"
    r"|<(?:img|source)\b[^<>]{0,600}>|</?(?:center|figure|picture)\b[^<>]{0,200}>)",
    re.IGNORECASE | re.MULTILINE,
)
"""A picture, and the tags in which one stands."""
SOURCE = regex(
    r"^[ \t>*_（(]*(?:.{0,2}图源|.{0,2}(?:来源|来自|出处|引自|链接|原文|出自|摘自|转载自|参考(?:资料|文献|链接|来源)?)"
    r"|(?:image |picture )?(?:sources?|credits?|via|from|references?|see also|link|read more))[ \t*_]*[:：]?"
    r"[^\n]{0,120}(?:https?://|\]\()[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that says from where something was taken, with an address."""
BLANK_LINES = regex(r"\n[ \t>]*\n(?:[ \t>]*\n)+")
GAP_WORDS = tuple(TOKEN.findall(GAP))


def liking(card: Card, ranked: Ranked, choice: Choice) -> int:
    """Return what speaks for a reader's keeping the card that was made of a proposal for a passage, in thousandths."""
    return weights().looks.total(features(card, ranked, choice)) + ranked.liked + choice.liked


def features(card: Card, ranked: Ranked, choice: Choice) -> set[str]:
    """Return the names of what is to be seen of a card, and of how it stands to its titles and its passage."""
    front, back = shown(card)
    wanted, kind = ranked.wanted(card.question), choice.passage.kind
    seen = {f"kind={kind}/{card.question}", f"wanted={min(wanted // 100, 9)}", f"worth={min(card.worth // 100, 9)}"}
    related = relations(card, (front, back), ranked.proposal.concept, choice.passage)
    return seen.union(features_of_text(front, back, card.question, card.rule), related)


def features_of_text(front: str, back: str, question: str, rule: str) -> set[str]:
    """Return the names of what is to be seen of a front and a back, as `shown` gives them."""
    lines = back.count("\n")
    front, back = " ".join(front.split()), " ".join(back.split())
    language = "zh" if CHINESE.search(front) else "en"
    return {*_sizes(front, back, lines, f"{question}/{language}", rule), *_words(front, back)}


def _sizes(front: str, back: str, lines: int, form: str, rule: str) -> Iterator[str]:
    """Yield how long front and back are, and what kind of signs stand in them."""
    language = form[-2:]
    yield f"form={form}"
    yield f"rule={rule}/{form}"
    yield f"front={min(len(front) // 12, 14)}/{language}"
    yield f"back={min(len(back) // 10, 16)}/{language}"
    yield f"back={min(len(back) // 10, 16)}/{form}"
    yield f"lines={min(lines, 6)}"
    yield f"breaks={min(len(BREAK.findall(back)), 5)}/{form}"
    head = HEAD.match(front)
    yield f"head={min(len(head[0]) // 6, 6) if head else 'none'}/{language}"
    if back[-1:] in OPEN:
        yield "open"
    for sign, name in (("`", "code"), ("$", "math")):
        if sign in front:
            yield f"{name}-front"
        if sign in back:
            yield f"{name}-back"
    if any(map(str.isdigit, back)):
        yield "digit"
    if GAP in front:
        before, _, after = front.partition(GAP)
        yield f"gap-share={10 * len(back) // (len(back) + len(front))}/{language}"
        yield f"gap-before={min(len(before) // 8, 6)}/{language}"
        yield f"gap-after={min(len(after) // 8, 8)}/{language}"


def _words(front: str, back: str) -> Iterator[str]:
    """Return the words of front and back, and where they start, end and have their gap."""
    before, gap, after = front.partition(GAP)
    left, right = words(before), words(after)
    found = chain(_names("f", [*left, *GAP_WORDS, *right] if gap else left), _names("b", words(back)))
    if not gap:
        return found
    beside = f"<{' '.join(left[-1:])}", f"<{' '.join(left[-2:])}", f">{' '.join(right[:1])}", f">{' '.join(right[:2])}"
    return chain(found, beside)


def _names(side: str, said: Sequence[str]) -> Iterator[str]:
    """Return the names of the words of a side, of each two that follow each other, and of where it starts and ends."""
    named = [f"{side}:{word}" for word in said]
    start, end = f"{side}^", f"{side}$"
    ends = start + " ".join(said[:1]), start + " ".join(said[:2]), end + " ".join(said[-1:]), end + " ".join(said[-2:])
    return chain(named, map(" ".join, zip(named, said[1:], strict=False)), ends)


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, of Chinese each two characters; numbers in plain digits are alike."""
    found: list[str] = []
    for token in TOKEN.findall(text.lower()):
        if token[0] > LATIN:
            found += map(add, token, token[1:]) if len(token) > 1 else token
        else:
            found.append("0" if token.isdigit() else token)
    return tuple(found)


def shown(card: Card) -> tuple[str, str]:
    """Return the front as it is seen, with `[…]` for each gap, and what is asked for, without what only stands by."""
    front, back = gapped(card), hidden(card, " / ") if card.gaps else told(card.back)
    if card.code:
        return front, back
    return _unmarked(front), _unmarked(back)


def told(answer: str) -> str:
    """Return an answer without its pictures and without lines that name its source; all of it if nothing is left."""
    if not any(map(answer.__contains__, ("![", "<img", "://"))):
        return answer
    words = BLANK_LINES.sub("\n\n", SOURCE.sub("", PICTURE.sub("", answer))).strip()
    return words or answer


def _unmarked(text: str) -> str:
    return (ESCAPED.sub(r"\1\2", text) if "\\" in text else text).replace("**", "")
