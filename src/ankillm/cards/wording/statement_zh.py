"""Statements asked in Chinese, where the question word stands in the place of what is asked for."""

from collections.abc import Callable
from functools import lru_cache

from msgspec.structs import replace

from ankillm.cards.wording.cut import Cut, ends_label, gap_front, is_open, named_in
from ankillm.cards.wording.objects_zh import (
    formula_asked,
    label_asked,
    short_asked,
)
from ankillm.cards.wording.topics_zh import topic
from ankillm.cards.wording.words_zh import (
    BROKEN,
    CLAUSE_END,
    INSIDE,
    LONGEST_GAP,
    MEANS,
    NO_NOUN,
    NUMBER,
    POINTING,
    SERVES,
    SMALLEST_CONTEXT,
    VAGUE,
)
from ankillm.common.patterns import CHINESE, regex
from ankillm.extract.bare import is_whole

TRADITIONAL = str.maketrans("么为样时会应该这与", "麼為樣時會應該這與")
UNFIT = regex(
    r"(?:前[几两]?天|昨[天晚]|今天|最近|之前|上周|上次)[^，。]{0,12}(?:面试|被问|有人[问说])|当时答|见位于|书中|课程|视频|[上前下]一节(?!点)|再强调|没太?(?:听|看|搞|弄)懂|不太懂|回头补|^\s*(?:问|Q\d?)\s*[：:]|我(?!们)|咱|大家|同学|哈哈|爽|笔者|本文|本节|本章|上文|下文|如下图|下图|上图"
    r"|如图|见图|请看|点击|吧[。！]|呢[。？]|您|！\[|https?://|!\S+\.png"
)
PAIRED = regex(r"既(?![然有定往得成])|不[仅但](?!如此)|(?<!另)一方面|一边|要么")
"""The first word of two that belong together."""
SECOND = {
    "既": regex("又|也"),
    "不仅": regex("而且|还|也|更"),
    "不但": regex("而且|还|也|更"),
    "一方面": regex("另一方面"),
    "一边": regex("一边"),
    "要么": regex("要么"),
}
"""What goes with the first of two: with `既` alone the answer would be half of what is said."""
HANGING = ("的", "于", "法", "否", "了")
"""What only goes on with the word before."""
FUNCTION_WORDS = regex(r"^(?:的|了|是|在|和|与|或|就|都|也|而|但|不|会|可以|需要|这个?|那个?|其|它|等|很|非常|更|\W)+$")
HUNG = regex(
    r"(?:的(?![确士])|因此|所以|于是|这样|为此|我们|作者|他们|另一[种个]|另外一|本(?:研究|工作|文)"
    r"|这(?:使得?|让|意味着|导致|表明|说明|样)|(?:该|此|上)(?:公?式|图|表)(?![示格])"
    r"|(?:并且?|而且)?(?:在|对于?|针对|基于|由于|根据|和|与|用|使用|利用|采用|按)(?:这|该|此(?!外|时|后|前)|上述|前述))"
)
"""What a sentence starts with that only its neighbour, or its paper, makes sense of."""
ITS_REASON = regex(r"(?:主要|根本|核心|其中一个|一个)?的?(?:原因|理由|目的|后果)(?:就|主要|也|还)?(?:是|在于)")
"""A reason or an aim without what it is of."""
EARLIER = regex(
    r"(?:在此之前|(?:更?早期|传统|以往|之前|此前|过去|从前|旧|朴素|原来|现有)的[^，,。：:]{2,14}?(?:会|是|都|要|把|将|用|只|按|不|没|在|需要?|通常|往往|一般))"
)
"""What a statement begins with on what there was before: told of no new thing."""
POINTS_WITHIN = regex(
    r"[^，,。；;：:（(]{1,24}(?:它们|(?<!彼)此(?:方法|模型|类|种)|这(?:个|种|些|类)(?:方法|方式|模型|网络|算法|算子|问题|过程|技术))"
)
"""A first clause that speaks of something which it does not name."""
AIM_OPEN = regex(r"(?:^|[，,；;：:]\s?)为了\s?[^，,；;。：:]{0,12}$")
"""An aim that goes on within a gap: what serves it stands behind its comma, and the gap would hide both."""
AIM_ENDED = regex(r"(?:^|[，,；;：:]\s?)为了(?!什么)[^，,；;。]{2,40}[，,]\s?$")
DONE = regex(r"[^，,；;。]{1,16}?(?:加入|加上|引入|增加|添加|采用|使用|设置|改用)了?[^，,；;。]{3}")
"""What is done for an aim: its object alone is asked for."""
CONCEDES = regex(r"(?:虽然|尽管|固然|即使|哪怕)[^，,。；;]*$")
"""What is granted: the point stands behind its comma."""
SAME_VERB = regex(r"(?P<verb>[\u4e00-\u9fff]{1,2}的是|[\u4e00-\u9fff]{2}是|是)\s?$")
"""What stands before a gap that a clause within or before it may say of another thing again."""
LATIN_SAID = regex(r"[，,；;]\s*[A-Z][\w.+-]*(?:\s[A-Za-z\d][\w.+-]*)?\s?[^，,；;。：:是]{0,8}是(?!否)")
"""A clause that says something of a Latin name."""
RAW = regex(r"\\[a-zA-Z]{2}|[_^]\{")
LONGEST_VISIBLE = 90
LONGEST_MEANS = 4
"""Characters before a gap in which a word for a means can stand, with a space."""
NO_GAP = frozenset("但 但是 而 对 把 将 就 即 给 让 不 与 用".split())
LARGEST_SHARE = 0.6
IN_TRADITIONAL = regex("[這為個們與讓會於對時後將說過種應該來狀種數據學習]")


