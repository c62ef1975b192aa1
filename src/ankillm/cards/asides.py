"""What stands where an answer is looked for and is none: a task, a word of chat, a reference to another place."""

import re

from ankillm.common.patterns import regex
from ankillm.extract.vocabulary import without_lead
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import sentences

SAID = r"[^，,；;。\n]"
FURTHER = regex(
    r"[，,；;。][ \t]*(?:"
    r"(?:这里|此处|本文|在此)(?:就|先|暂)?不(?:再|做)?(?:细说|展开|赘述|多说|详述|详细[介说讲]\S{0,6}|过多\S{0,6})[了啦]?"
    rf"|(?:{SAID}{{0,8}}?(?:大家|读者|同学们?)|感兴趣的?(?:话|同学|读者|朋友)?)可以?(?:自行|自己|去|再){SAID}{{1,16}}"
    rf"|{SAID}{{0,16}}(?:结果|输出|代码|示例|例子)(?:为|是|如下)"
    r"|具体(?:的?(?:作用|细节|原理|内容|做法|实现|用法))?(?:可以?|请)?(?:参见|参考|参照|参看|详?见|查阅)"
    rf"{SAID}{{1,40}})[ \t]*[。.：:]?\s*$"
)
"""What an answer ends with that only sends further."""
CHATTED = regex(r"(?<=[.!?])\s[^.!?\n]{0,80}\blet\s(?:us|me)\sknow\b[^.!?\n]{0,40}[.!?]*\s*$", re.IGNORECASE)
"""What is said to readers at the end of an answer: `If not, please let us know!`."""
LINKED = regex(
    r"\n+[ \t]*(?:相关的?|参考)?\s?(?:issues?|链接|论文|资料|文档|代码|PR)[ \t]*[。.：:]?\s*$", re.IGNORECASE
)
"""A last line that was a link."""
ANSWERS = regex(r"^(?:答案(?:就|当然)?是(?!否)|答[：:]|the answer is(?: that)?(?=\s))[，,：:\s]*(?=\S)", re.IGNORECASE)
"""What only says that the answer comes."""
LEAST_LEFT = 4
PUT_OFF = regex(
    r"我们(?:后续|之后|稍后|后面|以后)还?会(?:继续|做|支持|开发|更新|完善)[^。，,]{0,16}[。.]?|"
    r"(?:we|you) can (?:perform|do|run) a (?:simple )?(?:test|experiment)(?:,? (?:here|now|to see|as)\b.{0,40})?\.?"
    r"|(?:后面|後面|下面|后文|後文|之后|之後|稍后|稍後)(?:会|會|将|將|再|还会|還會)[^。，,]{0,12}(?:解释|解釋|说明|說明|讨论|討論|介绍|介紹|讲|講)"
    r"[^。，,]{0,4}[。.]?",
    re.IGNORECASE,
)
"""What only says that an answer comes later, or of a test."""
WHERE_ZH = (
    r"(?=《|\[|https?:|第.{1,3}[章节]|[^，,；;。]{0,40}"
    r"(?:文档|论文|文献|博客|教程|链接|附录|原文|官网|知乎|讨论|帖子|视频|文章|手册|[下上前后]文|et al"
    r"|issues?|PR|README|仓库))"
)
WHERE_EN = (
    r"(?=[^;]{0,60}(?:\[|https?:|§|\b(?:papers?|sections?|chapters?|appendix|docs?|documentation|articles?|blogs?|posts?|threads?|links?|books?"
    r"|videos?|notebooks?|readme|et\sal|(?:19|20)\d\d|above|below|here)\b))"
)
"""What a reference names: a paper, a section, a link."""
REFERENCE = regex(
    rf"(?:[^：:，,。]{{1,30}}[：:]\s*)?(?:具体|详情|細節|细节)?(?:可以?|请)?(?:详?见|参见|参考|参阅|参看|查阅)\s*{WHERE_ZH}[^，,；;]{{1,80}}"
    rf"|(?:please\s)?(?:see|refer\sto|cf\.?|check\sout|read)\s{WHERE_EN}[^;]{{1,120}}"
    r"|as\s(?:(?:already|we|was|has\sbeen)\s)*(?:discussed|explained|shown|described|mentioned|saw|seen)\s(?:in|above|before|earlier|already)\b[^,;]{0,80}",
    re.IGNORECASE,
)
"""A sentence that only says where the answer stands: `见《…》`, `See Zhou et al. 2022`, `As discussed above.`."""
TALK = r"(?:谈谈|说说|聊聊|讲讲|讨论|阐述|论述|作答|举例)"
TASK = regex(
    rf"(?:请(?!求)[^。，,]{{0,20}}(?:{TALK}|推导|说明|分析|思考|想想|试试)[^。]{{0,12}}"
    r"|(?:自己|亲自|亲手|试着?|尝试)?(?:动手)?[^。，,]{0,8}(?:推一?遍|推一推|[写算画]一遍)"
    rf"|结合[^。，,]{{1,12}}(?:{TALK}|说明)(?:一下)?|从[^。，,]{{1,24}}(?:角度|方面|层面)[^。，,]{{0,4}}(?:{TALK}|分析)(?:一下)?"
    r"|(?:再|可以)?(?:想想|想一想|(?:思考|回忆|回顾)一下)[^。，,]{1,40})[。.！!]?$"
    r"|(?:try\sto\s(?:derive|prove|explain|think|find|work|answer)\b[^.?!]{0,60}|discuss(?:\s\w+){0,3}|(?:derive|prove)\s(?:it|this)\b[^.?!]{0,40}"
    r"|do\sthe\s(?:sums|math)\b[^.?!]{0,40}|justify(?:\s\w+){0,3}|elaborate(?:\s\w+){0,3}|explain\s(?:in\syour|your|why|how)\b[^.?!]{0,60}"
    r"|work\s(?:it|this)\sout|think\sabout\s(?:the|what|how|why)\b[^.?!]{0,60}|give\s(?:an?\s|two\s|three\s|some\s)?examples?\b[^.?!]{0,30})[.!]?$",
    re.IGNORECASE,
)
"""What a reader is to do to find the answer: `请推导二维情形`, `Discuss.`."""
PLACEHOLDER = regex(r"(?:your\s)?answers?\s(?:goes\s)?here|todo|tbd|待补充?|待续|略|同上|\.{2,}|…+", re.IGNORECASE)
"""What stands where an answer is still to come."""
BETWEEN_BRACKETS = regex(r"[(（][^()（）]*[)）][.。]?")
"""What is only said by the way: `(You don't own a car.)`."""
CHAT = regex(
    r"哈哈|嘿嘿|呵呵|谁知道|^看情况|我也不(?:太)?(?:知道|确定|清楚)|说不好|不好说|还不是因为|一言难尽"
    r"|\bhard\sto\s(?:say|tell)\b|\bstay\stuned\b|\bwho\sknows\b|\byes\sand\sno\b|^(?:no\sidea|not\ssure|i\sdon['’]t\sknow)\b|\byour\sguess\b"
    r"|^you\s(?:might|may)\s(?:wonder|ask|think|say)\b",
    re.IGNORECASE,
)
"""What is said among friends, and answers nothing."""
STORY = regex(
    r"(?:前(?:几|两|些)?[天日]|昨[天晚]|今[天早]|最近(?=有|在|我|面|被|看|刚|听)|上周|上个月|有一[次天]|有(?:个|位)?(?:人|同学|朋友|读者|同事|面试官)(?:问|说|私信|提)"
    r"|(?:之前|上次|当时|那天|记得).{0,8}(?:面试|被问|有人|看到|遇到)|面试(?:时|中|的时候)?被?问)"
)
"""How a story begins of how somebody came upon a question."""
LONGEST_CHAT = 80
UNASKED = regex(r"[\W_]|呢|(?:啊|呀)(?=\W{0,3}$)|^那么?")
"""What the same question may have, or not."""


