"""What makes a card junk: rules that drop a card, each with a code and a reason. Nothing is dropped in silence."""

import re
import string
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from ankillm.cards.asides import is_aside, is_no_answer
from ankillm.cards.card import Card, Drop
from ankillm.cards.plain import hidden
from ankillm.common.patterns import CHINESE, has_word, regex
from ankillm.extract.rules_block.attribute import LONGEST_LIST
from ankillm.extract.vocabulary import TRANSITION
from ankillm.markdown.inline import is_only_links, plain_text

LONGEST_ANSWER = 220
SHORTEST_WORD = 2
"""Letters that only give an answer away where they stand alone: `h` is in every other word."""
LATIN = frozenset(string.ascii_lowercase + string.digits)
PRAISE = regex(
    r"""^(?:效果|性能|速度|表现|功能|使用)?(?:非常|很|特别|十分|更|比较)?(?:好|强|强大|重要|关键|方便|简单|有用|优秀|常用|流行|不错|强悍|快|易用|好用|简单易用|功能强大|简洁|优雅|香)[。！!.]*$
      | ^(?:it\ )?(?:is\ |works\ )?(?:very\ |really\ |quite\ |pretty\ )?
        (?:good|great|well|important|useful|powerful|nice|cool|fast|simple|popular|amazing)[.!]*$""",
    re.VERBOSE | re.IGNORECASE,
)
BETTER = regex(
    r"^(?:模型)?(?:特征|性能|效果|能力|功能|表现|速度|质量|结构)(?:更加?|很|非常|十分|比较|较|都)+(?:丰富|好|强大?|高|快|优秀|智能|完善|出色)[。.]*$"
)
"""A clause that calls something better, and says neither than what nor by how much."""
OF_NO_USE = regex(
    r"(?:是)?一[个项种件](?:非常|很|极其|十分|相当|比较)?"
    r"(?:(?:漫长|长期|复杂|重要|困难|艰难|巨大|庞大|昂贵|持续|必要|关键|严峻|有趣|常见|热门|系统)[而且又、，的]{0,2}){1,3}"
    r"(?:系统)?(?:工程|任务|过程|挑战|问题|环节|步骤|工作|话题|领域|方向|事情|难题|课题)(?=[，,。.]|$)"
)
"""What could be said of anything: `一个漫长而昂贵的工程`."""
BULLET = regex(r"^\s*(?:[-*+]|\d+[.)])\s+")
CLAUSES = regex(r"[，,；;、]\s*")
DEMONSTRATIVE = regex(r"^(?:这些?|那些?|该|此|上述|these|those|this|that)(?![A-Za-z])", re.IGNORECASE)
SEEN = regex(
    r"(?<![以之向往])[上下][面边]?(?:图(?![像灵形神])|表(?![示达征面层形现明述]))"
    r"|[左右]图(?![像灵形神])|如图(?:所示|\s?\d)"
    r"|(?:the|this) (?:graph|figure|diagram|picture|image) (?:above|below|on the (?:left|right))"
    r"|shown (?:above|below|in the figure)|(?:figure|diagram|arrows?|picture) (?:above|below)\b",
    re.IGNORECASE,
)
"""What points to a picture."""
DEFINING = frozenset({"definition", "gap", "loose"})
IS = regex(r"(?:是指?|指的?是|就是|即|\b(?:is|are|means?))\s*$", re.IGNORECASE)
FILLER_ZH = regex(
    r"是否|启用|开启|加载|使用|利用|采用|运用|方法|方式|技术|手段|过程|一[种个项类]|进行|给出?|[就的是指对用来中在里之与和于以]|[，。、；：\s]"
)
FILLER_EN = frozenset("a an the of for to in on with by and or that which is are it its using used method".split())
ENGLISH = regex(r"[a-z]{2,}")
TOKEN = regex(r"[a-z]+|\d+|[\u4e00-\u9fff]")
CLAUSE = regex(r"[，,。；;：:]")
SHORTEST_SAID, MOST_LEFT, STEM = 4, 1, 5
"""Chinese characters that a tautology has at least, how many may be new, and letters by which a word is known."""
LOST = regex(r"\ufffd|[A-Za-z\d})]\^\{\}")
"""What stands where a sign was lost: the power of `a^{<t>}` where `<t>` was taken for a tag."""
LONGEST_MISSPELT, ALIKE = 24, 0.8
"""Characters of an answer that is only the name again, misspelt, and how much of the two is the same."""
WORD = regex(r"\w")
VAGUE = regex(r"^(?:可以)?(?:适当|酌情|视情况)[^\d]{0,12}$|^(?:同上|同前|如上|见上)(?:[，,。；;、（(\s]|$)")


@lru_cache(maxsize=4096)
def squeezed(markdown: str) -> str:
    """Return a text for comparison: plain, lower case, without white space."""
    spaceless = "".join(plain_text(markdown).split())
    return spaceless.replace("`", "").replace("*", "").replace("_", "").lower()


def _empty(card: Card) -> bool:
    return not WORD.search(card.front) or (card.kind == "basic" and not card.back.strip())


def _links(card: Card) -> bool:
    lines = [line for line in card.back.splitlines() if line.strip()]
    return card.kind == "basic" and bool(lines) and all(is_only_links(line) for line in lines)


def _transition(card: Card) -> bool:
    if card.kind == "cloze":
        return False
    plain = plain_text(card.back)
    leads = "\n" not in card.back and plain.endswith((":", "："))
    return (
        leads
        or bool(TRANSITION.match(plain))
        or is_aside(plain)
        or (card.question == "question" and is_no_answer(card.back))
    )