def is_unfit(cut: Cut) -> bool:
    """Whether no card can be made of a cut: chat, a pointer to elsewhere, half a word, function words alone."""
    hidden, before = cut.hidden, cut.before
    seen = 1 if len(cut.cue) > 1 and before.endswith(cut.cue) else 2
    if (first := PAIRED.search(hidden)) and SECOND[first[0]].search(cut.after) and not SECOND[first[0]].search(hidden):
        return True
    if "？" in hidden or "?" in hidden or _chats(cut.text):
        return True
    if hidden.startswith(HANGING) or FUNCTION_WORDS.match(hidden) or BROKEN.match(before[-seen:] + "|" + hidden[:2]):
        return True
    if _holds_parallel(cut) or CONCEDES.match(before):
        return True
    if ("，" in hidden and AIM_OPEN.search(before)) or (AIM_ENDED.search(before) and DONE.match(hidden)):
        return True
    return not (NUMBER.match(hidden) or "`" in hidden or "$" in hidden or len(hidden) > 1)


def _holds_parallel(cut: Cut) -> bool:
    """Whether a gap holds what is said of one thing with what is said of the next: `A 传的是 [参数，B 传的是激活]`."""
    verb = SAME_VERB.search(cut.before)
    if not verb:
        return False
    again = cut.hidden.find(verb["verb"]) if len(verb["verb"]) > 1 else -1
    return bool(LATIN_SAID.search(cut.hidden)) or any(sign in cut.hidden[: max(again, 0)] for sign in "，；,;")


def means_alone(cut: Cut) -> Cut:
    """Return a cut that hides a means and what it is good for with the means alone: `通过 [低秩分解] 来近似更新`."""
    if not (MEANS.search(cut.before[-LONGEST_MEANS:]) and (match := SERVES.match(cut.hidden))):
        return cut
    means = match["means"].rstrip()
    return cut if is_open(means) or not is_whole(means) else replace(cut, end=cut.start + len(means))


def _whole_end(cut: Cut) -> bool:
    """Whether what is hidden ends where a phrase does."""
    return cut.hidden[-1:] in "`$）)" or not CHINESE.match(cut.after.lstrip()[:1] or "，")


def _tidied(back: str) -> str:
    back = back.strip(" 。；;，,：:、")
    for left, right in ("“”", '""', "「」"):
        if back.count(left) != back.count(right):
            back = back.replace(left, "").replace(right, "")
    return back.removesuffix("等等").rstrip(" ，,、")


def question(cut: Cut) -> tuple[str, str] | None:
    """Return the question and the answer of a cut, by the first rule that words it."""
    found = next((found for rule in QUESTION_RULES if (found := rule(cut))), None)
    if not found or VAGUE.match(found[1]):
        return None
    return found[0].translate(TRADITIONAL) if IN_TRADITIONAL.search(cut.text) else found[0], _tidied(found[1])


def gap(cut: Cut) -> str | None:
    """Return the front of a gap card that stands alone, or nothing."""
    if not _hides_well(cut) or not _shows_enough(cut) or not _whole_end(cut) or NO_NOUN.search(cut.before):
        return None
    kept = topic(cut.before, cut.subject, cut.text)
    if not kept or cut.before.rstrip()[-1:] in {"", *"，,：:"}:
        return None
    space = " " if cut.before[-1] == " " else ""
    return gap_front(Cut(cut.hidden + cut.after, 0, len(cut.hidden), cut.cue, cut.subject), kept + space)


def hangs(cut: Cut) -> bool:
    """Whether a statement makes sense behind its neighbour alone, or is about what came before its subject."""
    before = EARLIER.match(cut.text) and cut.subject and not named_in(cut.subject, cut.text)
    return bool(HUNG.match(cut.text) or ITS_REASON.match(cut.text) or POINTS_WITHIN.match(cut.text) or before)


def _hides_well(cut: Cut) -> bool:
    """Whether what is hidden is one phrase, and stands nowhere else."""
    hidden, seen = cut.hidden, (cut.before + cut.after).lower()
    if cut.cue.startswith("after") or cut.cue in NO_GAP or len(hidden) > LONGEST_GAP or hidden.lower() in seen:
        return False
    return not (CLAUSE_END.search(INSIDE.sub("", hidden)) or POINTING.match(hidden) or VAGUE.match(hidden))


def _shows_enough(cut: Cut) -> bool:
    """Whether what is left of the statement is enough to find the gap by, and not too much."""
    shown = len("".join((cut.before + cut.after).split()))
    if ends_label(cut.before) or is_open(cut.before) or len(cut.hidden) > LARGEST_SHARE * (shown + len(cut.hidden)):
        return False
    return SMALLEST_CONTEXT <= shown <= LONGEST_VISIBLE


@lru_cache(maxsize=64)
def _chats(text: str) -> bool:
    """Whether a statement is chat, points elsewhere, or holds TeX outside of a formula."""
    return bool(UNFIT.search(text) or RAW.search(INSIDE.sub("", text)))


QUESTION_RULES: tuple[Callable[[Cut], tuple[str, str] | None], ...] = (
    formula_asked,
    short_asked,
    label_asked,
)
