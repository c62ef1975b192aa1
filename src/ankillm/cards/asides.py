"""What stands where an answer is looked for and is none: a task, a word of chat, a reference to another place."""

import re

from ankillm.common.patterns import regex
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import sentences

SENDS_ON = regex(
    r"(?:可以)?请?参考\s?(?:官方)?(?:博客|文档|链接|下文|教程)|参考\s?(?:文章|论文)\s*[：:]"
    r"|请[^。，,]{0,20}(?:举例|说明|作答|思考|尝试)|(?:we|you) can (?:perform|do|run) a (?:simple )?(?:test|experiment)"
    r"(?:,? (?:here|now|to see|as)\b.{0,40})?\.?$"
    r"|(?:后面|後面|下面|后文|後文|之后|之後|稍后|稍後)(?:会|會|将|將|再|还会|還會)[^。，,]{0,12}(?:解释|解釋|说明|說明|讨论|討論|介绍|介紹|讲|講)"
    r"[^。，,]{0,4}[。.]?$",
    re.IGNORECASE,
)
"""An answer that only sets a task, or sends the reader elsewhere."""
REFERENCE = regex(
    r"(?:[^：:，,。]{1,30}[：:]\s*)?(?:具体|详情|細節|细节)?(?:可以?|请)?(?:详?见(?![过证效解识长多])|参见|参考|参阅|参看|查阅)[^，,；;]{1,80}"
    r"|(?:please\s)?(?:see|refer\sto|cf\.?|check\sout)\s[^;]{1,120}"
    r"|(?:please\s)?read\s(?:the|this|more|our|their)\s(?:\w+\s)?(?:paper|post|blog|docs?|documentation|article|chapter|section|book)\b[^;]{0,60}"
    r"|as\s(?:(?:already|we|was|has\sbeen)\s)*(?:discussed|explained|shown|described|mentioned|saw|seen)\s(?:in|above|before|earlier|already)\b[^,;]{0,80}",
    re.IGNORECASE,
)
"""A sentence that only says where the answer stands: `见《…》`, `See Zhou et al. 2022`, `As discussed above.`."""
TASK = regex(
    r"(?:请(?!求)[^。，,]{0,20}|试着?[^。，,]{0,12}|(?:自己|亲自|亲手)?动手[^。，,]{0,12}|(?:自己|尝试)[^。，,]{0,8}|结合[^。，,]{1,12}|从[^。，,]{1,24})"
    r"(?:谈谈|说说|聊聊|讲讲|讨论|推导|推一?遍|推一推|说明|分析|思考|想想|举例|作答|阐述|论述|试试|[写算画]一遍)[^。]{0,12}[。.！!]?$"
    r"|(?:再|可以)?(?:想想|想一想|思考|回忆|回顾)(?:一下)?[^。，,]{1,40}[。.！!]?$"
    r"|(?:try\sto\s(?:derive|prove|explain|think|find|work|answer)|discuss|derive\s(?:it|this|the)|do\sthe\s(?:sums|math)|justify|elaborate"
    r"|explain\s(?:in|your|why|how|it|this)|prove\s(?:it|this|that)|work\s(?:it|this)\sout|think\sabout\s(?:the|what|how|why)"
    r"|give\s(?:an?\s|two\s|three\s|some\s)?examples?)\b[^.?!]{0,60}[.!]?$",
    re.IGNORECASE,
)
"""What a reader is to do to find the answer: `请推导二维情形`, `Discuss.`."""
CHAT = regex(
    r"哈哈|嘿嘿|呵呵|谁知道|^看情况|我也不(?:太)?(?:知道|确定|清楚)|说不好|不好说|还不是因为|一言难尽"
    r"|\bhard\sto\s(?:say|tell)\b|\bstay\stuned\b|\bwho\sknows\b|\byes\sand\sno\b|^(?:no\sidea|not\ssure|i\sdon['’]t\sknow)\b|\byour\sguess\b"
    r"|^you\s(?:might|may)\s(?:wonder|ask|think|say)\b",
    re.IGNORECASE,
)
"""What is said among friends, and answers nothing."""
STORY = regex(
    r"(?:前(?:几|两|些)?[天日]|昨[天晚]|今[天早]|最近(?!邻|的|似)|上周|上个月|有一[次天]|有(?:个|位)?(?:人|同学|朋友|读者|同事|面试官)(?:问|说|私信|提)"
    r"|(?:之前|上次|当时|那天|记得).{0,8}(?:面试|被问|有人|看到|遇到)|面试(?:时|中|的时候)?被?问)"
)
"""How a story begins of how somebody came upon a question."""
LONGEST_CHAT = 80


def is_aside(answer: str) -> bool:
    """Whether an answer, plain, only sends elsewhere: to a paper, a chapter, a later section."""
    return bool(SENDS_ON.match(answer) or REFERENCE.fullmatch(answer)) and len(sentences(answer)) == 1


def is_no_answer(answer: str) -> bool:
    """Whether what stands below a question sets a task or chats."""
    first = plain_text(answer.split("\n", maxsplit=1)[0]).strip()
    return bool(TASK.match(first) or STORY.match(first)) or (len(answer) <= LONGEST_CHAT and bool(CHAT.search(first)))


def without_reference(answer: str) -> str:
    """Return an answer without the sentence in front of it that says where more of it stands."""
    line, *below = answer.split("\n", maxsplit=1)
    said = sentences(line)
    if not said or not REFERENCE.fullmatch(plain_text(said[0]).rstrip("。. ")):
        return answer
    rest = line[len(said[0]) :].strip()
    kept = rest or "".join(below).strip("\n")
    return "\n".join([rest, *below]) if rest else kept or answer
