"""What a Chinese clause is about, put so that it stands alone."""

from functools import lru_cache

from ankillm.cards.wording.cut import NAME_LENGTH, named_in
from ankillm.cards.wording.words_zh import AMOUNT, ASPECT, CLAUSAL, POINTING, PREFIX
from ankillm.common.patterns import CHINESE, regex, without

PRONOUN = regex(
    r"^(?:它们?|其(?!他|它|余|中|实)|这(?=是|会|可以|能|使|让|对)|(?:该|这(?:种|个|些|一|类)?)(?:方法|方式|模型|算法|技术|阶段|策略|参数|机制|函数|结构|任务|数据集"
    r"|步骤|操作|工作|思想|做法)|(?:这|该)篇(?:论文|文章))\s*(?=\S)"
)
NUMBERING = regex(
    r"^(?:[（(]?\d{1,2}(?:[)）、]|\.(?!\d))|[①-⑳]|[一二三四五六七八九十][、.]|Step\s*\d+|步骤\s*\d+)\s*[：:]?\s*"
)
TIGHT = "，：？。；、（）「」《》“”"


def joined_words(*parts: str) -> str:
    """Join pieces of a sentence: with a space between scripts, tight beside Chinese signs."""
    out = ""
    for part in filter(None, (part.strip() for part in parts)):
        last, first = out[-1:], part[:1]
        tight = not out or last in TIGHT or first in TIGHT or (CHINESE.match(last) and CHINESE.match(first))
        out += part if tight else f" {part}"
    return out


@lru_cache(maxsize=256)
def stripped(text: str) -> str:
    """Return a clause without what only joins it to the one before."""
    for _ in range(3):
        text = without(PREFIX, without(NUMBERING, text.lstrip()))
    return text


def specific(subject: str) -> bool:
    """Whether a subject can stand in a question as a name."""
    return (
        1 < len(subject) <= NAME_LENGTH + 16 * subject[0].isascii()
        and not CLAUSAL.search(subject)
        and not POINTING.match(subject)
    )


def agent(subject: str) -> str:
    """Return who acts where a subject names an aspect: `BERT 的结构` → `BERT`."""
    owner, _, aspect = subject.rpartition("的")
    return owner.strip() if owner.strip() and (ASPECT.search(aspect.strip()) or AMOUNT.search(aspect)) else subject


def topic(clause: str, subject: str, shown: str) -> str:
    """Return what a clause is about so that it stands alone: stripped, its pronoun resolved, its subject in front."""
    said = stripped(clause).rstrip(" ，,：:")
    match = PRONOUN.match(said + "|")
    if match and not subject:
        return ""
    if match:
        return joined_words(agent(subject), said[match.end() :]) if specific(subject) else ""
    if POINTING.match(said):
        return ""
    if not said:
        return agent(subject) if specific(subject) else ""
    if not subject or named_in(subject, shown) or named_in(subject, said):
        return said
    return f"{subject}：{said}" if len(subject) <= NAME_LENGTH else ""


def owner(front: str, subject: str) -> str:
    """Return the subject as a topic in front, where the front does not name it."""
    return f"{subject}：" if subject and not named_in(subject, front) and len(subject) <= NAME_LENGTH else ""