def _praise(card: Card) -> bool:
    if OF_NO_USE.match(hidden(card, " ") or card.back):
        return True
    if card.kind != "basic":
        return False
    lines = [plain_text(BULLET.sub("", line)) for line in card.back.splitlines() if line.strip()]
    return all(map(_praises, lines))


def _praises(plain: str) -> bool:
    """Whether each clause of a line praises, or calls something better, and says neither than what nor how."""
    return bool(PRAISE.match(plain)) or all(PRAISE.match(said) or BETTER.match(said) for said in CLAUSES.split(plain))


def _vague(card: Card) -> bool:
    return card.kind == "basic" and bool(VAGUE.match(plain_text(card.back)))


def _asks_back(card: Card) -> bool:
    return card.kind == "basic" and "\n" not in card.back.strip() and card.back.rstrip().endswith(("?", "？"))


def _unreadable(card: Card) -> bool:
    return any(map(LOST.search, (card.front, card.back)))


def _shows(card: Card) -> bool:
    return (
        "![" not in card.back and "\n|" not in card.back and any(SEEN.search(text) for text in (card.front, card.back))
    )


def _says_nothing(card: Card) -> bool:
    """Whether a definition only says the words of its term again: `a model of the reward` of a reward model."""
    if card.question not in DEFINING or card.code:
        return False
    front = CLAUSE.split(card.front[: card.gaps[0].start])[-1] if card.gaps else card.name
    if card.gaps and not IS.search(front):
        return False
    asked, told = plain_text(front).lower(), plain_text(hidden(card, " ") or card.back).lower()
    if CHINESE.search(told):
        known = set(TOKEN.findall(asked))
        left = [token for token in TOKEN.findall(FILLER_ZH.sub("", told)) if token not in known]
        return (
            len(CHINESE.findall(told)) >= SHORTEST_SAID and len(left) <= MOST_LEFT and not any(map(str.isascii, left))
        )
    if len(told) <= LONGEST_MISSPELT and SequenceMatcher(None, _letters(asked), _letters(told)).ratio() >= ALIKE:
        return True
    stems = {word[:STEM] for word in ENGLISH.findall(asked)}
    words = [word[:STEM] for word in ENGLISH.findall(told) if word not in FILLER_EN]
    return len(words) > 1 and all(word in stems for word in words)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _given_away(card: Card) -> bool:
    back = squeezed(card.back)
    if card.kind != "basic" or not back:
        return False
    if len(back) <= SHORTEST_WORD and back.isascii():
        return has_word(plain_text(card.front).lower(), back, LATIN.__contains__)
    return back in squeezed(card.front)


def _long(card: Card) -> bool:
    if card.question == "statement":
        return False
    if card.kind == "cloze" or "```" in card.back or "![" in card.back or card.question in {"question", "problem"}:
        return False
    listed = card.back.startswith(("- ", "1. "))
    return len(plain_text(card.back)) > (LONGEST_LIST[card.language] if listed else LONGEST_ANSWER)


def _pointing(card: Card) -> bool:
    """Whether an item of the answer starts with a pronoun, whose noun stands elsewhere in the note."""
    if card.question not in {"attribute", "order"}:
        return False
    lines = [line.lstrip("-0123456789. ") for line in card.back.splitlines() if line.strip()]
    return len(lines) > 1 and any(map(DEMONSTRATIVE.match, lines))


def _no_gap(card: Card) -> bool:
    return card.kind == "cloze" and not card.gaps


RULES: tuple[tuple[str, str, Callable[[Card], bool]], ...] = (
    ("empty", "has no question or no answer", _empty),
    ("no-gap", "its cloze marks hide nothing", _no_gap),
    ("links", "the answer is nothing but links", _links),
    ("transition", "the answer only leads over to something else", _transition),
    ("praise", "the answer praises without saying what", _praise),
    ("vague", "the answer names no value", _vague),
    ("asks-back", "the answer is a question", _asks_back),
    ("unreadable", "a sign of the note was lost before it was saved", _unreadable),
    ("figure", "it speaks of a picture that is not on the card", _shows),
    ("given-away", "the answer stands in the question", _given_away),
    ("tautology", "the answer only says its words again", _says_nothing),
    ("pointing", "an item of the answer starts with a pronoun without its noun", _pointing),
    ("long", f"the answer has more than {LONGEST_ANSWER} characters", _long),
)


def judge_card(card: Card) -> Card:
    """Return the card, marked as dropped by the first rule that it breaks."""
    for code, reason, broken in RULES:
        if broken(card):
            return replace(card, dropped=Drop(code, reason))
    return card


class Signature(NamedTuple):
    """What makes a card a repetition of another in its note."""

    asked: str
    answered: str
    section: str


def signature(card: Card) -> Signature:
    """Return what is compared of a card."""
    gaps = "".join(f"\x1f{gap.number} {gap.start} {gap.end} {gap.hint}" for gap in card.gaps)
    return Signature(squeezed(card.front) + gaps, squeezed(card.back), "\x1f".join(card.section))


REPEATED = {
    "twice": "the same question with the same answer stands above",
    "ambiguous": "the same question has another answer above",
}
"""Why a card that repeats one above it is dropped, by code; the second kind within one section."""


def repeated(signatures: Iterable[Signature]) -> Iterator[str]:
    """Yield for each card of a note, in reading order, the code of its repetition, empty for none."""
    seen: set[tuple[str, str]] = set()
    asked: set[tuple[str, str]] = set()
    for card in signatures:
        same, alike = (card.asked, card.answered), (card.asked, card.section)
        yield "twice" if same in seen else "ambiguous" if alike in asked else ""
        seen.add(same)
        asked.add(alike)