def is_aside(answer: str) -> bool:
    """Whether an answer, plain, only sends elsewhere: to a paper, a chapter, a later section."""
    said = [one for line in answer.splitlines() for one in sentences(line)]
    return bool(said) and all(PUT_OFF.fullmatch(one) or REFERENCE.fullmatch(one.rstrip("。. ")) for one in said)


def without_put_off(answer: str) -> str:
    """Return an answer without what its last clauses say of looking further: `…，这里就不细说了`, `相关的 issue`."""
    answer = CHATTED.sub("", LINKED.sub("", ANSWERS.sub("", answer)))
    while (match := FURTHER.search(answer)) and match.start() > LEAST_LEFT:
        answer = answer[: match.start()].rstrip("，,；; ")
    return answer


def is_no_answer(answer: str) -> bool:
    """Whether what stands below a question is still to come, sets a task, or chats."""
    first = plain_text(answer.split("\n", maxsplit=1)[0]).strip()
    alone = "\n" not in answer.strip()
    missing = alone and bool(PLACEHOLDER.fullmatch(first.rstrip("。. ")) or BETWEEN_BRACKETS.fullmatch(first))
    chats = bool(STORY.match(first)) or (len(answer) <= LONGEST_CHAT and bool(CHAT.search(first)))
    return missing or chats or bool(TASK.match(first))


def without_reference(answer: str) -> str:
    """Return an answer without the sentence in front of it that says where more of it stands."""
    line, _, below = answer.partition("\n")
    said = sentences(line)
    if not said or not REFERENCE.fullmatch(plain_text(said[0]).rstrip("。. ")):
        return answer
    return f"{line[len(said[0]) :].strip()}\n{below}".strip("\n") or answer


def without_question(answer: str, question: str) -> str:
    """Return an answer without the sentence in front of it that asks the question once more."""
    line, _, below = answer.partition("\n")
    said = sentences(line)
    if not said or said[0].rstrip()[-1:] not in {"?", "？"} or _words(said[0]) != _words(question):
        return answer
    return f"{line[len(said[0]) :].strip()}\n{below}".strip("\n") or answer


def _words(question: str) -> str:
    return UNASKED.sub("", without_lead(plain_text(question)).lower())
